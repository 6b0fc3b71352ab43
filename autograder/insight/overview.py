"""Puts together what the records of a class show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.insight.attention import Look, people
from autograder.insight.distribution import Distribution, distribution
from autograder.insight.gathered import Gathered, Row
from autograder.insight.groups import Group, groups
from autograder.insight.item_analysis import Item, items
from autograder.insight.mistakes import Mistake, Pair, mistakes, pairs
from autograder.insight.similarity import Similar
from autograder.insight.student_code import Excerpt, StudentCode
from autograder.insight.term_comparison import Comparison, comparison

TOPICS = 3  # that a lecture can repeat
WITH_CODE = 15  # mistakes and groups, each, that get an excerpt


@dataclass(frozen=True)
class Insight:
    """What the records of a class show.

    `topics` are what cost the class most: mistakes or groups, those of several students before
    mistakes of one. `excerpts` has code of some, by the
    mistake or the group. `compared` counts the submissions whose code was at hand.
    """

    assignment: str
    title: str
    max_score: float
    rows: Sequence[Row]
    graded: int
    distribution: Distribution
    items: Sequence[Item]
    mistakes: Sequence[Mistake]
    pairs: Sequence[Pair]
    groups: Sequence[Group]
    topics: Sequence[Mistake | Group]
    excerpts: Mapping[Mistake | Group, Excerpt]
    people: Sequence[Look]
    similar: Sequence[Similar]
    compared: int
    comparison: Comparison | None = None


def insight(
    found: Gathered,
    code: StudentCode,
    title: str = "",
    before: Mapping[str, Any] | None = None,
) -> Insight:
    """Return what the records of a class show.

    Args:
        found: the records.
        code: the students' code, as far as it is at hand.
        title: the assignment's title.
        before: what `as_json` returned for another class, to compare with.

    Raises:
        UsageError: `before` is something else.
    """
    known, unknown, tests = mistakes(found), groups(found), items(found)
    either: list[Mistake | Group] = [*known, *(one for one in unknown if len(one.students) > 1)]
    topics = sorted(either, key=lambda one: (len(one.students) == 1, -one.lost))[:TOPICS]
    rows = {row.student: row for row in found.rows}
    excerpts: dict[Mistake | Group, Excerpt] = {}
    for one in dict.fromkeys([*topics, *known[:WITH_CODE], *unknown[:WITH_CODE]]):
        excerpt = code.excerpt((rows[student] for student in one.students), one.task)
        if excerpt is not None:
            excerpts[one] = excerpt
    similar, compared = code.similar(found.rows)
    return Insight(
        found.assignment,
        title or found.assignment,
        found.max_score,
        found.rows,
        len(found.graded),
        distribution(found),
        tests,
        known,
        pairs(found),
        unknown,
        topics,
        excerpts,
        people(found),
        similar,
        compared,
        None if before is None else comparison(tests, known, len(found.graded), before),
    )
