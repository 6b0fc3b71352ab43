"""The suite of linear_regression: right answers keep every point, wrong ones lose theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
from autograder.suites.linear_regression import reference
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import Answer
from tests.conftest import ROOT, GradedOnDemand, every_fifth, write_notebook
from tests.corpus.charged import BY_AUTOGRAD, CHARGED, NAMED, WITHOUT_AUTOGRAD, Points
from tests.corpus.wrong import WRONG

SOLUTION = ROOT / "solutions/linear_regression/linear_regression.ipynb"
RELEASE = ROOT / "assignments/linear_regression/linear_regression.ipynb"
ENDLESS = {"endless_loop", "endless_scratch_cell"}


@pytest.fixture(scope="module")
def context(course: Course, assignment: Assignment) -> GradingContext:
    return GradingContext(course, assignment, "test")


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
    every = (*ACCEPTED, *WRONG, *BY_AUTOGRAD, *WITHOUT_AUTOGRAD, *charged)
    notebooks = {a.name: write_notebook(folder / f"{a.name}.ipynb", a.cells()) for a in every}
    notebooks |= {"solution": SOLUTION, "release": RELEASE}
    return GradedOnDemand(notebooks, lambda name: short if name in ENDLESS else context, warm)


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    charged = [answer for answer, _ in CHARGED]
    every = (*ACCEPTED, *WRONG, *BY_AUTOGRAD, *WITHOUT_AUTOGRAD, *charged)
    names = [answer.name for answer in every]
    assert len(names) == len(set(names))
    assert len(ACCEPTED) >= 20
    assert len(WRONG) >= 20


@pytest.mark.parametrize(
    "answer", every_fifth([*ACCEPTED, *BY_AUTOGRAD]), ids=lambda answer: answer.name
)
def test_a_right_answer_gets_full_points(answer: Answer, graded: dict[str, Record]) -> None:
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


@pytest.mark.parametrize("seed", range(5))
def test_reference_gradients_agree_with_autograd(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (torch.tensor(v, requires_grad=True) for v in rng.normal(size=2))
    (a**3 - b**2 + 3).backward()
    assert a.grad is not None
    assert b.grad is not None
    expected = reference.polynomial_gradients(a.item(), b.item())
    assert (a.grad.item(), b.grad.item()) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (7, 1), (20, 3)])
def test_reference_step_agrees_with_autograd(n: int, k: int) -> None:
    rng = np.random.default_rng(n)
    X, y, w, b = (
        rng.normal(size=(n, k)),
        rng.normal(size=n),
        rng.normal(size=(k, 1)),
        rng.normal(size=1),
    )
    tw, tb = (torch.tensor(part, requires_grad=True) for part in (w, b))
    optimizer = torch.optim.SGD([tw, tb], lr=0.05)
    loss = torch.nn.functional.mse_loss((torch.tensor(X) @ tw + tb)[:, 0], torch.tensor(y))
    loss.backward()
    optimizer.step()
    new_w, new_b, before = reference.step(X, y, w, b, lr=0.05)
    assert before == pytest.approx(loss.item())
    np.testing.assert_allclose(new_w, tw.detach().numpy())
    np.testing.assert_allclose(new_b, tb.detach().numpy())


def test_reference_training_reaches_the_headline() -> None:
    X, y, coefficient = reference.lesson()
    torch.manual_seed(4)
    w, b = torch.randn(1, 1).double().numpy(), torch.randn(1).double().numpy()
    w, b = reference.train(X.astype(float), y.astype(float), w, b)
    assert (round(coefficient, 2), round(w.item(), 2), round(b.item(), 2)) == (0.48, 0.47, 2.00)
    assert w.item() == pytest.approx(0.46772, abs=1e-5)
    assert b.item() == pytest.approx(1.99827, abs=1e-5)
    assert reference.loss(X.astype(float), y.astype(float), w, b) == pytest.approx(
        0.08773, abs=2e-5
    )


def test_the_data_in_the_file_are_those_of_the_notebook() -> None:
    X, y, coefficient = make_regression(
        n_samples=1500, n_features=1, n_informative=1, noise=0.3, coef=True, random_state=0, bias=2
    )
    kept_X, kept_y, kept = reference.lesson()
    np.testing.assert_array_equal(kept_X, X.astype(np.float32))
    np.testing.assert_array_equal(kept_y, y.astype(np.float32))
    assert kept == float(coefficient)


def test_the_notebook_says_the_limits(course: Course, assignment: Assignment) -> None:
    text = SourceNotebook(course, assignment).path.read_text(encoding="utf-8")
    cell, request = assignment.limits.cell_seconds, assignment.limits.request_seconds
    assert f"A cell may use {cell:g} seconds of processor time" in text
    assert f"a call of one of your functions {request:g};" in text
