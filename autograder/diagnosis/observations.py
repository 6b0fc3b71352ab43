"""Records what the tests observe of a submission: its answers, in the order they are judged.

While a test runs, each assertion records an answer here before it judges it. Two submissions
with the same mistake have the same trace, whatever their code looks like.
"""

import math
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

Array = NDArray[np.float64]
Kind = Literal["number", "numbers", "values", "array", "weak", "raised", "unknown"]
MAX_TEXT = 1000  # characters of a text that are compared
RTOL, ATOL = 1e-4, 1e-5  # for float32 results of a few thousand additions
TELLING = re.compile(r"attribute '\w+'|(?<!\d)\d++x\d+|\(\d+\)|dimension \d+")
"""The parts of exception messages that must agree: what was missing, which shapes met."""


@dataclass(frozen=True)
class Observation:
    """An answer, and what it is judged as.

    A `number` is a float or a tensor with one element; `numbers` may come as a tensor too. Of
    `values` only the elements count, of an `array` also shape and dtype. A `weak` observation is
    never judged: it tells mistakes apart that have the same effect. `raised` is the type and the
    message of an exception. Of an `unknown` answer nothing is known.
    """

    kind: Kind
    value: Any

    @cached_property
    def plain(self) -> Array | str:
        """The numbers in the answer, the text of `values`, or else a word for what it is."""
        if self.kind == "values" and isinstance(self.value, str):
            return repr(self.value[:MAX_TEXT])
        return _plain(self.value)

    @cached_property
    def cause(self) -> tuple[str, ...]:
        """What exceptions with the same cause have in common, however they are worded."""
        type, message = self.value
        known = advice(type, message)
        return (known, *sorted(TELLING.findall(message))) if known else (type, message)


Trace = tuple[Observation, ...]

_trace: ContextVar[list[Observation] | None] = ContextVar("trace", default=None)


@contextmanager
def recording(seen: list[Observation]) -> Iterator[list[Observation]]:
    """Collect observations in a list for as long as the context lasts."""
    token = _trace.set(seen)
    try:
        yield seen
    finally:
        _trace.reset(token)


def observe(kind: Kind, value: Any) -> None:
    """Record an answer that is about to be judged."""
    if (seen := _trace.get()) is not None:
        seen.append(Observation(kind, value))


def observe_weakly(value: Any) -> None:
    """Record something that is not judged but tells mistakes with the same effect apart."""
    observe("weak", value)


def same(one: Observation, other: Observation) -> bool:
    """Say whether two answers to the same question agree."""
    if "unknown" in (one.kind, other.kind):
        return True
    if one.kind != other.kind:
        return False
    if one.kind == "raised":
        return one.cause == other.cause
    if _form(one) != _form(other):
        return False
    return _alike(one.plain, other.plain, flat=one.kind != "array")


def _form(seen: Observation) -> Any:
    """Return what must agree besides the numbers."""
    value = seen.value
    if not isinstance(value, Tensor) or seen.kind not in ("array", "values"):
        return None
    return value.kind if seen.kind == "values" else (value.kind, value.dtype, value.shape)


def _plain(value: Any) -> Array | str:
    if isinstance(value, Tensor) and not value.dtype.startswith("complex"):
        return elements(value)
    if type(value) in (int, float):
        return np.array(_float(value))
    if isinstance(value, list | tuple) and value:
        if {*map(type, value)} <= {int, float}:
            return np.array([*map(_float, value)])
        parts = [_plain(item) for item in value]
        numbers = [part.ravel() for part in parts if not isinstance(part, str)]
        if len(numbers) == len(parts):
            return np.concatenate(numbers)
        return f"({', '.join(p if isinstance(p, str) else 'numbers' for p in parts)})"
    ref = getattr(value, "_ref", value)  # a Remote in a test is a Ref on the wire
    if isinstance(ref, Ref):
        return f"a {ref.type}"
    return repr(value) if isinstance(value, bool) else type(value).__name__


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of hundreds of digits
        return math.inf if value > 0 else -math.inf


@np.errstate(all="ignore")  # differences of large numbers overflow
def _alike(one: Array | str, other: Array | str, *, flat: bool) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    if flat:
        one, other = one.ravel(), other.ravel()
    if one.shape != other.shape:
        return False
    if np.isfinite(one).all() and np.isfinite(other).all():  # np.allclose is slow
        return bool((np.abs(one - other) <= ATOL + RTOL * np.abs(other)).all())
    return bool(np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True))


def elements(tensor: Tensor) -> Array:
    """Return the elements of a tensor that is not complex, as float64."""
    if tensor.dtype == "bfloat16":  # the upper half of a float32
        halves = np.frombuffer(tensor.data, "<u2").astype(np.uint32) << 16
        flat: NDArray[Any] = halves.view(np.float32)
    else:
        flat = np.frombuffer(tensor.data, np.dtype(tensor.dtype).newbyteorder("<"))
    with np.errstate(invalid="ignore"):  # a NaN may be a signaling one
        return flat.astype(np.float64).reshape(tensor.shape)


def judged(trace: Sequence[Observation]) -> Trace:
    """Return the observations of a trace that are judged: all but the weak ones."""
    return tuple(seen for seen in trace if seen.kind != "weak")


def agrees(trace: Sequence[Observation], other: Sequence[Observation], *, passed: bool) -> bool:
    """Say whether a test would have observed the same.

    Args:
        trace: what the test observed of a submission, up to where it failed.
        other: all that it would have observed, or what it would have up to an exception.
        passed: whether the test passed, and so observed everything.
    """
    ours, theirs = judged(trace), judged(other)
    if len(ours) > len(theirs) or (passed and len(ours) != len(theirs)):
        return False
    return all(map(same, ours, theirs))


def weak_agreement(trace: Sequence[Observation], other: Sequence[Observation]) -> int:
    """Count the weak observations that agree, and the exceptions with exactly the same message."""
    ours, theirs = (
        [seen for seen in part if seen.kind in ("weak", "raised")] for part in (trace, other)
    )
    return sum(
        one.value == two.value if one.kind == "raised" else same(one, two)
        for one, two in zip(ours, theirs, strict=False)
    )
