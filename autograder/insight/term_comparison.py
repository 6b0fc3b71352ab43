"""Compares a class with that of another term: which tests and mistakes became rarer or commoner."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograder.errors import UsageError
from autograder.insight.intervals import Interval, newcombe
from autograder.insight.item_analysis import Item
from autograder.insight.mistakes import Mistake

Kind = Literal["test", "mistake"]
Count = tuple[int, int]
"""How many of how many: those who fail a test, or who have a mistake."""


@dataclass(frozen=True)
class Change:
    """How much more or less often a test is failed, or a mistake made, than in another term.

    `change` is the difference of the shares, now minus then, `interval` that of 95 percent.
    """

    kind: Kind
    task: str
    name: str
    then: Count
    now: Count
    change: float
    interval: Interval

    @property
    def is_sure(self) -> bool:
        """Whether it is more than chance."""
        return self.interval[0] > 0 or self.interval[1] < 0


@dataclass(frozen=True)
class Comparison:
    """The changes of which one can be sure, the largest first, and how many others there are."""

    changes: tuple[Change, ...]
    unsure: int


def comparison(
    items: Sequence[Item], mistakes: Sequence[Mistake], graded: int, before: Mapping[str, Any]
) -> Comparison:
    """Compare a class with what `insight --json` wrote of another.

    A mistake that only one of them has counts as 0 in the other. A test counts if both have it.

    Raises:
        UsageError: `before` is something else.
    """
    try:
        changes = [
            *_tests(items, before["tests"]),
            *_mistakes(mistakes, graded, before["mistakes"], before["graded"]),
        ]
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            "The file to compare with is not what `autograder insight --json` writes."
        ) from None
    sure = [change for change in changes if change.is_sure]
    sure.sort(key=lambda change: (-abs(change.change), change.task, change.name))
    return Comparison(tuple(sure), len(changes) - len(sure))


def _tests(items: Sequence[Item], before: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    known = {test["name"]: test for test in before}
    for item in items:
        if (test := known.get(item.name)) is not None:
            then = test["total"] - test["passed"], test["total"]
            yield _change(
                "test", item.task, item.name, then, (item.total - item.passed, item.total)
            )


def _mistakes(
    mistakes: Sequence[Mistake], graded: int, before: Sequence[Mapping[str, Any]], total: int
) -> Iterator[Change]:
    now = {(one.task, one.name): len(one.students) for one in mistakes}
    then = {(one["task"], one["name"]): one["count"] for one in before}
    for task, name in sorted(now.keys() | then.keys()):
        key = task, name
        yield _change("mistake", task, name, (then.get(key, 0), total), (now.get(key, 0), graded))


def _change(kind: Kind, task: str, name: str, then: Count, now: Count) -> Change:
    change = now[0] / max(now[1], 1) - then[0] / max(then[1], 1)
    return Change(kind, task, name, then, now, change, newcombe(then, now))
