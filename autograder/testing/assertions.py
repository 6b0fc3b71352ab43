"""Judges a submission's answers: type, dtype, shape and finiteness first, then values.

Nothing is broadcast, NaN and infinity equal nothing, and no method of a value that came from a
submission is called: answers are plain data. A message says what was received, never what was
expected.
"""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.diagnosis.differences import difference, not_finite
from autograder.diagnosis.observations import ATOL, RTOL, Array, observe
from autograder.diagnosis.observations import elements as real_elements
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.wire import ITEMSIZE, Tensor
from autograder.testing.answers import Answer, as_float, class_named, describe, taken
from autograder.testing.failures import Mismatch, SuiteError

COMPLEX = "The answer contains complex numbers."
MAX_BITS = 1023  # of an integer that a float can hold


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
    value = taken(value, "number")
    observe("number", value)
    return finite(value, what)


def numbers(value: Any, what: str, *names: str) -> tuple[float, ...]:
    """Return as many finite real numbers as there are names, from a sequence or a tensor.

    Raises:
        Mismatch: the value is anything else.
    """
    __tracebackhide__ = True
    value = taken(value, "items")
    if isinstance(value, list | tuple) and any(isinstance(part, Answer) for part in value):
        parts = [taken(part, "number") for part in value]
        if any(one is not two for one, two in zip(parts, value, strict=True)):
            value = parts
    observe("numbers", value)
    parts = _split(value) if _is_stack(value, len(names)) else value
    if not isinstance(parts, list | tuple) or len(parts) != len(names):
        raise Mismatch(
            f"{what} should return {len(names)} values, {', '.join(names)}, but it returned "
            f"{describe(value)}. Check its `return` line."
        )
    return tuple(finite(part, name) for part, name in zip(parts, names, strict=True))


def _is_stack(value: Any, count: int) -> bool:
    """Say whether a value is a tensor of so many rows, each one number."""
    return isinstance(value, Tensor) and value.shape[:1] == (count,) == (math.prod(value.shape),)


def _split(value: Tensor) -> list[Tensor]:
    """Return the elements of a tensor as tensors, for students who stack them."""
    count = math.prod(value.shape)
    size = len(value.data) // count
    pieces = (value.data[index * size : (index + 1) * size] for index in range(count))
    return [Tensor(value.kind, value.dtype, (), piece) for piece in pieces]


def finite(value: Any, what: str) -> float:
    """Return a finite real number as `number` does, from plain data that has been observed.

    Raises:
        Mismatch: the value is anything else.
    """
    __tracebackhide__ = True
    if isinstance(value, Tensor):
        if math.prod(value.shape) != 1:
            raise Mismatch(f"{what} should be one number, but it has shape {value.shape}.")
        if not value.dtype.startswith(("float", "bfloat", "int", "uint")):
            raise Mismatch(f"{what} should be a real number, but its dtype is {value.dtype}.")
        value = float(elements(value).reshape(()))
    if isinstance(value, np.generic) and value.dtype.kind not in "mM":
        value = value.item()
    if isinstance(value, Decimal | Fraction):
        value = as_float(value)
    if type(value) not in (float, int):
        raise Mismatch(f"{what} should be a number, but it is {describe(value)}.")
    if type(value) is int and value.bit_length() > MAX_BITS:
        raise Mismatch(f"{what} is too large a number.")
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
    _check_finite_tensor(value, what)
    if value.shape != shape:
        raise Mismatch(f"{what} should have shape {shape}, but it has shape {value.shape}.")
    if value.dtype != dtype:
        raise Mismatch(f"{what} should have dtype {dtype}, but it has {value.dtype}.")
    return elements(value)


