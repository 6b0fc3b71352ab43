"""Copies a pushed notebook into nbgrader's layout, and trusts nothing in the repository.

Students may commit links, which are never followed, and forge the dates of commits: who pushed and
when is what GitHub's event says.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.beside import files_beside
from autograder.course import Assignment
from autograder.errors import UsageError
from autograder.file_names import notebook_stem
from autograder.files import MAX_SIZE, NotAFileError, TooLargeError, read_file, write_whole
from autograder.notebook import notebooks_in
from autograder.submission import TIMESTAMP

STUDENT = re.compile(r"[\w][\w .@+\[\]-]{0,99}")
MOST = 20  # notebooks of other names that are copied


def read_event(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the event that started a job, {} outside of GitHub."""
    try:
        found = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def pushed_at(event: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the repository was last pushed to, by the clock of GitHub's servers.

    The time stays the same when a job is run again. A push has it as seconds since 1970, other
    events as text; if the event does not say it, it is now.
    """
    match _repository(event).get("pushed_at"):
        case int() | float() as seconds if not isinstance(seconds, bool):
            return datetime.fromtimestamp(seconds, UTC)
        case str() as text:
            with suppress(ValueError):
                return datetime.fromisoformat(text).astimezone(UTC)
    return now


def student_of(event: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Return the repository's owner, or if an organisation owns it, the user who pushed."""
    owner = _repository(event).get("owner")
    if isinstance(owner, dict) and owner.get("type") == "User" and owner.get("login"):
        return str(owner["login"])
    return environment.get("GITHUB_ACTOR") or "student"


def _repository(event: Mapping[str, Any]) -> dict[str, Any]:
    found = event.get("repository")
    return found if isinstance(found, dict) else {}


def receive(
    notebook: Path, into: Path, assignment: Assignment, student: str, submitted: datetime
) -> Path:
    """Copy a notebook to `<into>/<student>/<assignment>/`, with the time of submission.

    It replaces what was received before: only what is in the repository now counts. If there is no
    such notebook, others in its folder are copied, so that a renamed one is graded. Files that
    course.yml takes are copied, too. The repository is the current folder.

    Returns:
        the folder to grade.

    Raises:
        UsageError: the student's name cannot be a folder's, or the notebook's path leads out of the
            current folder.
    """
    if not STUDENT.fullmatch(student):
        raise UsageError(f"{student!r} cannot be a student's folder: use letters, digits, . and -")
    if notebook.is_absolute() or ".." in notebook.parts:
        raise UsageError(f"{notebook}: give the notebook's path relative to the repository.")
    folder = into / student / assignment.folder
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder, assignment)
    expected = folder / f"{assignment.notebook}.ipynb"
    if notebook.exists() or notebook.is_symlink():
        _copy(notebook, expected)
    else:
        for other in _others(notebook):
            _copy(other, folder / other.name)
    for name in files_beside(folder, ()).left:  # received before
        (folder / name).unlink()
    takes = () if _linked(notebook.parent) else assignment.takes
    for name, content in files_beside(notebook.parent, takes).taken.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, content)
    time = submitted.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC\n")
    write_whole(folder / TIMESTAMP, time.encode())
    return folder


def _clear(folder: Path, assignment: Assignment) -> None:
    """Remove what was received before, except other notebooks of the assignment."""
    for path in folder.glob("*"):
        if notebook_stem(path.name) in {None, *assignment.neighbours}:
            continue
        if path.is_dir() and not path.is_symlink():
            path.rmdir()  # made by _copy: it is empty
        else:
            path.unlink()


def _copy(source: Path, target: Path) -> None:
    """Copy a regular file; anything else is replaced by what the grader refuses alike."""
    if _linked(source):
        target.unlink(missing_ok=True)
        target.symlink_to("the target of the link")
        return
    try:
        write_whole(target, read_file(source))
    except TooLargeError:
        with target.open("wb") as stream:
            stream.truncate(MAX_SIZE + 1)
    except NotAFileError:
        target.mkdir(exist_ok=True)


def _linked(path: Path) -> bool:
    """Return whether a path, or a folder above it, is a link."""
    return any(part.is_symlink() for part in (path, *path.parents))


def _others(notebook: Path) -> list[Path]:
    """Return the notebooks beside one that are not links, if they are few."""
    found = [path for path in notebooks_in(notebook.parent) if not _linked(path)]
    return found if len(found) <= MOST else []
