"""The suite of linear_regression: right answers keep every point, wrong ones lose theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import make_regression

from autograder.course import Assignment, Course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.suites.linear_regression import lesson
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import Answer
from bench import by_hand
from tests.conftest import ROOT, GradedOnDemand, context_of, every_fifth, write_notebook
from tests.corpus.charged import BY_AUTOGRAD, CHARGED, NAMED, WITHOUT_AUTOGRAD, Points
from tests.corpus.reference import SOLUTION as CODE
from tests.corpus.reference import SURROUNDED, Rendered
from tests.corpus.wrong import WRONG

SOLUTION = ROOT / "solutions/linear_regression/linear_regression.ipynb"
RELEASE = ROOT / "assignments/linear_regression/linear_regression.ipynb"
ENDLESS = {"endless_loop", "endless_scratch_cell"}


@pytest.fixture(scope="module")
def context(course: Course, assignment: Assignment) -> GradingContext:
    return context_of(course, assignment, "test")


@pytest.fixture(scope="module")
def short(context: GradingContext) -> GradingContext:
    """Return a context that stops endless loops soon."""
    seconds = {"cell_seconds": 0.5, "request_seconds": 0.1}
    limits = context.assignment.limits.model_copy(update=seconds)
    return replace(context, assignment=context.assignment.model_copy(update={"limits": limits}))


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
    context: GradingContext,
    short: GradingContext,
    warm: WarmProcess,
) -> dict[str, Record]:
    """Send answers, the solution and the release through the real pipeline."""
    folder = tmp_path_factory.mktemp("corpus")
    charged = (answer for answer, _ in CHARGED)
    every: tuple[Answer | Rendered, ...] = (
        *ACCEPTED,
        *SURROUNDED,
        *WRONG,
        *BY_AUTOGRAD,
        *WITHOUT_AUTOGRAD,
        *charged,
    )
    notebooks = {a.name: write_notebook(folder / f"{a.name}.ipynb", a.cells()) for a in every}
    notebooks |= {"solution": SOLUTION, "release": RELEASE}
    return GradedOnDemand(notebooks, lambda name: short if name in ENDLESS else context, warm)


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    charged = [answer for answer, _ in CHARGED]
    every: tuple[Answer | Rendered, ...] = (
        *ACCEPTED,
        *SURROUNDED,
        *WRONG,
        *BY_AUTOGRAD,
        *WITHOUT_AUTOGRAD,
        *charged,
    )
    names = [answer.name for answer in every]
    assert len(names) == len(set(names))
    assert len(ACCEPTED) >= 20
    assert len(WRONG) >= 20


@pytest.mark.parametrize(
    "answer", every_fifth([*ACCEPTED, *BY_AUTOGRAD, *SURROUNDED]), ids=lambda answer: answer.name
)
def test_a_right_answer_gets_full_points(
    answer: Answer | Rendered, graded: dict[str, Record]
) -> None:
    record = graded[answer.name]
    assert [(t.name, t.findings) for t in record.tasks if t.score < t.max_score] == []
    assert (record.status, record.score) == ("graded", 100)
    assert ("autograd" in record.tasks[0].review) == (answer.name == "by_hand")


@pytest.mark.parametrize("answer", every_fifth(WRONG), ids=lambda answer: answer.name)
def test_a_wrong_answer_loses_exactly_its_tasks(answer: Answer, graded: dict[str, Record]) -> None:
    record = graded[answer.name]
    assert record.status == "graded"
    assert {t.name for t in record.tasks if t.score < t.max_score} == answer.loses


@pytest.mark.parametrize("case", every_fifth(CHARGED), ids=lambda case: case[0].name)
def test_a_mistake_is_charged_once_and_for_the_right_thing(
    case: tuple[Answer, Points], graded: dict[str, Record]
) -> None:
    answer, points = case
    tasks = graded[answer.name].tasks
    assert tuple(task.score for task in tasks) == points
    if answer.name in NAMED:
        assert tasks[2].misconceptions == (NAMED[answer.name],)


def test_what_keeps_the_weights_is_not_told_of_a_matrix_product(graded: dict[str, Record]) -> None:
    (finding,) = graded["weight_and_bias"].tasks[1].findings
    assert finding.startswith("Linear has no attribute w and no b")


@pytest.mark.parametrize("name", ["by_hand", *(answer.name for answer in WITHOUT_AUTOGRAD)])
def test_a_person_sees_gradients_without_autograd(name: str, graded: dict[str, Record]) -> None:
    task = graded[name].tasks[0]
    assert "autograd" in task.review
    assert task.score == 20


@pytest.mark.parametrize("answer", every_fifth(WRONG), ids=lambda answer: answer.name)
def test_every_lost_point_is_explained_and_no_hidden_number_shown(
    answer: Answer, graded: dict[str, Record]
) -> None:
    for task in graded[answer.name].tasks:
        for test in task.tests:
            assert (test.outcome == "passed") == (test.message == "")
            assert "assert " not in test.message


@pytest.mark.parametrize("name", ["hard_coded", "nothing_filled_in", "shape_only"])
def test_worthless_work_earns_nothing_where_it_is_worthless(
    name: str, graded: dict[str, Record]
) -> None:
    lost = {a.name: a.loses for a in WRONG}[name]
    assert [t.score for t in graded[name].tasks if t.name in lost] == [0] * len(lost)


def test_the_solution_gets_full_points_and_the_headline_comes_out(
    graded: dict[str, Record],
) -> None:
    record = graded["solution"]
    assert record.score == 100
    measured = dict(pair for t in record.tasks for test in t.tests for pair in test.measured)
    assert measured == {
        "gradients at (5, 6)": "(75, -12)",
        "coefficient": "0.47, true 0.48",
        "bias": "2.00, true 2",
        "last loss": "0.0877",
    }


def test_the_release_gets_nothing(graded: dict[str, Record]) -> None:
    record = graded["release"]
    assert (record.status, record.score) == ("graded", 0)
    assert all("not filled in yet" in task.findings[0] for task in record.tasks[:3])
    assert {test.outcome for test in record.tasks[3].tests} == {"skipped"}


def test_regrading_gives_the_same_record(
    tmp_path: Path, context: GradingContext, warm: WarmProcess, graded: dict[str, Record]
) -> None:
    answer = next(a for a in WRONG if a.name == "no_squeeze")
    path = write_notebook(tmp_path / "again.ipynb", answer.cells())
    (again,) = grade_batch([Submission("no_squeeze", path)], context, warm)
    assert again.record.tasks == graded["no_squeeze"].tasks


@pytest.mark.slow
def test_another_seed_draws_other_inputs_and_gives_the_same_score(
    tmp_path: Path, context: GradingContext, warm: WarmProcess
) -> None:
    for answer in (ACCEPTED[0], next(a for a in WRONG if a.name == "sum_for_mean")):
        path = write_notebook(tmp_path / "one.ipynb", answer.cells())
        scores = {
            grade_batch([Submission("one", path)], replace(context, seed=seed), warm)[
                0
            ].record.score
            for seed in ("1", "2", "3", "4")
        }
        assert len(scores) == 1


def test_the_solution_by_hand_agrees_with_autograd() -> None:
    """It is what the benchmark judges answers by, in the student's process."""
    rng = np.random.default_rng(0)
    names: dict[str, Any] = {}
    exec(CODE, names)
    a, b = rng.normal(size=2)
    by_autograd = [g.item() for g in names["polynomial_gradients"](a, b)]
    assert by_autograd == pytest.approx(by_hand.polynomial_gradients(a, b), rel=1e-5)
    X, y = rng.normal(size=(7, 1)), rng.normal(size=7)
    model = names["Linear"](1, 1)
    w, b = (part.detach().numpy().astype(float) for part in model.params)
    loss = names["step"](*(torch.tensor(part, dtype=torch.float32) for part in (X, y)), model)
    new_w, new_b, before = by_hand.step(X, y, w, b)
    assert loss == pytest.approx(before, rel=1e-5)
    assert model.w.item() == pytest.approx(new_w.item(), rel=1e-5)
    assert model.b.item() == pytest.approx(new_b.item(), rel=1e-5)


