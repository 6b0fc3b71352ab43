"""Finds submissions and reads their notebooks, each one once."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dateutil.parser import parse as parse_date
from dateutil.tz import gettz

from autograder.errors import SubmissionError
from autograder.files import read_file
from autograder.notebook import Notebook, notebooks_in, parse_notebook, read_content

if TYPE_CHECKING:
    from autograder.course import Assignment

TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 200  # bytes
COLLECTED = "collected.json"
MAX_COLLECTED = 10_000  # bytes
LATE = (
    "It was submitted late, and the time is not known. Write the time into timestamp.txt beside "
    "it and grade it again, or deduct points manually."
)

_COPY = re.compile(r"(-[0-9]{1,9}| ?\([0-9]{1,9}\))$")
_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z_]+)*")


@dataclass(frozen=True)
class Submission:
    """One notebook to grade.

    `note` describes something unusual, such as a renamed file. `submitted` is the time of
    submission, None if it is not known. `review_reason` says why a person should review it,
    regardless of its tests.

    The file is read and parsed on first use, only once.
    """

    student: str
    path: Path
    note: str = ""
    submitted: datetime | None = None
    review_reason: str = ""

    @property
    def notebook(self) -> Notebook:
        """The notebook.

        Raises:
            SubmissionError: it is missing, unreadable, not a notebook, too old or not Python.
        """
        loaded = self.loaded
        if isinstance(loaded, SubmissionError):
            raise loaded.with_traceback(None)
        return loaded

    @cached_property
    def loaded(self) -> Notebook | SubmissionError:
        """The notebook, or the error if it cannot be read."""
        content = self._content
        if isinstance(content, SubmissionError):
            return content
        try:
            return parse_notebook(content, self.path)
        except SubmissionError as error:
            return error
        finally:
            self.__dict__.pop("_content", None)  # no longer needed: the notebook replaces it

    @property
    def digest(self) -> str:
        """A digest of the file, or of the error if it cannot be read."""
        content = self._content
        if isinstance(content, SubmissionError):  # the same path can be spelled in several ways
            content = str(content).replace(str(self.path), "").encode("utf-8", "replace")
        return hashlib.sha256(content).hexdigest()

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        content = self._content
        return 0 if isinstance(content, SubmissionError) else len(content)

    @cached_property
    def _content(self) -> bytes | SubmissionError:
        try:
            return read_content(self.path)
        except SubmissionError as error:
            return error

    def release(self) -> None:
        """Free the contents; the next use reads the file again."""
        for name in ("loaded", "_content"):
            self.__dict__.pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_content"}


@dataclass(frozen=True)
class Collected:
    """The file that `autograder collect` writes beside a submission.

    `source` is the platform, `name` the file's name there. `order` increases with each submission
    of a student on the same platform; 0 means unknown. `late` says whether the platform marked it
    late.
    """

    source: str
    name: str = ""
    order: int = 0
    late: bool = False

    def to_bytes(self) -> bytes:
        """Return the contents of the file."""
        return (json.dumps(asdict(self), ensure_ascii=False) + "\n").encode()


def read_collected(folder: Path) -> Collected | None:
    """Read the file that `collect` wrote to a submission's folder; None if it is not valid."""
    try:
        found = json.loads(read_file(folder / COLLECTED, MAX_COLLECTED).decode())
        order = found["order"]
        return Collected(
            str(found["source"]),
            str(found["name"]),
            order if type(order) is int else 0,
            found["late"] is True,
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):  # students may write one too
        return None


def find_submissions(
    paths: Sequence[Path], assignment: Assignment
) -> tuple[list[Submission], list[str]]:
    """Find the submissions at some paths.

    A path is a notebook, a folder of notebooks, or a folder in nbgrader's layout,
    `<student>/<assignment>/<notebook>.ipynb`. In that layout the student is the folder's name,
    elsewhere the notebook's stem.

    Returns:
        the submissions, sorted by student, and a message for each path without submissions.
    """
    found: dict[Path, Submission] = {}
    problems = []
    for path in paths:
        submissions = list(_find(path, assignment))
        if not path.exists():
            problems.append(f"{path}: there is no such file or folder.")
        elif not submissions:
            problems.append(
                f"{path}: there are no notebooks here. Expected notebooks (*.ipynb), or folders "
                f"<student>/{assignment.name}/{assignment.notebook}.ipynb."
            )
        found.update((submission.path.absolute(), submission) for submission in submissions)
    return sorted(found.values(), key=lambda s: (s.student, str(s.path))), problems


