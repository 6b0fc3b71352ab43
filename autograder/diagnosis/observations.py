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
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.exception_advice import advice
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.kinds import KINDS, kind_of
from autograder.sandbox.worker.wire import ITEMSIZE, Ref, Tensor

Array = NDArray[np.float64]
Kind = Literal[
    "number", "numbers", "values", "array", "weak", "raised", "answers", "unknown", "stopped"
]
TOLD_APART = (bool, date, time, timedelta, np.generic, slice)
"""What is compared by its contents, besides numbers; of others only the type is."""
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
    message of an exception. `answers` are observations of all answers that a test got before it
    failed otherwise than by an exception of the student's code. Of an `unknown` answer nothing is
    known; `stopped` agrees with nothing.
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
    def table(self) -> tuple[str, Array] | None:
        """Of a table or dictionary all text, and all numbers; None for anything else."""
        if not _is_table(self.value):
            return None
        words, numbers = list[str](), list[Array]()
        for part in _parts(self.value):
            plain = repr(part) if isinstance(part, str) else _plain(part)
            if isinstance(plain, str):
                words.append(plain)
            else:
                numbers.append(plain.ravel())
        return "\n".join(words), np.concatenate([np.zeros(0), *numbers])

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
    if one.table is not None or other.table is not None:
        return _same_tables(one.table, other.table)
    return _alike(one.plain, other.plain, flat=one.kind != "array")


def _form(seen: Observation) -> Any:
    """Return what must agree besides the numbers."""
    value = seen.value
    if not isinstance(value, Tensor) or seen.kind not in ("array", "values"):
        return None
    return value.kind if seen.kind == "values" else (value.kind, value.dtype, value.shape)


def _same_tables(one: tuple[str, Array] | None, other: tuple[str, Array] | None) -> bool:
    if one is None or other is None or one[0] != other[0]:
        return False
    return _alike(one[1], other[1], flat=True)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or kind_of(type(value)).startswith("pandas.")


def _parts(value: Any) -> Iterator[Any]:
    """Yield the arrays, numbers and texts that a table or dictionary is made of."""
    if isinstance(value, dict):
        value = [*value.items()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)
    elif kind_of(type(value)).startswith("pandas."):
        yield from _parts(list(KINDS[kind_of(type(value))].parts(value)))
    else:
        yield value


def _plain(value: Any) -> Array | str:
    if isinstance(value, Tensor):
        return _plain_tensor(value)
    if type(value) in (int, float) or isinstance(value, Decimal | Fraction):
        return np.array(_float(value))
    if isinstance(value, complex):
        return np.array([value.real, value.imag])
    if isinstance(value, np.ndarray):  # of objects
        value = value.ravel().tolist()
    if isinstance(value, list | tuple | range) and value:
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
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(repr, value)))}}}"
    return repr(value) if isinstance(value, TOLD_APART) else type(value).__name__


def _plain_tensor(tensor: Tensor) -> Array | str:
    """Return the numbers of an array, or else its contents as text."""
    if tensor.dtype.startswith("complex"):
        pairs = contents(tensor).astype(np.complex128)
        return np.stack([pairs.real, pairs.imag], axis=-1)
    if tensor.dtype in ITEMSIZE:
        return elements(tensor)
    return f"{contents(tensor).tolist()}"


def _float(value: Any) -> float:
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
    """Return the elements of a tensor of real numbers, as float64."""
    with np.errstate(invalid="ignore"):  # a NaN may be a signaling one
        return contents(tensor).astype(np.float64)


def judged(trace: Sequence[Observation]) -> Trace:
    """Return the observations of a trace that are judged by themselves."""
    return tuple(seen for seen in trace if seen.kind not in ("weak", "answers"))


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
    return all(map(same, ours, theirs)) and _have_same_answers(trace, other)


def _have_same_answers(trace: Sequence[Observation], other: Sequence[Observation]) -> bool:
    """Say whether all answers agree that a test got before it failed, as far as both are known."""
    ours, theirs = (
        [seen.value for seen in part if seen.kind == "answers"] for part in (trace, other)
    )
    if not ours or not theirs:
        return True
    return len(ours[0]) <= len(theirs[0]) and all(map(same, ours[0], theirs[0]))


def weak_agreement(trace: Sequence[Observation], other: Sequence[Observation]) -> int:
    """Count the weak observations that agree, and the exceptions with exactly the same message."""
    ours, theirs = (
        [seen for seen in part if seen.kind in ("weak", "raised")] for part in (trace, other)
    )
    return sum(
        one.value == two.value if one.kind == "raised" else same(one, two)
        for one, two in zip(ours, theirs, strict=False)
    )
