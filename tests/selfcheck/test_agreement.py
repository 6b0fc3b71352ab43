"""The public tests and the notebook's visible asserts say the same about every submission."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from types import CodeType

import pytest
import torch

from autograder.course import Assignment
from autograder.diagnosis.misconception import singles
from autograder.grading.session import Attempt
from autograder.sandbox.student_process import CellResult
from autograder.selfcheck import public_session
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.in_process import LocalProcess, NamespaceProcess, NotebookProcess
from autograder.selfcheck.kept_answers import KeptReference
from autograder.selfcheck.public_session import PublicSession, run_public_session
from autograder.submission import Submission
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import FORWARD, GRADIENTS, IMPORTS, STEP, Answer
from tests.conftest import ROOT, every_fifth
from tests.corpus.reference import LIBRARY
from tests.corpus.reference import SOLUTION as CODE
from tests.corpus.wrong import WRONG

SOLUTION = ROOT / "solutions/linear_regression/linear_regression.ipynb"
SUITE = ROOT / "autograder/suites/linear_regression"
TASKS = ("gradients", "forward", "step", "convergence")

LEFT_OUT = {
    "endless_loop": "nobody stops it here",
    "forward_ends_process": "it would end the tests",
    "compiled": "it would start a compiler",
    "stacked_rows": "it takes 1500 rows one by one, sixty times: seconds",
    "index_put": "it takes 1500 rows one by one, sixty times: seconds",
}
pytestmark = pytest.mark.filterwarnings("ignore")  # they are none of our business

Cells = list[tuple[str, str]]  # the task whose visible test cell it is or "", and its source


@cache
def visible() -> dict[str, str]:
    """Return the notebook's test cells by task, and the cell that makes the data."""
    cells = json.loads(SOLUTION.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]
    found = {task: sources[names.index(f"test_{task}")] for task in TASKS}
    found["data"] = next(s for s in sources if s.startswith("X, y, true_coefficient"))
    return found


def notebook_of(answer: Answer) -> Cells:
    """Return a notebook with the visible cells in it, in the notebook's order."""
    asserts = visible()
    cells = [("", IMPORTS), *(("", dedent(part)) for part in answer.before)]
    cells += [("", dedent(answer.gradients)), ("gradients", asserts["gradients"])]
    cells += [("", asserts["data"])]
    cells += [("", dedent(answer.forward)), ("forward", asserts["forward"])]
    cells += [("", dedent(answer.step)), ("step", asserts["step"])]
    cells += [("convergence", asserts["convergence"])]
    return cells + [("", dedent(part)) for part in answer.after]


class ShellRun(NotebookProcess):
    """Runs cells as the check of a notebook does, with short tracebacks: nobody reads them."""

    def execute(self) -> list[CellResult]:
        self.cells = ("%xmode Minimal", *self.cells)
        return super().execute()[1:]


class PlainRun(NamespaceProcess):
    """Runs cells that need no shell, which is much faster without one."""

    def __init__(self, cells: Sequence[str]) -> None:
        super().__init__({}, everything=True, history=cells)

    def execute(self) -> list[CellResult]:
        super().execute()
        for cell in self.cells:
            self.results.append(CellResult(succeeded=self._succeeds(cell)))
        return self.results

    def _succeeds(self, cell: str) -> bool:
        try:
            exec(compiled(cell), self._names)
        except Exception:
            return False
        return True


@cache
def compiled(cell: str) -> CodeType:
    return compile(cell, "<cell>", "exec")


def library() -> list[Answer]:
    """Return the known misconceptions as answers: each is a whole solution, part by part."""
    answers = []
    for number, variant in enumerate(singles(CODE, LIBRARY), 1):
        source, lines = variant.source, variant.source.splitlines()
        answer_or_not = [
            getattr(statement, "name", "") in ("polynomial_gradients", "Linear", "step")
            for statement in ast.parse(source).body
        ]
        ends = [s.end_lineno for s in ast.parse(source).body]
        cuts = [0, *(end for end, is_one in zip(ends, answer_or_not, strict=True) if is_one)]
        parts = ["\n".join(lines[one:two]).strip() for one, two in pairwise(cuts)]
        parts[0] = parts[0].removeprefix("import torch").strip()
        gradients, forward, step = parts
        answers.append(Answer(f"{variant.name}-{number}", gradients, forward, step))
    return answers


