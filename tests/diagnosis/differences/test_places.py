"""What stands in another place is told if the numbers are no chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autograder.diagnosis.differences.places import by_place

Array = NDArray[np.float64]
RNG = np.random.default_rng(5)
ROW, SQUARE, CUBE = RNG.normal(size=9), RNG.normal(size=(4, 4)), RNG.normal(size=(3, 3, 5))
TABLE = RNG.normal(size=(6, 3))
SHIFTED = "Its {} are shifted by one: what belongs in [{}] is in [{}]."
OTHER = "Its {} are right, but in another order."


@pytest.mark.parametrize(
    ("received", "expected", "words"),
    [
        (SQUARE.T, SQUARE, "It is transposed."),
        (CUBE.swapaxes(0, 1), CUBE, "Its axes 0 and 1 are exchanged."),
        (ROW[::-1], ROW, "Its entries are in reverse order."),
        (ROW[1::-1], ROW[:2], "Its entries are in reverse order."),
        (TABLE[::-1], TABLE, "Its rows are in reverse order."),
        (TABLE[:, ::-1], TABLE, "Its columns are in reverse order."),
        (CUBE[:, :, ::-1], CUBE, "Its entries along axis 2 are in reverse order."),
        (np.roll(ROW, 1), ROW, SHIFTED.format("entries", 0, 1)),
        (np.r_[0.0, ROW[:-1]], ROW, SHIFTED.format("entries", 0, 1)),
        (np.r_[ROW[1:], 0.0], ROW, SHIFTED.format("entries", 1, 0)),
        (np.roll(TABLE, -1, axis=0), TABLE, SHIFTED.format("rows", 1, 0)),
        (ROW[[3, 1, 0, 2, 8, 5, 6, 4, 7]], ROW, OTHER.format("entries")),
        (np.sort(ROW), ROW, "Its entries are right, but sorted."),
        (TABLE[[2, 0, 5, 1, 3, 4]], TABLE, OTHER.format("rows")),
        (np.roll(RNG.normal(size=(5, 4)), 0), SQUARE[:1].repeat(5, 0), ""),
        (SQUARE[:, [2, 0, 1, 3]], SQUARE, OTHER.format("columns")),
        (TABLE.ravel(order="F").reshape(6, 3), TABLE, OTHER.format("entries")),
        (np.arange(4.0)[::-1], np.arange(4.0), "Its entries are in reverse order."),
    ],
)
def test_another_place_is_told(received: Array, expected: Array, words: str) -> None:
    assert by_place(received, expected) == words


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ([1.0, 0.0, 1.0], [0.0, 1.0, 1.0]),
        ([3.0, 2.0, 1.0], [1.0, 2.0, 3.0]),
        ([[1.0, 3.0], [2.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]),
        ([0.0, 0.0, 1.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]),
        ([[0.0, 0.0], [0.337, 0.0]], [[0.0, 0.337], [0.0, 0.0]]),
        ([0.0] * 50 + [1.0], [1.0] + [0.0] * 50),
    ],
)
def test_few_or_equal_numbers_tell_no_order(received: list[float], expected: list[float]) -> None:
    assert by_place(np.array(received), np.array(expected)) == ""


def test_labels_that_occur_as_often_as_they_should_are_not_in_another_order() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        labels = rng.integers(0, 3, 60).astype(float)
        assert by_place(rng.permutation(labels), labels) == ""


def test_large_labels_are_the_same_only_if_they_are_equal() -> None:
    expected = np.array([20_000.0, 20_300.0, 20_600.0, 20_900.0])
    received = expected[::-1] + np.array([1.0, 0.0, 0.0, 0.0])
    assert by_place(received, expected) == "Its entries are in reverse order."
    assert by_place(received, expected, same=0.0) == ""


@given(st.permutations(range(6)), st.integers(0, 5), st.booleans())
@settings(max_examples=60)
def test_no_order_is_told_of_numbers_that_are_not_all_there(
    order: list[int], place: int, of_rows: bool
) -> None:
    expected = TABLE if of_rows else ROW[:6]
    received = expected[order].copy()
    received[place] += 0.3
    assert "another order" not in by_place(received, expected)
