"""Explains what failed: knows, for a run's hidden inputs, what every known mistake looks like.

What the tests see of the misconceptions is learnt when the first submission fails, in well
under a second; that of pairs when no single one explains a failure. After that it is a look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from autograder.course import Assignment
from autograder.exam import diagnosis
from autograder.exam.diagnosis import Expectation
from autograder.exam.misconception import Variant, load_library, pairs, singles
from autograder.exam.rehearsal import Script, ScriptExam, rehearse
from autograder.exam.session import Exam, Paper, limits_of
from autograder.exam.trace import Trace
from autograder.sandbox.run import Run, Seconds
from autograder.sandbox.warm import WarmProcess
from autograder.scorecard import TaskScore
from autograder.submission import Submission

PATIENCE = Seconds(notebook=60.0, cell=60.0, request=60.0)

HoldExam = Callable[[Exam], None]


class Explainer:
    """Explains failures in one assignment, for one seed."""

    def __init__(
        self, assignment: Assignment, seed: str, warm: WarmProcess, hold_exam: HoldExam
    ) -> None:
        self._assignment, self._seed, self._warm = assignment, seed, warm
        self._hold_exam = hold_exam
        self._solution, self._library = load_library(assignment.suite_folder)
        self._pairs: dict[str, list[Expectation]] = {}  # filled in as they are needed

    def explain(
        self, tasks: Sequence[TaskScore], traces: Mapping[str, Trace]
    ) -> tuple[TaskScore, ...]:
        """Return the tasks of a submission with explanations where some are known."""
        if not self._library or all(task.outcome == "passed" for task in tasks):
            return tuple(tasks)
        found = {
            task.name: variant
            for task in tasks
            if task.outcome == "failed" and (variant := self._variant(task, traces)) is not None
        }
        return tuple(_explained(task, found) for task in tasks)

    def _variant(self, task: TaskScore, traces: Mapping[str, Trace]) -> Variant | None:
        """Return the single misconception or the pair that explains a task."""
        reference, singles = self._known
        if task.name not in singles or not diagnosis.accountable(task.tests, traces, reference):
            return None
        single = diagnosis.explain(task.tests, traces, singles[task.name])
        return single or diagnosis.explain(task.tests, traces, self._fitting_pairs(task, traces))

    @cached_property
    def _script(self) -> Script:
        """The suite's questions, from one run over the reference solution."""
        paper = Paper(Submission("reference", Path("reference")), (self._solution,))
        tasks = {misconception.task for misconception in self._library}
        exam = ScriptExam(self._assignment, [paper], self._seed, self._warm, tasks=tasks)
        self._hold_exam(exam)
        return exam.script

    @cached_property
    def _known(self) -> tuple[dict[str, Trace], dict[str, list[Expectation]]]:
        """What the tests see of the reference, and of each misconception, by task."""
        variants = singles(self._solution, self._library)
        reference: dict[str, Trace] = {}
        expected = {}
        for task in dict.fromkeys(variant.task for variant in variants):
            own = [variant for variant in variants if variant.task == task]
            seen = self._seen(task, [self._solution, *(variant.source for variant in own)])
            reference |= seen[0]
            expected[task] = list(map(Expectation, own, seen[1:]))
        return reference, expected

    def _fitting_pairs(self, task: TaskScore, traces: Mapping[str, Trace]) -> Sequence[Expectation]:
        """Return the pairs that fit so far as they have been tried, test by test.

        There are many, and one test that failed leaves few: the others are tried on those.
        """
        if task.name not in self._pairs:
            own = [m for m in self._library if m.task == task.name]
            self._pairs[task.name] = [
                Expectation(variant, {}) for variant in pairs(self._solution, own)
            ]
        left: Sequence[Expectation] = self._pairs[task.name]
        for result in sorted(task.tests, key=lambda test: test.outcome != "failed"):
            if result.outcome in ("passed", "failed"):
                self._complete(left, task.name, result.name)
                left = [pair for pair in left if diagnosis.fits(result, traces, pair)]
        return left

    def _complete(self, pairs: Sequence[Expectation], task: str, test: str) -> None:
        """Find out what a test sees of pairs, where that is not known yet."""
        unknown = [pair for pair in pairs if test not in pair.traces]
        seen = self._seen(task, [pair.variant.source for pair in unknown], test)
        for pair, found in zip(unknown, seen, strict=True):
            pair.traces.update(found)

    def _seen(
        self, task: str, sources: Sequence[str], test: str | None = None
    ) -> list[dict[str, Trace]]:
        """Return what each test of a task, or one of them, sees of some solutions."""
        if not sources:
            return []
        script = {
            name: part
            for name, part in self._script.items()
            if part.task == task and test in (None, name)
        }
        limits, _ = limits_of(self._assignment)
        run = Run(self._warm, (), limits, PATIENCE)
        try:
            return rehearse(run, script, sources)
        finally:
            run.close()


def _explained(task: TaskScore, found: Mapping[str, Variant]) -> TaskScore:
    """Return a task with what was found in it, or in others that it follows from."""
    if task.name in found:
        return replace(task, explained=diagnosis.findings(found[task.name], task.tests))
    if task.outcome == "failed":
        follows = diagnosis.follows_from(task.tests, found)
        return task if follows is None else replace(task, explained=(follows,))
    return task


@cache
def explainer(
    assignment: Assignment, seed: str, warm: WarmProcess, hold_exam: HoldExam
) -> Explainer:
    """Return the explainer of a grading process, which keeps what it has learnt."""
    return Explainer(assignment, seed, warm, hold_exam)
