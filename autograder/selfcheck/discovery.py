"""Finds the public tests of an assignment: in a course, or in the kit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from autograder.beside import files_named
from autograder.errors import CourseError, UsageError
from autograder.grading.session import PUBLIC
from autograder.suites import HANDED_OUT, PRELOAD, SUITES

if TYPE_CHECKING:
    from autograder.course import Assignment, Course

GIVEN = "given"  # folder of a suite in the students' kit: what the notebook finds beside it


@dataclass(frozen=True)
class SuiteAssignment:
    """An assignment known by its suite alone, without points, tasks and limits."""

    name: str
    suite_folder: Path
    preload: tuple[str, ...] = PRELOAD

    @property
    def given_files(self) -> Mapping[str, bytes]:
        """The files that the notebook finds beside it, by their paths there."""
        return files_named(self.suite_folder / GIVEN, ("*",))


Checkable: TypeAlias = "Assignment | SuiteAssignment"
"""An assignment to check: of a course, or known by its suite alone."""


def find_assignment(name: str | None, start: Path, course_file: Path | None = None) -> Checkable:
    """Return the assignment to check, by name; without a name, the only one there is.

    A course.yml in `start` or above it lists the assignments; without one, the suites that come
    with the kit do.

    Raises:
        UsageError: there is no such assignment, or several and no name; or it has no public tests.
        CourseError: the course.yml is invalid.
    """
    course, suites = _course(start, course_file), _kit_suites()
    assignment: Checkable
    if course is not None and (name in course.assignments or name not in suites):
        assignment = course.assignment(name)
    else:
        assignment = _from_kit(name, suites)
    if not public_folder(assignment).is_dir():
        raise UsageError(
            f"The assignment {assignment.name!r} has no public tests: there is no folder "
            f"{public_folder(assignment)}."
        )
    return assignment


def public_folder(assignment: Checkable) -> Path:
    """Return where an assignment's public tests are."""
    return assignment.suite_folder / PUBLIC


def assignment_names(start: Path, course_file: Path | None = None) -> list[str]:
    """Return the names of all assignments that can be checked.

    Raises:
        CourseError: the course.yml is invalid.
    """
    course = _course(start, course_file)
    return list(course.assignments if course is not None else _kit_suites())


def _course(start: Path, file: Path | None) -> Course | None:
    try:
        from autograder.course import find_course, load_course
    except ModuleNotFoundError:  # the students' kit
        return None
    if file is None:
        try:
            file = find_course(start)
        except CourseError:
            return None
    return load_course(file)


def _kit_suites() -> dict[str, Path]:
    if HANDED_OUT.exists():
        suites = json.loads(HANDED_OUT.read_text(encoding="utf-8"))
        return {name: SUITES / suite for name, suite in suites.items()}
    return {folder.parent.name: folder.parent for folder in sorted(SUITES.glob(f"*/{PUBLIC}"))}


def _from_kit(name: str | None, suites: dict[str, Path]) -> SuiteAssignment:
    if name is None and len(suites) == 1:
        name = next(iter(suites))
    if name not in suites:
        known = ", ".join(suites)
        wrong = "Name the assignment" if name is None else f"There is no assignment {name!r}"
        raise UsageError(f"{wrong}. There are public tests for: {known}.")
    return SuiteAssignment(name, suites[name].resolve())
