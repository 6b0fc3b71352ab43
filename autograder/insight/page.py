"""The page that an instructor reads about a class.

Like a feedback page it is complete in itself: no scripts, nothing from elsewhere, and a policy that
forbids both. What is long is listed in part, and how many are left out is said.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from autograder.insight.distribution import Distribution
from autograder.insight.groups import shared
from autograder.insight.mistakes import Mistake
from autograder.insight.overview import Insight
from autograder.reports.charts.chart import Picture
from autograder.reports.charts.histogram import histogram
from autograder.reports.html import render
from autograder.reports.text import one_line, points, words

MISTAKES, GROUPS, PAIRS, PEOPLE, SIMILAR = 15, 15, 8, 60, 20  # that are listed, each
TESTS, STUDENTS, NAMES = 200, 1000, 8
REFRESH = 5  # seconds, while a class is graded

T = TypeVar("T")


@dataclass(frozen=True)
class Who:
    """How a student is shown: name and page, "" where they are left out, and pseudonym."""

    pseudonym: str
    name: str = ""
    href: str = ""


@dataclass(frozen=True)
class Part(Generic[T]):
    """The first of something that is listed in part, and how many others there are."""

    shown: Sequence[T]
    left_out: int


def first(some: Sequence[T], most: int) -> Part[T]:
    """Return the first of something, and how many are left out."""
    return Part(some[:most], max(len(some) - most, 0))


def everybody(
    students: Iterable[str],
    pseudonyms: Mapping[str, str],
    page_of: Callable[[str], Path | None] = lambda _: None,
    folder: Path = Path(),
    *,
    anonymous: bool = False,
) -> dict[str, Who]:
    """Return how each student is shown.

    Args:
        students: their names.
        pseudonyms: their pseudonyms.
        page_of: returns the path of a student's page, None if there is none.
        folder: where the page is on which they are shown, for links.
        anonymous: whether names and links are left out.
    """
    if anonymous:
        return {student: Who(pseudonyms[student]) for student in students}
    return {
        student: Who(pseudonyms[student], student, _link(page_of(student), folder))
        for student in students
    }


def _link(page: Path | None, folder: Path) -> str:
    if page is None or not page.exists():
        return ""
    return quote(os.path.relpath(page, folder))


def insight_page(found: Insight, who: Mapping[str, Who], *, watched: bool = False) -> str:
    """Return the page as HTML.

    Args:
        found: what it shows.
        who: how each student is shown.
        watched: whether it reloads itself, while a class is graded.
    """
    alone = [*dict.fromkeys(g.students[0] for g in found.groups if len(g.students) == 1)]
    by_score = sorted(found.rows, key=lambda row: (row.score is not None, row.score or 0.0))
    return render(
        "insight/page",
        found=found,
        who=who,
        picture=scores_picture(found.distribution, found.max_score),
        titles={item.name: item.title for item in found.items},
        remarks=[item for item in found.items if item.remarks],
        mistakes=first(found.mistakes, MISTAKES),
        groups=first(shared(found.groups), GROUPS),
        alone=alone,
        pairs=first(found.pairs, PAIRS),
        people=first(found.people, PEOPLE),
        similar=first(found.similar, SIMILAR),
        tests=first(found.items, TESTS),
        students=first(by_score, STUDENTS),
        named=any(one.name for one in who.values()),
        refresh=REFRESH if watched else 0,
        topics=[_topic(one) for one in found.topics],
        first=first,
        most_names=NAMES,
        percent=percent,
        signed=signed,
        words=words,
        count=count,
        line=one_line,
    )


def scores_picture(spread: Distribution, most: float) -> Picture:
    """Return the picture of the scores."""
    scores = spread.scores
    description = (
        f"{count(scores.count, 'submission')} between {points(scores.least)} and "
        f"{points(scores.most)} of {points(most)} points; half of them between "
        f"{points(scores.lower_quartile)} and {points(scores.upper_quartile)}."
        if scores.count
        else "There are no scores yet."
    )
    return histogram(
        "The scores", description, spread.bins, spread.counts, what="points", whose="submissions"
    )


def _topic(one: Any) -> dict[str, Any]:
    """Return what to repeat: its words, and where on the page more is said."""
    known = isinstance(one, Mistake)
    return {"one": one, "known": known, "name": words(one.name) if known else ""}


def percent(share: float) -> str:
    """Return a share in percent, so that only nobody is 0 % and only everybody 100 %."""
    whole = round(100 * share)
    if whole == 0 < share:
        return "<1\N{NO-BREAK SPACE}%"
    if whole == 100 and share < 1:
        return ">99\N{NO-BREAK SPACE}%"
    return f"{whole}\N{NO-BREAK SPACE}%"


def signed(number: float, digits: int = 2) -> str:
    """Return a number with its sign, as people write it."""
    return f"{number:+.{digits}f}".replace("-", "−")


def count(number: int, what: str) -> str:
    """Return how many there are of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
