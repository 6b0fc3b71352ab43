"""Judges what a submission answered: type, dtype, shape and finiteness first, then values.

Nothing is broadcast, NaN and infinity are never equal to anything, and no method of a value
that came from a submission is called: what arrives here is plain data. A message says what was
received, never what was expected.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from autograder.worker.wire import Tensor

__all__ = ["Mismatch", "array", "check", "close", "number"]

Array = NDArray[np.float64]

RTOL, ATOL = 1e-4, 1e-5  # for float32 results of a few thousand additions


class Mismatch(AssertionError):
    """An answer that is not the right one; the message is for the student."""


def check(condition: bool, message: str) -> None:
    """Fail with a message for the student unless the condition holds."""
    __tracebackhide__ = True
    if not condition:
        _fail(message)


def number(value: Any, what: str) -> float:
    """Return a finite real number from a float or a tensor or array with one element.

    Raises:
        Mismatch: it is anything else.
    """
    __tracebackhide__ = True
    if isinstance(value, Tensor):
        if math.prod(value.shape) != 1:
            _fail(f"{what} should be one number, but it has shape {value.shape}.")
        if not value.dtype.startswith(("float", "bfloat", "int")):
            _fail(f"{what} should be a real number, but its dtype is {value.dtype}.")
        value = float(_elements(value).reshape(()))
    if type(value) not in (float, int):
        _fail(f"{what} should be a number, but it is {_describe(value)}.")
    if not math.isfinite(value):
        _fail(f"{what} is {value}: somewhere the numbers grew too large or were divided by zero.")
    return float(value)


def array(value: Any, shape: tuple[int, ...], what: str, dtype: str = "float32") -> Array:
    """Return the contents of a tensor that has exactly this shape and dtype and is finite.

    Raises:
        Mismatch: it is anything else.
    """
    __tracebackhide__ = True
    if not isinstance(value, Tensor) or value.kind != "torch":
        _fail(f"{what} should be a tensor, but it is {_describe(value)}.")
    if value.shape != shape:
        _fail(f"{what} should have shape {shape}, but it has shape {value.shape}.")
    if value.dtype != dtype:
        _fail(f"{what} should have dtype {dtype}, but it has {value.dtype}.")
    contents = _elements(value)
    if not np.isfinite(contents).all():
        _fail(f"{what} holds NaN or infinity.")
    return contents


def close(
    received: Array | float,
    expected: Array | float,
    message: str,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Fail with a message for the student unless both agree within the tolerance.

    Raises:
        Mismatch: they differ by more than `atol + rtol * |expected|` somewhere.
        ValueError: their shapes differ, which is a mistake in the suite.
    """
    __tracebackhide__ = True
    left, right = np.asarray(received, np.float64), np.asarray(expected, np.float64)
    if left.shape != right.shape:
        raise ValueError(f"shapes {left.shape} and {right.shape} cannot be compared")
    if not bool((np.abs(left - right) <= atol + rtol * np.abs(right)).all()):
        _fail(message)


def _elements(tensor: Tensor) -> Array:
    """Return the elements of a tensor as float64."""
    if tensor.dtype == "bfloat16":  # the upper half of a float32
        halves = np.frombuffer(tensor.data, "<u2").astype(np.uint32) << 16
        return halves.view(np.float32).astype(np.float64).reshape(tensor.shape)
    if tensor.dtype.startswith("complex"):
        _fail("The answer holds complex numbers.")
    flat = np.frombuffer(tensor.data, np.dtype(tensor.dtype).newbyteorder("<"))
    return flat.astype(np.float64).reshape(tensor.shape)


def _describe(value: Any) -> str:
    """Say what kind of thing a value is."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Tensor):
        library = "NumPy array" if value.kind == "numpy" else "tensor"
        return f"a {library} of shape {value.shape}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, str):
        return f"text ({value[:40]!r})"
    return f"{value!r:.60}"


def _fail(message: str) -> NoReturn:
    __tracebackhide__ = True
    raise Mismatch(message)
