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
from autograder.sandbox.run import Run, Seconds, Series
from autograder.sandbox.warm import WarmProcess
from autograder.scorecard import TaskScore
from autograder.submission import Submission

PATIENCE = Seconds(notebook=60.0, cell=60.0, request=60.0)

Begin = Callable[[Sequence[str]], Run]
HoldExam = Callable[[Exam], None]


class Explainer:
    """Explains failures in one assignment, for one seed.

    Args:
        assignment: its suite is run.
        seed: hidden inputs are drawn from it.
        begin: returns what runs cells, and answers for them.
        hold_exam: runs the suite.
        library: the folder of misconceptions and solution, if it is not the suite's.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        begin: Begin,
        hold_exam: HoldExam,
        library: Path | None = None,
    ) -> None:
        self._assignment, self._seed = assignment, seed
        self._begin, self._hold_exam = begin, hold_exam
        self._solution, self._library = load_library(library or assignment.suite_folder)
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
        exam = ScriptExam(self._assignment, paper, self._seed, self._begin)
        self._hold_exam(exam)
        return exam.script

    @cached_property
    def series(self) -> dict[str, Series]:
        """What each test asks; nothing if there is no solution to ask."""
        if not self._solution:
            return {}
        return {name: part.series for name, part in self._script.items() if part.asked}

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
        left: Sequence[Expectation] = self._pairs_of(task.name)
        for result in sorted(task.tests, key=lambda test: test.outcome != "failed"):
            if result.outcome in ("passed", "failed"):
                self._complete(left, task.name, result.name)
                left = [pair for pair in left if diagnosis.fits(result, traces, pair)]
        return left

    def _pairs_of(self, task: str) -> list[Expectation]:
        """Return the pairs of a task, without those of which one mistake hides everything."""
        if task not in self._pairs:
            _, singles = self._known
            silent = {s.variant.name for s in singles[task] if diagnosis.hides_everything(s)}
            own = [m for m in self._library if m.task == task and m.name not in silent]
            self._pairs[task] = [Expectation(pair, {}) for pair in pairs(self._solution, own)]
        return self._pairs[task]

    def shows_both(self, pair: Variant) -> bool:
        """Say whether the tests see both mistakes of a pair, not one of them or none."""
        reference, singles = self._known
        expected = self._pairs_of(pair.task)
        for test, part in self._script.items():
            if part.task == pair.task:
                self._complete(expected, pair.task, test)
        found = next((one for one in expected if one.variant == pair), None)
        if found is None:
            return False
        alone = [s for s in singles[pair.task] if s.variant.name in pair.name.split(" + ")]
        return diagnosis.shows_both(found, alone, reference)

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
        run = self._begin(())
        try:
            run.execute()
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
    limits, _ = limits_of(assignment)
    return Explainer(assignment, seed, lambda cells: Run(warm, cells, limits, PATIENCE), hold_exam)
