"""Sums and means in place of the numbers, and another scale, are told."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences import difference
from autograder.diagnosis.differences.summaries import by_scale, by_summary

Array = NDArray[np.float64]
RNG = np.random.default_rng(6)
ROW, TABLE = RNG.normal(size=7), RNG.normal(size=(6, 4))


@pytest.mark.parametrize(
    ("received", "expected", "words"),
    [
        (np.cumsum(ROW), ROW, "It adds up: each entry is the sum of the right entries so far."),
        (np.cumsum(TABLE, 0), TABLE, "It adds up: each row is the sum of the right rows so far."),
        (np.full(7, ROW.mean()), ROW, "Each entry is the mean of the right entries."),
        (np.tile(TABLE.sum(axis=0), (6, 1)), TABLE, "Each row is the sum of the right rows."),
        (np.cumsum(ROW) + np.eye(7)[4], ROW, ""),
        (np.cumsum([0.0, 1, 0]), np.array([0.0, 1, 0]), ""),
    ],
)
def test_a_sum_or_mean_of_the_right_numbers_is_told(
    received: Array, expected: Array, words: str
) -> None:
    assert by_summary(received, expected) == words


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (3.1 * TABLE - 2, "All numbers differ by the same factor and the same offset."),
        (TABLE + np.arange(1, 5), "In each column, all numbers are off by the same amount."),
        (TABLE * [2, 3, 4, 5], "In each column, all numbers are off by the same factor."),
        (TABLE * np.arange(2, 8)[:, None], "In each row, all numbers are off by the same factor."),
        (TABLE * [2, 3, 4, 5] + 1, "In each column, all numbers differ by the same factor and the same offset."),
        (TABLE * [2, 3, 4, 5] + np.eye(6, 4), ""),
    ],
)  # fmt: skip
def test_another_scale_is_told(received: Array, words: str) -> None:
    assert by_scale(received, TABLE) == words


def test_another_scale_is_told_although_some_numbers_are_right_by_chance() -> None:
    received = TABLE * [2, 3, 4, 5]
    received[:, 1] += TABLE[2, 1] - received[2, 1]
    said = "In each column, all numbers differ by the same factor and the same offset."
    assert difference(received, TABLE) == said


def test_few_numbers_have_no_scale() -> None:
    assert by_scale(3.1 * TABLE[:1] - 2, TABLE[:1]) == ""
    sparse = np.array([[0.0, 0.0], [0.71317, 0.0], [0.0, -1.31719], [0.0, 0.0], [0.0, 0.0]])
    assert by_scale(sparse * [2.2, 3.3], sparse) == ""
    assert by_scale(np.array([1.0, 2.0, 4.0]), np.array([0.3, 0.7, 0.9])) == ""
