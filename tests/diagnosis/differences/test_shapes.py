"""What an array of another shape holds is told, or what its shape alone says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from autograder.diagnosis.differences import shape_difference

Array = NDArray[np.float64]
RNG = np.random.default_rng(8)
ROW, TABLE = RNG.normal(size=9), RNG.normal(size=(4, 6))
LABELS = np.arange(20) % 3


@pytest.mark.parametrize(
    ("received", "expected", "words"),
    [
        (TABLE.T, TABLE, "It is transposed."),
        (TABLE.reshape(6, 4), TABLE, "Its numbers are right, only its shape is not."),
        (ROW[:, None], ROW, "Its numbers are right, only its shape is not."),
        (np.zeros((3, 1)), np.zeros(3), "Its numbers are right, only its shape is not."),
        (TABLE[1], TABLE, "It is only row [1] of what it should be."),
        (TABLE[:, 2:3], TABLE, "It is only column [2] of what it should be."),
        (ROW[3], ROW, "It is only [3] of what it should be."),
        (TABLE.sum(axis=0), TABLE, "It is the sum over axis 0 of what it should be."),
        (TABLE.mean(), TABLE, "It is the mean of what it should be."),
        (TABLE, TABLE.mean(axis=1), "Its mean over axis 1 is what it should be."),
        (ROW, ROW.max(), "Its maximum is what it should be."),
        (ROW[:-1], ROW, "Its entries are right, but the last one is missing."),
        (TABLE[2:], TABLE, "Its rows are right, but the first 2 are missing."),
        (np.r_[ROW, 3.3], ROW, "Its entries are right, but the last one should not be there."),
        (np.c_[np.ones(4), TABLE], TABLE, "Its columns are right, but the first one should not be there."),
        (np.eye(3)[LABELS] + 0.1, LABELS, "It holds a number for each class instead of labels."),
        (LABELS, np.eye(3)[LABELS], "It holds labels instead of a number for each class."),
        (RNG.normal(size=(9, 9)), ROW, "This is what arrays of shapes (9,) and (9, 1) are broadcast to."),
        (RNG.normal(size=(6, 4)), TABLE, "It has the shape of the transpose."),
        (RNG.normal(size=6), TABLE, "It has the shape of one row."),
        (RNG.normal(size=4), TABLE, "It has the shape of one column."),
        (np.zeros((6, 4)), np.zeros((4, 6)), "It has the shape of the transpose."),
    ],
)  # fmt: skip
def test_what_it_holds_is_told(received: Array, expected: Array, words: str) -> None:
    one, other = np.asarray(received, float), np.asarray(expected, float)
    assert shape_difference(one, other) == words


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (np.zeros(3), np.zeros((3, 3))),
        (np.ones((2, 2)), np.ones(2)),
        (np.array(2.0), np.array([1.0, 2.0, 3.0])),
        (np.array(6.0), np.array([1.0, 2.0, 3.0])),
        (np.array([1.0, 0.0]), np.array([1.0, 0.0, 1.0])),
        (np.array(ROW[3] * 1.0001), ROW),
    ],
)
def test_few_or_equal_numbers_tell_nothing(received: Array, expected: Array) -> None:
    assert shape_difference(received, expected) == ""


ARRAYS = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))


@given(ARRAYS, ARRAYS)
def test_it_never_raises_and_says_at_most_one_sentence(one: Array, other: Array) -> None:
    assert shape_difference(one, other).count(".") <= 1


@given(st.integers(0, 200))
def test_random_numbers_of_another_shape_are_not_explained(seed: int) -> None:
    rng = np.random.default_rng(seed)
    received, expected = rng.integers(0, 4, (5, 3)), rng.integers(0, 4, 5)
    assert shape_difference(received.astype(float), expected.astype(float)) == ""
