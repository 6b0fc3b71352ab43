"""Whatever a submission's process answers, it fails tests and never breaks the grader."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import Assignment, Course
from autograder.grading.explainer import explainer
from autograder.grading.outcomes import misused_type
from autograder.grading.session import Attempt, TestSession
from autograder.grading.suite_run import run_session
from autograder.sandbox.execution_errors import (
    ExecutionError,
    InvalidResponse,
    ProcessCrashed,
    StudentError,
    TimedOut,
)
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.wire import Ref
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.testing import Mismatch
from autograder.testing import sklearn as helpers_for_sklearn
from autograder.testing import torch as helpers_for_torch
from autograder.testing.student import Student
from bench.fuzz import tensor


class HostileRun:
    """Stands for a run whose process answers every request with something else."""

    generation, alive, blames_suite, cpu_seconds = 1, True, False, 0.0
    cells, results = (), ()

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.answers: list[Any] = []
        self.kept_answers: list[Any] = []
        self.exchanges: list[Any] = []
        self.lookups: dict[Any, Any] = {}
        self.support_objects: set[tuple[int, int]] = set()
        self.functions = self.draw.random()  # how often a function is one

    def begin_test(self, *arguments: object, kept: bool = False) -> None:
        """Begin with a test."""

    def new_object(self) -> int:
        return -1

    def defer(self, operation: str, *arguments: Any) -> None:
        """Take something that needs no answer."""

    def use(self, functions: object) -> None:
        """Take functions that stand for names."""

    def end_test(self) -> None:
        self.answers.clear()

    def flush(self) -> None:
        """Send nothing."""

    def request(self, operation: str, *arguments: Any) -> Any:
        if operation in ("get", "load") and self.draw.random() < self.functions:
            return Ref(1, "function", callable=True)
        return self.anything()

    def anything(self, depth: int = 0) -> Any:
        draw = self.draw
        choice = draw.randrange(14 if depth < 3 else 9)
        match choice:
            case 0:
                return draw.choice([None, True, False, 0, -1, 1, 2**62, "", "75", b"", b"\xff"])
            case 1:
                return draw.choice([math.nan, math.inf, -math.inf, 1e308, -0.0, 75.0])
            case 2:
                return Ref(draw.randrange(9), draw.choice(["type", "x"]), draw.random() < 0.5)
            case 3:
                errors = (
                    StudentError("E", "m", None),
                    TimedOut(1, "one call", 1),
                    ProcessCrashed("x"),
                    InvalidResponse("x"),
                )
                raise draw.choice(errors)
            case 4 | 5 | 6 | 7 | 8:
                return tensor(self.draw)
            case 9 | 10:
                return [self.anything(depth + 1) for _ in range(draw.randrange(4))]
            case 11 | 12:
                return tuple(self.anything(depth + 1) for _ in range(draw.randrange(4)))
            case _:
                return {"w": self.anything(depth + 1)}


class HostileSession(TestSession):
    """A session in which a hostile process answers for every attempt."""

    @contextmanager
    def run_attempt(self, attempt: Attempt) -> Iterator[Any]:
        self._process = HostileRun(int(attempt.submission.student))  # type: ignore[assignment]
        yield self._process


@pytest.mark.parametrize("first", range(0, 90, 30))
def test_a_hostile_process_only_fails_its_tests(
    course: Course, assignment: Assignment, warm: WarmProcess, first: int
) -> None:
    attempts = [Attempt(Submission(str(first + n), Path()), ()) for n in range(30)]
    known = explainer(assignment, "seed", warm, SourceNotebook(course, assignment).solution)
    run_session(HostileSession(assignment, attempts, "seed", reference=known.reference))
    results = [result for attempt in attempts for result in attempt.results]
    assert len(results) == 30 * 19
    assert {(r.name, r.message) for r in results if r.outcome == "error"} == set()
    assert max(sum(r.points for r in p.results if r.outcome == "passed") for p in attempts) < 15


X, Y = np.ones((2, 2)), [0, 1]
HELPERS: dict[str, Callable[[Any], Any]] = {
    "seeded": lambda student: helpers_for_torch.seeded(student.f, 1),
    "loader": lambda student: helpers_for_torch.loader(student, X, Y),
    "parameters": lambda student: helpers_for_torch.parameters(student.f(1))["w"],
    "set_parameters": lambda student: helpers_for_torch.set_parameters(student.f(1), {"w": X}),
    "count_parameters": lambda student: helpers_for_torch.count_parameters(student.f(1)),
    "layers": lambda student: helpers_for_torch.layers(student.f(1)),
    "is_training": lambda student: helpers_for_torch.is_training(student.f(1)),
    "gradients": lambda student: helpers_for_torch.gradients(student.f(1))["w"],
    "loss": lambda student: helpers_for_torch.loss_and_gradients(student.f(1), X, Y)[1]["w"],
    "vjp": lambda student: helpers_for_torch.vjp(student.f(1), X, Y)["w"],
    "uses_autograd": lambda student: helpers_for_torch.uses_autograd(student.f, 1.0),
    "accuracy": lambda student: helpers_for_torch.accuracy(student.f(1), X, Y),
    "assert_cleared": lambda student: helpers_for_torch.assert_cleared(student.f(1)),
    "assert_trained": lambda student: helpers_for_torch.assert_trained(student.f(1), {"w": X}),
    "assert_falls": lambda student: helpers_for_torch.assert_falls(student.f(1)),
    "is_fitted": lambda student: helpers_for_sklearn.is_fitted(student.f(1)),
    "steps": lambda student: [kind for _, kind in helpers_for_sklearn.steps(student.f(1))],
    "params": lambda student: helpers_for_sklearn.params(student.f(1))["a"],
    "learned": lambda student: helpers_for_sklearn.learned(student.f(1))["a"],
    "probabilities": lambda student: helpers_for_sklearn.probabilities(student.f(1), X),
    "labels": lambda student: helpers_for_sklearn.accuracy(student.f(1), X, Y),
    "clusters": lambda student: helpers_for_sklearn.assert_same_clusters(student.f(1), Y),
    "watch_fits": lambda student: helpers_for_sklearn.watch_fits(student.f, X),
}


@pytest.mark.parametrize("name", HELPERS)
def test_a_hostile_process_only_fails_what_helpers_ask(name: str) -> None:
    for seed in range(200):
        run: Any = HostileRun(seed)
        try:
            HELPERS[name](Student(run))
        except (Mismatch, ExecutionError):
            continue
        except Exception as error:
            if not misused_type(error, run.answers):
                raise
