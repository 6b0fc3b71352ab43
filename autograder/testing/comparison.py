"""Compares a whole answer with what it should be, as numpy's and torch's assertions do.

What is compared may be a number, text, an array, a tensor, or lists, tuples, dictionaries and sets
of these. Form comes first (kind, length, keys, shape, dtype), then finiteness, then values. A
message says where and how the two differ, never what was expected of a value.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences import difference
from autograder.diagnosis.observations import ATOL, RTOL, observe
from autograder.sandbox.execution_errors import StudentError
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.answers import contents, describe, taken
from autograder.testing.assertions import check, number
from autograder.testing.failures import Mismatch, SuiteError

NUMBERS = (bool, int, float, complex, np.generic)
ARRAYS = (Tensor, np.ndarray)


def task(name: str, *, points: float, seconds: float | None = None) -> Callable[[Any], Any]:
    """Mark a test as one of a task, worth so many points.

    Args:
        name: the task's name.
        points: the test's points; those of all tests of a task add up to the task's.
        seconds: the processor time that one call of the student's code may take in this test.
            Default: `request_seconds` of the task or the assignment in course.yml.
    """
    own = {} if seconds is None else {"seconds": seconds}
    return pytest.mark.task(name, points=points, **own)


def assert_close(
    actual: Any,
    expected: Any,
    message: str = "",
    *,
    what: str = "The answer",
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Fail unless an answer is what was expected, its numbers within the tolerance.

    Args:
        actual: the answer of the student's code.
        expected: a number, text, None, an array or tensor, or a list, tuple, dictionary or set of
            these. A number is also a tensor or array with one element; a list of numbers does for
            an array; of two tensors, the dtypes must be the same.
        message: where to look, for the student; how the two differ follows it.
        what: what the answer is called in messages.
        rtol: relative tolerance.
        atol: absolute tolerance. Numbers are close up to ``atol + rtol * abs(expected)``; NaN is
            close to NaN, and infinity to the same infinity.

    Raises:
        Mismatch: they differ.
        SuiteError: nothing can be expected to be `expected`, for example a function.
    """
    __tracebackhide__ = True
    _Comparison(message, rtol, atol).compare(actual, expected, what)


def assert_equal(
    actual: Any, expected: Any, message: str = "", *, what: str = "The answer"
) -> None:
    """Fail unless an answer is exactly what was expected; the arguments are as for `assert_close`.

    Raises:
        Mismatch: they differ.
        SuiteError: nothing can be expected to be `expected`, for example a function.
    """
    __tracebackhide__ = True
    _Comparison(message, 0.0, 0.0).compare(actual, expected, what)


def at_least(value: Any, bound: float, what: str, *, margin: float = 0.0) -> None:
    """Fail unless a measured quality, such as an accuracy, reaches a bound.

    Args:
        value: the number that was measured.
        bound: what the assignment asks for; students read it.
        what: what was measured, at the beginning of a sentence.
        margin: how much less still passes, as measuring on other data gives other numbers.

    Raises:
        Mismatch: it is less, or no finite number.
    """
    __tracebackhide__ = True
    measured = number(value, what)
    check(
        measured >= bound - margin, f"{what} is {measured:.4g}, and should be {bound:g} at least."
    )


@contextmanager
def raises(*names: str) -> Iterator[None]:
    """Fail unless the student's code raises one of these exceptions, given by their names.

    For example: `with raises("ValueError"): student.sigmoid("text")`.

    Raises:
        Mismatch: it raised nothing, or another exception.
    """
    __tracebackhide__ = True
    wanted = " or ".join(names)
    try:
        yield
    except StudentError as error:
        if error.type not in names:
            raise Mismatch(
                f"Your code should raise {wanted} here. It raised {error.type}."
            ) from None
        return
    raise Mismatch(f"Your code should raise {wanted} here, and it raised nothing.")


