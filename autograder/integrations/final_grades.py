"""The final grade of each student: points, late penalty, and why it is not final yet."""

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

    `points` are automatic and manual points together, before the late penalty. `pending` says why
    the grade is not final, "" if it is. `names` are other names and ids of the student.
    """

    student: str
    points: float
    late_penalty: float
    max_points: float
    pending: str = ""
    names: tuple[str, ...] = ()

    @property
    def total(self) -> str:
        """Points minus the late penalty, rounded half up to two decimals."""
        remaining = max(self.points - self.late_penalty, 0.0)
        rounded = Decimal(repr(round(remaining, 6))).quantize(DECIMALS, ROUND_HALF_UP)
        return f"{rounded.normalize():f}"


def grades(course: Course, assignment: Assignment) -> list[Grade]:
    """Return the grades of a class from nbgrader's gradebook, or else from cached records.

    Raises:
        UsageError: no submission has been graded.
    """
    found = {**_in_records(course, assignment), **_in_gradebook(course, assignment)}
    if not found:
        raise UsageError(
            f"{assignment.name}: no submission has been graded yet. Run `autograder grade` first."
        )
    return [found[name] for name in sorted(found)]


def kept_records(course: Course, assignment: Assignment) -> list[Record]:
    """Return the cached records of the submissions in submitted/.

    Raises:
        UsageError: no records are cached.
    """
    records = list(_records(course, assignment))
    if not records:
        raise UsageError(
            f"{assignment.name}: there are no records. Run `autograder grade` first; "
            "`nbgrader autograde` writes to the gradebook only."
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
    except ImportError:  # without the extra, there is no gradebook
        return {}
    return {
        student: Grade(
            student,
            total.points,
            total.late_penalty,
            total.max_points,
            "needs manual grading" if total.needs_manual_grade else "",
            total.names,
        )
        for student, total in read_totals(course, assignment).items()
    }


def not_final(found: Sequence[Grade]) -> list[str]:
    """Return a line about each grade that is not final."""
    return [f"{grade.student}: not final: {grade.pending}" for grade in found if grade.pending]
