"""Writes submissions into submitted/, each completely or not at all; what they replace is kept."""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Literal

from autograder.course import Assignment
from autograder.errors import UsageError
from autograder.files import read_file, write_whole
from autograder.integrations.lms.downloaded_submissions import DownloadedSubmission
from autograder.submission import (
    COLLECTED,
    TIMESTAMP,
    in_students_folder,
    others_in,
    read_collected,
    timestamp,
)

SCRATCH = ".collecting"  # in submitted/, while `collect` runs
REPLACED = ".replaced"  # in a student's folder: earlier submissions
AT_FDCWD, EXCHANGE = -100, 2

Outcome = Literal["new", "replaced", "unchanged", "kept", "unclear", "link"]


@contextmanager
def scratch_folder(submitted: Path) -> Iterator[Path]:
    """Lock submitted/, and yield a scratch folder in it.

    Raises:
        UsageError: another process has the lock.
        OSError: the folder cannot be written.
    """
    submitted.mkdir(parents=True, exist_ok=True)
    scratch = submitted / SCRATCH
    if scratch.is_symlink():
        raise UsageError(f"{scratch} is a link, which may lead anywhere. Remove it.")
    with _locked(submitted):
        shutil.rmtree(scratch, ignore_errors=True)  # left by a process that was killed
        scratch.mkdir(exist_ok=True)
        yield scratch
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _locked(submitted: Path) -> Iterator[None]:
    """Keep other processes from collecting into the same folder."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with ExitStack() as stack:
        lock = os.open(submitted, os.O_RDONLY)
        stack.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"{submitted}: another `autograder collect` is running. Wait until it is done."
            ) from None
        yield


def write_submission(
    submission: DownloadedSubmission, folder: Path, assignment: Assignment, scratch: Path
) -> Outcome:
    """Write a submission into the assignment's folder in a student's folder.

    Returns:
        what was done: "new" and "replaced" were written, "unchanged" is there, "kept" is an
        existing one that is newer; "unclear" is which one is newer, and into a "link" nothing is
        written.

    Raises:
        OSError: it cannot be written; the folder stays as it was.
    """
    if folder.parent.is_symlink() or folder.is_symlink():
        return "link"
    files = submission.load()
    existing = _existing(folder, assignment, files)
    if existing:
        origin, when = read_collected(folder), timestamp(folder)
        if all(existing.get(name) == content for name, content in files.items()):
            if when is None and (submission.when or origin != submission.origin):
                _write_notes(folder, submission)
            return "unchanged"
        is_later = submission.is_later_than(origin, when)
        if not is_later:
            return "unclear" if is_later is None else "kept"
    made = Path(tempfile.mkdtemp(prefix="new-", dir=scratch))
    made.chmod(0o755)
    for name, content in files.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(made / name, content)
    _write_notes(made, submission)
    if folder.is_dir() and any(folder.iterdir()):
        _replace(folder, made)
    else:
        folder.parent.mkdir(exist_ok=True)
        os.rename(made, folder)
    return "replaced" if existing else "new"


def _existing(folder: Path, assignment: Assignment, names: Iterable[str]) -> dict[str, bytes]:
    """Return the files in a folder with these names or the course's; b"" for unreadable ones."""
    ours = f"{assignment.notebook}.ipynb"
    neighbours = (f"{name}.ipynb" for name in assignment.neighbours)
    paths = {name: folder / name for name in (*names, *neighbours)}
    paths[ours] = in_students_folder(folder, assignment).path  # perhaps renamed
    found = {name: b"" for name, path in paths.items() if os.path.lexists(path)}
    for name in found:
        with suppress(OSError):  # such as a link
            found[name] = read_file(paths[name])
    if not found and others_in(folder, assignment):
        found[ours] = b""
    return found


def _write_notes(folder: Path, submission: DownloadedSubmission) -> None:
    """Write where a submission comes from, and its time as nbgrader notes it."""
    write_whole(folder / COLLECTED, submission.origin.to_bytes())
    if submission.when is not None:
        when = submission.when.astimezone(UTC)
        write_whole(folder / TIMESTAMP, f"{when:%Y-%m-%d %H:%M:%S.%f} UTC".encode())


def _replace(folder: Path, made: Path) -> None:
    """Replace a folder by a new one, and keep the old one in .replaced."""
    replaced = folder.parent / REPLACED
    replaced.mkdir(exist_ok=True)
    number = 1
    while os.path.lexists(replaced / f"{folder.name}-{number}"):
        number += 1
    beside = replaced / f"{folder.name}-{number}"
    os.rename(made, beside)
    if not _exchange(folder, beside):  # not atomic on this system
        os.rename(beside, made)
        os.rename(folder, beside)
        os.rename(made, folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders atomically; return whether the system can do that."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, TypeError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE) == 0)
