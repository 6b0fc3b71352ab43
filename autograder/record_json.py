"""Reads and writes records as JSON Lines; `record.schema.json` describes the format."""

import json
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter

from autograder.errors import UsageError
from autograder.record import GRADER_ERROR, Record

SCHEMA = Path(__file__).with_name("record.schema.json")


def to_line(record: Record) -> str:
    """Return a record as a line of JSON."""
    return json.dumps(record.as_json(), ensure_ascii=True, allow_nan=False) + "\n"


def write_record(file: IO[str], record: Record) -> None:
    """Write a record as a line and flush it."""
    file.write(to_line(record))
    file.flush()


def read_records(path: Path) -> list[Record]:
    """Return the records in a file that `autograder grade --json` wrote.

    Fields that are not in the file, such as `TestResult.measured`, have their defaults; `as_json`
    of a record returns exactly what was read.

    Raises:
        UsageError: the file cannot be read, or a line is not a record.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    records = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                records.append(record_from_json(json.loads(line)))
            except (ValueError, TypeError, KeyError, RecursionError):
                raise UsageError(
                    f"{path}, line {number}: not a record. Give the file that "
                    "`autograder grade --json` writes."
                ) from None
    if not records:
        raise UsageError(f"{path} contains no records.")
    return records


def record_from_json(found: dict[str, Any]) -> Record:
    """Return the record for the output of `Record.as_json`.

    Raises:
        ValueError, TypeError, KeyError: it is not a record.
    """
    score, days = found["score"], found["days_late"]
    data = {
        name: found[name]
        for name in ("student", "assignment", "notebook", "max_score", "error", "note")
    } | {
        "isolation": found["isolation"],
        "seconds": found["seconds"],
        "late": {"days": days, "share": found["late_penalty"] / score if score else 0.0},
        "tasks": [_task(task) for task in found["tasks"]],
    }
    return _adapter().validate_python(data)


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)


def _task(found: dict[str, Any]) -> dict[str, Any]:
    tests = [_test(test, found["name"]) for test in found["tests"]]
    said = [t["message"] for t in tests if t["outcome"] != "passed" and t["message"]]
    findings, names = found["findings"], found["misconceptions"]
    explained = names or findings != list(dict.fromkeys(said))
    review = found["review"] or ""
    return {
        "name": found["name"],
        "max_score": found["max_score"],
        "tests": tests,
        "explained": [
            {"text": text, "misconception": name}
            for text, name in zip_longest(findings, names, fillvalue="")
        ]
        if explained
        else [],
        "review_reason": "" if review.startswith(GRADER_ERROR) else review,
    }


def _test(found: dict[str, Any], task: str) -> dict[str, Any]:
    location = found["place"]
    return {
        "name": found["name"],
        "task": task,
        "title": found["title"],
        "outcome": found["outcome"],
        "max_points": found["max_points"],
        "message": found["message"],
        "source_location": location and (location["cell"], location["line"], location["source"]),
    }
