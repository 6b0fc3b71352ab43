"""Axes: an interval whatever the numbers, and few, nice ticks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.charts.axis import Axis, axis

ANY = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 30, ["0", "5", "10", "15", "20", "25", "30"]),
        (-2.3, 2.1, ["−2", "−1", "0", "1", "2"]),
        (0, 0.01, ["0.000", "0.002", "0.004", "0.006", "0.008", "0.010"]),
        (0, 5e9, ["0", "1e+09", "2e+09", "3e+09", "4e+09", "5e+09"]),
    ],
)
def test_ticks_are_nice_numbers(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in Axis("x", low, high).ticks()] == texts


def test_logarithmic_ticks_are_powers_of_ten() -> None:
    assert Axis("x", 0.05, 1e4, log=True).ticks() == [
        (0.1, "0.1"), (1, "1"), (10, "10"), (100, "100"), (1000, "1000"), (1e4, "10⁴"),
    ]  # fmt: skip
    assert len(Axis("x", 1e-90, 1e90, log=True).ticks()) <= 8


@given(st.lists(ANY), st.booleans())
def test_an_axis_is_an_interval_with_few_ticks(values: list[float], log: bool) -> None:
    made = axis("x", values, log=log)
    assert made.low < made.high
    assert len(made.ticks()) <= 12
    assert made.low > 0 or not log
