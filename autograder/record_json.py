"""Reads and writes records as JSON Lines; `record.schema.json` describes the format.

The student kit has records but no pydantic, so `record` does not contain this.
"""

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from autograder.errors import UsageError
from autograder.record import GRADER_ERROR, Record

SCHEMA = Path(__file__).with_name("record.schema.json")
ADAPTER = TypeAdapter(Record)
TIMELESS: dict[str, Any] = {"seconds": 0, "test_seconds": {}}
"""What takes the place of times in the JSON of records that are compared."""


def to_line(record: Record) -> str:
    """Return a record as a line of JSON."""
    return json.dumps(record.as_json(), ensure_ascii=True, allow_nan=False) + "\n"


def read_records(path: Path) -> list[Record]:
    """Return the records in a file that `autograder grade --json` wrote.

    Fields that are not in the file, such as `TestResult.measured`, have their defaults; `as_json`
    of a record returns exactly what was read.

    Raises:
        UsageError: the file cannot be read, or a line is not a record.
    """
    return list(each_record(path))


def each_record(path: Path) -> Iterator[Record]:
    """Yield the records in a file, one by one, as `read_records` returns them.

    Raises:
        UsageError: the file cannot be read, or a line is not a record.
    """
    count = 0
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _record(path, number, line)
                    count += 1
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    if not count:
        raise UsageError(f"{path} contains no records.")


def _record(path: Path, number: int, line: str) -> Record:
    try:
        return record_from_json(json.loads(line))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UsageError(
            f"{path}, line {number}: not a record. Give the file that "
            "`autograder grade --json` writes."
        ) from None


def record_from_json(found: dict[str, Any]) -> Record:
    """Return the record for the output of `Record.as_json`.

    Raises:
        ValueError, TypeError, KeyError: it is not a record.
    """
    score = found["score"]
    late = {
        "days": found["days_late"],
        "share": found["late_penalty"] / score if score else 0.0,
    }
    tasks = [_task_from_json(task) for task in found["tasks"]]
    return ADAPTER.validate_python(found | {"late": late, "tasks": tasks})


def _task_from_json(found: dict[str, Any]) -> dict[str, Any]:
    tests = found["tests"]
    messages = (t["message"] for t in tests if t["outcome"] != "passed" and t["message"])
    findings, names = found["findings"], found["misconceptions"]
    explained = names or findings != list(dict.fromkeys(messages))
    pairs = zip_longest(findings, names, fillvalue="") if explained else ()
    review = found["review"] or ""
    return found | {
        "tests": [_test_from_json(test, found["name"]) for test in tests],
        "explained": [{"text": text, "misconception": name} for text, name in pairs],
        "review_reason": "" if review.startswith(GRADER_ERROR) else review,
    }


def _test_from_json(found: dict[str, Any], task: str) -> dict[str, Any]:
    place = found["place"]
    location = place and (place["cell"], place["line"], place["source"])
    whole = found["max_points"] if found["outcome"] == "passed" else 0
    earned = None if found["points"] == whole else found["points"]
    return found | {"task": task, "source_location": location, "earned": earned}