def values(value: Any, shape: tuple[int, ...], what: str) -> Array:
    """Return the elements of a finite tensor in this shape, when its own shape is not judged here.

    Raises:
        Mismatch: the value is not a finite tensor with that many elements.
    """
    __tracebackhide__ = True
    observe("values", value)
    _check_finite_tensor(value, what)
    if math.prod(value.shape) != math.prod(shape):
        raise Mismatch(
            f"{what} should have {math.prod(shape)} elements, in shape {shape}, but it has shape "
            f"{value.shape}."
        )
    return elements(value).reshape(shape)


def _check_finite_tensor(value: Any, what: str) -> None:
    __tracebackhide__ = True
    if not isinstance(value, Tensor) or value.kind != "torch":
        raise Mismatch(f"{what} should be a tensor, but it is {describe(value)}.")
    check(not value.dtype.startswith("complex"), COMPLEX)
    bad = ~np.isfinite(contents(value))
    if bad.any():
        where = not_finite(contents(value), bad)
        raise Mismatch(f"{what} contains NaN or infinity. {where}".strip())


def instance_of(value: Any, cls: Any, *, what: str = "The answer") -> None:
    """Fail unless an answer is an instance of a class.

    What stays in the student's process is looked at there, with `isinstance`. What comes as plain
    data is of the class that it has here: a tensor is a ``torch.Tensor``, NumPy's numbers are
    Python's.

    Args:
        value: the answer of the student's code.
        cls: the class: its module and name as text, such as ``"torch.nn.Module"``; one of Python's
            needs no module. Or a class of the notebook, such as ``student.Stack``.
        what: what the answer is called in messages.

    Raises:
        Mismatch: it is no instance.
        SuiteError: there is no such class, or that cannot be known of plain data.
    """
    __tracebackhide__ = True
    if isinstance(cls, type):
        cls = f"{cls.__module__}.{cls.__qualname__}"
    if isinstance(value, Answer):
        found = value._is_instance(cls)
    else:
        found = isinstance(cls, str) and _is_plain_instance(value, cls)
    stays = isinstance(value, Answer) and not isinstance(value, Tensor)
    observe("values", found if stays else value)
    name = cls if isinstance(cls, str) else vars(cls)["_name"]
    check(found, f"{what} should be a {name}, but it is {describe(value)}.")


def _is_plain_instance(value: Any, name: str) -> bool:
    cls = class_named(name)
    if cls is not None and issubclass(cls, np.generic):
        raise SuiteError(f"instance_of: NumPy's numbers come as Python's, never as {name}")
    return cls is not None and isinstance(value, cls)


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
    right = np.asarray(expected, np.float64)
    left = np.asarray(_received(received, right.shape), np.float64)
    if left.shape != right.shape:
        raise ValueError(f"shapes {left.shape} and {right.shape} cannot be compared")
    if not bool((np.abs(left - right) <= atol + rtol * np.abs(right)).all()):
        origin = 0 if start is None else np.asarray(start, np.float64)
        moved = start is not None
        how = difference(left - origin, right - origin, moved=moved, rtol=rtol, atol=atol)
        raise Mismatch(f"{message} {how}".strip())


def _received(value: Any, shape: tuple[int, ...]) -> Any:
    """Return the numbers in an answer that no other assertion has judged, in this shape."""
    __tracebackhide__ = True
    if isinstance(value, np.ndarray | np.generic | float | int):
        return value
    value = taken(value, "any")
    try:
        is_numeric = isinstance(value, Tensor) and value.dtype in ITEMSIZE
        found = elements(value) if is_numeric else np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        found = np.asarray(None)
    if found.dtype.kind not in "iuf" or found.shape != shape:
        wanted = f"numbers of shape {shape}" if shape else "a number"
        raise Mismatch(f"The answer should be {wanted}, but it is {describe(value)}.")
    return found


def elements(tensor: Tensor) -> Array:
    """Return the elements of a tensor as float64.

    Raises:
        Mismatch: they are complex.
    """
    __tracebackhide__ = True
    if tensor.dtype.startswith("complex"):
        raise Mismatch(COMPLEX)
    return real_elements(tensor)
