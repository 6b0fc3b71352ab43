"""Makes release versions with `nbgrader generate_assignment`, and checks that they are current."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.grading.checks import check_notebook, notebook_file, same_notebook
from autograder.nbgrader.config import put_commands_on_path


def release_assignment(course: Course, assignment: Assignment) -> Path:
    """Make the release version and register the assignment in the gradebook; return its path.

    Raises:
        CourseError: the source notebook does not fit course.yml, or nbgrader refuses it.
    """
    from nbgrader.api import Gradebook

    check_notebook(course, assignment)
    _generate(course, assignment, course.folder("release"), course.gradebook_url)
    with Gradebook(course.gradebook_url, course.course) as gradebook:
        set_due_date(gradebook, assignment)
    return notebook_file(course, assignment, "release")


def register_assignment(course: Course, assignment: Assignment) -> None:
    """Register the assignment in the gradebook without touching the release version."""
    check_notebook(course, assignment)
    with tempfile.TemporaryDirectory() as scratch:
        _generate(course, assignment, Path(scratch), course.gradebook_url)


def set_due_date(gradebook: Any, assignment: Assignment) -> None:
    """Let the gradebook know the due date of course.yml, in UTC as nbgrader has it."""
    if assignment.due is not None:
        due = assignment.due.astimezone(UTC).replace(tzinfo=None)
        known = gradebook.find_assignment(assignment.name)
        if known.duedate != due:
            known.duedate = due
            gradebook.db.commit()


def check_release(course: Course, assignment: Assignment) -> None:
    """Check that the release version is the one that nbgrader makes from the source.

    Raises:
        CourseError: it is missing or stale.
    """
    released = notebook_file(course, assignment, "release")
    with tempfile.TemporaryDirectory() as scratch:
        _generate(course, assignment, Path(scratch), f"sqlite:///{scratch}/gradebook.db")
        fresh = Path(scratch) / assignment.name / released.name
        if not released.exists() or not same_notebook(fresh, released):
            raise CourseError(
                f"{released} is not what nbgrader makes from the source notebook: "
                f"run `autograder release {assignment.name}` and commit the result."
            )


def _generate(course: Course, assignment: Assignment, folder: Path, gradebook: str) -> None:
    """Run `nbgrader generate_assignment` into a folder."""
    put_commands_on_path()
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "generate_assignment",
        assignment.name,
        "--force",
        f"--CourseDirectory.root={course.root}",
        f"--CourseDirectory.course_id={course.course}",
        f"--CourseDirectory.source_directory={course.folders.source}",
        f"--CourseDirectory.release_directory={os.path.relpath(folder, course.root)}",
        f"--db={gradebook}",
    ]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line] or [
            "no reason given"
        ]
        raise CourseError(
            f"{notebook_file(course, assignment)}: nbgrader generate_assignment failed: {lines[-1]}"
        )
