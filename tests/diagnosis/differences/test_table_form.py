"""How tables differ is told: names, labels of rows, order, kinds of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.diagnosis.differences.table_form import (
    are_shuffled,
    index_difference,
    kind_difference,
    other_name,
)


@pytest.mark.parametrize(
    ("name", "names", "words"),
    [
        ("price", ["size", "Price "], "It has 'Price '."),
        ("n_rows", ["n rows"], "It has 'n rows'."),
        ("price", ["size", "cost"], ""),
        ("+", ["-"], ""),
    ],
)
def test_a_name_that_is_written_otherwise_is_told(name: str, names: list[str], words: str) -> None:
    assert other_name(name, names) == words


@pytest.mark.parametrize(
    ("received", "expected", "words"),
    [
        (["a", "b"], ["a", "b"], ""),
        ([3, 1, 0], [0, 1, 2], "Its rows should be numbered from 0 on."),
        ([0, 1], ["a", "b"], "Its rows are numbered from 0 on, as if the index had been reset."),
        (["b", "a"], ["a", "b"], "Its rows are in another order."),
        (["a"], ["a", "b"], "The rows of one label are missing."),
        (["a", "b", "c"], ["a"], "The rows of 2 labels should not be there."),
        (["a", "c"], ["a", "b"], ""),
        ([0, 1, 2], [0, 1], ""),
        ([("a", 1)], [("a", 1), ("b", 2)], "The rows of one label are missing."),
    ],
)
def test_how_labels_of_rows_differ_is_told(
    received: list[Any], expected: list[Any], words: str
) -> None:
    assert index_difference(received, expected) == words


def test_rows_in_another_order_are_recognized_in_all_columns_together() -> None:
    expected: list[list[Any]] = [["a", "b", "c"], [0.1 + 0.2, 1.0, 2.0]]
    names = ["c", "a", "b"]
    assert are_shuffled([names, [2.0, 0.3, 1.0]], expected)
    assert not are_shuffled([names, [0.3, 1.0, 2.0]], expected)
    assert not are_shuffled(expected, expected)


@pytest.mark.parametrize(
    ("values", "wanted", "words"),
    [
        (["1", "2.5", None], "numbers", "They are numbers written as text."),
        ([1, 2.5, None], "numbers", "They are numbers, but their dtype is object."),
        (["1", "two"], "numbers", ""),
        (["1", "2"], "categories", ""),
        ([None], "numbers", ""),
    ],
)
def test_numbers_in_another_dtype_are_told(values: list[Any], wanted: str, words: str) -> None:
    assert kind_difference(np.array(values, object), wanted) == words
