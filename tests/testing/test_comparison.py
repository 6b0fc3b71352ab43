"""Assertions that compare whole answers: what is the same, what is not, and what they say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.execution_errors import StudentError
from autograder.testing import (
    Mismatch,
    SuiteError,
    assert_close,
    assert_equal,
    at_least,
    raises,
)
from autograder.testing.answers import TensorAnswer


def tensor(values: Any, dtype: str = "float32", kind: str = "torch") -> TensorAnswer:
    array = np.asarray(values, dtype)
    return TensorAnswer(kind, dtype, array.shape, array.tobytes())


SAME = [
    (3, 3),
    (3.0, 3),
    (np.float64(3), 3.0),
    (tensor([3.0]), 3.0),
    (3.0 + 1e-9, 3.0),
    (math.nan, math.nan),
    (-math.inf, -math.inf),
    (None, None),
    (True, True),
    (np.True_, True),
    ("text", "text"),
    ([1, 2], (1, 2)),
    ([1.0, [2.0, "a"]], [1.0, [2.0, "a"]]),
    ({"a": 1, "b": [2]}, {"b": [2], "a": 1}),
    ({1, 2}, {2, 1}),
    ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
    (tensor([1.0, 2.0], kind="numpy"), np.array([1.0, 2.0])),
    (tensor([1.0, 2.0], "float64"), np.array([1.0, 2.0])),
    (tensor([1.0, 2.0]), tensor([1.0, 2.0])),
    (tensor([1.0, 2.0]), [1.0, 2.0]),
    (["a", "b"], np.array(["a", "b"])),
    (tensor([1, 0], "int64"), np.array([True, False])),
    (10**400, 10**400),
    (tensor([math.nan, 1.0]), np.array([math.nan, 1.0])),
    (3 + 4j, 3 + 4j),
]
DIFFERENT = [
    (4.0, 3.0, "The answer is not right."),
    (-3.0, 3.0, "The answer is not right. It has the opposite sign."),
    (math.nan, 3.0, "The answer is NaN or infinity."),
    (True, 1, "The answer should be a number, but it is True or False."),
    (1, True, "The answer should be True or False, but it is a number."),
    ("3", 3, "The answer should be a number, but it is text."),
    (None, 3, "The answer should be a number, but it is None (is a `return` missing?)."),
    (3, None, "The answer should be None"),
    ("Text", "text", "The answer is not right. It differs in upper and lower case only."),
    ("a b", "ab", "The answer is not right. It differs in blanks only."),
    ([1, 2, 3], [1, 2], "The answer should have 2 items, but it has 3."),
    ([1, 5], [1, 2], "The answer[1] is not right."),
    ({"a": 1}, {"b": 1}, "The answer has no 'b'."),
    ({"a": 1, "b": 2}, {"a": 1}, "The answer has 1 keys too many."),
    ({"a": [1, 2]}, {"a": [1, 3]}, "The answer['a'][1] is not right."),
    ({1, 3}, {1, 2}, "The answer is not right: it lacks 1 items, and has 1 others."),
    (
        tensor([1.0]),
        tensor([1.0, 2.0]),
        "The answer should have shape (2,), but it has shape (1,).",
    ),
    (tensor([1.0], "float64"), tensor([1.0]), "The answer should have dtype float32"),
    (np.array([1.0]), tensor([1.0]), "The answer should be a tensor, but it is a"),
    (tensor([2.0, 4.0]), tensor([1.0, 2.0]), "The answer is not right. It is twice as large"),
    (tensor([math.nan, 2.0]), tensor([1.0, 2.0]), "The answer contains NaN or infinity."),
    ([[1, 2], [3]], np.eye(2), "The answer should be an array, but it is a list of 2."),
    (["a", "c"], np.array(["a", "b"]), "The answer is not right. 1 of 2 entries is wrong."),
    (["a", "b"], np.array([1, 2]), "The answer should hold numbers."),
    (10**400, 3.0, "The answer is too large a number."),
]


@pytest.mark.parametrize(("actual", "expected"), SAME)
def test_what_is_the_same_passes(actual: Any, expected: Any) -> None:
    assert_close(actual, expected)


@pytest.mark.parametrize(("actual", "expected", "message"), DIFFERENT)
def test_what_differs_fails_and_says_how(actual: Any, expected: Any, message: str) -> None:
    for assertion in (assert_close, assert_equal):
        with pytest.raises(Mismatch) as caught:
            assertion(actual, expected)
        assert str(caught.value).startswith(message)


def test_exactly_equal_is_more_than_close() -> None:
    assert_close([1.0, 2.0 + 1e-9], [1.0, 2.0])
    with pytest.raises(Mismatch, match=r"The answer\[1\] is not right"):
        assert_equal([1.0, 2.0 + 1e-9], [1.0, 2.0])
    with pytest.raises(Mismatch):
        assert_equal(2**60 + 1, 2**60)


def test_a_message_comes_before_how_it_differs_and_the_name_is_used() -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(-3.0, 3.0, "Look at the sign.", what="the loss")
    assert str(caught.value) == "Look at the sign. the loss is not right. It has the opposite sign."


def test_what_nothing_can_equal_is_an_error_of_the_suite() -> None:
    with pytest.raises(SuiteError, match="function"):
        assert_close(3, print)


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        keys = st.text(max_size=3)
        return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)

    return st.recursive(leaves, containers, max_leaves=6)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
TENSORS = st.lists(st.floats(width=32), max_size=4).map(tensor)


@given(trees(PLAIN | TENSORS))
def test_everything_equals_itself(tree: Any) -> None:
    assert_equal(tree, tree)


@given(trees(PLAIN), trees(PLAIN))  # a tensor may stand for a number, but not the reverse
def test_of_two_that_are_equal_each_equals_the_other(one: Any, other: Any) -> None:
    def equal(actual: Any, expected: Any) -> bool:
        try:
            assert_equal(actual, expected)
        except Mismatch:
            return False
        return True

    if isinstance(one, list | dict | str) and isinstance(other, list | dict | str):
        assert equal(one, other) == equal(other, one)


def test_a_quality_may_be_a_margin_below_the_bound() -> None:
    at_least(0.9, 0.9, "The accuracy")
    at_least(tensor(0.89), 0.9, "The accuracy", margin=0.02)
    with pytest.raises(Mismatch, match=r"The accuracy is 0\.85, and should be 0\.9 at least\."):
        at_least(0.85, 0.9, "The accuracy", margin=0.02)
    with pytest.raises(Mismatch):
        at_least(math.nan, 0.9, "The accuracy")


def fail(kind: str) -> None:
    raise StudentError(kind, "no", None)


def test_an_exception_that_is_asked_for_passes_and_no_other() -> None:
    with raises("ValueError", "TypeError"):
        fail("TypeError")
    with (
        pytest.raises(Mismatch, match=r"should raise ValueError here\. It raised KeyError"),
        raises("ValueError"),
    ):
        fail("KeyError")
    with pytest.raises(Mismatch, match="it raised nothing"), raises("ValueError"):
        pass
