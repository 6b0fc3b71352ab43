"""Known mistakes: how many have each, what they cost, and which go together."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from autograder.insight.gathered import Gathered, Row
from autograder.insight.intervals import Interval, wilson

FEW = 3  # students that have both, below which nothing is said about a pair
SURE = 3.841  # of χ² with one degree of freedom, 95 percent lie below it

Key = tuple[str, str]
"""The task of a mistake, and its name."""


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its students, their share of the class, and what they lost in the task."""

    task: str
    name: str
    text: str
    students: tuple[str, ...]
    share: float
    interval: Interval
    lost: float


@dataclass(frozen=True)
class Pair:
    """Two mistakes that go together.

    `both` students have both. `lift` is how many times as many that are as if they had nothing to
    do with each other, `phi` the correlation of having one and having the other.
    """

    first: Key
    second: Key
    both: int
    lift: float
    phi: float


def mistakes(found: Gathered) -> list[Mistake]:
    """Return the known mistakes of a class, the commonest first."""
    having: dict[Key, list[Row]] = {}
    for row in found.graded:
        for key in dict.fromkeys(row.mistakes):
            having.setdefault(key, []).append(row)
    order, total = list(found.tasks), len(found.graded)
    result = [
        Mistake(
            task,
            name,
            found.texts.get((task, name), ""),
            tuple(row.student for row in rows),
            len(rows) / total,
            wilson(len(rows), total),
            sum(lost_in(found, row, task) for row in rows),
        )
        for (task, name), rows in having.items()
    ]
    return sorted(result, key=lambda m: (-len(m.students), order.index(m.task), m.name))


def lost_in(found: Gathered, row: Row, task: str) -> float:
    """Return the points that a submission lost in a task."""
    return found.tasks[task] - row.scores[list(found.tasks).index(task)]


def pairs(found: Gathered) -> list[Pair]:
    """Return the pairs that go together more often than by chance, the surest first.

    Chance is ruled out by χ² = n φ², at 95 percent for all pairs together, after Bonferroni.
    """
    single, both = Counter[Key](), Counter[tuple[Key, Key]]()
    for row in found.graded:
        keys = sorted(set(row.mistakes))
        single.update(keys)
        both.update(combinations(keys, 2))
    total = len(found.graded)
    result = []
    for (one, other), count in both.items():
        phi = _phi(count, single[one], single[other], total)
        if count >= FEW and phi > 0 and total * phi * phi > _bound(len(both)):
            lift = count * total / (single[one] * single[other])
            result.append(Pair(one, other, count, lift, phi))
    return sorted(result, key=lambda pair: (-pair.both * pair.phi, pair.first, pair.second))


def _phi(both: int, one: int, other: int, total: int) -> float:
    """Return φ = (n n₁₁ - n₁ n₂) / √(n₁ (n - n₁) n₂ (n - n₂)), 0 where everybody has one."""
    spread = one * (total - one) * other * (total - other)
    return (total * both - one * other) / math.sqrt(spread) if spread else 0.0


def _bound(tried: int) -> float:
    """Return what χ² has to exceed if so many pairs are tried; it grows by about 2 ln of them."""
    return SURE + 2 * math.log(max(tried, 1))
