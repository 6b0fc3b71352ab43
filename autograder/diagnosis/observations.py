"""Records what the tests observe of a submission: its answers, in the order they are judged.

While a test runs, each assertion records an answer here before it judges it. Two submissions
with the same mistake have the same trace, whatever their code looks like.
"""

import math
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, Literal, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.exception_advice import advice
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.kinds import KINDS, kind_of
from autograder.sandbox.worker.wire import ITEMSIZE, Ref, Tensor

Array = NDArray[np.float64]
Kind = Literal[
    "number",
    "numbers",
    "values",
    "array",
    "at least",
    "weak",
    "raised",
    "answers",
    "background",
    "form",
    "unknown",
    "stopped",
]
How = Callable[[Any], Any]
"""Computes from an answer what is judged; it may raise an exception where it cannot."""
TOLD_APART = (bool, date, time, timedelta, np.generic, slice)
"""What is compared by its contents, besides numbers; of others only the type is."""
MAX_TEXT = 1000  # characters of a text that are compared
RTOL, ATOL = 1e-4, 1e-5  # for float32 results of a few thousand additions
Tolerance = tuple[float, float]
MOST_NUMBERS = 100  # in an observation that are looked at for one that tells something
MOST_PARTS = 24  # the denominator of a simple fraction
INSTEAD = " It has "
"""What a message says after it is free: which names there are in the place of those looked for."""
TELLING = re.compile(r"(?:attribute|name) '\w+'|(?<!\d)\d++x\d+|\(\d+\)|dimension \d+")
"""The parts of exception messages that must agree: what was missing, which shapes met."""


