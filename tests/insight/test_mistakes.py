"""Known mistakes are counted, and those that go together are found."""

from __future__ import annotations

import math

import pytest

from autograder.insight.gathered import gathered
from autograder.insight.mistakes import mistakes, pairs
from tests.insight.made_up import record, task

RIGHT = "pp"


def test_mistakes_are_counted_and_priced() -> None:
    found = gathered(
        "lr",
        [
            record("a", task("one", "pf", "sum"), task("two", RIGHT)),
            record("b", task("one", "ff", "sum"), task("two", "fp", "axis")),
            record("c", task("one", RIGHT), task("two", RIGHT)),
            record("d", error="It is empty."),
        ],
    )
    first, second = mistakes(found)
    assert (first.name, first.students, first.lost) == ("sum", ("a", "b"), 30)
    assert first.share == pytest.approx(2 / 3)
    assert first.text.startswith("You have sum.")
    assert (second.task, second.name, second.students) == ("two", "axis", ("b",))


def test_pairs_that_go_together_have_lift_and_phi() -> None:
    """Of 40, 10 have both and nobody has one of them: lift 10·40/(10·10) = 4, φ = 1.

    Another mistake of 8 that has nothing to do with them is in no pair.
    """
    records = []
    for n in range(40):
        both = ("left", "right") if n < 10 else ()
        other = ("alone",) if n % 5 == 0 else ()
        names = (*both, *other)
        records.append(record(f"s{n:02}", task("only", "ff" if names else RIGHT, *names)))
    (pair,) = pairs(gathered("lr", records))
    assert (pair.first[1], pair.second[1], pair.both) == ("left", "right", 10)
    assert (pair.lift, pair.phi) == pytest.approx((4, 1))


def test_phi_is_the_correlation_done_by_hand() -> None:
    """Of 20, one is had by 6, the other by 5, both by 4: φ = (20·4 - 30) / √(6·14·5·15)."""
    names = [("a", "b")] * 4 + [("a",)] * 2 + [("b",)] + [()] * 13
    records = (
        record(f"s{n:02}", task("only", "ff" if one else RIGHT, *one))
        for n, one in enumerate(names)
    )
    (pair,) = pairs(gathered("lr", records))
    assert pair.phi == pytest.approx(50 / math.sqrt(6 * 14 * 5 * 15))
    assert pair.lift == pytest.approx(4 * 20 / 30)


def test_a_mistake_that_all_have_goes_with_none() -> None:
    records = (record(f"s{n}", task("only", "ff", "a", "b")) for n in range(9))
    assert pairs(gathered("lr", records)) == []
