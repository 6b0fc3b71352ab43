"""Intervals agree with what is printed in the papers they are from, or done by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.insight.intervals import fisher, newcombe, wilson


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [  # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_proportion_has_the_published_interval(
    count: int, total: int, low: float, high: float
) -> None:
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe (1998), Interval estimation for the difference, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_a_difference_has_the_published_interval(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """The paper subtracts the second from the first; here it is later minus earlier."""
    assert newcombe(other, one) == pytest.approx((low, high), abs=5e-5)


def test_nobody_at_all_tells_nothing() -> None:
    assert wilson(0, 0) == (0, 1)
    assert newcombe((0, 0), (1, 2)) == (-1, 1)


@given(st.integers(1, 2000), st.data())
def test_an_interval_contains_the_share(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    low, high = wilson(count, total)
    assert 0 <= low <= count / total + 1e-12
    assert count / total - 1e-12 <= high <= 1


def test_a_correlation_is_sure_if_there_are_many() -> None:
    """r = 0.5 of 28: artanh 0.5 = 0.5493, and 1.96 / √25 = 0.3920."""
    low, high = fisher(0.5, 28) or (0.0, 0.0)
    assert (low, high) == pytest.approx((math.tanh(0.1573), math.tanh(0.9413)), abs=1e-4)
    assert fisher(0.5, 3) is None
    assert fisher(1.0, 10) == (1.0, 1.0)
