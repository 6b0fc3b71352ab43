"""Puts submissions into submitted/: each whole or not at all, and nothing is ever lost."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from autograder.collected import COLLECTED, Collected, read_collected
from autograder.course import Assignment
from autograder.errors import UsageError
from autograder.files import read_file, write_whole
from autograder.integrations.lms.plan import HandIn, later
from autograder.submission import TIMESTAMP, in_students_folder, others_in, timestamp

SCRATCH = ".collecting"  # in submitted/, while something is collected
REPLACED = ".replaced"  # in a student's folder: what was replaced
NOTHING = b""  # what a notebook holds that nobody can read: a link, for one
AT_FDCWD, EXCHANGE = -100, 2

What = Literal["new", "replaced", "unchanged", "kept", "unclear", "link"]


@dataclass(frozen=True)
class There:
    """What is in a student's folder already."""

    notebooks: Mapping[str, bytes]
    when: datetime | None
    about: Collected | None


@contextmanager
def placing(submitted: Path) -> Iterator[Path]:
    """Return a scratch folder in submitted/ while nobody else collects.

    Raises:
        UsageError: somebody else does.
        OSError: it cannot be written there.
    """
    submitted.mkdir(parents=True, exist_ok=True)
    scratch = submitted / SCRATCH
    if scratch.is_symlink():
        raise UsageError(f"{scratch} is a link: nothing is written there. Remove it.")
    with _alone(submitted):
        scratch.mkdir(exist_ok=True)
        for left in scratch.iterdir():  # by somebody who was killed
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
        yield scratch
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _alone(submitted: Path) -> Iterator[None]:
    """Keep others from collecting into the same folder."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    lock = os.open(submitted, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise UsageError(
            f"{submitted}: somebody else is collecting. Wait until that is done."
        ) from None
    try:
        yield
    finally:
        os.close(lock)


def place(handed_in: HandIn, folder: Path, assignment: Assignment, scratch: Path) -> What:
    """Put a submission into the folder of an assignment in a student's folder.

    Raises:
        OSError: it cannot be written; what was there stays as it is.
    """
    if folder.parent.is_symlink() or folder.is_symlink():
        return "link"
    notebooks = handed_in.load()
    there = _there(folder, assignment)
    if there is not None and there.notebooks:
        if all(there.notebooks.get(name) == content for name, content in notebooks.items()):
            _note(folder, handed_in, there)
            return "unchanged"
        is_later = later(handed_in, there.about, there.when)
        if not is_later:
            return "unclear" if is_later is None else "kept"
    made = Path(tempfile.mkdtemp(prefix="new-", dir=scratch))
    made.chmod(0o755)
    for name, content in notebooks.items():
        write_whole(made / f"{name}.ipynb", content)
    _write_notes(made, handed_in)
    if there is None:
        folder.parent.mkdir(exist_ok=True)
        os.rename(made, folder)
        return "new"
    _replace(folder, made)
    return "replaced" if there.notebooks else "new"


def _there(folder: Path, assignment: Assignment) -> There | None:
    """Return what is in a folder, None if there is nothing."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    paths = {name: folder / f"{name}.ipynb" for name in assignment.neighbours}
    paths[assignment.notebook] = in_students_folder(folder, assignment).path  # perhaps renamed
    found = {name: _content(path) for name, path in paths.items() if os.path.lexists(path)}
    if not found and others_in(folder, assignment):
        found[assignment.notebook] = NOTHING
    return There(found, timestamp(folder), read_collected(folder))


def _content(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError:
        return NOTHING


def _note(folder: Path, handed_in: HandIn, there: There) -> None:
    """Add to what is there what is known only now: the time, or that it was late."""
    if there.when is None and (handed_in.when is not None or there.about != handed_in.about):
        _write_notes(folder, handed_in)


def _write_notes(folder: Path, handed_in: HandIn) -> None:
    """Write when something was handed in, as nbgrader does, and where it is from."""
    write_whole(folder / COLLECTED, handed_in.about.to_bytes())
    if handed_in.when is not None:
        when = handed_in.when.astimezone(UTC)
        write_whole(folder / TIMESTAMP, f"{when:%Y-%m-%d %H:%M:%S.%f} UTC".encode())


def _replace(folder: Path, made: Path) -> None:
    """Put a new folder in place of another, which is kept beside it."""
    replaced = folder.parent / REPLACED
    replaced.mkdir(exist_ok=True)
    number = 1
    while os.path.lexists(replaced / f"{folder.name}-{number}"):
        number += 1
    beside = replaced / f"{folder.name}-{number}"
    os.rename(made, beside)
    if not _exchange(folder, beside):  # no way to do it at once here: in two steps
        os.rename(beside, made)
        os.rename(folder, beside)
        os.rename(made, folder)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change their places at once; say whether that is possible here."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, TypeError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE) == 0)
