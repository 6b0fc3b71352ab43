"""Checks that every format of a record is what its schema says, whatever a student wrote."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import xmlschema

from autograder.course import Assignment
from autograder.integrations.gradescope.results import results, to_bytes
from autograder.integrations.lms.canvas import fill_canvas
from autograder.integrations.lms.moodle import fill_moodle
from autograder.integrations.platform_data import Grade
from autograder.record import Record
from autograder.reports.junit import junit
from autograder.reports.table import FORMULA, new_table
from tests.conftest import ROOT

SCHEMAS = Path(__file__).parent / "schemas"
RECORD = ROOT / "autograder/record.schema.json"


@cache
def validator(path: Path) -> Any:
    """Return what validates against a JSON Schema."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@cache
def junit_schema() -> xmlschema.XMLSchema:
    """Return the schema that Jenkins' xUnit plugin publishes."""
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


def check_formats(record: Record, assignment: Assignment) -> None:
    """Check a record in all formats that are made of a record alone."""
    validator(RECORD).validate(record.as_json())
    junit_schema().validate(junit([record]).decode("utf-8"))
    check_gradescope(to_bytes(results(record, assignment)), record)
    check_table(record)


def check_gradescope(content: bytes, record: Record) -> dict[str, Any]:
    """Check a results.json: its form, and that its points add up; return it."""
    document: dict[str, Any] = json.loads(content)
    validator(SCHEMAS / "gradescope.schema.json").validate(document)
    if record.grader_error:
        assert "score" not in document
        assert not any("score" in test for test in document["tests"])
        return document
    earned = sum(test.get("score", 0) for test in document["tests"])
    assert abs(earned - (record.score or 0)) < 1e-6
    assert abs(document["score"] - max(earned - record.late_penalty, 0)) < 1e-6
    assert record.error or sum(t.get("max_score", 0) for t in document["tests"]) == record.max_score
    return document


def check_lms(records: Sequence[Record], assignment: Assignment, folder: Path) -> None:
    """Check that Canvas and Moodle get back their own files, with nothing but grades filled in.

    Canvas takes a CSV file with `Student` and `ID`, Moodle one with `Identifier`, `Grade` and
    `Last modified (grade)`; a grade is a number with a dot.
    """
    grades = [Grade(r.student, r.score or 0.0, r.late_penalty, r.max_score) for r in records]
    title = assignment.title
    canvas = [["Student", "ID", "SIS Login ID", "Section", f"{title} (5)"]]
    canvas += [["    Points Possible", "", "", "", f"{assignment.max_score}"]]
    canvas += [[f"Name {i}", f"{i}", g.student, "A", ""] for i, g in enumerate(grades)]
    moodle = [["Identifier", "Full name", "Email address", "Grade", "Last modified (grade)"]]
    moodle += [[f"Participant {i}", "", g.student, "", "-"] for i, g in enumerate(grades)]
    for rows in (canvas, moodle):
        path = folder / "exported.csv"
        with path.open("w", newline="", encoding="utf-8", errors="replace") as stream:
            csv.writer(stream).writerows(rows)
        filled = fill_canvas(path, grades, title) if rows is canvas else fill_moodle(path, grades)
        assert filled.count == len(grades), filled.problems
        path.write_bytes(filled.table.to_bytes())
        with path.open(newline="", encoding="utf-8") as stream:
            after = list(csv.reader(stream))
        place = rows[0].index("Grade") if "Grade" in rows[0] else len(rows[0]) - 1
        assert len(after) == len(rows)
        for grade, old, new in zip(
            grades, rows[-len(grades) :], after[-len(grades) :], strict=True
        ):
            assert re.fullmatch(r"\d+(\.\d{1,2})?", new[place])
            assert abs(float(new[place]) - float(grade.total)) < 1e-9
            assert [*old[:place], *old[place + 1 :]] == [*new[:place], *new[place + 1 :]]


def check_table(record: Record) -> None:
    """Check that a spreadsheet reads what was written, and calculates nothing."""
    grade = Grade(record.student, record.score or 0.0, record.late_penalty, record.max_score)
    row = [grade.student, grade.total, record.problem]
    content = new_table(("student", "total", "note"), [row]).to_bytes().decode("utf-8")
    _, found = csv.reader(io.StringIO(content, newline=""))
    assert len(found) == len(row)
    assert not any(FORMULA.search(cell) for cell in found)