class _Comparison:
    """Compares an answer and its parts, with one message and one tolerance."""

    def __init__(self, message: str, rtol: float, atol: float) -> None:
        self.message, self.rtol, self.atol = message, rtol, atol

    def compare(self, actual: Any, expected: Any, what: str) -> None:
        """Compare an answer or a part of it, which messages call `what`."""
        __tracebackhide__ = True
        if isinstance(expected, ARRAYS):
            self._array(actual, expected, what)
        elif expected is None or isinstance(expected, str | bytes | bool | np.bool_):
            self._constant(actual, expected, what)
        elif isinstance(expected, NUMBERS):
            self._number(actual, expected, what)
        elif isinstance(expected, dict):
            self._dict(taken(actual, "any"), expected, what)
        elif isinstance(expected, list | tuple):
            self._sequence(taken(actual, "items"), expected, what)
        elif isinstance(expected, set | frozenset):
            self._set(taken(actual, "any"), expected, what)
        else:
            kind = type(expected).__name__
            raise SuiteError(f"{what}: nothing can be compared with a {kind} that was expected")

    def _fail(self, text: str) -> None:
        __tracebackhide__ = True
        raise Mismatch(f"{self.message} {text}".strip())

    def _constant(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = _scalar(taken(actual, "any"))
        observe("values", actual)
        if type(actual) is not type(_scalar(expected)):
            self._fail(f"{what} should be {_kind(expected)}, but it is {describe(actual)}.")
        if actual != expected:
            self._fail(f"{what} is not right.{_how_texts_differ(actual, expected)}")

    def _number(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = _scalar(taken(actual, "number"))
        observe("number", actual)
        if isinstance(actual, bool) or not isinstance(actual, int | float | complex):
            self._fail(f"{what} should be a number, but it is {describe(actual)}.")
        if actual == expected:  # also for integers that no float can hold
            return
        if isinstance(actual, int) and isinstance(expected, int) and self.rtol == self.atol == 0:
            self._fail(f"{what} is not right.")
        try:
            self._values(np.asarray(actual, complex), np.asarray(expected, complex), what)
        except OverflowError:
            self._fail(f"{what} is too large a number.")

    def _array(self, actual: Any, expected: Tensor | NDArray[Any], what: str) -> None:
        __tracebackhide__ = True
        actual = taken(actual, "any")
        observe("array", actual)
        if isinstance(expected, Tensor) and expected.kind == "torch":
            if not (isinstance(actual, Tensor) and actual.kind == "torch"):
                self._fail(f"{what} should be a tensor, but it is {describe(actual)}.")
            if actual.dtype != expected.dtype and actual.shape == expected.shape:
                dtypes = f"{expected.dtype}, but it has {actual.dtype}"
                self._fail(f"{what} should have dtype {dtypes}.")
        left, right = _as_array(actual), _as_array(expected)
        if left is None:
            self._fail(f"{what} should be an array, but it is {describe(actual)}.")
        assert left is not None
        assert right is not None
        if left.shape != right.shape:
            shapes = f"{right.shape}, but it has shape {left.shape}"
            self._fail(f"{what} should have shape {shapes}.")
        numeric = [array.dtype.kind in "biufc" for array in (left, right)]
        if not all(numeric):
            if numeric[0] != numeric[1]:
                wanted = "numbers" if numeric[1] else "text"
                self._fail(f"{what} should hold {wanted}.")
            self._parts(left, right, what)
        else:
            self._values(left, right, what)

    def _values(self, left: NDArray[Any], right: NDArray[Any], what: str) -> None:
        """Compare arrays of numbers of the same shape."""
        __tracebackhide__ = True
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        finite = np.isfinite(right)
        if not (np.isfinite(left) | ~finite | same).all():
            self._fail(f"{what} {'contains' if left.ndim else 'is'} NaN or infinity.")
        with np.errstate(all="ignore"):
            near = np.abs(left - right) <= self.atol + self.rtol * np.abs(right)
        if not (same | near & finite).all():
            real = not (left.imag.any() or right.imag.any())
            how = difference(left.real.astype(float), right.real.astype(float)) if real else ""
            self._fail(f"{what} is not right. {how}".strip())

    def _parts(self, left: NDArray[Any], right: NDArray[Any], what: str) -> None:
        """Compare arrays of text or other objects."""
        __tracebackhide__ = True
        wrong = sum(one != other for one, other in zip(left.flat, right.flat, strict=True))
        if wrong:
            verb = "is" if wrong == 1 else "are"
            self._fail(f"{what} is not right. {wrong} of {left.size} entries {verb} wrong.")

    def _sequence(self, actual: Any, expected: list[Any] | tuple[Any, ...], what: str) -> None:
        __tracebackhide__ = True
        if isinstance(actual, Tensor) and actual.shape:
            actual = list(contents(actual))
        if not isinstance(actual, list | tuple):
            observe("values", actual)
            kind = type(expected).__name__
            self._fail(f"{what} should be a {kind}, but it is {describe(actual)}.")
        if len(actual) != len(expected):
            observe("values", actual)
            self._fail(f"{what} should have {len(expected)} items, but it has {len(actual)}.")
        for position, (one, other) in enumerate(zip(actual, expected, strict=True)):
            self.compare(one, other, f"{what}[{position}]")

    def _dict(self, actual: Any, expected: dict[Any, Any], what: str) -> None:
        __tracebackhide__ = True
        if not isinstance(actual, dict):
            observe("values", actual)
            self._fail(f"{what} should be a dictionary, but it is {describe(actual)}.")
        missing = [key for key in expected if key not in actual]
        if missing:
            observe("values", actual)
            self._fail(f"{what} has no {missing[0]!r}.")
        if len(actual) > len(expected):
            observe("values", actual)
            self._fail(f"{what} has {len(actual) - len(expected)} keys too many.")
        for key, other in expected.items():
            self.compare(actual[key], other, f"{what}[{key!r}]")

    def _set(self, actual: Any, expected: set[Any] | frozenset[Any], what: str) -> None:
        __tracebackhide__ = True
        observe("values", actual)
        if not isinstance(actual, set | frozenset):
            self._fail(f"{what} should be a set, but it is {describe(actual)}.")
        lacks, more = len(expected - actual), len(actual - expected)
        if lacks or more:
            self._fail(f"{what} is not right: it lacks {lacks} items, and has {more} others.")


def _scalar(value: Any) -> Any:
    """Return the only element of an array as a Python number; anything else as it is."""
    if isinstance(value, Tensor) and math.prod(value.shape) == 1:
        return contents(value).item()
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1):
        return value.item()
    return value


def _as_array(value: Any) -> NDArray[Any] | None:
    """Return an array of what is one, or is a number or nested lists of numbers or text."""
    if isinstance(value, Tensor):
        return contents(value)
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (list, tuple, *NUMBERS)):
        try:
            found = np.asarray(value)
        except (ValueError, OverflowError):  # lists of different lengths, a huge integer
            return None
        return found if found.dtype.kind in "biufcUS" else None
    return None


def _kind(value: Any) -> str:
    return "None" if value is None else describe(_scalar(value))


def _how_texts_differ(actual: Any, expected: Any) -> str:
    """Say how a text differs, if that is a matter of writing."""
    if not isinstance(actual, str):
        return ""
    if "".join(actual.split()) == "".join(expected.split()):
        return " It differs in blanks only."
    if actual.casefold() == expected.casefold():
        return " It differs in upper and lower case only."
    return ""
