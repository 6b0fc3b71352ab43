"""Records: why a score is missing, and the JSON that everything reads."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema

from autograder.record import GRADER_ERROR, Outcome, Record, TestResult, by_task
from autograder.record_json import SCHEMA, record_from_json, to_line


def record(*outcomes: Outcome) -> Record:
    results = [
        TestResult(
            f"test_{i}", "only", "A title", outcome, 10.0, "" if outcome == "passed" else "why"
        )
        for i, outcome in enumerate(outcomes)
    ]
    return Record("ada", "a", "n.ipynb", 20, by_task(results, [("only", 20.0)]))


def test_points_add_up() -> None:
    assert record("passed", "failed").score == 10
    assert record("passed", "skipped").status == "graded"


def test_a_grader_error_is_not_a_zero() -> None:
    broken = record("passed", "error")
    assert broken.grader_error
    assert (broken.status, broken.score) == ("failed", None)
    assert str(broken.as_json()["error"]).startswith(GRADER_ERROR)


def test_an_unreadable_submission_is_a_zero_that_says_why() -> None:
    unread = Record("ada", "a", "n.ipynb", 20, error="It is empty.")
    assert (unread.status, unread.score, unread.grader_error) == ("failed", 0, False)


def test_findings_are_told_once() -> None:
    assert record("failed", "failed").tasks[0].findings == ("why",)


def test_the_json_keeps_to_its_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    for example in (record("passed", "failed"), record("error", "skipped"), record(),
                    Record("ada", "a", "n", 20, error="It is empty.")):  # fmt: skip
        jsonschema.validate(example.as_json(), schema)


def test_a_review_reason_is_read_back() -> None:
    (task,) = record("failed").tasks
    written = Record("ada", "a", "n.ipynb", 20, (replace(task, review_reason="Odd."),))
    assert record_from_json(json.loads(to_line(written))).tasks[0].review_reason == "Odd."


def test_a_digest_of_what_a_test_saw_is_read_back() -> None:
    (task,) = record("failed").tasks
    (test,) = task.tests
    seen = "-".join(("0123abcd",) * 4)
    written = Record("ada", "a", "n.ipynb", 10, (replace(task, tests=(replace(test, seen=seen),)),))
    jsonschema.validate(written.as_json(), json.loads(SCHEMA.read_text()))
    assert record_from_json(json.loads(to_line(written))).tasks[0].tests[0].seen == seen
