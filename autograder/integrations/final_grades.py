"""The final grade of each student: points, late penalty, and why it is not final yet."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.grading.cache import ResultCache
from autograder.integrations.platform_data import Grade
from autograder.record import Record
from autograder.submission import find_submissions


def grades(course: Course, assignment: Assignment) -> list[Grade]:
    """Return the grades of a class from nbgrader's gradebook, or else from cached records.

    The points in all notebooks of the assignment's folder are added up.

    Raises:
        UsageError: no submission has been graded.
    """
    found: dict[str, Grade] = {}
    for part in course.in_folder(assignment.folder):
        for record in _records(course, part):
            grade = found.setdefault(record.student, Grade(record.student))
            grade.points += record.score or 0.0
            grade.late_penalty += record.late_penalty
            grade.max_points += record.max_score
            grade.pending = grade.pending or record.problem
    with suppress(ImportError):  # without the extra, there is no gradebook
        from autograder.integrations.nbgrader.gradebook_queries import read_totals

        found |= read_totals(course, assignment)
    if not found:
        raise UsageError(
            f"{assignment.folder}: no submission has been graded yet. Run `autograder grade` first."
        )
    return [found[name] for name in sorted(found)]


def cached_records(course: Course, parts: Sequence[Assignment]) -> list[Record]:
    """Return the cached records of the submissions in submitted/ to an assignment's notebooks.

    Raises:
        UsageError: no records are cached.
    """
    records = [record for part in parts for record in _records(course, part)]
    if not records:
        raise UsageError(
            f"{parts[0].folder}: there are no records. Run `autograder grade` first; "
            "`nbgrader autograde` writes to the gradebook only."
        )
    return records


def class_records(course: Course, assignment: Assignment) -> list[Record]:
    """Return the cached records of submitted/, with the paths that the notebooks have now."""
    cache = ResultCache(course, assignment)
    submissions, _ = find_submissions([course.folder("submitted")], assignment)
    found = ((cache.entry(submission), submission) for submission in submissions)
    return [
        replace(entry.record, notebook=str(submission.path)) for entry, submission in found if entry
    ]


def _records(course: Course, assignment: Assignment) -> Iterator[Record]:
    cache = ResultCache(course, assignment)
    submissions, _ = find_submissions([course.folder("submitted")], assignment)
    entries = (cache.entry(submission) for submission in submissions)
    return (entry.record for entry in entries if entry is not None)
