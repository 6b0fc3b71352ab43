"""`autograder export`: grades of an assignment, in the format of whoever keeps them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.files import zipped
from autograder.integrations.final_grades import Grade, grades, not_final, records
from autograder.integrations.gradescope.results import results, to_bytes
from autograder.integrations.lms.canvas import fill_canvas
from autograder.integrations.lms.moodle import fill_moodle
from autograder.record_json import write_record
from autograder.reports.junit import junit
from autograder.reports.table import new_table

OF_RECORDS = ("gradescope", "json", "junit")
OF_TESTS = "A zip file, with a results.json for each student: points given by hand are not in it."
ROUNDED = "Totals are rounded half up to two decimals."


@dataclass(frozen=True)
class Exported:
    """The content of a file, and what to tell whoever asked for it."""

    content: bytes
    notes: tuple[str, ...] = ()


def export(
    course: Course,
    assignment: Assignment,
    style: str,
    into: Path | None = None,
    column: str | None = None,
) -> Exported:
    """Return an assignment's grades in a format.

    Args:
        course: the course.
        assignment: the assignment.
        style: one of `autograder.integrations.FORMATS`.
        into: what Canvas or Moodle exported, to be filled in.
        column: the assignment's name in Canvas, if it is not its title.

    Raises:
        UsageError: nobody has been graded, or `into` is missing or not what it should be.
    """
    if style in OF_RECORDS:
        return _of_records(course, assignment, style)
    found = grades(course, assignment)
    waiting = not_final(found)
    if style == "csv":
        return Exported(_csv(found), (*waiting, ROUNDED))
    if into is None:
        raise UsageError(
            f"--format {style} fills in the file that {style.capitalize()} exports: name it with "
            "--into. So every student keeps the identity they have there."
        )
    if style == "canvas":
        title = column or assignment.title or assignment.name
        filled = fill_canvas(into, found, title)
    else:
        filled = fill_moodle(into, found)
    count = f"{filled.count} of {len(found)} students filled in."
    return Exported(filled.table.to_bytes(), (*filled.problems, *waiting, count, ROUNDED))


def _of_records(course: Course, assignment: Assignment, style: str) -> Exported:
    kept = records(course, assignment)
    if not kept:
        raise UsageError(
            f"{assignment.name}: no records are kept. Run `autograder grade` first; what "
            "`nbgrader autograde` grades is in the gradebook only."
        )
    if style == "junit":
        return Exported(junit(kept))
    if style == "gradescope":
        files = ((f"{r.student}/results.json", to_bytes(results(r, assignment))) for r in kept)
        return Exported(zipped(files), (OF_TESTS,))
    stream = io.StringIO()
    for record in kept:
        write_record(stream, record)
    return Exported(stream.getvalue().encode())


def _csv(found: list[Grade]) -> bytes:
    headings = ("student", "total", "points", "late_penalty", "max_points", "note")
    rows = [
        (
            grade.student,
            grade.total,
            f"{grade.points:.6g}",
            f"{grade.late_penalty:.6g}",
            f"{grade.max_points:.6g}",
            grade.waits,
        )
        for grade in found
    ]
    return new_table(headings, rows).to_bytes()
