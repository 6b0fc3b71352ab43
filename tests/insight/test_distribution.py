"""The distribution of scores, whom to look at, and what changed since another term."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.errors import UsageError
from autograder.insight.attention import people
from autograder.insight.distribution import distribution
from autograder.insight.gathered import gathered
from autograder.insight.item_analysis import items
from autograder.insight.mistakes import mistakes
from autograder.insight.term_comparison import comparison
from autograder.record import Lateness, Record
from tests.insight.made_up import made_up_class, record, task

EMPTY = "This part is not filled in yet: it raises NotImplementedError."


def class_of_five() -> list[Record]:
    return [
        record("ada", task("one", "pp"), task("two", "pp")),
        record("bob", task("one", "pf"), task("two", "pp"), late=Lateness(2, 0.2)),
        record("cleo", task("one", "ff", message=EMPTY), task("two", "ss", message="Waits.")),
        record("dan", task("one", "pe"), task("two", "pp")),
        record("eve", error="eve.ipynb is not valid JSON."),
    ]


def test_scores_are_those_done_by_hand() -> None:
    found = distribution(gathered("lr", class_of_five()))
    assert (found.scores.count, found.scores.mean, found.scores.median) == (3, 70 / 3, 30)
    assert (found.scores.least, found.scores.most, found.full) == (0, 40, 1)
    assert sum(found.counts) == 3
    first, second = found.tasks
    assert (first.mean, first.full, first.none, first.empty) == (0.5, 1, 1, 1)
    assert (second.full, second.none) == (2, 1)
    assert second.mean == pytest.approx(2 / 3)


def test_late_submissions_are_compared_with_the_others() -> None:
    found = distribution(gathered("lr", class_of_five()))
    assert (found.late, found.late_mean, found.timely_mean, found.penalties) == (1, 30, 20, 6)


def test_the_last_attempt_counts() -> None:
    first, last = record("ada", task("one", "ff")), record("ada", task("one", "pp"))
    found = distribution(gathered("lr", [first, last]))
    assert (found.scores.count, found.scores.mean, found.attempts.most) == (1, 20, 2)


def test_no_submissions_are_no_error() -> None:
    found = distribution(gathered("lr", [record("eve", error="It is empty.")]))
    assert (found.scores.count, found.late_mean, found.counts[0]) == (0, None, 0)


def test_records_may_have_different_tests() -> None:
    shorter = record("ada", task("one", "p"))
    found = gathered("lr", [shorter, record("bob", task("one", "pf"), task("two", "p"))])
    assert found.task_scores.tolist() == [[10, 0], [10, 10]]
    assert found.test_points.tolist() == [[10, 0, 0], [10, 0, 10]]
    assert [item.total for item in items(found)] == [2, 1, 1]


def test_who_needs_a_look_is_listed_with_a_reason() -> None:
    records = [
        *class_of_five(),
        record("fay", task("one", "pp", review="Known answers are hard-coded."), task("two", "pp")),
        record("gus", task("one", "pf", message="This loop never ends."), task("two", "ff")),
    ]
    looks = [(one.reason, one.student) for one in people(gathered("lr", records))]
    assert looks == [
        ("grader error", "dan"),
        ("unreadable", "eve"),
        ("review", "fay"),
        ("nothing done", "cleo"),
        ("stopped", "gus"),
        ("low score", "gus"),
    ]


def described(records: list[Record]) -> dict[str, Any]:
    """Return what `insight --json` says of a class, as far as it is compared."""
    found = gathered("lr", records)
    return {
        "graded": len(found.graded),
        "tests": [vars(item) for item in items(found)],
        "mistakes": [vars(one) | {"count": len(one.students)} for one in mistakes(found)],
    }


def compared(then: list[Record], now: list[Record]) -> list[tuple[str, str, bool]]:
    found = gathered("lr", now)
    graded = len(found.graded)
    result = comparison(items(found), mistakes(found), graded, described(then))
    return [(one.kind, one.name, one.change > 0) for one in result.changes]


def class_with(mistake: int, size: int = 40) -> list[Record]:
    return [
        record(f"s{n:02}", task("one", "pf", "sum") if n < mistake else task("one", "pp"))
        for n in range(size)
    ]


def test_what_became_commoner_is_named() -> None:
    changes = compared(class_with(5), class_with(30))
    assert changes == [("mistake", "sum", True), ("test", "test_one_2", True)]
    assert compared(class_with(30), class_with(0)) == [
        ("mistake", "sum", False),
        ("test", "test_one_2", False),
    ]


def test_chance_is_no_change() -> None:
    assert compared(class_with(12), class_with(15)) == []
    assert compared(list(made_up_class(300, 1)), list(made_up_class(300, 2))) == []


def test_something_else_cannot_be_compared_with() -> None:
    with pytest.raises(UsageError, match="insight --json"):
        comparison([], [], 1, {"tests": [1], "mistakes": [], "graded": 1})