@dataclass(frozen=True)
class Observation:
    """An answer, and what it is judged as.

    A `number` is a float or a tensor with one element; `numbers` may come as a tensor too. Of
    `values` only the elements count, of an `array` also shape and dtype. A number that should be
    `at least` the bound agrees with any other, unless it alone is less: how good something is also
    depends on choices that are free. A `weak` observation is never judged: it tells mistakes apart
    that have the same effect. `raised` is the type and the message of an exception. `answers` are
    observations of all answers that a test got before it failed otherwise than by an exception of
    the student's code; as `background` they count only where another solution's answer has another
    `form`, so that a test would look at something else in it. Of an `unknown` answer nothing is
    known; `stopped` agrees with nothing.

    If `how` is given, it computes from the answer what is judged. Where it cannot, the answer
    itself is; of what should be `at least` the bound, or was observed weakly, only the form.
    `tolerance` is that of the test, relative and absolute, if it has one of its own.
    """

    kind: Kind
    value: Any
    how: How | None = None
    bound: float = 0.0
    tolerance: Tolerance = (RTOL, ATOL)

    @cached_property
    def judged(self) -> tuple[Kind, Any]:
        """What is judged, and as what: the answer itself, as values, where `how` cannot be."""
        if self.how is None:
            return self.kind, self.value
        try:
            return self.kind, self.how(self.value)
        except Exception:
            is_free = self.kind in ("at least", "weak")
            return "values", form_of(self.value) if is_free else self.value

    @property
    def is_reached(self) -> bool:
        """Whether it is a number that is at least the bound."""
        kind, value = self.judged
        plain = _plain(value) if kind == "at least" else ""
        return not isinstance(plain, str) and plain.size == 1 and bool(plain.item() >= self.bound)

    @cached_property
    def plain(self) -> Array | str:
        """The numbers in the answer, the text of `values`, or else a word for what it is."""
        kind, value = self.judged
        if kind == "values" and isinstance(value, str):
            return repr(value[:MAX_TEXT])
        return _plain(value)

    @cached_property
    def table(self) -> tuple[str, Array] | None:
        """Of a table, or what holds more than numbers, all text and all numbers; else None."""
        kind, value = self.judged
        if kind == "numbers" or not _holds_text(value):
            return None
        words, numbers = list[str](), array("d")
        for part in _parts(value):
            if type(part) in (int, float):
                numbers.append(_float(part))
                continue
            plain = repr(part) if isinstance(part, str) else _plain(part)
            if isinstance(plain, str):
                words.append(plain)
            else:
                numbers.frombytes(plain.tobytes())
        return "\n".join(words), np.array(numbers)

    @property
    def rounding(self) -> float:
        """How far numbers may be apart and yet be the same, less where the test is stricter."""
        return min(ATOL, self.tolerance[1])

    @property
    def form(self) -> Any:
        """All but the numbers in it: what kind of answer it is, of which shape."""
        if self.judged[0] == "raised":
            return self.cause
        if self.table is not None:
            return self.table[0]
        _, value = self.judged
        if _holds_real_numbers(value):
            return _form(self), value.shape
        return self.plain if isinstance(self.plain, str) else (_form(self), self.plain.shape)

    def first(self, count: int) -> Array:
        """Return the first numbers in it, flat; a large array is not converted for that."""
        if self.table is not None:
            return self.table[1][:count]
        _, value = self.judged
        if _holds_real_numbers(value):
            size = ITEMSIZE[value.dtype]
            data = value.data[: count * size]
            return elements(Tensor(value.kind, value.dtype, (len(data) // size,), data))
        return np.zeros(0) if isinstance(self.plain, str) else self.plain.ravel()[:count]

    @cached_property
    def cause(self) -> tuple[str, ...]:
        """What exceptions with the same cause have in common, however they are worded."""
        type, message = self.value
        known = advice(type, message)
        if known:
            return (known, *sorted(TELLING.findall(message)))
        return type, message.partition(INSTEAD)[0]


Trace = tuple[Observation, ...]

_trace: ContextVar[list[Observation] | None] = ContextVar("trace", default=None)
_derived: ContextVar[dict[int, tuple[Any, Any, How]]] = ContextVar("derived", default={})  # noqa: B039


@contextmanager
def recording(seen: list[Observation]) -> Iterator[list[Observation]]:
    """Collect observations in a list for as long as the context lasts."""
    token, derived = _trace.set(seen), _derived.set({})
    try:
        yield seen
    finally:
        _trace.reset(token)
        _derived.reset(derived)


def observe(
    kind: Kind, value: Any, bound: float = 0.0, tolerance: Tolerance = (RTOL, ATOL)
) -> None:
    """Record an answer, or what was derived from one, that is about to be judged."""
    if (seen := _trace.get()) is not None:
        _, answer, how = _derived.get().get(id(value), (value, value, None))
        seen.append(Observation(kind, answer, how, bound, tolerance))


T = TypeVar("T")


def derived(answer: Any, how: Callable[[Any], T]) -> T:
    """Return what can be computed from an answer; if it is judged, it is observed as that."""
    _, first, before = _derived.get().get(id(answer), (answer, answer, None))
    result = how(answer)
    if _trace.get() is not None:
        both = how if before is None else (lambda value: how(before(value)))
        _derived.get()[id(result)] = result, first, both
    return result


def observe_weakly(value: Any) -> None:
    """Record something that is not judged but tells mistakes with the same effect apart."""
    observe("weak", value)


def same(one: Observation, other: Observation, *, passed: bool = False) -> bool:
    """Say whether an answer agrees with what another solution answers to the same question.

    That is but for rounding; with `passed`, within the test's own tolerance, if that is larger.
    """
    if "unknown" in (one.kind, other.kind) or other.kind == "form":
        return True
    kinds = one.judged[0], other.judged[0]
    if kinds == ("values", "array") and _holds_real_numbers(one.judged[1]):  # of another shape
        one = Observation("array", one.judged[1])
    elif kinds[0] != kinds[1]:  # as what is no array is judged by its type
        return _is_no_number(one) and _is_no_number(other) and one.plain == other.plain
    if one.judged[0] == "at least":
        return one.is_reached or not other.is_reached
    if one.kind == "raised":
        return one.cause == other.cause
    if _form(one) != _form(other):
        return False
    rtol, atol = other.tolerance if passed else (RTOL, 0.0)
    tolerance = max(RTOL, rtol), max(other.rounding, atol)
    if one.table is not None or other.table is not None:
        return _same_tables(one.table, other.table, tolerance)
    return _alike(one.plain, other.plain, tolerance, flat=one.kind != "array")


def form_of(value: Any) -> str:
    """Return what can be said of an answer but for its numbers."""
    plain = _plain(value)
    return plain if isinstance(plain, str) else f"numbers of shape {plain.shape}"


def _is_no_number(seen: Observation) -> bool:
    """Say whether all that is known of an answer is its type."""
    compared = seen.judged[0] in ("number", "numbers", "values", "array")
    return compared and isinstance(seen.plain, str) and seen.table is None


def _form(seen: Observation) -> Any:
    """Return what must agree besides the numbers."""
    kind, value = seen.judged
    if not isinstance(value, Tensor) or kind not in ("array", "values"):
        return None
    return value.kind if kind == "values" else (value.kind, value.dtype, value.shape)


def _same_tables(
    one: tuple[str, Array] | None, other: tuple[str, Array] | None, tolerance: Tolerance
) -> bool:
    if one is None or other is None or one[0] != other[0]:
        return False
    return _alike(one[1], other[1], tolerance, flat=True)


def _holds_text(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(isinstance(_plain(item), str) for item in value)
    return isinstance(value, dict) or kind_of(type(value)).startswith("pandas.")


def _parts(value: Any) -> Iterator[Any]:
    """Yield the arrays, numbers and texts that something is made of."""
    rest = [value]
    while rest:
        value = rest.pop()
        if type(value) in (str, int, float):  # most of what is long
            yield value
        elif isinstance(value, dict):
            rest.extend(part for pair in reversed(value.items()) for part in reversed(pair))
        elif isinstance(value, list | tuple):
            rest.extend(reversed(value))
        elif kind_of(type(value)).startswith("pandas."):
            rest.extend(reversed(KINDS[kind_of(type(value))].parts(value)))
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


@np.errstate(invalid="ignore")  # a NaN may be a signaling one
def _plain_tensor(tensor: Tensor) -> Array | str:
    """Return the numbers of an array, or else its contents as text."""
    if tensor.dtype.startswith("complex"):
        pairs = contents(tensor).astype(np.complex128)
        return np.stack([pairs.real, pairs.imag], axis=-1)
    if _holds_real_numbers(tensor):
        return elements(tensor)
    return f"{contents(tensor).tolist()}"


def _holds_real_numbers(value: Any) -> TypeGuard[Tensor]:
    if not isinstance(value, Tensor):
        return False
    return value.dtype in ITEMSIZE and not value.dtype.startswith("complex")


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of hundreds of digits
        return math.inf if value > 0 else -math.inf


@np.errstate(all="ignore")  # differences of large numbers overflow
def _alike(one: Array | str, other: Array | str, tolerance: Tolerance, *, flat: bool) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    if flat:
        one, other = one.ravel(), other.ravel()
    if one.shape != other.shape:
        return False
    rtol, atol = tolerance
    if np.isfinite(one).all() and np.isfinite(other).all():  # np.allclose is slow
        return bool((np.abs(one - other) <= atol + rtol * np.abs(other)).all())
    return bool(np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True))


def elements(tensor: Tensor) -> Array:
    """Return the elements of a tensor of real numbers, as float64."""
    with np.errstate(invalid="ignore"):  # a NaN may be a signaling one
        return contents(tensor).astype(np.float64)


def judged(trace: Sequence[Observation]) -> Trace:
    """Return the observations of a trace that are judged by themselves."""
    return tuple(seen for seen in trace if seen.kind not in ("weak", "answers", "background"))


def agrees(trace: Sequence[Observation], other: Sequence[Observation], *, passed: bool) -> bool:
    """Say whether a test would have observed the same.

    Args:
        trace: what the test observed of a submission, up to where it failed.
        other: all that it would have observed, or what it would have up to an exception.
        passed: whether the test passed, and so observed everything; then answers agree within the
            test's own tolerance.
    """
    ours, theirs = judged(trace), judged(other)
    if any(seen.kind == "stopped" for seen in theirs):
        return False
    if len(ours) > len(theirs) or (passed and len(ours) != len(theirs)):
        return False
    alike = all(map(partial(same, passed=passed), ours, theirs))
    if not alike and not _stops_at_the_whole(ours, theirs):
        return False
    reshaped = any(seen.kind == "form" for seen in theirs[: len(ours)])
    return _have_same_answers(trace, other, "background" if reshaped else "answers")


def _stops_at_the_whole(ours: Trace, theirs: Trace) -> bool:
    """Say whether a test stopped where parts are missing, before it looked at those there are."""
    place = next((index for index, seen in enumerate(theirs) if seen.kind == "form"), None)
    if place is None or not ours or not all(map(same, ours[:-1], theirs)):
        return False
    return same(ours[-1], Observation("values", theirs[place].value))


def _have_same_answers(
    trace: Sequence[Observation], other: Sequence[Observation], kind: Kind
) -> bool:
    """Say whether all answers agree that a test got before it failed, as far as both are known."""
    ours = next((seen.value for seen in trace if seen.kind in (kind, "answers")), None)
    theirs = next((seen.value for seen in other if seen.kind == "answers"), None)
    if ours is None or theirs is None:
        return True
    return len(ours) <= len(theirs) and all(map(same, ours, theirs))


def weak_agreement(trace: Sequence[Observation], other: Sequence[Observation]) -> int:
    """Count the weak observations that agree, and the exceptions with exactly the same message."""
    ours, theirs = (
        [seen for seen in part if seen.kind in ("weak", "raised")] for part in (trace, other)
    )
    return sum(
        one.value == two.value if one.kind == "raised" else same(one, two)
        for one, two in zip(ours, theirs, strict=False)
    )


def is_trivial(seen: Observation, right: Observation | None = None) -> bool:
    """Say whether an observation is a number that nearly any mistake may lead to: 0, 1 or -1.

    So is an array of nothing else than one of them, but for whole numbers in the place of floats.
    """
    numbers = seen.plain
    if isinstance(numbers, str) or not numbers.size or _cut_off(seen, right):
        return False
    return bool((numbers == numbers.flat[0]).all() and numbers.flat[0] in (0.0, 1.0, -1.0))


def _cut_off(seen: Observation, right: Observation | None) -> bool:
    """Say whether an array holds whole numbers where that of the reference holds floats."""
    arrays = [one.judged[1] for one in (seen, right) if one is not None]
    dtypes = [one.dtype for one in arrays if isinstance(one, Tensor) and one.shape]
    return len(dtypes) == 2 and dtypes[0].startswith("int") and dtypes[1].startswith("float")


def is_telling(seen: Observation) -> bool:
    """Say whether an observation has a number that few calculations lead to: no simple fraction."""
    if isinstance(seen.value, list) and seen.kind in ("answers", "background"):
        return any(is_telling(one) for one in seen.value)
    numbers = seen.plain if seen.table is None else seen.table[1]
    if isinstance(numbers, str):
        return False
    finite = numbers[np.isfinite(numbers)].ravel()[:MOST_NUMBERS]
    multiples = np.abs(finite[:, None] * np.arange(1, MOST_PARTS + 1))
    off = np.abs(multiples - np.round(multiples)) > RTOL * multiples + seen.rounding
    return bool(off.all(axis=1).any())