RIGHT = {part.strip() for part in (GRADIENTS, FORWARD, STEP)}


def side_by_side(answers: Sequence[Answer]) -> list[Answer]:
    """Put two answers in one notebook where one is about the gradients and the other is not.

    Nothing else uses the gradients, and so there are fewer models to be trained.
    """

    alone = [a for a in answers if a.before or a.after]
    rest = [a for a in answers if a not in alone]
    gradients = [a for a in rest if {a.forward.strip(), a.step.strip()} <= RIGHT]
    others = [a for a in rest if a not in gradients and a.gradients.strip() in RIGHT]
    alone += [a for a in rest if a not in gradients and a not in others]
    pairs = [
        replace(other, name=f"{one.name} and {other.name}", gradients=one.gradients)
        for one, other in zip(gradients, others, strict=False)
    ]
    return alone + pairs + gradients[len(pairs) :] + others[len(pairs) :]


def distinct(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers without those whose code has been there: many mistakes are in both."""
    return list({tuple(map(str.strip, answer.cells())): answer for answer in answers}.values())


EVERY = distinct([a for a in (*library(), *ACCEPTED, *WRONG) if a.name not in LEFT_OUT])
ANSWERS = side_by_side(EVERY)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Use one thread: the data are small, and other tests want the other processors."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def attempts(
    request: pytest.FixtureRequest, assignment: Assignment, one_thread: None
) -> dict[str, Attempt]:
    """Run the notebooks with the visible cells in them, then the public tests on what they left.

    These are the notebooks that the selected tests are about.
    """
    own = [item for item in request.session.items if item.path == request.path]
    parameters = [getattr(item, "callspec", None) for item in own]
    chosen = [p.params["answer"] for p in parameters if p and "answer" in p.params]
    attempts = {
        answer.name: Attempt(
            Submission(answer.name, Path()), tuple(c for _, c in notebook_of(answer))
        )
        for answer in ANSWERS
        if answer in chosen
    }
    # Students' own cells may want a shell.
    shell = {answer.name for answer in ANSWERS if answer.before or answer.after}

    def begin(attempt: Attempt) -> LocalProcess:
        return (ShellRun if attempt.submission.student in shell else PlainRun)(attempt.cells)

    session = PublicSession(assignment, list(attempts.values()), begin)
    run_public_session(session)
    assert not session.stopped
    return attempts


@pytest.mark.parametrize("answer", every_fifth(ANSWERS), ids=lambda answer: answer.name)
def test_a_visible_cell_raises_exactly_when_a_public_test_fails(
    answer: Answer, attempts: dict[str, Attempt]
) -> None:
    attempt = attempts[answer.name]
    runs = zip((task for task, _ in notebook_of(answer)), attempt.cell_results, strict=True)
    raised = {task for task, run in runs if task and not run.succeeded}
    failed = {result.task for result in attempt.results if result.outcome != "passed"}
    assert failed == raised
    assert "error" not in {result.outcome for result in attempt.results}


@pytest.mark.slow
def test_a_known_mistake_is_never_named_as_another(
    attempts: dict[str, Attempt], assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        public_session, "_lookup", cache(public_session._lookup)
    )  # it learns for seconds
    known = {m.name: m for m in LIBRARY}
    reference = KeptReference({})
    reference.code = CODE
    named = 0
    for answers, attempt in attempts.items():
        checked = Checked("", tuple(attempt.results), attempt)
        found = public_session.with_findings(checked, assignment, reference).findings
        for answer in answers.split(" and "):
            mistake = known.get(answer.rpartition("-")[0])
            said = "\n".join(found.get(mistake.task, ())) if mistake else ""
            assert mistake is None or not said or mistake.happened in said, answer
            named += bool(said)
    assert named > len(attempts) // 4


def test_what_is_left_out_exists() -> None:
    assert set(LEFT_OUT) <= {answer.name for answer in (*ACCEPTED, *WRONG)}


def test_every_answer_is_in_one_notebook() -> None:
    there = [name for answer in ANSWERS for name in answer.name.split(" and ")]
    assert sorted(there) == sorted(answer.name for answer in EVERY)


def test_every_task_of_the_course_has_public_tests(
    attempts: dict[str, Attempt], assignment: Assignment
) -> None:
    tasks = {result.task for result in next(iter(attempts.values())).results}
    assert tasks == {task.name for task in assignment.tasks}
