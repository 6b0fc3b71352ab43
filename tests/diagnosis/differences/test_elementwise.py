"""What all numbers have in common is told if only one description fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences.elementwise import by_value

Array = NDArray[np.float64]
EXPECTED = np.array([0.337, 2.6123, -1.7077, 0.0, 4.1113])
POSITIVE = np.abs(EXPECTED) + 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (np.square, "It is the square of what it should be."),
        (np.sqrt, "It is the square root of what it should be."),
        (np.log, "It is the logarithm of what it should be."),
        (np.exp, "It is the exponential of what it should be."),
        (np.reciprocal, "It is 1 divided by what it should be."),
        (lambda right: 1 - right, "It is 1 minus what it should be."),
        (lambda right: right + 3, "It is off by the same amount everywhere."),
        (lambda right: np.round(right, 2), "It is rounded."),
        (lambda right: np.trunc(100 * right) / 100, "Its decimals are cut off."),
    ],
)
def test_a_function_of_all_numbers_is_told(change: Callable[[Array], Array], words: str) -> None:
    assert by_value(change(POSITIVE), POSITIVE) == words
    spoilt = change(POSITIVE)
    spoilt[2] *= 1.01
    assert by_value(spoilt, POSITIVE) == ""


def test_lost_signs_are_told() -> None:
    absolute = "It is the absolute value of what it should be."
    expected = np.array([0.33713, -2.6123, -1.7077])
    assert by_value(np.abs(expected), expected) == absolute
    assert by_value(np.maximum(expected, 0), expected) == "It is 0 wherever it should be negative."
    assert by_value(np.minimum(expected, 0), expected) == "It is 0 wherever it should be positive."


def test_of_a_single_number_a_function_is_told_if_it_is_no_round_one() -> None:
    said = "It is the square root of what it should be."
    assert by_value(np.array(0.5418), np.array(0.5418**2)) == said
    assert by_value(np.array(3.0), np.array(9.0)) == "It is a third as large as it should be."
    assert by_value(np.array(0.6), np.array(0.36)) == ""
    assert by_value(np.array(0.5418), np.array(0.5418**2 * 1.0005)) == ""


def test_of_labels_and_of_few_round_numbers_no_function_is_told() -> None:
    labels = np.array([0.0, 1.0] * 20)
    assert by_value(1 - labels, labels) == ""
    assert by_value(np.array([1.0, 4.0, 9.0]), np.array([1.0, 2.0, 3.0])) == ""
    assert by_value(np.array([1.0, 2.0]), np.array([0.0, 1.0])) == ""


def test_constants_are_off_by_no_amount() -> None:
    assert by_value(np.full(4, 5.0), np.full(4, 1.7)) == ""
