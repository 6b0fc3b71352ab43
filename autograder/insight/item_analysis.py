"""What each test tells about those who take it: classical item analysis.

The difficulty of a test is the mean share of its points (Crocker and Algina, 1986). Its
discrimination is the correlation of its points with the rest of the score, which is the corrected
point-biserial correlation where a test gives all points or none; `r.drop` of R's `psych`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autograder.insight.gathered import OUTCOMES, Floats, Gathered
from autograder.insight.intervals import Interval, fisher, wilson

FEW = 10  # submissions below which nothing is said about a test
WEAK = 0.2  # a discrimination below it is poor (Ebel, 1965)
PASSED = OUTCOMES.index("passed")


@dataclass(frozen=True)
class Item:
    """A test, and what it tells.

    `passed` of `total` submissions passed it, which in all of its kind is a share in `interval`.
    `difficulty` is the mean share of its points, or of passes if it has none. `discrimination` is
    None where it or the rest of the score is the same for all. `seconds` is the median processor
    time of the students' code in it, `most_seconds` the longest, None if that is unknown. `remarks`
    say what to do about it.
    """

    name: str
    task: str
    title: str
    points: float
    passed: int
    total: int
    interval: Interval
    difficulty: float
    discrimination: float | None
    certainty: Interval | None
    seconds: float | None
    most_seconds: float | None
    remarks: tuple[str, ...] = ()


def items(found: Gathered) -> list[Item]:
    """Return what each test tells, task by task."""
    points, outcomes = found.test_points, found.outcomes
    order = {name: n for n, name in enumerate(found.tasks)}
    passed = outcomes == PASSED
    worth = np.array([test.max_points for test in found.tests.values()])
    values = np.where(worth > 0, points, passed)
    correlations = item_rest(values, found.scores[:, None] - points)
    twins, times = _twins(passed), found.test_seconds
    result = []
    for n, test in enumerate(found.tests.values()):
        there = outcomes[:, n] > 0
        total, count = int(there.sum()), int(passed[:, n].sum())
        share = float(values[there, n].mean() / (test.max_points or 1.0)) if total else 0.0
        r = None if np.isnan(correlations[n]) else float(correlations[n])
        certainty = None if r is None else fisher(r, len(values))
        known = times[~np.isnan(times[:, n]), n]
        typical, longest = (
            (float(np.median(known)), float(known.max())) if len(known) else 2 * (None,)
        )
        item = Item(
            test.name, test.task, test.title, test.max_points, count, total,
            wilson(count, total), share, r, certainty, typical, longest,
        )  # fmt: skip
        same = [list(found.tests)[m] for m in twins.get(n, ())]
        remarks = tuple(_remarks(item, same)) if total >= FEW else ()
        result.append((order.get(test.task, len(order)), n, item, remarks))
    return [
        replace(item, remarks=remarks)
        for _, _, item, remarks in sorted(result, key=lambda one: one[:2])
    ]


def item_rest(values: Floats, rest: Floats) -> Floats:
    """Return the correlation of each column (n, m) with the same column of the rest, (m,).

    r = Σ(x - x̄)(y - ȳ) / √(Σ(x - x̄)² Σ(y - ȳ)²); NaN where one of them is constant.
    """
    if not len(values):
        return np.full(values.shape[1], np.nan)
    x, y = values - values.mean(axis=0), rest - rest.mean(axis=0)
    both = np.sqrt((x * x).sum(axis=0) * (y * y).sum(axis=0))
    scale = 1e-9 * (1 + np.abs(values).max(axis=0)) * (1 + np.abs(rest).max(axis=0)) * len(values)
    both = np.where(both > scale, both, np.nan)
    correlations: Floats = np.clip((x * y).sum(axis=0) / both, -1, 1)
    return correlations


def _twins(passed: NDArray[np.bool_]) -> dict[int, list[int]]:
    """Return the earlier tests that come out the same for all, of those that tell people apart."""
    groups: dict[bytes, list[int]] = {}
    for n in range(passed.shape[1]):
        if passed[:, n].any() and not passed[:, n].all():
            groups.setdefault(passed[:, n].tobytes(), []).append(n)
    return {n: same[:i] for same in groups.values() for i, n in enumerate(same)}


def _remarks(item: Item, twins: list[str]) -> Iterator[str]:
    """Say what is the matter with a test, and what to do."""
    if item.passed == item.total:
        yield "Everybody passes: it tells nobody apart. Keep it if a known mistake needs it."
        return
    if item.passed == 0:
        yield "Nobody passes: compare it with what the notebook asks, and run `autograder verify`."
        return
    if item.certainty is not None and item.certainty[1] < 0:
        yield (
            "Those who pass it have less in the rest: it may charge a right answer. Read some that "
            "fail it."
        )
    elif item.certainty is not None and item.certainty[1] < WEAK:
        yield "It has little to do with the rest. Check that it judges what the task asks for."
    if twins:
        yield f"It comes out like {', '.join(twins)} for everybody: one of them may be enough."
