"""Tests attempts with the test cells of the source notebook."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from autograder.course import Assignment
from autograder.diagnosis.matching import Traces
from autograder.grading.cell_explainer import AskedByCells, CellExplainer
from autograder.grading.cell_messages import location_of, message_of
from autograder.grading.cell_points import TooManyPointsError, points_of
from autograder.grading.session import (
    Attempt,
    OnTestFinished,
    limits_of,
    start_process,
    undisturbed,
    waited,
)
from autograder.record import Place, TaskScore, TestResult
from autograder.sandbox.execution_errors import ExecutionError, TimedOut
from autograder.sandbox.judge_process import WHAT, Asked, JudgeProcess
from autograder.sandbox.student_process import CellResult, Limit, StudentProcess
from autograder.sandbox.warm_process import WarmProcess


@dataclass(frozen=True)
class Decision:
    """Where a test cell runs, why, and what it needs there.

    `shared` are its names that the student's process gets, too. `in_place` says whether changes in
    place are taken over: those that a function of the student's makes to what the cell hands over,
    and those that the cell makes to the student's data.
    """

    place: Place
    reason: str = ""
    shared: tuple[str, ...] = ()
    in_place: bool = False


Decisions = Mapping[str, Decision]
"""Where each test cell runs, by its task."""


class CellTests:
    """Tests attempts with test cells, each at its own place in the notebook.

    Args:
        assignment: the assignment.
        warm: the process that forks a child for each attempt.
        decisions: where each test cell runs, by its task; those that are missing run inside.
        on_test_finished: called with the attempt after each of its tests.
        known: explains failures by known mistakes.
        files: what the instructor's cells find that run outside; by default, the assignment's.
        on_executed: called with the process of the cells before it ends.
    """

    def __init__(
        self,
        assignment: Assignment,
        warm: WarmProcess,
        decisions: Decisions,
        on_test_finished: OnTestFinished | None = None,
        known: CellExplainer | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        on_executed: Callable[[StudentProcess], None] | None = None,
    ) -> None:
        self._known = known
        self._files = assignment.given_files if files is None else files
        self._on_executed = on_executed
        self._assignment, self._warm, self._decisions = assignment, warm, decisions
        self._on_test_finished = on_test_finished

    def run(
        self, attempts: Sequence[Attempt], *, draws: bool = False, prepared: bool = True
    ) -> None:
        """Run the cells of each attempt, with the test cells among them."""
        for attempt in attempts:
            self._run(attempt, draws=draws)

    def explain(self, tasks: tuple[TaskScore, ...], traces: Traces) -> tuple[TaskScore, ...]:
        """Look for known mistakes that explain what the cells have seen."""
        return tasks if self._known is None else self._known.explain(tasks, traces)

    def asked_of(self, attempt: Attempt) -> AskedByCells:
        """Return what the test cells that run outside ask of an attempt."""
        _, asked = undisturbed(attempt, lambda one: self._run(one, draws=False))
        return {attempt.tests[i].name: (i, attempt.tests[i], one) for i, one in asked.items()}

    def _run(self, attempt: Attempt, *, draws: bool) -> Mapping[int, Sequence[Asked]]:
        """Run the cells of an attempt; return what test cells asked outside, by their index."""
        asked: dict[int, Sequence[Asked]] = {}
        used: list[float] = []  # the processor time before each cell, and after the last
        started = time.monotonic()
        decisions = {index: self._decisions.get(t.task) for index, t in attempt.tests.items()}
        outside = {i: one for i, one in decisions.items() if one and one.place == "outside"}
        process = start_process(self._assignment, self._warm, attempt, outside, draws=draws)
        limits, seconds = limits_of(self._assignment)
        judge = JudgeProcess(self._warm, limits, seconds, process, self._files, draws=draws)

        def elsewhere(index: int) -> CellResult | None:
            used.append(process.cpu_seconds)
            if index not in outside:
                _define_helpers(process, attempt, index, (seconds.cell, WHAT))
                return None
            test, decision = attempt.tests[index], outside[index]
            result = judge.run(
                index,
                test.source,
                test.surroundings.definitions,
                test.surroundings.rebound,
                decision.shared,
                in_place=decision.in_place,
            )
            asked[index] = judge.asked
            return result

        process.elsewhere = elsewhere
        try:
            attempt.cell_results = process.execute()
            used.append(process.cpu_seconds)
            if self._on_executed is not None:
                self._on_executed(process)
        finally:
            process.close()
            judge.close()
            attempt.needs_rerun = process.needs_rerun or judge.needs_rerun
        attempt.waited = any(waited(cell.failure) for cell in attempt.cell_results)
        for index in attempt.tests:
            place: Place = "outside" if index in outside else "inside"
            attempt.results.append(result_of(attempt, index, place))
            if (seconds_used := used[index + 1] - used[index]) >= 0:  # or else in another process
                attempt.test_seconds[attempt.tests[index].name] = seconds_used
            if self._on_test_finished is not None:
                self._on_test_finished(attempt)
        attempt.seconds = time.monotonic() - started
        self._note(attempt, asked)
        return asked

    def _note(self, attempt: Attempt, asked: Mapping[int, Sequence[Asked]]) -> None:
        """Note what each test cell has seen of an attempt, if it has failed in one."""
        if self._known is None or all(one.outcome != "failed" for one in attempt.results):
            return
        with suppress(ExecutionError):
            for index, one in asked.items():
                name = attempt.tests[index].name
                attempt.traces[name] = self._known.trace(name, one)


def _define_helpers(process: StudentProcess, attempt: Attempt, index: int, limit: Limit) -> None:
    """Define, for a test cell that runs inside, what earlier test cells define that it uses.

    What goes wrong with that is seen when the cell runs.
    """
    if index in attempt.tests and (helpers := attempt.tests[index].surroundings.helpers):
        code = "\n\n".join(helpers.values())
        with suppress(ExecutionError):
            process.carry_out("attempt", ("define", code), limit)


def result_of(attempt: Attempt, index: int, place: Place) -> TestResult:
    """Return the result of a test cell that an attempt has run."""
    test, cell = attempt.tests[index], attempt.cell_results[index]
    result = TestResult(test.name, test.task, test.title, "failed", test.points, judged=place)
    if cell.failure is not None:
        review = cell.failure.review_reason if isinstance(cell.failure, TimedOut) else ""
        return replace(result, message=str(cell.failure), review_reason=review)
    try:
        points = points_of(cell.outputs, test.points, succeeded=cell.succeeded)
    except TooManyPointsError as error:
        return replace(result, outcome="error", message=f"{test.name}: {error}")
    if points == test.points:
        return replace(result, outcome="passed")
    if cell.succeeded:
        said = f"The tests give {points:g} of {test.points:g} points."
        return replace(result, earned=points, message=said)
    line = location_of(cell, attempt.cells, index)
    return replace(
        result,
        earned=points or None,
        message=message_of(test, index, attempt.cells, attempt.cell_results),
        source_location=None if line is None else (line.cell, line.line, line.source),
    )
