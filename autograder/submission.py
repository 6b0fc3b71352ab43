"""Finds submissions and reads their notebooks, believing nothing about them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dateutil.parser import parse as parse_date
from dateutil.tz import gettz

from autograder.collected import read_collected
from autograder.errors import SubmissionError, UsageError
from autograder.files import NotAFileError, TooLargeError, read_file
from autograder.notebook import Notebook, notebook_of

if TYPE_CHECKING:
    from autograder.course import Assignment

TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 200  # bytes
LATE = (
    "It was handed in late, and when is not known. Write the time into timestamp.txt beside it "
    "and grade again, or take points off by hand."
)

_COPY = re.compile(r"(-[0-9]{1,9}| ?\([0-9]{1,9}\))$")
_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z_]+)*")


@dataclass(frozen=True)
class Submission:
    """One notebook to grade.

    `note` tells what was unusual about finding it; `submitted` when it was handed in, as far as
    nbgrader noted it; `doubt` why a person should look at it, whatever its tests say.
    """

    student: str
    path: Path
    note: str = ""
    submitted: datetime | None = None
    review_reason: str = ""


def find_submissions(
    paths: Sequence[Path], assignment: Assignment
) -> tuple[list[Submission], list[str]]:
    """Find the submissions that paths stand for.

    A path is a notebook, a folder of notebooks, or a folder in nbgrader's layout,
    `<student>/<assignment>/<notebook>.ipynb`. In that layout the student is the folder's name,
    elsewhere the notebook's stem.

    Returns:
        the submissions in the order of their students, and a sentence for each path that
        stands for none.
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
        if path.name == assignment.name:
            yield in_students_folder(path, assignment)
            return
        folders = sorted(path.glob(f"*/{assignment.name}")) or [path / assignment.name]
        folders = [folder for folder in folders if folder.is_dir()]
        if folders:
            for folder in folders:
                yield in_students_folder(folder, assignment)
        else:
            for notebook in _notebooks(path):
                yield Submission(notebook.stem, notebook)
    elif path.exists():
        folder = _absolute(path).parent
        if folder.name == assignment.name and folder.parent.name:
            submitted = timestamp(folder)
            review_reason = _review_reason(folder, assignment, submitted)
            yield Submission(
                folder.parent.name, path, submitted=submitted, review_reason=review_reason
            )
        else:
            yield Submission(path.stem, path)


def in_students_folder(folder: Path, assignment: Assignment) -> Submission:
    """Choose the notebook in a student's folder, also when it was renamed."""
    student = _absolute(folder).parent.name
    if folder.is_symlink() or folder.parent.is_symlink():
        return Submission(student, folder if folder.is_symlink() else folder.parent)
    submitted = timestamp(folder)
    review_reason = _review_reason(folder, assignment, submitted)
    expected = folder / f"{assignment.notebook}.ipynb"
    others = others_in(folder, assignment)
    if expected.exists():  # nbgrader's road gives a renamed one the expected name too
        others = [path for path in others if path.samefile(expected)]
    elif len(others) > 1:
        others = called_like(others, assignment)
    if len(others) == 1:
        return Submission(
            student, others[0], f"renamed: {others[0].name}", submitted, review_reason
        )
    return Submission(student, expected, submitted=submitted, review_reason=review_reason)


def _review_reason(folder: Path, assignment: Assignment, submitted: datetime | None) -> str:
    """Say that a submission was late if nobody can tell how late."""
    if submitted is not None or assignment.due is None:
        return ""
    collected = read_collected(folder)
    return LATE if collected is not None and collected.late else ""


def called_like(notebooks: Sequence[Path], assignment: Assignment) -> list[Path]:
    """Return those of some notebooks that have the assignment's name, but for a copy's mark."""
    wanted = assignment.notebook.casefold()
    return [path for path in notebooks if without_mark(path.stem).casefold() == wanted]


def without_mark(stem: str) -> str:
    """Return a file's name without what marks a copy: Canvas's `-1`, a browser's ` (1)`."""
    return _COPY.sub("", stem)


def others_in(folder: Path, assignment: Assignment) -> list[Path]:
    """Return notebooks in a student's folder that are none of the assignment's by name."""
    known = {assignment.notebook, *assignment.neighbours}
    return [path for path in _notebooks(folder) if path.stem not in known]


def timestamp(folder: Path) -> datetime | None:
    """Return when nbgrader noted that a submission was handed in, in UTC, if it did."""
    try:
        text = read_file(folder / TIMESTAMP, MAX_TIMESTAMP).decode().strip()
        day, _, zone = text.rpartition(" ")
        known = gettz(zone) if " " in day and _ZONE.fullmatch(zone) else None
        found: datetime = parse_date(text if known is None else day)
        return (found if found.tzinfo else found.replace(tzinfo=known or UTC)).astimezone(UTC)
    except Exception:  # it is a student's file, and its reader has many ways to fail
        return None


def _absolute(path: Path) -> Path:
    """Return a path without `..` in it."""
    return Path(os.path.abspath(path))


def _notebooks(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.ipynb")) if not path.name.startswith(".")]


def read_notebook(path: Path) -> Notebook:
    """Read the code cells of a submitted notebook.

    Raises:
        SubmissionError: it is missing, unreadable, no notebook, too old or not Python.
    """
    return notebook_of(read_content(path), path)


def read_content(path: Path) -> bytes:
    """Return what a submitted file holds.

    Raises:
        SubmissionError: it is missing, a link, too large or unreadable.
    """
    if path.is_symlink():
        raise SubmissionError(f"{path} is a link to another file. Hand in the notebook itself.")
    try:
        return read_file(path)
    except NotAFileError:
        others = len(_notebooks(path.parent))
        hint = f" The folder has {others} other notebooks: keep one." if others else ""
        raise SubmissionError(f"{path} is missing or not a file.{hint}") from None
    except TooLargeError as error:
        raise SubmissionError(
            f"{path} is larger than {error.limit >> 20} MB. Clear its outputs and save it again."
        ) from None
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror}.") from None


def require(submissions: Sequence[Submission], problems: Sequence[str]) -> None:
    """Raise when there is nothing to grade.

    Raises:
        UsageError: no path stands for a submission.
    """
    if not submissions:
        raise UsageError("\n".join(problems) or "There is nothing to grade.")
