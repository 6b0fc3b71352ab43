"""Renders records and grades in every output format.

Renderers import what they need when they are called, because `--help` lists the formats.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.files import folder_in_zip, zipped

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.integrations.lms.gradebook_file import Filled
    from autograder.integrations.platform_data import Grade
    from autograder.record import Record


@dataclass(frozen=True)
class Source:
    """The input of a renderer: an assignment with its records, and options of single formats.

    `notebook` and `artifact` are for GitHub: the notebook's path in the repository, and the name
    of the artifact with the feedback page. `into` is the file exported from Canvas or Moodle,
    `column` the assignment's name in Canvas.
    """

    course: Course
    assignment: Assignment
    records: Sequence[Record] = ()
    notebook: str = ""
    artifact: str = ""
    into: Path | None = None
    column: str | None = None


@dataclass(frozen=True)
class Rendered:
    """The content of a file, and remarks for the user."""

    content: bytes
    remarks: tuple[str, ...] = ()


ROUNDED = "Totals are rounded half up to two decimals."
AUTOMATIC_ONLY = "A zip file with a results.json for each student. Manual points are not included."


def _json(source: Source) -> Rendered:
    from autograder.record_json import to_line

    return Rendered("".join(to_line(record) for record in source.records).encode())


def _junit(source: Source) -> Rendered:
    from autograder.reports.junit import junit

    return Rendered(junit(source.records))


def _gradescope(source: Source) -> Rendered:
    from autograder.integrations.gradescope.results import results, to_bytes

    files = (
        (
            f"{folder_in_zip(record.student)}/results.json",
            to_bytes(results(record, source.assignment)),
        )
        for record in source.records
    )
    return Rendered(zipped(files), (AUTOMATIC_ONLY,))


def _github(source: Source) -> Rendered:
    from autograder.integrations.github.job import show_on_github

    course, assignment = source.course, source.assignment
    log = show_on_github(
        source.records, course, assignment, os.environ, source.notebook, source.artifact
    )
    return Rendered(log.encode("utf-8", "replace"))


def _classroom50(source: Source) -> Rendered:
    from autograder.integrations.github.classroom50 import classroom50_result

    count = len(source.records)
    if count != 1:
        raise UsageError(f"--format classroom50 needs exactly one submission, not {count}.")
    (record,) = source.records
    now = datetime.now(UTC)
    result = classroom50_result(record, source.assignment.feedback, os.environ, now)
    return Rendered(f"{json.dumps(result, indent=2)}\n".encode())


def _csv(source: Source) -> Rendered:
    from autograder.reports.table import new_table

    found, not_final = _final_grades(source)
    headings = ("student", "total", "points", "late_penalty", "max_points", "note")
    rows = []
    for grade in found:
        numbers = (f"{n:.6g}" for n in (grade.points, grade.late_penalty, grade.max_points))
        rows.append((grade.student, grade.total, *numbers, grade.pending))
    return Rendered(new_table(headings, rows).to_bytes(), (*not_final, ROUNDED))


def _canvas(source: Source) -> Rendered:
    from autograder.integrations.lms.canvas import fill_canvas

    title = source.column or source.assignment.title or source.assignment.folder
    return _filled(source, "Canvas", lambda file, found: fill_canvas(file, found, title))


def _moodle(source: Source) -> Rendered:
    from autograder.integrations.lms.moodle import fill_moodle

    return _filled(source, "Moodle", fill_moodle)


def _filled(
    source: Source, platform: str, fill: Callable[[Path, Sequence[Grade]], Filled]
) -> Rendered:
    """Fill in grades in the file exported from a platform."""
    found, not_final = _final_grades(source)
    if source.into is None:
        raise UsageError(
            f"--format {platform.lower()} fills in the file exported from {platform}: name it "
            "with --into."
        )
    filled = fill(source.into, found)
    count = f"{filled.count} of {len(found)} students filled in."
    return Rendered(filled.table.to_bytes(), (*filled.problems, *not_final, count, ROUNDED))


def _final_grades(source: Source) -> tuple[list[Grade], list[str]]:
    """Return the grades of the class, and a remark on each that is not final."""
    from autograder.integrations.final_grades import grades

    found = grades(source.course, source.assignment)
    return found, [f"{g.student}: not final: {g.pending}" for g in found if g.pending]


FORMATS: Mapping[str, Callable[[Source], Rendered]] = {
    "csv": _csv,
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
    "github": _github,
    "classroom50": _classroom50,
    "json": _json,
    "junit": _junit,
}
GRADE_FORMATS = ("csv", "canvas", "moodle")
"""Formats that contain final grades, and need no records."""
EXPORT_FORMATS = (*GRADE_FORMATS, "gradescope", "json", "junit")
REPORT_FORMATS = ("github", "classroom50", "json", "junit")
