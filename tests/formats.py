"""Checks that every format of a record is what its schema says, whatever a student wrote."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import xmlschema

from autograder.course import Assignment
from autograder.export.grades import Grade
from autograder.report.gradescope import results, to_bytes
from autograder.report.junit import junit
from autograder.report.sheet import FORMULA, table
from autograder.scorecard import Record
from tests.conftest import ROOT

SCHEMAS = Path(__file__).parent / "report"
RECORD = ROOT / "autograder/report/record.schema.json"


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
    if record.fault:
        assert "score" not in document
        assert not any("score" in test for test in document["tests"])
        return document
    earned = sum(test.get("score", 0) for test in document["tests"])
    assert abs(earned - (record.score or 0)) < 1e-6
    assert abs(document["score"] - max(earned - record.late_penalty, 0)) < 1e-6
    assert record.error or sum(t.get("max_score", 0) for t in document["tests"]) == record.max_score
    return document


def check_table(record: Record) -> None:
    """Check that a spreadsheet reads what was written, and calculates nothing."""
    grade = Grade(record.student, record.score or 0.0, record.late_penalty, record.max_score)
    row = [grade.student, grade.total, record.problem]
    content = table(("student", "total", "note"), [row]).to_bytes().decode("utf-8")
    _, found = csv.reader(io.StringIO(content, newline=""))
    assert len(found) == len(row)
    assert not any(cell.startswith(FORMULA) for cell in found)
