"""What is said about tests agrees with a table that was done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.insight.gathered import Gathered, gathered
from autograder.insight.item_analysis import Item, item_rest, items
from tests.insight.made_up import record, task


def class_of(*rows: str) -> Gathered:
    """Return a class in which the tests of one task came out so, a row for each student."""
    records = (record(f"s{n:02}", task("only", row)) for n, row in enumerate(rows))
    return gathered("lr", records)


def remarks_of(found: Gathered) -> dict[str, str]:
    return {item.name.removeprefix("test_only_"): " ".join(item.remarks) for item in items(found)}


def test_item_rest_correlations_are_those_done_by_hand() -> None:
    """Five students and three tests, of 10 points each.

    The first test is (1, 1, 1, 0, 0) and the rest (2, 1, 1, 1, 0): with means 3/5 and 1 the sum of
    products is 1·0.4 + 0 + 0 + 0 + (-1)(-0.6) = 1.0, the sums of squares are 1.2 and 2, so that
    r = 1 / √2.4 = 0.6455. The second is (1, 1, 0, 1, 0) with the rest (2, 1, 2, 0, 0): means 3/5
    and 1, products 0.4 + 0 - 0.6 - 0.4 + 0.6 = 0, so r = 0. The third is (1, 0, 1, 0, 0) with the
    rest (2, 2, 1, 1, 0): means 2/5 and 6/5, products 0.48 - 0.32 - 0.12 + 0.08 + 0.48 = 0.6, sums
    of squares 1.2 and 2.8, so r = 0.6 / √3.36 = 0.3273.
    """
    found = class_of("ppp", "ppf", "pfp", "fpf", "fff")
    first, second, third = items(found)
    assert first.discrimination == pytest.approx(1 / np.sqrt(2.4))
    assert second.discrimination == pytest.approx(0, abs=1e-12)
    assert third.discrimination == pytest.approx(0.6 / np.sqrt(3.36))
    assert [item.passed for item in (first, second, third)] == [3, 3, 2]
    assert first.difficulty == pytest.approx(0.6)


def test_item_rest_correlations_are_pearsons() -> None:
    draws = np.random.default_rng(1)
    points = draws.integers(0, 5, (40, 6)).astype(float)
    rest = points.sum(axis=1, keepdims=True) - points
    expected = [np.corrcoef(points[:, n], rest[:, n])[0, 1] for n in range(6)]
    assert item_rest(points, rest) == pytest.approx(np.array(expected))


def test_time_is_what_is_known_of_it() -> None:
    times = ({"test_only_1": 0.1}, {"test_only_1": 0.5, "test_only_2": 2.0}, {"test_only_1": 0.2})
    records = [
        record(f"s{n}", task("only", "ppp"), test_seconds=one) for n, one in enumerate(times)
    ]
    found = [(item.seconds, item.most_seconds) for item in items(gathered("lr", records))]
    assert found == [(0.2, 0.5), (2.0, 2.0), (None, None)]


def test_what_is_the_same_for_all_has_no_discrimination() -> None:
    found = class_of(*["ppf"] * 6, *["pff"] * 6)
    assert items(found)[0].discrimination is None
    assert items(found)[2].discrimination is None


def test_tests_that_tell_nothing_are_named() -> None:
    remarks = remarks_of(class_of(*["ppff"] * 6, *["pffp"] * 6))
    assert "Everybody passes" in remarks["1"]
    assert "Nobody passes" in remarks["3"]


def test_a_test_that_good_students_fail_is_named() -> None:
    remarks = remarks_of(class_of(*["pppf"] * 10, *["fffp"] * 10))
    assert "may charge a right answer" in remarks["4"]
    assert "may charge" not in remarks["1"]


def test_tests_that_come_out_alike_are_named() -> None:
    remarks = remarks_of(class_of(*["pppf"] * 10, *["ffpp"] * 10))
    assert "like test_only_1" in remarks["2"]
    assert remarks["1"] == ""


def test_few_submissions_say_nothing_about_a_test() -> None:
    assert set(remarks_of(class_of("pff", "pff")).values()) == {""}


def test_grader_errors_and_unreadable_submissions_do_not_count() -> None:
    found = class_of("ppp", "fff", "epp")
    found.add(record("unread", error="It is empty."))
    assert {item.total for item in items(found)} == {2}


def test_without_submissions_there_is_nothing_to_say() -> None:
    found = gathered("lr", [record("a", task("only", "e"))])
    (item,) = items(found)
    assert isinstance(item, Item)
    assert (item.passed, item.total, item.discrimination) == (0, 0, None)
