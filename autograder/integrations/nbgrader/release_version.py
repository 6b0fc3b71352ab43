"""Creates release versions with `nbgrader generate_assignment`, and checks them."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.integrations.nbgrader.database import open_gradebook

# The URL of the gradebook may contain a password, and other users of the machine can read
# command-line arguments, so it is passed in the environment.
WITH_GRADEBOOK = """
import os, sys
sys.argv.append("--db=" + os.environ.pop("AUTOGRADER_GRADEBOOK"))
from nbgrader.apps.nbgraderapp import main
main()
"""


def check_release(course: Course, assignment: Assignment) -> None:
    """Check that the release version equals the one that nbgrader generates from the source.

    Raises:
        CourseError: it is missing or out of date.
    """
    released = course.notebook_file(assignment, "release")
    with tempfile.TemporaryDirectory() as scratch:
        generate(course, assignment, Path(scratch), f"sqlite:///{scratch}/gradebook.db")
        fresh = Path(scratch) / assignment.folder / released.name
        if not released.exists() or _content(fresh) != _content(released):
            raise _outdated(released, assignment)
    for name, content in assignment.given_files.items():
        copy = released.parent / name
        if not copy.is_file() or copy.read_bytes() != content:
            raise _outdated(copy, assignment)


def _outdated(path: Path, assignment: Assignment) -> CourseError:
    return CourseError(
        f"{path} is missing or out of date: "
        f"run `autograder release {assignment.folder}` and commit the result."
    )


def _content(notebook: Path) -> Any:
    return json.loads(notebook.read_text(encoding="utf-8"))


def generate(course: Course, assignment: Assignment, folder: Path, gradebook: str) -> None:
    """Run `nbgrader generate_assignment` into a folder.

    Raises:
        CourseError: nbgrader rejects the notebook.
    """
    open_gradebook(gradebook).close()  # sooner than nbgrader would create it
    command = [
        sys.executable,
        "-c",
        WITH_GRADEBOOK,
        "generate_assignment",
        assignment.folder,
        "--force",
        f"--CourseDirectory.root={course.root}",
        f"--CourseDirectory.course_id={course.course}",
        f"--CourseDirectory.source_directory={course.folders.source}",
        f"--CourseDirectory.release_directory={os.path.relpath(folder, course.root)}",
    ]
    environment = os.environ | {"AUTOGRADER_GRADEBOOK": gradebook}
    done = subprocess.run(
        command, cwd=course.root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CourseError(
            f"{course.notebook_file(assignment)}: nbgrader generate_assignment failed: "
            f"{_reason(done.stderr)}. --debug shows all that nbgrader says."
        ) from RuntimeError(done.stderr)


def _reason(log: str) -> str:
    """Return why nbgrader failed: the exception at the end of its traceback, or its last error."""
    _, traceback, rest = log.rpartition("Traceback (most recent call last):\n")
    pattern = r"^(?: {4})?([A-Za-z][\w.]*: .+)$" if traceback else r"^\[.*\bERROR\] (.+)$"
    found: list[str] = re.findall(pattern, rest, re.MULTILINE) or ["no reason given"]
    return found[-1].rstrip(".")
