"""Whatever process another one kills, and whenever: the records are as if nothing had happened."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading import batch, deciding
from autograder.grading.batch import decided, grade_batch, prepare
from autograder.grading.explainer import explainer
from autograder.record import Record
from autograder.sandbox.isolation_report import probe
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.tiny import graded_cell

COURSE = """\
course: own
isolation: best-effort
seed: 3
assignments:
  mean:
    notebook: mean
    {suite}
    preload: [numpy]
    tasks: [{{name: mean, points: 10, solution: mean, tests: test_mean}}]
"""
MEAN = """\
def mean(values):
    return sum(values) / len(values)

def apply(f, x):
    return f(x)
"""
SUITE = '''\
"""Suite of `mean`."""

from autograder.testing import assert_close, fixture, number, task


@fixture(scope="submission")
def expected(reference, hidden):
    return number(reference.mean(hidden("values").normal(size=5).tolist()), "the mean")


@task("mean", points=5)
def test_mean(student, hidden, expected):
    """It is the mean."""
    assert_close(student.mean(hidden("values").normal(size=5).tolist()), expected)


@task("mean", points=5)
def test_lent(student, reference):
    """A function of the reference is called."""
    assert_close(student.apply(reference.mean, [1.0, 2.0]), 1.5)
'''
TESTS = "assert mean([1, 2, 3, 6]) == 3\nassert apply(mean, [3, 5]) == 4"
SUBMITTED = {"right": MEAN, "sum": MEAN.replace(" / len(values)", "")}

Grade = Callable[[], list[Record]]


@pytest.fixture(scope="module")
def numpy_only() -> Iterator[WarmProcess]:
    with WarmProcess(["numpy"]) as warm:
        yield warm


@pytest.fixture(params=["suite", "test cells"])
def grade(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    numpy_only: WarmProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> Grade:
    """Return a function that grades a class anew: nothing is known of the course."""
    if has_suite := request.param == "suite":
        (tmp_path / "suite").mkdir()
        (tmp_path / "suite" / "test_mean.py").write_text(SUITE)
    (tmp_path / "course.yml").write_text(COURSE.format(suite="suite: suite" if has_suite else ""))
    write_notebook(tmp_path / "solutions/mean/mean.ipynb", cells(MEAN))
    course = load_course(tmp_path / "course.yml")
    context = prepare(course, course.assignment(None))
    submissions = [
        Submission(name, write_notebook(tmp_path / f"{name}.ipynb", cells(answer)))
        for name, answer in SUBMITTED.items()
    ]
    monkeypatch.setattr(deciding, "_read", lambda *_: None)  # nor is anything kept

    def grade() -> list[Record]:
        for known in (batch._cell_explainers, deciding._known):
            known.clear()
        explainer.cache_clear()
        probe.cache_clear()
        results = grade_batch(submissions, decided(context, numpy_only), numpy_only)
        return [replace(one.record, seconds=0.0, test_seconds={}) for one in results]

    return grade


def cells(answer: str) -> list[Any]:
    return [
        graded_cell(answer, "mean", solution=True),
        graded_cell(TESTS, "test_mean", points=10, grade=True, locked=True),
    ]


class Killer:
    """Kills the process to which a message is sent, for messages of these numbers."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.sent, self.killed, self._numbers = 0, 0, range(0)
        send = StudentProcess._send

        def kill_and_send(process: StudentProcess, *arguments: Any) -> None:
            self.sent += 1
            if self.sent in self._numbers:
                assert process._child is not None
                os.kill(process._child.pid, signal.SIGKILL)
                self.killed += 1
            send(process, *arguments)

        patch.setattr(StudentProcess, "_send", kill_and_send)

    def kill(self, numbers: range) -> None:
        """Kill at messages of these numbers, from now on."""
        self.sent, self.killed, self._numbers = 0, 0, numbers


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_a_process_that_is_killed_changes_no_record(
    step: int, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer = Killer(monkeypatch)
    killer.kill(range(0))
    undisturbed = grade()
    assert undisturbed[0].score == 10
    assert undisturbed[1].tasks[0].misconceptions
    for number in range(1, killer.sent + 1, step):
        killer.kill(range(number, number + 2))  # often the one in its place, too
        assert grade() == undisturbed, f"message {number}"
        assert killer.killed == 2


def test_one_that_is_always_killed_is_never_charged(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer = Killer(monkeypatch)
    killer.kill(range(0))
    undisturbed = [record.score for record in grade()]
    for number in (1, 8, 15):
        killer.kill(range(number, 10_000))
        for record, score in zip(grade(), undisturbed, strict=True):
            assert record.grader_error or record.score == score
