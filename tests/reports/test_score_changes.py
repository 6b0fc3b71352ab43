"""What regrading changes, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.record import Lateness, Outcome, Record, TaskScore, TestResult
from autograder.reports.score_changes import Change, GradebookScore, causes


def result(name: str, outcome: Outcome = "passed", worth: float = 5.0) -> TestResult:
    return TestResult(name, "step", name, outcome, worth)


def record(*tests: TestResult, late: float = 0.0) -> Record:
    task = TaskScore("step", 10.0, tests or (result("test_a"), result("test_b")))
    return Record("ada", "ps1", "ada.ipynb", 10.0, (task,), late=Lateness(1, late))


def test_the_same_score_is_no_change() -> None:
    assert not Change(record(), record(), {}, ()).differs


def test_tests_that_came_out_otherwise_are_named_together() -> None:
    after = record(result("test_a", "failed"), result("test_b", "failed"))
    change = Change(record(), after, {}, ())
    assert change.differs
    assert change.reasons() == ["step 10 → 0: failing now: a, b"]


def test_new_tests_and_other_points_are_told() -> None:
    after = record(result("test_a", worth=3), result("test_b"), result("test_c", "failed", 2))
    reasons = Change(record(), after, {}, ()).reasons()
    assert reasons == ["step 10 → 8: worth other points: a, new, and failing now: c"]


def test_what_lateness_costs_is_a_change_of_its_own() -> None:
    change = Change(record(), record(late=0.1), {}, ())
    assert change.differs
    assert change.reasons() == ["lateness costs 1, not 0"]


@pytest.mark.parametrize(("automatic", "change"), [(10.0, False), (4.0, True), (None, True)])
def test_the_gradebook_is_compared_with_where_there_is_no_record(
    automatic: float | None, change: bool
) -> None:
    assert Change(None, record(), {"step": GradebookScore(automatic)}, ()).differs is change


def test_points_given_by_hand_are_said_to_stay() -> None:
    assert Change(record(), record(), {"step": GradebookScore(10.0, 7.0)}, ()).reasons() == [
        "step: 7 given by hand, which stay"
    ]


def test_who_was_not_graded_before_is_said_to_be_new() -> None:
    change = Change(None, record(), {}, ())
    assert change.score_before is None
    assert change.reasons() == ["not graded before"]


def test_a_notebook_that_cannot_be_read_any_more_is_said() -> None:
    after = replace(record(), tasks=(), error="ada.ipynb is missing.")
    assert "The notebook is missing." in Change(record(), after, {}, ()).reasons()


def test_each_cause_is_said_once() -> None:
    both = [Change(record(), record(), {}, ("the tests",)) for _ in range(2)]
    assert causes(both) == "Changed since: the tests."
    assert causes([]) == ""
