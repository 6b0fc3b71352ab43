"""Keeps what the tests looked at: a submission's answers, in the order they were judged.

While a test runs, the judge notes each answer here before it judges it. The traces of two
submissions that make the same mistake are the same, whatever their code looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.exception_advice import advice
from autograder.sandbox.worker.wire import Ref, Tensor

Kind = Literal["number", "numbers", "values", "array", "weak", "raised", "unknown"]
RTOL, ATOL = 1e-4, 1e-5
TELLING = re.compile(r"attribute '\w+'|\d+x\d+|\(\d+\)|dimension \d+")
"""What must be the same in the messages of two exceptions: what was missing, which shapes met."""


@dataclass(frozen=True)
class Observation:
    """An answer, and what it was taken for.

    A `number` may come as a float or a tensor with one element; `numbers` also as a tensor;
    of `values` only the elements count, of an `array` also shape and dtype. A `hint` is never
    judged: it tells mistakes apart that have the same effect. `raised` is the type and the
    message of an exception. Nothing is known of what is `unknown`.
    """

    kind: Kind
    value: Any

    @cached_property
    def plain(self) -> NDArray[np.float64] | str:
        """The numbers of the answer, or a word for what it is instead."""
        return _plain(self.value)


Trace = tuple[Observation, ...]

_record: ContextVar[list[Observation] | None] = ContextVar("record", default=None)


@contextmanager
def recording(seen: list[Observation]) -> Iterator[list[Observation]]:
    """Collect what is looked at in a list, for as long as the context lasts."""
    token = _record.set(seen)
    try:
        yield seen
    finally:
        _record.reset(token)


def observe(kind: Kind, value: Any) -> None:
    """Note that an answer is about to be judged."""
    seen = _record.get()
    if seen is not None:
        seen.append(Observation(kind, value))


def observe_weakly(value: Any) -> None:
    """Note something that is not judged but tells mistakes with the same effect apart."""
    observe("weak", value)


def same(one: Observation, other: Observation) -> bool:
    """Say whether two answers to the same question agree."""
    if "unknown" in (one.kind, other.kind):
        return True
    if one.kind != other.kind:
        return False
    if one.kind == "raised":
        return _cause(*one.value) == _cause(*other.value)
    if _form(one) != _form(other):
        return False
    return _alike(one.plain, other.plain, flat=one.kind != "array")


def _cause(type: str, message: str) -> tuple[str, ...]:
    """Return what exceptions of the same cause have in common, however they are worded."""
    known = advice(type, message)
    return (known, *sorted(TELLING.findall(message))) if known else (type, message)


def _form(seen: Observation) -> Any:
    """Return what must be the same besides the numbers."""
    if isinstance(seen.value, Tensor) and seen.kind == "array":
        return seen.value.kind, seen.value.dtype, seen.value.shape
    return seen.value.kind if isinstance(seen.value, Tensor) and seen.kind == "values" else None


def _plain(value: Any) -> NDArray[np.float64] | str:
    """Return the numbers of an answer, or a word for what it is instead."""
    if isinstance(value, Tensor) and not value.dtype.startswith("complex"):
        return elements(value)
    if type(value) in (int, float):
        return np.array(value, np.float64)
    if isinstance(value, list | tuple) and value:
        parts = [_plain(item) for item in value]
        numbers = [part.ravel() for part in parts if not isinstance(part, str)]
        if len(numbers) == len(parts):
            return np.concatenate(numbers)
        return f"({', '.join(p if isinstance(p, str) else 'numbers' for p in parts)})"
    ref = getattr(value, "_ref", value)  # what stays in the child, to a test and on the wire
    if isinstance(ref, Ref):
        return f"a {ref.type}"
    return repr(value) if isinstance(value, bool) else type(value).__name__


def _alike(one: NDArray[np.float64] | str, other: NDArray[np.float64] | str, *, flat: bool) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    if flat:
        one, other = one.ravel(), other.ravel()
    if one.shape != other.shape:
        return False
    with np.errstate(all="ignore"):  # differences of large numbers overflow
        near = np.abs(one - other) <= ATOL + RTOL * np.abs(other)
        if np.isfinite(one).all() and np.isfinite(other).all():
            return bool(near.all())
        return bool(np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True))


def elements(tensor: Tensor) -> NDArray[np.float64]:
    """Return the elements of a tensor that is not complex, as float64."""
    if tensor.dtype == "bfloat16":  # the upper half of a float32
        halves = np.frombuffer(tensor.data, "<u2").astype(np.uint32) << 16
        flat: NDArray[Any] = halves.view(np.float32)
    else:
        flat = np.frombuffer(tensor.data, np.dtype(tensor.dtype).newbyteorder("<"))
    with np.errstate(invalid="ignore"):  # a NaN may be a signalling one
        return flat.astype(np.float64).reshape(tensor.shape)


def agrees(trace: Sequence[Observation], other: Sequence[Observation], *, passed: bool) -> bool:
    """Say whether a test would have seen the same.

    Args:
        trace: what the test saw of a submission; a test that failed stopped looking.
        other: everything it would have looked at, or up to an exception.
        passed: whether the test passed, and so looked at everything.
    """
    hard = [seen for seen in trace if seen.kind != "weak"]
    whole = [seen for seen in other if seen.kind != "weak"]
    if len(hard) > len(whole) or (passed and len(hard) != len(whole)):
        return False
    return all(map(same, hard, whole))


def weak_agreement(trace: Sequence[Observation], other: Sequence[Observation]) -> int:
    """Count the hints in which two traces agree, and the exceptions with the very same message."""
    ours, theirs = (
        [seen for seen in part if seen.kind in ("weak", "raised")] for part in (trace, other)
    )
    return sum(
        one.value == two.value if one.kind == "raised" else same(one, two)
        for one, two in zip(ours, theirs, strict=False)
    )