def test_training_reaches_the_headline() -> None:
    w, b = by_hand.train(lesson.X, lesson.y, lesson.FIRST[:1, None], lesson.FIRST[1:])
    found = lesson.COEFFICIENT, w.item(), b.item()
    assert tuple(round(number, 2) for number in found) == (0.48, 0.47, 2.00)
    assert found[1:] == pytest.approx((0.46772, 1.99827), abs=1e-5)
    assert by_hand.loss(lesson.X, lesson.y, w, b) == pytest.approx(0.08773, abs=2e-5)


def test_the_data_in_the_file_are_those_of_the_notebook() -> None:
    X, y, coefficient = make_regression(
        n_samples=1500, n_features=1, n_informative=1, noise=0.3, coef=True, random_state=0, bias=2
    )
    np.testing.assert_array_equal(lesson.X, X.astype(np.float32))
    np.testing.assert_array_equal(lesson.y, y.astype(np.float32))
    assert float(coefficient) == lesson.COEFFICIENT


def test_the_notebook_says_the_limits(course: Course, assignment: Assignment) -> None:
    text = SourceNotebook(course, assignment).path.read_text(encoding="utf-8")
    cell, request = assignment.limits.cell_seconds, assignment.limits.request_seconds
    assert f"A cell may use {cell:g} seconds of processor time" in text
    assert f"a call of one of your functions {request:g};" in text
