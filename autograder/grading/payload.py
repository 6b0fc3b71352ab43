"""What travels to another machine to be graded there: bytes, never a path to be opened."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import FILE_NAME
from autograder.errors import SubmissionError
from autograder.grading.batch import GradingContext
from autograder.grading.environment import files_of
from autograder.notebook import Notebook, notebook_of
from autograder.submission import Submission, read_content
from autograder.suites import SUITES

SUITE = "suite"
LARGEST = 4 << 20
"""Bytes after which a parcel takes no further submission."""


@dataclass(frozen=True)
class Payload:
    """Submissions, and what the file of each held, or the sentence that says why it was not read.

    Their paths only name them.
    """

    submissions: tuple[Submission, ...]
    contents: Mapping[Path, bytes | str]

    def read(self, path: Path) -> Notebook:
        """Return the notebook that was at a path.

        Raises:
            SubmissionError: it could not be read, or is none.
        """
        content = self.contents[path]
        if isinstance(content, str):
            raise SubmissionError(content)
        return notebook_of(content, path)

    def singles(self) -> Iterator[Payload]:
        """Yield each submission in a parcel of its own."""
        for submission in self.submissions:
            yield Payload((submission,), {submission.path: self.contents[submission.path]})


def payloads(chunks: Sequence[Sequence[Submission]]) -> Iterator[Payload]:
    """Read submissions and yield them chunk by chunk; a heavy chunk becomes several parcels."""
    for chunk in chunks:
        contents: dict[Path, bytes | str] = {}
        begun, size = 0, 0
        for position, submission in enumerate(chunk):
            contents[submission.path] = content = _content(submission.path)
            size += len(content)
            if size > LARGEST or position == len(chunk) - 1:
                yield Payload(tuple(chunk[begun : position + 1]), contents)
                contents, begun, size = {}, position + 1, 0


def _content(path: Path) -> bytes | str:
    try:
        return read_content(path)
    except SubmissionError as error:
        return str(error)


@dataclass(frozen=True)
class PackedContext:
    """Terms, and the files that grading by them opens.

    A suite that comes with the kit is not sent: `suite` is its name there, otherwise "".
    """

    context: GradingContext
    course: bytes
    suite: str
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """A digest of the files."""
        whole = hashlib.sha256(self.course)
        for name, content in sorted(self.files.items()):
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
        return whole.hexdigest()[:16]

    def unpack(self, place: Path) -> GradingContext:
        """Put the files into a folder, if they are not there yet, and return terms with them."""
        folder = place / self.digest
        if not folder.exists():
            unfinished = place / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            for name, content in {FILE_NAME: self.course, **self._placed()}.items():
                (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
                (unfinished / name).write_bytes(content)
            unfinished.rename(folder)
        course, assignment = self.context.course.model_copy(), self.context.assignment.model_copy()
        course._file = folder / FILE_NAME
        assignment._suite_folder = (SUITES / self.suite).resolve() if self.suite else folder / SUITE
        return replace(self.context, course=course, assignment=assignment)

    def _placed(self) -> dict[str, bytes]:
        return {f"{SUITE}/{name}": content for name, content in self.files.items()}

    def as_sent(self, text: str, context: GradingContext) -> str:
        """Return a message about unpacked files with the paths that they had before."""
        moved = (
            (context.assignment.suite_folder, self.context.assignment.suite_folder),
            (context.course.file, self.context.course.file),
        )
        for here, there in moved:
            text = text.replace(str(here), str(there))
        return text


def pack_context(context: GradingContext) -> PackedContext:
    """Return what another machine needs to grade by these terms."""
    suite = kit_suite(context.assignment.suite_folder)
    files = {} if suite else dict(files_of(context.assignment.suite_folder))
    contents = {name: path.read_bytes() for name, path in files.items()}
    return PackedContext(context, context.course.file.read_bytes(), suite, contents)


def kit_suite(folder: Path) -> str:
    """Return the name of a suite that comes with the kit, "" for one of a course's own."""
    return folder.name if folder.parent == SUITES.resolve() else ""
