"""Explains what failed by what the tests see of known mistakes: a look-up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.exam import diagnosis
from autograder.exam.diagnosis import Expectation
from autograder.exam.misconception import Variant
from autograder.exam.trace import Trace
from autograder.scorecard import TaskScore

__all__ = ["Known", "Lookup"]


@dataclass(frozen=True)
class Known:
    """What tests see of the reference solution, by test, and of single misconceptions, by task."""

    reference: Mapping[str, Trace]
    singles: Mapping[str, Sequence[Expectation]]

    @property
    def failing(self) -> dict[str, frozenset[str]]:
        """The tests that each misconception fails, by its name."""
        variants = (single.variant for some in self.singles.values() for single in some)
        return {variant.name: variant.failing for variant in variants}


class Lookup(ABC):
    """Explains failures in one assignment."""

    @property
    @abstractmethod
    def known(self) -> Known:
        """What the tests see of the reference and of each misconception alone."""

    @abstractmethod
    def fitting_pairs(self, task: TaskScore, traces: Mapping[str, Trace]) -> Sequence[Expectation]:
        """Return pairs of misconceptions that may explain a task: at least all that do."""

    def explain(
        self, tasks: Sequence[TaskScore], traces: Mapping[str, Trace]
    ) -> tuple[TaskScore, ...]:
        """Return the tasks of a submission with explanations where some are known."""
        if all(task.outcome == "passed" for task in tasks):
            return tuple(tasks)
        found = {
            task.name: variant
            for task in tasks
            if task.outcome == "failed" and (variant := self._variant(task, traces)) is not None
        }
        return tuple(_explained(task, found) for task in tasks)

    def _variant(self, task: TaskScore, traces: Mapping[str, Trace]) -> Variant | None:
        """Return the single misconception or the pair that explains a task."""
        reference, singles = self.known.reference, self.known.singles
        if task.name not in singles or not diagnosis.accountable(task.tests, traces, reference):
            return None
        single = diagnosis.explain(task.tests, traces, singles[task.name])
        return single or diagnosis.explain(task.tests, traces, self.fitting_pairs(task, traces))


def _explained(task: TaskScore, found: Mapping[str, Variant]) -> TaskScore:
    """Return a task with what was found in it, or in others that it follows from."""
    if task.name in found:
        return replace(task, explained=diagnosis.findings(found[task.name], task.tests))
    if task.outcome == "failed":
        follows = diagnosis.follows_from(task.tests, found)
        return task if follows is None else replace(task, explained=(follows,))
    return task
