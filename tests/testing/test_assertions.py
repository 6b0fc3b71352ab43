"""The judge believes nothing that a submission claims about its answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.worker.wire import Tensor
from autograder.testing import Mismatch, array, close, number, values


def tensor(values: Any, dtype: str = "float32", kind: str = "torch") -> Tensor:
    contents = np.asarray(values, dtype)
    return Tensor(kind, dtype, contents.shape, contents.tobytes())


@given(st.floats(-1e30, 1e30))
def test_a_float_is_a_number(value: float) -> None:
    assert number(value, "it") == value


@pytest.mark.parametrize(
    "value",
    [3, 3.0, tensor(3), tensor([3.0]), tensor([[3.0]], "float64"), tensor(3.0, "float64", "numpy"),
     tensor(3, "int64"), Tensor("torch", "bfloat16", (), b"\x40\x40")],
)  # fmt: skip
def test_everything_with_one_real_element_is_a_number(value: Any) -> None:
    assert number(value, "it") == 3.0


@pytest.mark.parametrize(
    "value",
    [None, True, "3", [3.0], (3.0,), {"a": 3.0}, object(), math.nan, math.inf, -math.inf, 3j,
     tensor([1.0, 2.0]), tensor([]), tensor(math.nan), tensor(True, "bool"), tensor(1j, "complex64")],
)  # fmt: skip
def test_everything_else_is_not(value: Any) -> None:
    with pytest.raises(Mismatch):
        number(value, "it")


def test_it_is_told_where_an_array_is_not_finite() -> None:
    with pytest.raises(
        Mismatch, match=r"It contains NaN or infinity\. From \[1\] on, all is NaN\."
    ):
        values(tensor([1.0, math.nan, math.nan]), (3,), "It")


def test_which_numbers_are_wrong_depends_on_the_tolerance() -> None:
    received, expected = np.array([1.304, 2.7, 5.1]), np.array([1.3, 2.2, 5.1])
    with pytest.raises(Mismatch, match=r"^no 2 of 3 numbers are wrong"):
        close(received, expected, "no")
    with pytest.raises(Mismatch, match=r"^no Only \[1\] is wrong\.$"):
        close(received, expected, "no", atol=0.01)


def test_an_array_has_exactly_the_shape_dtype_and_kind() -> None:
    assert array(tensor([[1.0, 2.0]]), (1, 2), "it").tolist() == [[1.0, 2.0]]
    for wrong in (
        tensor([1.0, 2.0]),
        tensor([[1.0], [2.0]]),
        tensor([[1.0, 2.0]], "float64"),
        tensor([[1.0, 2.0]], "float32", "numpy"),
        tensor([[1.0, math.nan]]),
        tensor([[1.0, math.inf]]),
        [[1.0, 2.0]],
        None,
    ):
        with pytest.raises(Mismatch):
            array(wrong, (1, 2), "it")


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_close_means_within_the_tolerance(left: float, right: float) -> None:
    near = abs(left - right) <= 1e-5 + 1e-4 * abs(right)
    if near:
        close(left, right, "differs")
    else:
        with pytest.raises(Mismatch, match="differs"):
            close(left, right, "differs")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinity_are_close_to_nothing(value: float) -> None:
    with pytest.raises(Mismatch):
        close(value, 1.0, "differs")
    with pytest.raises(Mismatch):
        close(math.nan, math.nan, "differs")


def test_shapes_are_never_broadcast() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        close(np.ones(3), np.ones((3, 1)), "differs")


def test_the_message_does_not_tell_the_expected_value() -> None:
    with pytest.raises(Mismatch) as caught:
        close(1.0, 123.456, "It is not right.")
    assert str(caught.value) == "It is not right."
