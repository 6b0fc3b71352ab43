"""A common factor is told in words, another one only as such."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.diagnosis.differences.factors import FACTORS, factor_in_words, movement

EXPECTED = np.array([1.0, -2.0, 3.3, 0.21])


@pytest.mark.parametrize(("factor", "words"), FACTORS.items())
@pytest.mark.parametrize("sign", [1, -1])
def test_a_common_factor_is_named(factor: float, words: str, sign: int) -> None:
    expected = np.array([[1.0, -2.5], [40.0, 0.0]])
    said = factor_in_words(sign * factor * expected, expected)
    moved = movement(sign * factor * expected, expected)
    opposite = ("", "") if sign > 0 else (", with the opposite sign", ", in the opposite direction")
    assert said == f"It is {words} as large as it should be{opposite[0]}."
    assert moved == f"It moved {words} as far as it should be{opposite[1]}."


@pytest.mark.parametrize("factor", [0.9, 1.5, 7.0, -1.7, 1500.0])
def test_of_few_numbers_another_factor_is_not_told(factor: float) -> None:
    assert factor_in_words(factor * np.array([1.0, 2.0]), np.array([1.0, 2.0])) == ""
    assert factor_in_words(factor * np.ones(5), np.ones(5)) == ""


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (7.0, "large by the same whole factor everywhere, like a sum instead of a mean."),
        (1 / 7, "small by the same whole factor everywhere, like a mean instead of a sum."),
        (7.3, "large by the same factor everywhere."),
        (0.83, "small by the same factor everywhere."),
    ],
)
def test_of_many_numbers_it_is_told_that_there_is_one(factor: float, words: str) -> None:
    assert factor_in_words(factor * EXPECTED, EXPECTED) == f"It is too {words}"


def test_a_factor_that_does_not_hold_for_all_numbers_is_not_told() -> None:
    for index in range(EXPECTED.size):
        received = 2 * EXPECTED
        received[index] *= 1.001
        assert factor_in_words(received, EXPECTED) == ""


def test_the_opposite_sign_zero_and_standing_still_are_named() -> None:
    assert factor_in_words(-EXPECTED, EXPECTED) == "It has the opposite sign."
    assert movement(-EXPECTED, EXPECTED) == "It moved in the opposite direction."
    assert factor_in_words(0 * EXPECTED, EXPECTED) == "It is zero."
    assert movement(0 * EXPECTED, EXPECTED) == "It did not move at all."
    assert factor_in_words(EXPECTED, 0 * EXPECTED) == ""
