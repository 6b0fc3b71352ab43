"""Lays a pushed notebook into nbgrader's layout, believing nothing about the repository.

A student may commit links: what they lead to is never read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Assignment
from autograder.errors import UsageError
from autograder.files import MAX_SIZE, NotAFileError, TooLargeError, read_file, write_whole
from autograder.submission import TIMESTAMP

STUDENT = re.compile(r"[\w][\w .@+\[\]-]{0,99}")
MOST = 20  # other notebooks that may be the one that was renamed


def receive(
    notebook: Path, into: Path, assignment: Assignment, student: str, submitted: datetime
) -> Path:
    """Copy a notebook to `<into>/<student>/<assignment>/`, with the time it was handed in.

    What was received before is gone: only what is in the repository now counts. If the notebook is
    not there, other notebooks beside it are copied: one that was only renamed is graded.

    Args:
        notebook: its path in the repository, which is the current folder.
        into: where submissions are gathered.
        assignment: what it is handed in for.
        student: who hands it in.
        submitted: when, with a time zone.

    Returns:
        the folder, to be graded.

    Raises:
        UsageError: the student's name is no name of a folder, or the notebook's path leads out of
            the current folder.
    """
    if not STUDENT.fullmatch(student):
        raise UsageError(f"{student!r} cannot be a student's folder: letters, digits, . and -")
    if notebook.is_absolute() or ".." in notebook.parts:
        raise UsageError(f"{notebook}: name the notebook by its path in the repository.")
    folder = into / student / assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder, assignment)
    expected = folder / f"{assignment.notebook}.ipynb"
    if notebook.exists() or notebook.is_symlink():
        _copy(notebook, expected)
    else:
        for other in _others(notebook):
            _copy(other, folder / other.name)
    time = submitted.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC\n")
    write_whole(folder / TIMESTAMP, time.encode())
    return folder


def _clear(folder: Path, assignment: Assignment) -> None:
    """Remove what was received before, but no other notebook of the assignment."""
    for path in folder.glob("*.ipynb"):
        if path.stem in assignment.neighbours:
            continue
        if path.is_dir() and not path.is_symlink():
            path.rmdir()  # of ours: it is empty
        else:
            path.unlink()


def _copy(source: Path, target: Path) -> None:
    """Copy an ordinary file; anything else becomes what the grader says the same of."""
    if _linked(source):
        target.unlink(missing_ok=True)
        target.symlink_to("what the link led to")
        return
    try:
        write_whole(target, read_file(source))
    except TooLargeError:
        with target.open("wb") as stream:
            stream.truncate(MAX_SIZE + 1)
    except NotAFileError:
        target.mkdir(exist_ok=True)


def _linked(path: Path) -> bool:
    """Say whether a path, or a folder on the way to it, is a link."""
    return any(part.is_symlink() for part in (path, *path.parents))


def _others(notebook: Path) -> list[Path]:
    """Return the ordinary notebooks in a folder of the repository, if they are few."""
    found = sorted(notebook.parent.glob("*.ipynb"))
    names = [path for path in found if not path.name.startswith(".") and not _linked(path)]
    return names if len(names) <= MOST else []