def _find(path: Path, assignment: Assignment) -> Iterator[Submission]:
    if path.is_dir():
        folders = [path]
        if path.name != assignment.name:
            folders = sorted(path.glob(f"*/{assignment.name}")) or [path / assignment.name]
        folders = [folder for folder in folders if folder.is_dir()]
        yield from (in_students_folder(folder, assignment) for folder in folders)
        if not folders:
            yield from (Submission(notebook.stem, notebook) for notebook in notebooks_in(path))
    elif path.exists():
        folder = _absolute(path).parent
        if folder.name == assignment.name and folder.parent.name:
            yield _submission(folder.parent.name, path, "", assignment)
        else:
            yield Submission(path.stem, path)


def in_students_folder(folder: Path, assignment: Assignment) -> Submission:
    """Return the submission in a student's folder, also if the notebook was renamed."""
    student = _absolute(folder).parent.name
    if folder.is_symlink() or folder.parent.is_symlink():
        return Submission(student, folder if folder.is_symlink() else folder.parent)
    expected = folder / f"{assignment.notebook}.ipynb"
    others = others_in(folder, assignment)
    if expected.exists():  # preparing for nbgrader adds the expected name to a renamed notebook
        renamed = [path for path in others if path.samefile(expected)]
    else:
        renamed = candidates(others, assignment)
    if len(renamed) != 1:
        return _submission(student, expected, "", assignment)
    return _submission(student, renamed[0], f"renamed: {renamed[0].name}", assignment)


def _submission(student: str, path: Path, note: str, assignment: Assignment) -> Submission:
    """Return a submission with the time of submission from its folder."""
    submitted = timestamp(path.parent)
    reason = ""
    if submitted is None and assignment.due is not None:
        collected = read_collected(path.parent)
        reason = LATE if collected is not None and collected.late else ""
    return Submission(student, path, note, submitted, reason)


def candidates(notebooks: Sequence[Path], assignment: Assignment) -> list[Path]:
    """Return one student's notebooks that may be the assignment's notebook.

    These are the notebooks with its name, or else those with the only unknown name.
    """
    groups = by_notebook((path.stem for path in notebooks), assignment)
    stems = groups.get(assignment.notebook, [])
    return [path for path in notebooks if path.stem in stems]


def by_notebook(stems: Iterable[str], assignment: Assignment) -> dict[str, list[str]]:
    """Group the names of submitted notebooks by the course notebook that they belong to.

    Only this function decides which of several notebooks counts. It ignores case and the suffix
    of a copy: Canvas's `-1`, a browser's ` (1)`. If no notebook has the assignment's name, but all
    unknown names are the same, those notebooks belong to the assignment.
    """
    known = {name.casefold(): name for name in (assignment.notebook, *assignment.neighbours)}
    groups: dict[str, list[str]] = {}
    for stem in stems:
        exact, plain = stem.casefold(), _COPY.sub("", stem).casefold()
        groups.setdefault(known.get(exact) or known.get(plain) or plain, []).append(stem)
    unknown = [name for name in groups if name not in known.values()]
    if assignment.notebook not in groups and len(unknown) == 1:
        groups[assignment.notebook] = groups.pop(unknown[0])
    return groups


def others_in(folder: Path, assignment: Assignment) -> list[Path]:
    """Return the notebooks in a student's folder whose names the assignment does not use."""
    known = {assignment.notebook, *assignment.neighbours}
    return [path for path in notebooks_in(folder) if path.stem not in known]


def timestamp(folder: Path) -> datetime | None:
    """Return the time in timestamp.txt, in UTC; None if there is no valid one."""
    try:
        text = read_file(folder / TIMESTAMP, MAX_TIMESTAMP).decode().strip()
        day, _, zone = text.rpartition(" ")
        known = gettz(zone) if " " in day and _ZONE.fullmatch(zone) else None
        found: datetime = parse_date(text if known is None else day)
        return (found if found.tzinfo else found.replace(tzinfo=known or UTC)).astimezone(UTC)
    except Exception:  # students can write this file, and the parser fails in many ways
        return None


def _absolute(path: Path) -> Path:
    """Return an absolute path without `..`, without resolving links."""
    return Path(os.path.abspath(path))
