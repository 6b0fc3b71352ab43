"""Assertions that compare whole answers: what is the same, what is not, and what they say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.diagnosis.observations import Observation, recording
from autograder.sandbox.execution_errors import StudentError
from autograder.sandbox.worker.arrays import tensor_of
from autograder.testing import (
    Mismatch,
    SuiteError,
    assert_close,
    assert_equal,
    at_least,
    raises,
)
from autograder.testing.answers import Answer, TensorAnswer, exact


def tensor(values: Any, dtype: str = "float32", kind: str = "torch") -> TensorAnswer:
    array = np.asarray(values, dtype)
    return TensorAnswer(kind, dtype, array.shape, array.tobytes())


def array_of(values: Any, dtype: Any = None) -> TensorAnswer:
    """Return an array as an answer."""
    found = tensor_of(np.array(values, dtype))
    return TensorAnswer(found.kind, found.dtype, found.shape, found.data)


@dataclass
class Point:
    x: int
    y: float


FRAME = pd.DataFrame({"n": [1, 2], "x": [1.0, math.nan], "s": ["a", None]})
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
    (Decimal("0.5"), 0.5),
    (0.5, Fraction(1, 2)),
    (exact(Decimal("0.1")), 0.1),
    (exact(Fraction(1, 3)), Fraction(1, 3)),
    (np.array([True, False]), np.array([True, False])),
    (date(2020, 1, 1), date(2020, 1, 1)),
    (
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2020, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    ),
    (np.datetime64("2020-01-01", "ns"), date(2020, 1, 1)),
    (np.datetime64("NaT"), np.datetime64("NaT")),
    (timedelta(days=1), np.timedelta64(24, "h")),
    (time(12), time(12)),
    (slice(1, None), slice(1, None)),
    (range(3), [0, 1, 2]),
    ([0, 2], range(0, 4, 2)),
    ((1, 2.0), Point(1, 2.0)),
    (array_of(["a", "b"]), np.array(["a", "b"])),
    (array_of(["a"]), ["a"]),
    (array_of(["2020-01-01", "NaT"], "M8[s]"), np.array(["2020-01-01", "NaT"], "M8[D]")),
    (
        array_of([(1, "a")], [("x", int), ("y", "U1")]),
        np.array([(1, "a")], [("x", "i4"), ("y", "U2")]),
    ),
    (np.array([None, "a", math.nan], object), np.array([None, "a", math.nan], object)),
    (["a", None], np.array(["a", None], object)),
    (FRAME, FRAME),
    (FRAME.astype({"n": "Int64", "x": "Float32"}), FRAME),
    (FRAME["s"].astype(object), FRAME["s"]),
    (FRAME.index, FRAME.index),
    (FRAME["x"], [1.0, math.nan]),
    (FRAME[["n", "x"]], np.array([[1.0, 1.0], [2.0, math.nan]])),
    (FRAME["x"], np.array([1.0, math.nan])),
    (FRAME.set_index(["n", "s"]), FRAME.set_index(["n", "s"])),
    (pd.Series([1, None], dtype="Int64"), pd.Series([1.0, math.nan])),
    (pd.Series(["a", pd.NA], dtype="string"), pd.Series(["a", None])),
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
    (["a", "c"], np.array(["a", "b"]), "The answer is not right. Only [1] is wrong."),
    (["a", "b"], np.array([1, 2]), "The answer should hold numbers, but it holds text."),
    (10**400, 3.0, "The answer is too large a number."),
    (Fraction(10**400), 3.0, "The answer is NaN or infinity."),
    (Decimal("0.6"), 0.5, "The answer is not right."),
    (date(2020, 1, 2), date(2020, 1, 1), "The answer is not right."),
    (
        datetime(2020, 1, 1, tzinfo=UTC),
        date(2020, 1, 1),
        "The answer should be a date, but it is a datetime.",
    ),
    ("2020-01-01", date(2020, 1, 1), "The answer should be a date, but it is text."),
    (np.datetime64(3, "ns"), 3, "The answer should be a number, but it is a datetime64."),
    (np.datetime64(1, "Y"), np.datetime64(1, "as"), "The answer is not right."),
    (slice(1), slice(2), "The answer is not right."),
    ((1, 3.0), Point(1, 2.0), "The answer.y is not right."),
    (
        array_of(["a", "b"]),
        np.array(["a", "c"]),
        "The answer is not right. Only [1] is wrong.",
    ),
    (array_of([1], "M8[s]"), np.array([1]), "The answer should hold numbers, but it holds dates."),
    (array_of([1], "M8[s]"), np.array([2], "M8[s]"), "The answer is not right."),
    (
        array_of([(1, 2)], [("x", int), ("y", int)]),
        np.array([(1, 3)], [("x", int), ("y", int)]),
        "The answer['y'] is not right.",
    ),
    (
        array_of([(1,)], [("x", int)]),
        np.array([(1,)], [("z", int)]),
        "The answer has other fields.",
    ),
    (np.array([pd.NA], object), np.array([None], object), "The answer is not right."),
    (array_of([1], "u1"), np.array([2], "u1"), "The answer is not right. It is half as large"),
    ([1, 2], FRAME, "The answer should be a DataFrame, but it is a list of 2."),
    (FRAME, [1], "The answer should be a list, but it is a DataFrame of shape (2, 3)."),
    (FRAME, np.ones((2, 3)), "The answer should hold numbers, but it holds objects."),
    (FRAME.drop(columns="x"), FRAME, "The answer has no column 'x'."),
    (FRAME.assign(y=1), FRAME, "The answer has a column too many: 'y'."),
    (FRAME[["s", "x", "n"]], FRAME, "The answer has its columns in another order"),
    (FRAME.head(1), FRAME, "The answer should have 2 rows, but it has 1."),
    (FRAME.set_axis([5, 6]), FRAME, "The answer's index is not right."),
    (
        FRAME.set_axis(["a", "b"]),
        FRAME,
        "The answer's index should hold numbers, but it holds text or objects.",
    ),
    (FRAME.set_index("n"), FRAME.set_index(["n", "s"]), "The answer has a column too many: 's'."),
    (
        FRAME[["x"]].set_axis(FRAME["n"]),
        FRAME[["x"]].set_axis([FRAME["n"], FRAME["s"]]),
        "The answer's index should have 2 levels",
    ),
    (
        FRAME.assign(n=["1", "2"]),
        FRAME,
        "The answer['n'] should hold numbers, but it holds text or objects.",
    ),
    (
        FRAME.assign(s=["a", "c"]),
        FRAME,
        "The answer['s'] is not right. It holds values where they should be missing.",
    ),
    (FRAME.assign(x=[2.0, math.nan]), FRAME, "The answer['x'] is not right."),
    (
        ["a", np.array([1.0, 2.0])],
        np.array(["a", np.array([1.0, 3.0])], object),
        "The answer is not right.",
    ),
    (FRAME["n"], FRAME[["n"]], "The answer should be a DataFrame, but it is a Series."),
    (FRAME.index, FRAME["n"], "The answer should be a Series, but it is a RangeIndex."),
    (
        pd.Series(pd.date_range("2020", periods=1, tz="UTC")),
        pd.Series(pd.date_range("2020", periods=1)),
        "The answer should hold dates, but it holds times of a time zone.",
    ),
]

LIST = [0.33719, -2.61237, 1.70771, 0.41421, 5.12316]
TABLE = pd.DataFrame({"g": ["a", "b", "c"], "x": LIST[:3], "n": [3, 5, 4]})
GROUPS = TABLE.set_index("g")
HOW = [
    (LIST[::-1], LIST, "The answer is not right. Its entries are in reverse order."),
    (LIST[:-1], LIST, "has 4. Its entries are right, but the last one is missing."),
    ([*LIST[:3], 1.0, LIST[4]], LIST, "The answer is not right. Only [3] is wrong."),
    ([3, 1, 2], [1, 2, 3], "The answer[0] is not right."),
    ([True, 2.0, 3.0], [1.0, 2.0, 3.0], "should be a number, but it is True or False."),
    ([["a", "b"], ["c"]], [["a", "b"], ["d"]], "The answer[1][0] is not right."),
    (["a", "b", "d"], ["a", "b", "c"], "The answer is not right. Only [2] is wrong."),
    (np.array(LIST), sum(LIST) / 5, "of shape (5,). Its mean is what it should be."),
    (np.array(LIST)[:, None], np.array(LIST), "Its numbers are right, only its shape is not."),
    ((LIST[2], LIST[3]), (LIST[3], LIST[2]), "[0] is not right. It is what belongs in [1]."),
    ((LIST[2], LIST), (LIST, LIST[2]), "but it is a number. It is what belongs in [1]."),
    ({"a": LIST[2], "b": 1}, {"a": 1, "b": LIST[2]}, "['a'] is not right. It is what belongs in ['b']."),
    ((2, 1), (1, 2), "The answer[0] is not right. It is twice as large as it should be."),
    ({"Mean ": 1}, {"mean": 1}, "The answer has no 'mean'. It has 'Mean '."),
    (tensor(LIST, "float64"), tensor(LIST), "but it has float64. Its numbers are right."),
    (tensor([1, 2, 3], "int64"), tensor([1, 2, 3.5]), "but it has int64. Only [2] is wrong."),
    (tensor([1, math.nan, math.nan]), tensor([1, 2, 3]), "NaN or infinity. From [1] on, all is NaN."),
    (["1", "2"], np.array([1, 2]), "but it holds text. They are numbers written as text."),
    (7, 14, "The answer is not right. It is half as large as it should be."),
    ("a text that ends", "a text that ends here", "It is right as far as it goes, but its end is missing."),
    ([1.0, 2.0], np.array([1.0, math.nan]), "It holds numbers where values should be missing."),
    (TABLE, GROUPS, "a column too many: 'g'. It belongs in the index."),
    (GROUPS, TABLE, "has no column 'g'. It is in the index."),
    (GROUPS.rename(columns={"x": "X"}), GROUPS, "has no column 'x'. It has 'X'."),
    (GROUPS[["n", "x"]], GROUPS, "The answer has its columns in another order."),
    (TABLE[["g", "x", "n", "n"]], TABLE, "The answer has one of its columns twice."),
    (GROUPS[::-1], GROUPS, "The answer's index is not right. Its rows are in another order."),
    (GROUPS[:2], GROUPS, "it has 2. The rows of one label are missing."),
    (TABLE[::-1], TABLE, "Its rows should be numbered from 0 on."),
    (GROUPS.reset_index(drop=True), GROUPS, "Its rows are numbered from 0 on, as if the index had been reset."),
    (TABLE[::-1].reset_index(drop=True), TABLE, "The answer has the right rows in another order."),
    (GROUPS[::-1].set_axis(GROUPS.index), GROUPS, "The answer['x'] is not right. Its entries are in reverse order."),
    (TABLE.assign(n=["3", "5", "4"]), TABLE, "They are numbers written as text."),
    (TABLE.assign(n=TABLE["n"].astype(object)), TABLE, "They are numbers, but their dtype is object."),
    (TABLE.assign(x=0.0), TABLE.assign(x=[math.nan, 0.0, 0.0]), "It holds numbers where values should be missing."),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected"), SAME)
def test_what_is_the_same_passes(actual: Any, expected: Any) -> None:
    assert_close(actual, expected)


@pytest.mark.parametrize(("actual", "expected", "message"), DIFFERENT)
def test_what_differs_fails_and_says_how(actual: Any, expected: Any, message: str) -> None:
    for assertion in (assert_close, assert_equal):
        with pytest.raises(Mismatch) as caught:
            assertion(actual, expected)
        assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("actual", "expected", "message"), HOW)
def test_one_sentence_says_how_it_differs(actual: Any, expected: Any, message: str) -> None:
    for assertion in (assert_close, assert_equal):
        with pytest.raises(Mismatch) as caught:
            assertion(actual, expected)
        assert message in str(caught.value)
        assert str(caught.value).count(". ") <= 1


class Asked(Answer):
    """What stays in another process, and counts how often it is asked for its plain data."""

    asked = 0

    def take(self, wanted: str) -> Any:
        self.asked += 1
        return 3.1234


def test_no_other_question_is_asked_and_nothing_else_recorded_to_say_how_it_differs() -> None:
    remote, seen = Asked(), list[Observation]()
    with pytest.raises(Mismatch, match=r"\[1\] is not right\."), recording(seen):
        assert_close([1.5, remote, 2.25, LIST], [1.5, LIST[0], 3.1234, LIST])
    assert remote.asked == 1
    assert [one.value for one in seen] == [1.5, 3.1234]


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


class Kept(Answer):
    """What stays in another process, and the plain data that it stands for, if any."""

    def __init__(self, value: Any) -> None:
        self.value = self if value is None else value

    def take(self, wanted: str) -> Any:
        return self.value


def test_what_is_expected_may_be_an_answer_of_the_reference() -> None:
    for expected in (Kept(3.0), Kept([3.0, 4.0]), Kept(FRAME), tensor([1.0, 2.0])):
        actual = expected.value if isinstance(expected, Kept) else expected
        assert_close(actual, expected)
        assert_close({"a": actual}, {"a": expected})
        with pytest.raises(Mismatch):
            assert_close("another", expected)


def test_what_is_expected_and_has_no_plain_value_is_an_error_of_the_suite() -> None:
    with pytest.raises(SuiteError, match="Kept"):
        assert_close(3.0, Kept(None))
