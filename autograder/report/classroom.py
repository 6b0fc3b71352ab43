"""The step output `result` of GitHub Classroom's graders, which its reporter collects.

Its format is that of `autograding-grading-reporter`, version 1: JSON in base64. The reporter adds
up the `score` of the tests for the gradebook; the total in its own log is the share of tests that
passed, whatever they are worth. It reports nothing of a result whose `max_score` is 0.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from autograder.course import Feedback
from autograder.report.parts import Part, parts
from autograder.scorecard import Record

STATUS = {"passed": "pass", "failed": "fail", "skipped": "fail", "error": "error"}
VERSION = 3


def classroom_result(record: Record, level: Feedback) -> dict[str, Any]:
    """Return what came of a submission as GitHub Classroom reads it; points are whole numbers."""
    found = parts(record, level)
    outcomes = {part.outcome for part in found}
    status = "error" if "error" in outcomes else "pass" if outcomes == {"passed"} else "fail"
    return {
        "version": VERSION,
        "status": status,
        "max_score": sum(part.max_score for part in found),
        "tests": [_test(part) for part in found],
    }


def encoded(result: dict[str, Any]) -> str:
    """Return a result as the step output that the reporter decodes."""
    text = json.dumps(result, ensure_ascii=True, allow_nan=False)
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def _test(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "status": STATUS[part.outcome],
        "score": part.score,
        "message": part.message or None,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }
