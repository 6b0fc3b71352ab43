"""Whether numbers can agree by chance depends on how many they are and how different."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.diagnosis.differences.evidence import (
    is_round,
    matches,
    near,
    orders,
    symbols,
    telling,
)


@pytest.mark.parametrize(
    ("numbers", "tells"),
    [
        ([], False),
        ([3.0], False),
        ([0.925], False),
        ([0.29352], True),
        ([1.0, 2.0, 3.0], False),
        ([1.0, 2.0, 3.0, 4.0], True),
        ([0.0, 1.0] * 7, False),
        ([0.0, 1.0] * 8, True),
        ([5.0] * 1000, False),
        ([0.333333] * 5, False),
        ([0.333333, 0.333334, 0.333333], False),
        ([0.333333, 0.777777], True),
    ],
)
def test_many_different_numbers_are_telling(numbers: list[float], tells: bool) -> None:
    assert telling(np.array(numbers)) is tells


def test_numbers_agree_up_to_rounding() -> None:
    right = np.array([1000.0, 0.0, -2.0])
    assert near(right + np.array([0.05, 1e-6, -1e-4]), right).all()
    assert not near(right + np.array([0.2, 1e-3, -1e-2]), right).any()
    assert matches(right, right)
    assert matches(right[::-1][1:] + 1e-9, right[::-1][1:])
    assert not matches(right, right[:2])
    assert not matches(right, np.array([1000.0, 0.0, np.nan]))


def test_a_round_number_has_at_most_three_decimals() -> None:
    numbers = np.array([0.0, 3.0, -0.125, np.float32(0.1), 1 / 3, 1e-5, 20_000.0])
    assert is_round(numbers).tolist() == [True, True, True, True, False, False, True]


def test_equal_rows_are_one_symbol() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    assert symbols(rows).tolist() == [0, 1, 0]
    assert orders(symbols(rows)) == pytest.approx(np.log2(3))
