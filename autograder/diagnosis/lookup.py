"""Explains what failed by what the tests see of known mistakes: a look-up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.diagnosis import matching as diagnosis
from autograder.diagnosis.matching import Signature
from autograder.diagnosis.misconceptions import Variant
from autograder.diagnosis.observations import Trace
from autograder.record import TaskScore


@dataclass(frozen=True)
class KnownSignatures:
    """What tests see of the reference solution, by test, and of single misconceptions, by task."""

    reference: Mapping[str, Trace]
    singles: Mapping[str, Sequence[Signature]]

    @property
    def failing(self) -> dict[str, frozenset[str]]:
        """The tests that each misconception fails, by its name."""
        variants = (single.variant for some in self.singles.values() for single in some)
        return {variant.name: variant.failing for variant in variants}


class Lookup(ABC):
    """Explains failures in one assignment."""

    @property
    @abstractmethod
    def known(self) -> KnownSignatures:
        """What the tests see of the reference and of each misconception alone."""

    @abstractmethod
    def fitting_pairs(self, task: TaskScore, traces: Mapping[str, Trace]) -> Sequence[Signature]:
        """Return pairs of misconceptions that may explain a task: at least all that do."""

    def explain(
        self, tasks: Sequence[TaskScore], traces: Mapping[str, Trace], *, every: bool = False
    ) -> tuple[TaskScore, ...]:
        """Return the tasks of a submission with explanations where some are known.

        Args:
            tasks: its tasks, with their tests.
            traces: what each test saw of it.
            every: whether all mistakes are named that the tests cannot tell apart, rather than
                the first.
        """
        if all(task.outcome == "passed" for task in tasks):
            return tuple(tasks)
        found = {
            task.name: variants if every else variants[:1]
            for task in tasks
            if task.outcome == "failed" and (variants := self._variants(task, traces))
        }
        return tuple(_explained(task, found) for task in tasks)

    def _variants(self, task: TaskScore, traces: Mapping[str, Trace]) -> Sequence[Variant]:
        """Return the single misconceptions or the pairs that explain a task, the best first."""
        reference, singles = self.known.reference, self.known.singles
        if task.name not in singles or not diagnosis.accountable(task.tests, traces, reference):
            return ()
        single = diagnosis.explain(task.tests, traces, singles[task.name])
        return single or diagnosis.explain(task.tests, traces, self.fitting_pairs(task, traces))


def _explained(task: TaskScore, found: Mapping[str, Sequence[Variant]]) -> TaskScore:
    """Return a task with what was found in it, or in others that it follows from."""
    if task.name in found:
        return replace(task, explained=diagnosis.any_of(found[task.name], task.tests))
    if task.outcome == "failed":
        first = {name: variants[0] for name, variants in found.items()}
        follows = diagnosis.follows_from(task.tests, first)
        return task if follows is None else replace(task, explained=(follows,))
    return task
