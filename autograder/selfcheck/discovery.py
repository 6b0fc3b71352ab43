"""Finds the public tests of an assignment: in a course, or in the kit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from autograder.beside import files_named
from autograder.errors import CourseError, UsageError
from autograder.grading.public_tests import has_public_tests, public_folder
from autograder.grading.reference import Reference
from autograder.recognition import Marks
from autograder.selfcheck.kept_answers import FILE_NAME, read_answers
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
    marks: Marks = field(default_factory=partial(Marks, "", ""))

    @property
    def given_files(self) -> Mapping[str, bytes]:
        """The files that the notebook finds beside it, by their paths there."""
        return files_named(self.suite_folder / GIVEN, ("*",))


Checkable: TypeAlias = "Assignment | SuiteAssignment"
"""An assignment to check: of a course, or known by its suite alone."""


def find_assignment(
    name: str | None,
    start: Path,
    course_file: Path | None = None,
    recognize: Callable[[list[Marks]], str | None] = lambda _: None,
) -> Checkable:
    """Return the assignment to check, by name; without a name, the only one there is.

    A course.yml in `start` or above it lists the assignments; without one, the suites that come
    with the kit do. If there are several, `recognize` says which of them it is, if it can.

    Raises:
        UsageError: there is no such assignment, or nobody can tell which; or it has no public
            tests.
        CourseError: the course.yml is invalid.
    """
    course, suites = _course(start, course_file), _kit_suites()
    assignment: Checkable
    known: list[Checkable] = [*suites.values()] if course is None else [*course.ready_assignments]
    if name is None and len(known) > 1:
        name = recognize([one.marks for one in known])
    if course is not None and (name in course.assignments or name not in suites):
        assignment = course.assignment(name)
    else:
        assignment = _from_kit(name, suites)
    if not has_public_tests(assignment.suite_folder):
        raise UsageError(
            f"The assignment {assignment.name!r} has no public tests: no test in "
            f"{assignment.suite_folder} is marked public=True, and there is no folder "
            f"{public_folder(assignment.suite_folder)}."
        )
    return assignment


@contextmanager
def reference_of(
    assignment: Checkable, start: Path, course_file: Path | None = None
) -> Iterator[Reference | None]:
    """Yield what answers for the reference solution: kept answers, or the source notebook.

    It is None where there is neither.

    Raises:
        CourseError: the course.yml or the notebook is invalid.
    """
    kept = assignment.suite_folder / FILE_NAME
    course = _course(start, course_file)
    if kept.exists():
        yield read_answers(kept)
        return
    try:
        from autograder.grading.live_reference import live_reference
    except ModuleNotFoundError:  # the students' kit
        course = None
    if course is None or isinstance(assignment, SuiteAssignment):
        yield None
        return
    with live_reference(course, assignment) as reference:
        yield reference


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


def _kit_suites() -> dict[str, SuiteAssignment]:
    if HANDED_OUT.exists():
        handed_out = json.loads(HANDED_OUT.read_text(encoding="utf-8"))
        return {name: _handed_out(name, about) for name, about in handed_out.items()}
    return {
        folder.name: SuiteAssignment(
            folder.name, folder.resolve(), marks=Marks(folder.name, folder.name)
        )
        for folder in sorted(SUITES.iterdir())
        if folder.is_dir() and has_public_tests(folder)
    }


def _handed_out(name: str, about: dict[str, Any]) -> SuiteAssignment:
    """Return an assignment in the students' kit."""
    cells, functions = frozenset(about["cells"]), frozenset(about["functions"])
    marks = Marks(name, about["notebook"], cells, functions)
    folder = (SUITES / about["suite"]).resolve()
    return SuiteAssignment(name, folder, tuple(about["preload"]), marks)


def _from_kit(name: str | None, suites: dict[str, SuiteAssignment]) -> SuiteAssignment:
    if name is None and len(suites) == 1:
        name = next(iter(suites))
    if name not in suites:
        known = ", ".join(suites)
        wrong = "Name the assignment" if name is None else f"There is no assignment {name!r}"
        raise UsageError(f"{wrong}. There are public tests for: {known}.")
    return suites[name]
