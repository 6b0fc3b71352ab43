"""The public tests and the notebook's visible asserts say the same about every submission."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from autograder.course import Assignment
from autograder.exam.session import Paper
from autograder.selfcheck.exam import LocalExam, hold_public_exam
from autograder.selfcheck.local import NotebookRun
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import IMPORTS, Answer
from tests.conftest import ROOT
from tests.corpus.wrong import WRONG

SOLUTION = ROOT / "solutions/linear_regression/linear_regression.ipynb"
TASKS = ("gradients", "forward", "step", "convergence")

LEFT_OUT = {
    "endless_loop": "nobody stops it here",
    "endless_scratch_cell": "nobody stops it here",
    "forward_ends_process": "it would end the tests",
    "reset_in_the_middle": "the notebook's data cell needs what it resets",
    "compiled": "it would start a compiler",
    "text": "the assert takes '75.0' for a number, the tests do not",
    "loss_as_text": "the assert takes '4.6667' for a number, the tests do not",
    "nn_module": "it calls model(X) and model.parameters(); the assert's model has neither",
    "callable_model": "it calls model(X); the assert's model cannot be called",
}
pytestmark = pytest.mark.filterwarnings("ignore")  # they are none of our business

ANSWERS = [answer for answer in (*ACCEPTED, *WRONG) if answer.name not in LEFT_OUT]


def visible() -> dict[str, str]:
    """Return the notebook's test cells by task, and the cell that makes the data."""
    cells = json.loads(SOLUTION.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]
    found = {task: sources[names.index(f"test_{task}")] for task in TASKS}
    found["data"] = next(s for s in sources if s.startswith("X, y, true_coefficient"))
    return found


def notebook_of(answer: Answer) -> list[tuple[str, str]]:
    """Return a notebook as (which visible cell it is or "", source), in the notebook's order."""
    asserts = visible()
    cells = [("", IMPORTS), *(("", dedent(part)) for part in answer.before)]
    cells += [("", dedent(answer.gradients)), ("gradients", asserts["gradients"])]
    cells += [("", asserts["data"])]
    cells += [("", dedent(answer.forward)), ("forward", asserts["forward"])]
    cells += [("", dedent(answer.step)), ("step", asserts["step"])]
    cells += [("convergence", asserts["convergence"])]
    return cells + [("", dedent(part)) for part in answer.after]


@pytest.fixture(scope="module")
def papers(assignment: Assignment) -> dict[str, Paper]:
    """Run every notebook with the visible cells in it, then the public tests on what it left."""
    papers = [
        Paper(Submission(a.name, Path()), tuple(source for _, source in notebook_of(a)))
        for a in ANSWERS
    ]
    exam = LocalExam(assignment, papers, lambda paper: NotebookRun(paper.cells))
    hold_public_exam(exam)
    assert not exam.stopped
    return {paper.submission.student: paper for paper in papers}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_a_visible_cell_raises_exactly_when_a_public_test_fails(
    answer: Answer, papers: dict[str, Paper]
) -> None:
    paper = papers[answer.name]
    runs = zip((task for task, _ in notebook_of(answer)), paper.runs, strict=True)
    raised = {task for task, run in runs if task and not run.succeeded}
    failed = {result.task for result in paper.results if result.outcome != "passed"}
    assert failed == raised
    assert "error" not in {result.outcome for result in paper.results}


def test_what_is_left_out_exists() -> None:
    assert set(LEFT_OUT) <= {answer.name for answer in (*ACCEPTED, *WRONG)}


def test_every_task_of_the_course_has_public_tests(
    papers: dict[str, Paper], assignment: Assignment
) -> None:
    tasks = {result.task for result in papers["plain"].results}
    assert tasks == {task.name for task in assignment.tasks}
