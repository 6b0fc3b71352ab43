"""Whatever goes wrong with one submission, the others are graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading import batch
from autograder.grading.explainer import Explainer
from autograder.grading.outcomes import outcome_of
from autograder.grading.session import Attempt
from autograder.record import Outcome, TaskScore
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import GradeCells


def test_an_exception_while_a_submission_is_explained_is_its_own(
    grade_cells: GradeCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = batch._explained

    def explain(attempt: Attempt, *rest: object) -> tuple[TaskScore, ...]:
        if attempt.submission.student == "culprit":
            raise ValueError("array is too big")
        return explained(attempt, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "_explained", explain)
    cells = ACCEPTED[0].cells()
    before, culprit, after = grade_cells(ada=cells, culprit=cells, bob=cells)
    assert (before.record.score, after.record.score) == (100, 100)
    assert culprit.record.grader_error
    error = culprit.record.as_json()["error"]
    assert "judging it failed: ValueError in test_batch.py, line " in str(error)
    assert str(error).endswith("array is too big")


def test_an_exception_while_a_failure_is_explained_costs_its_explanation_alone(
    grade_cells: GradeCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise IndexError(f"solution: {arguments[0]}")

    cells = ACCEPTED[0].cells()
    nothing = [cell.replace("return", "return None #") for cell in cells]
    (expected,) = grade_cells(bob=nothing)
    monkeypatch.setattr(Explainer, "candidates", broken)
    right, wrong = grade_cells(ada=cells, bob=nothing)
    assert (right.record.score, right.record.note) == (100, "")
    assert (wrong.record.score, wrong.record.error) == (expected.record.score, None)
    assert "could not explain what failed (IndexError in test_batch.py, line " in wrong.record.note
    assert "solution" not in wrong.record.note


def test_an_exception_while_a_result_is_recorded_is_its_own(
    grade_cells: GradeCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcome(error: BaseException | None, suite: Path) -> tuple[Outcome, str]:
        if error is not None:
            raise RuntimeError("no words for it")
        return outcome_of(error, suite)

    monkeypatch.setattr("autograder.grading.session.outcome_of", outcome)
    cells = ACCEPTED[0].cells()
    nothing = [cell.replace("return", "return None #") for cell in cells]
    right, wrong = grade_cells(ada=cells, bob=nothing)
    assert right.record.score == 100
    assert "RuntimeError" in str(wrong.record.as_json()["error"])
