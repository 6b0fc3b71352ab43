"""What is sent to another machine for grading: contents, never paths to open there."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import FILE_NAME
from autograder.errors import SubmissionError
from autograder.grading.batch import GradingContext
from autograder.grading.environment import digest_of, files_of
from autograder.submission import Submission
from autograder.suites import SUITES

SUITE = "suite"
MAX_PAYLOAD = 4 << 20
"""Characters of code after which a payload is closed."""

Payload = tuple[Submission, ...]
"""Loaded submissions; their paths serve as names only."""


def payloads(batches: Sequence[Sequence[Submission]]) -> Iterator[Payload]:
    """Load submissions and yield them batch by batch; a large batch becomes several payloads."""
    for batch in batches:
        start, size = 0, 0
        for end, submission in enumerate(batch, 1):
            loaded = submission.loaded
            size += 0 if isinstance(loaded, SubmissionError) else sum(map(len, loaded.cells))
            if size > MAX_PAYLOAD or end == len(batch):
                yield tuple(batch[start:end])
                start, size = end, 0


@dataclass(frozen=True)
class PackedContext:
    """A grading context, with the files that it refers to.

    A suite that comes with the kit is not sent; `suite` is its name. For a suite of the course,
    `suite` is "".
    """

    context: GradingContext
    course: bytes
    suite: str
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """The digest of the files."""
        return digest_of({FILE_NAME: self.course, **self.files})

    def unpack(self, parent: Path) -> GradingContext:
        """Write the files below a folder unless they exist; return a context that uses them."""
        folder = parent / self.digest
        if not folder.exists():
            unfinished = parent / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            suite = {f"{SUITE}/{name}": content for name, content in self.files.items()}
            for name, content in {FILE_NAME: self.course, **suite}.items():
                (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
                (unfinished / name).write_bytes(content)
            unfinished.rename(folder)
        course, assignment = self.context.course.model_copy(), self.context.assignment.model_copy()
        course._file = folder / FILE_NAME
        assignment._suite_folder = (SUITES / self.suite).resolve() if self.suite else folder / SUITE
        return replace(self.context, course=course, assignment=assignment)

    def with_original_paths(self, text: str, context: GradingContext) -> str:
        """Replace the paths of unpacked files in a message by their original paths."""
        moved = (
            (context.assignment.suite_folder, self.context.assignment.suite_folder),
            (context.course.file, self.context.course.file),
        )
        for unpacked, original in moved:
            text = text.replace(str(unpacked), str(original))
        return text


def pack_context(context: GradingContext) -> PackedContext:
    """Return what another machine needs to grade in this context."""
    suite = kit_suite(context.assignment.suite_folder)
    files = {} if suite else dict(files_of(context.assignment.suite_folder))
    contents = {name: path.read_bytes() for name, path in files.items()}
    return PackedContext(context, context.course.file.read_bytes(), suite, contents)


def kit_suite(folder: Path) -> str:
    """Return the name of a suite that comes with the kit, "" for a suite of the course."""
    return folder.name if folder.parent == SUITES.resolve() else ""
