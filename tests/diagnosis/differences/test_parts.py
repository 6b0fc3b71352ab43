"""The part that is wrong is told, and where NaN begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences.parts import by_part, how_many, missing_values, not_finite

Array = NDArray[np.float64]
SQUARE = np.random.default_rng(5).normal(size=(4, 4))
ROW = SQUARE[0].repeat(2) * np.arange(1, 9)


def wrong_at(shape: tuple[int, ...], *places: Any) -> NDArray[np.bool_]:
    wrong = np.zeros(shape, bool)
    for where in places:
        wrong[where] = True
    return wrong


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (wrong_at((4, 4), (1, 2)), "Only [1, 2] is wrong."),
        (wrong_at((4, 4), (1, slice(None))), "Only row [1] is wrong."),
        (wrong_at((4, 4), (slice(1, 3), 0)), "Only column [0] is wrong."),
        (np.eye(4) == 1, "Only the diagonal is wrong."),
        (np.eye(4) == 0, "Only the diagonal is right."),
        (np.tri(4, k=-1) == 1, "Only what is below the diagonal is wrong."),
        (np.tri(4).T == 0, "Only what is below the diagonal is wrong."),
        (np.tri(4) == 0, "Only what is above the diagonal is wrong."),
        (~wrong_at((4, 4), (3, slice(None))), "Only row [3] is right."),
        (wrong_at((4, 4), (slice(2, 4), 0), (slice(2, 4), 3)), "The first 2 rows are right, all later ones are wrong."),
        (wrong_at((8,), (slice(5, 8),)), "The first 5 entries are right, all later ones are wrong."),
        (wrong_at((8,), (slice(0, 3),)), "The last 5 entries are right, all before them are wrong."),
        (wrong_at((8,), (0,)), "Only [0] is wrong."),
        (wrong_at((2, 2, 4), (1, 0, 0), (1, 1, 3)), "Only [1] along axis 0 is wrong."),
        (wrong_at((4, 4), (0, 1), (1, 3), (2, 0), (3, 2)), ""),
        (wrong_at((8,), (0,), (4,)), ""),
    ],
)  # fmt: skip
def test_a_part_with_a_form_is_told(wrong: NDArray[np.bool_], words: str) -> None:
    expected = ROW if wrong.ndim == 1 else SQUARE.reshape(wrong.shape)
    assert by_part(wrong, expected) == words


def test_it_is_told_how_the_part_differs() -> None:
    received = SQUARE * [1, 1, -1, 1]
    said = "Only column [2] is wrong: it has the opposite sign."
    assert by_part(received != SQUARE, SQUARE, received) == said


def test_what_is_right_by_chance_is_not_told() -> None:
    labels = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    assert by_part(wrong_at((6,), (slice(3, 6),)), labels) == ""
    assert by_part(~wrong_at((3, 3), (1, slice(None))), np.zeros((3, 3))) == ""


def test_wrong_entries_are_counted_if_there_are_right_ones() -> None:
    assert how_many(np.array([True, False, True]), "entries").startswith("2 of 3 entries are wrong")
    assert how_many(np.array([True, False, False]), "numbers").startswith("1 of 3 numbers is wrong")
    assert how_many(np.array([True, True, True]), "numbers") == ""
    assert how_many(np.array([True, False]), "numbers") == ""
    assert how_many(np.arange(1000) > 5, "numbers") == ""


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ([0.0, 1.0, np.nan, np.nan], "From [2] on, all is NaN."),
        ([0.0, 1.0, np.inf, np.nan], "From [2] on, all is NaN or infinite."),
        ([np.nan] * 3, "Every entry is NaN."),
        ([0.0, np.nan, 2.0], "Only [1] is NaN."),
        ([0.0, -np.inf, 2.0, np.inf, 1.0], "2 of 5 entries are infinite, the first one at [1]."),
        ([[0.0, np.nan], [1.0, np.nan]], "Only column [1] is NaN."),
        ([[0.0, 1.0], [np.nan, 1.0], [2.0, 2.0]], "Only [1, 0] is NaN."),
        (np.nan, ""),
    ],
)
def test_where_nan_begins_is_told(received: list[float], words: str) -> None:
    array = np.array(received)
    assert not_finite(array, ~np.isfinite(array)) == words


def test_filled_missing_values_are_told() -> None:
    expected = np.array([1.0, np.nan, 3.0, np.nan])
    said = "It holds numbers where values should be missing."
    assert missing_values(np.isnan(expected), expected) == said
    assert missing_values(np.array([True, True, False, False]), expected).startswith("2 of 4")
