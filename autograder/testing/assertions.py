"""Judges a submission's answers: type, dtype, shape and finiteness first, then values.

Nothing is broadcast, NaN and infinity equal nothing, and no method of a value that came from a
submission is called: answers are plain data. A message says what was received, never what was
expected.
"""

import math
from typing import Any

import numpy as np

from autograder.diagnosis.differences import difference
from autograder.diagnosis.observations import ATOL, RTOL, Array, elements, observe
from autograder.sandbox.worker.wire import Tensor


class Mismatch(AssertionError):
    """An answer is wrong; the message is for the student."""


def check(condition: bool, message: str) -> None:
    """Fail with a message for the student unless the condition holds."""
    __tracebackhide__ = True
    if not condition:
        raise Mismatch(message)


def number(value: Any, what: str) -> float:
    """Return a finite real number from a number, or a tensor or array with one element.

    Raises:
        Mismatch: the value is anything else.
    """
    __tracebackhide__ = True
    observe("number", value)
    return _number(value, what)


def numbers(value: Any, what: str, *names: str) -> tuple[float, ...]:
    """Return as many finite real numbers as there are names, from a sequence or a tensor.

    Raises:
        Mismatch: the value is anything else.
    """
    __tracebackhide__ = True
    observe("numbers", value)
    stacked = isinstance(value, Tensor) and math.prod(value.shape) == len(names)
    parts = _split(value) if stacked else value
    if not isinstance(parts, list | tuple) or len(parts) != len(names):
        raise Mismatch(
            f"{what} should return {len(names)} values, {', '.join(names)}, but it returned "
            f"{_describe(value)}. Check its `return` line."
        )
    return tuple(_number(part, name) for part, name in zip(parts, names, strict=True))


def _split(value: Tensor) -> list[Tensor]:
    """Return the elements of a tensor as tensors, for students who stack them."""
    count = math.prod(value.shape)
    size = len(value.data) // count
    pieces = (value.data[index * size : (index + 1) * size] for index in range(count))
    return [Tensor(value.kind, value.dtype, (), piece) for piece in pieces]


def _number(value: Any, what: str) -> float:
    __tracebackhide__ = True
    if isinstance(value, Tensor):
        if math.prod(value.shape) != 1:
            raise Mismatch(f"{what} should be one number, but it has shape {value.shape}.")
        if not value.dtype.startswith(("float", "bfloat", "int")):
            raise Mismatch(f"{what} should be a real number, but its dtype is {value.dtype}.")
        value = float(_elements(value).reshape(()))
    if type(value) not in (float, int):
        raise Mismatch(f"{what} should be a number, but it is {_describe(value)}.")
    if not math.isfinite(value):
        raise Mismatch(
            f"{what} is {value}: somewhere a number grew too large or was divided by zero."
        )
    return float(value)


def array(value: Any, shape: tuple[int, ...], what: str, dtype: str = "float32") -> Array:
    """Return the elements of a finite tensor with exactly this shape and dtype.

    Raises:
        Mismatch: the value is anything else.
    """
    __tracebackhide__ = True
    observe("array", value)
    contents = _finite_tensor(value, what)
    if value.shape != shape:
        raise Mismatch(f"{what} should have shape {shape}, but it has shape {value.shape}.")
    if value.dtype != dtype:
        raise Mismatch(f"{what} should have dtype {dtype}, but it has {value.dtype}.")
    return contents


def values(value: Any, shape: tuple[int, ...], what: str) -> Array:
    """Return the elements of a finite tensor in this shape, when its own shape is not judged here.

    Raises:
        Mismatch: the value is not a finite tensor with that many elements.
    """
    __tracebackhide__ = True
    observe("values", value)
    contents = _finite_tensor(value, what)
    if contents.size != math.prod(shape):
        raise Mismatch(
            f"{what} should have {math.prod(shape)} elements, in shape {shape}, but it has shape "
            f"{value.shape}."
        )
    return contents.reshape(shape)


def _finite_tensor(value: Any, what: str) -> Array:
    __tracebackhide__ = True
    if not isinstance(value, Tensor) or value.kind != "torch":
        raise Mismatch(f"{what} should be a tensor, but it is {_describe(value)}.")
    contents = _elements(value)
    if not np.isfinite(contents).all():
        raise Mismatch(f"{what} contains NaN or infinity.")
    return contents


def close(
    received: Array | float,
    expected: Array | float,
    message: str,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    start: Array | float | None = None,
) -> None:
    """Fail with a message for the student unless both agree within the tolerance.

    The message then also says how they differ (sign, factor, which entries), never by how
    much. With `start`, it describes the distances moved from there.

    Raises:
        Mismatch: they differ by more than `atol + rtol * |expected|` somewhere.
        ValueError: their shapes differ, which is a mistake in the suite.
    """
    __tracebackhide__ = True
    left, right = np.asarray(received, np.float64), np.asarray(expected, np.float64)
    if left.shape != right.shape:
        raise ValueError(f"shapes {left.shape} and {right.shape} cannot be compared")
    if not bool((np.abs(left - right) <= atol + rtol * np.abs(right)).all()):
        origin = 0 if start is None else np.asarray(start, np.float64)
        how = difference(left - origin, right - origin, moved=start is not None)
        raise Mismatch(f"{message} {how}".strip())


def _elements(tensor: Tensor) -> Array:
    """Return the elements of a tensor as float64."""
    if tensor.dtype.startswith("complex"):
        raise Mismatch("The answer contains complex numbers.")
    return elements(tensor)


def _describe(value: Any) -> str:
    """Describe the kind of a value, not its contents: they may reveal a hidden input."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Tensor):
        library = "NumPy array" if value.kind == "numpy" else "tensor"
        return f"a {library} of shape {value.shape}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    name = getattr(getattr(value, "_ref", None), "type", type(value).__name__)
    return {"str": "text", "float": "a number", "int": "a number"}.get(name, f"a {name}"[:60])
