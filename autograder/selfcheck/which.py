"""Finds the public tests of an assignment: with a course.yml around, or with the kit alone."""

from __future__ import annotations

from pathlib import Path

from autograder.course import SUITES, Assignment, find_course, load_course
from autograder.errors import CourseError, UsageError
from autograder.exam.session import PUBLIC

__all__ = ["find_assignment", "public_folder"]


def find_assignment(name: str | None, start: Path, course_file: Path | None = None) -> Assignment:
    """Return the assignment to check, by name; without a name the only one there is.

    A course.yml in `start` or above it says what there is; without one it is the suites that
    come with the kit. Such an assignment has no points, no tasks and no limits of its own.

    Raises:
        UsageError: there is none of that name, several and none was named, or it has no public
            tests.
        CourseError: the course.yml is wrong.
    """
    assignment = _of_a_course(name, start, course_file) or _of_the_kit(name)
    if not public_folder(assignment).is_dir():
        raise UsageError(
            f"The assignment {assignment.name!r} has no public tests: there is no folder "
            f"{public_folder(assignment)}."
        )
    return assignment


def public_folder(assignment: Assignment) -> Path:
    """Return where an assignment's public tests are."""
    return assignment.suite_folder / PUBLIC


def _of_a_course(name: str | None, start: Path, file: Path | None) -> Assignment | None:
    """Return an assignment of the course, None without a course or when the kit has the name."""
    if file is None:
        try:
            file = find_course(start)
        except CourseError:
            return None
    course = load_course(file)
    if name in _of_the_kit_by_name() and name not in course.assignments:
        return None
    return course.assignment(name)


def _of_the_kit_by_name() -> dict[str, Path]:
    return {folder.parent.name: folder.parent for folder in sorted(SUITES.glob(f"*/{PUBLIC}"))}


def _of_the_kit(name: str | None) -> Assignment:
    suites = _of_the_kit_by_name()
    if name is None and len(suites) == 1:
        name = next(iter(suites))
    if name not in suites:
        known = ", ".join(suites)
        wrong = "Name the assignment" if name is None else f"There is no assignment {name!r}"
        raise UsageError(f"{wrong}. There are public tests for: {known}.")
    assignment = Assignment.model_construct(notebook=name, tasks=())
    assignment._name, assignment._suite_folder = name, suites[name].resolve()
    return assignment
