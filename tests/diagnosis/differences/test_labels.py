"""What labels have in common is told if it is no chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences import difference, label_difference

ANIMALS = ["cat", "dog", "dog", "cat", "cow", "cow", "dog", "cat", "cow", "cat", "dog", "cow"]
BINARY = np.array([0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1])


def said(received: list[Any], expected: list[Any]) -> str:
    one, other = np.array(received, object), np.array(expected, object)
    return label_difference(one, other, np.array(one != other, bool))


def mapped(**other: str) -> list[str]:
    return [other.get(animal, animal) for animal in ANIMALS]


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (mapped(cat="dog", dog="cat"), "Two labels are exchanged with each other."),
        (mapped(cat="a", dog="b", cow="c"), "The groups are right, but they have other labels."),
        (["cat"] * 12, "All its entries are the same."),
        ([*map(str.upper, ANIMALS)], "They differ in upper and lower case only."),
        ([f" {animal}" for animal in ANIMALS], "They differ in blanks only."),
        ([*ANIMALS[:4], "dog", *ANIMALS[5:]], "Only [4] is wrong."),
        (["cow", "dog", "dog", "cow", *ANIMALS[4:]], "2 of 12 entries are wrong, the others are right."),
    ],
)  # fmt: skip
def test_how_labels_differ_is_told(received: list[str], words: str) -> None:
    assert said(received, ANIMALS) == words


def test_labels_may_be_whole_numbers() -> None:
    expected = BINARY.astype(float)
    assert difference(1 - expected, expected) == "The two labels are exchanged with each other."
    assert difference(0 * expected, expected) == "It is zero."
    classes: NDArray[np.float64] = np.array([1.0, 2.0, 3.0] * 20)
    missing = "Only entries of one label are wrong: it never occurs."
    assert difference(np.where(classes == 2, 1, classes), classes) == missing
    some = np.where((classes == 2) & (np.arange(60) > 20), 1, classes)
    assert difference(some, classes) == "Only entries of one label are wrong."
    assert difference(classes - 1, classes) == "It is off by the same amount everywhere."


def test_the_order_of_many_labels_is_told() -> None:
    assert said((2 * ANIMALS)[::-1], 2 * ANIMALS) == "Its entries are in reverse order."
    names = [f"name {index}" for index in range(9)]
    assert said([*names[4:], *names[:4]], names) == "Its entries are right, but in another order."


def test_another_type_is_told() -> None:
    words = "They are right, but for their type: for example, numbers are written as text."
    assert said(["1", "2", "3"], [1, 2, 3]) == words


def test_few_labels_are_not_explained() -> None:
    assert said(["b", "a"], ["a", "b"]) == ""
    assert said(["b", "a", "b"], ["a", "b", "a"]) == ""
    assert said(["a", "a", "a"], ["a", "b", "a"]) == "Only [1] is wrong."


def test_missing_and_filled_labels_are_told() -> None:
    filled = "It holds values where they should be missing."
    assert said(["a", "b", "b"], ["a", None, "b"]) == filled
    assert (
        said([None] * 3, ["a", None, "b"]) == "Values are missing in it, and the others are right."
    )


def test_of_what_is_no_label_the_number_of_wrong_ones_is_told() -> None:
    assert (
        said([{1}, {2}, {3}], [{1}, {2}, {4}]) == "1 of 3 entries is wrong, the others are right."
    )
    assert said([{1}, {2}], [{1}, {4}]) == ""
