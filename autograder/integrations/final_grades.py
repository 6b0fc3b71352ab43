"""The final grade of each student: points, late penalty, and what it still waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.grading.cache import ResultCache
from autograder.record import Record
from autograder.submission import find_submissions

DECIMALS = Decimal("0.01")


@dataclass(frozen=True)
class Grade:
    """One student's grade in an assignment.

    `points` are those of tests and people together, before lateness; `waits` says why the grade
    is not final, "" if it is. `names` are other names the student is known by.
    """

    student: str
    points: float
    late_penalty: float
    max_points: float
    waits: str = ""
    names: tuple[str, ...] = ()

    @property
    def total(self) -> str:
        """Points with lateness taken off, rounded half up to two decimals."""
        left = max(self.points - self.late_penalty, 0.0)
        rounded = Decimal(repr(round(left, 6))).quantize(DECIMALS, ROUND_HALF_UP)
        return f"{rounded.normalize():f}"


def grades(course: Course, assignment: Assignment) -> list[Grade]:
    """Return the grades of a class: from nbgrader's gradebook, and else from kept records.

    Raises:
        UsageError: nobody has been graded.
    """
    found = {**_in_records(course, assignment), **_in_gradebook(course, assignment)}
    if not found:
        raise UsageError(
            f"{assignment.name}: nobody has been graded yet. Run `autograder grade` first."
        )
    return [found[name] for name in sorted(found)]


def kept_records(course: Course, assignment: Assignment) -> list[Record]:
    """Return the kept records of what is in submitted/.

    Raises:
        UsageError: there are none.
    """
    records = list(_records(course, assignment))
    if not records:
        raise UsageError(
            f"{assignment.name}: no records are kept. Run `autograder grade` first; what "
            "`nbgrader autograde` grades is in the gradebook only."
        )
    return records


def _records(course: Course, assignment: Assignment) -> Iterator[Record]:
    cache = ResultCache(course, assignment)
    submissions, _ = find_submissions([course.folder("submitted")], assignment)
    entries = (cache.entry(submission) for submission in submissions)
    return (entry.record for entry in entries if entry is not None)


def _in_records(course: Course, assignment: Assignment) -> dict[str, Grade]:
    return {
        record.student: Grade(
            record.student,
            record.score or 0.0,
            record.late_penalty,
            record.max_score,
            record.problem,
        )
        for record in _records(course, assignment)
    }


def _in_gradebook(course: Course, assignment: Assignment) -> Mapping[str, Grade]:
    try:
        from autograder.integrations.nbgrader.gradebook_queries import read_totals
    except ImportError:  # no extra, no gradebook
        return {}
    return {
        student: Grade(
            student,
            total.points,
            total.late_penalty,
            total.max_points,
            "waits for a person" if total.waits else "",
            total.names,
        )
        for student, total in read_totals(course, assignment).items()
    }


def not_final(found: Sequence[Grade]) -> list[str]:
    """Say whose grade is not final."""
    return [f"{grade.student}: not final: {grade.waits}" for grade in found if grade.waits]
