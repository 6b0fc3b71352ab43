"""A record is small, whatever a submission puts into it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.grading.batch import empty_record
from autograder.grading.record_size import MARK, MAX_BYTES, bounded
from autograder.record import GRADER_ERROR, Record, TaskScore, TestResult
from autograder.record_json import to_line
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import GradeCells
from tests.corpus.attacks import in_calls

EMOJI = "\N{GRINNING FACE}"
PLACE = "\n  in cell 3, line 2"


def record_with(text: str, tests: int = 40) -> Record:
    """Return a record of two tasks with a text wherever a submission can have one."""
    results = tuple(
        TestResult(
            f"test_{i}", "t", "A title", "failed" if i % 2 else "passed", 1.0, f"{i} {text}{PLACE}",
            source_location=(3, 2, text), review_reason=text if i % 3 else "",
        )
        for i in range(tests)
    )  # fmt: skip
    tasks = (TaskScore("t", 40.0, results, review_reason=text), TaskScore("u", 1.0, results))
    return Record("ada", "a", "n.ipynb", 41.0, tasks, error=text, note=text, seconds=1.5)


def without_texts(value: Any) -> Any:
    """Return JSON with the texts that may be shortened replaced by whether there is any."""
    texts = ("message", "findings", "review", "error", "note", "source")
    if isinstance(value, dict):
        return {k: bool(v) if k in texts else without_texts(v) for k, v in value.items()}
    return [without_texts(part) for part in value] if isinstance(value, list) else value


def test_an_honest_record_stays_as_it_is() -> None:
    record = record_with("The shapes do not fit.")
    assert bounded(record) is record


def test_a_record_has_a_bound_and_keeps_all_but_its_long_texts() -> None:
    for text in ("x" * 2_000, EMOJI * 10_000, "\x00\n" * 5_000, "\ud800" * 3_000):
        record = record_with(text)
        small = bounded(record)
        assert len(to_line(small).encode()) <= MAX_BYTES
        assert MARK in to_line(small)
        assert without_texts(small.as_json()) == without_texts(record.as_json())
        assert bounded(record_with(text)) == small


def test_time_does_not_change_what_is_shortened() -> None:
    record = record_with(EMOJI * 10_000)
    quick, slow = (bounded(replace(record, seconds=s)) for s in (0.0, 12_345.678))
    assert replace(slow, seconds=0.0) == quick


def test_only_the_longest_texts_are_shortened_and_their_ends_stay() -> None:
    record = record_with("short")
    (long, *others), (task, *rest) = record.tasks[0].tests, record.tasks
    long = replace(long, outcome="failed", message=EMOJI * 20_000 + PLACE)
    small = bounded(replace(record, tasks=(replace(task, tests=(long, *others)), *rest)))
    assert small.tasks[0].tests[1:] == tuple(others)
    assert small.tasks[0].tests[0].message.startswith(EMOJI * 100)
    assert small.tasks[0].tests[0].message.endswith(PLACE)


def test_a_grader_error_stays_one() -> None:
    error = f"{GRADER_ERROR}: {EMOJI * 100_000}"
    small = bounded(Record("ada", "a", "n.ipynb", 1.0, error=error))
    assert (small.grader_error, small.status, small.score) == (True, "failed", None)


def test_the_record_of_an_unreadable_submission_has_a_bound(assignment: Assignment) -> None:
    record = empty_record(Submission("ada", Path("n.ipynb")), assignment, EMOJI * 100_000)
    assert len(to_line(record)) <= MAX_BYTES


@pytest.mark.slow
def test_the_record_of_a_hostile_submission_has_a_bound(grade_cells: GradeCells) -> None:
    big = "big = chr(0x1F600) * 10_000"
    attacks = {
        "exceptions": in_calls("a", f"{big}\nraise ValueError(big)"),
        "types": in_calls("a", f"{big}\nraise type('E' * 5_000, (Exception,), {{}})(big)"),
        "refused": in_calls("a", f"{big}\nprint(big)\nraise PermissionError(1, big)"),
    }
    submissions = {name: attack.cells() for name, attack in attacks.items()}
    submissions["cells"] = [f"{big}\nraise ValueError(big)\n{cell}" for cell in ACCEPTED[0].cells()]
    for result in grade_cells(**submissions):
        written = to_line(result.record)
        assert len(written) <= MAX_BYTES, result.record.student
        assert MARK in written
        assert (result.record.status, result.record.score) == ("graded", 0)
