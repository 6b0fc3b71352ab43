"""Tests attempts with a suite, and explains what failed."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

from autograder.course import Assignment
from autograder.diagnosis.matching import Traces
from autograder.grading.explainer import Explainer
from autograder.grading.session import Attempt, OnTestFinished, TestSession
from autograder.grading.suite_run import run_session
from autograder.record import TaskScore
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import Series
from autograder.sandbox.warm_process import WarmProcess


class Tests(Protocol):
    """What tests attempts: a suite, or the test cells of the notebook."""

    def run(self, attempts: Sequence[Attempt], *, draws: bool, prepared: bool = True) -> None:
        """Run all tests on attempts.

        With `draws`, figures are drawn; without `prepared`, one question is asked after the other.
        """

    def explain(self, tasks: tuple[TaskScore, ...], traces: Traces) -> tuple[TaskScore, ...]:
        """Return the tasks, with explanations of their failures."""


class SuiteTests:
    """Tests attempts with a suite.

    Args:
        assignment: the assignment.
        seed: the seed of the hidden inputs.
        warm: the process that forks a child for each attempt.
        known: what explains failures.
        on_test_finished: called with the attempt after each of its tests.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        warm: WarmProcess,
        known: Explainer,
        on_test_finished: OnTestFinished | None = None,
    ) -> None:
        self._assignment, self._seed, self._warm = assignment, seed, warm
        self._known, self._on_test_finished = known, on_test_finished

    def run(self, attempts: Sequence[Attempt], *, draws: bool, prepared: bool = True) -> None:
        """Run the suite on attempts in one pytest session."""
        if not attempts:
            return
        session = TestSession(
            self._assignment,
            attempts,
            self._seed,
            self._warm,
            reference=self._known.reference,
            series=self._series if prepared else {},
            on_test_finished=self._on_test_finished,
            revealing={name for name, one in self._series.items() if one.reveals},
            draws=draws,
        )
        run_session(session)

    def explain(self, tasks: tuple[TaskScore, ...], traces: Traces) -> tuple[TaskScore, ...]:
        """Look for known mistakes that explain what the tests have observed."""
        return self._known.explain(tasks, traces)

    @cached_property
    def _series(self) -> Mapping[str, Series]:
        """The prepared questions of each test; none if the reference solution fails."""
        try:
            return self._known.series
        except ExecutionError:
            return {}
