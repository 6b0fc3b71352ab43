"""Compares a whole answer with what it should be, as numpy's and torch's assertions do.

What is compared may be a number, text, a date, an array, a tensor, a table, or lists, tuples,
dictionaries and sets of these. Form comes first (kind, length, keys, shape, dtype), then
finiteness, then values. A message says where and how the two differ, never what was expected of a
value.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.differences import (
    are_shuffled,
    difference,
    index_difference,
    is_numbered,
    kind_difference,
    label_difference,
    missing_values,
    not_finite,
    other_name,
    shape_difference,
    text_difference,
)
from autograder.diagnosis.differences.evidence import telling
from autograder.diagnosis.differences.texts import TELLING
from autograder.diagnosis.observations import ATOL, RTOL, Kind, observe, observe_weakly, recording
from autograder.sandbox.execution_errors import StudentError
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.kinds import fields_of, is_dataclass
from autograder.sandbox.worker.wire import NamedTuple, Tensor
from autograder.testing.answers import Answer, as_float, describe, taken
from autograder.testing.assertions import check, finite
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.tables import columns_of, held, is_frame, is_index, is_series

NUMBERS = (bool, int, float, complex, Decimal, Fraction, np.generic)
ARRAYS = (Tensor, np.ndarray)
EXACT = (int, Decimal, Fraction)
ROUNDED = 1e-6  # of a number: what another dtype may change
MOST_PLACES = 20  # items among which one is looked for that belongs in another place
MOST_ROWS = 10_000  # of tables whose rows may be in another order
TEXT_AS_OBJECTS = (("text", "objects"), ("bytes", "objects"))
HOLDS = {
    **dict.fromkeys("biufc", "numbers"),
    "U": "text",
    "S": "bytes",
    "M": "dates",
    "m": "durations",
    "O": "objects",
    "V": "records",
}


def task(
    name: str, *, points: float = 0.0, seconds: float | None = None, public: bool = False
) -> Callable[[Any], Any]:
    """Mark a test as one of a task, worth so many points.

    Args:
        name: the task's name.
        points: the test's points; those of all tests of a task add up to the task's.
        seconds: the processor time that one call of the student's code may take in this test.
            Default: `request_seconds` of the task or the assignment in course.yml.
        public: whether `autograder check` also runs it, for students and without points. Inputs
            are others then, drawn from a public seed, and students can read the test.
    """
    own = {} if seconds is None else {"seconds": seconds}
    return pytest.mark.task(name, points=points, public=public, **own)


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
        expected: a number, text, None, a date, a time or a duration, an array or tensor, a
            DataFrame, Series or Index, or a list, tuple, dictionary, set or dataclass of these; or
            an answer itself. A number is also a tensor or array with one element; a list of
            numbers, a Series or a DataFrame does for an array; of two tensors, the dtypes must be
            the same. Of tables, the columns and their order, the index, and what kind of values
            each column holds.
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
    value = taken(value, "number")
    observe_weakly(value)
    observe("at least", value, bound - margin)
    measured = finite(value, what)
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


class _Wrong(Mismatch):
    """A part of an answer is wrong: the author's message, what is wrong, and how it differs."""

    def __init__(self, message: str, text: str, how: str | None) -> None:
        super().__init__(" ".join(filter(None, (message, text, how))))
        self.text = text


class _Comparison:
    """Compares an answer and its parts, with one message and one tolerance."""

    def __init__(self, message: str, rtol: float, atol: float) -> None:
        self.message, self.rtol, self.atol = message, rtol, atol
        self.exactly = rtol == atol == 0

    def compare(self, actual: Any, expected: Any, what: str) -> None:
        """Compare an answer or a part of it, which messages call `what`."""
        __tracebackhide__ = True
        if isinstance(expected, Answer) and not isinstance(expected, Tensor):
            expected = taken(expected, "any")
        if isinstance(expected, ARRAYS):
            self._array(actual, expected, what)
        elif is_frame(expected):
            self._frame(actual, expected, what)
        elif is_series(expected):
            self._series(actual, expected, what)
        elif expected is None or isinstance(expected, str | bytes | bool | np.bool_ | slice):
            self._constant(actual, expected, what)
        elif _time_of(expected):
            self._time(actual, expected, what)
        elif isinstance(expected, NUMBERS):
            self._number(actual, expected, what)
        elif isinstance(expected, dict):
            self._dict(taken(actual, "any"), expected, what)
        elif isinstance(expected, list | tuple | range):
            self._sequence(taken(actual, "items"), expected, what)
        elif isinstance(expected, set | frozenset):
            self._set(taken(actual, "any"), expected, what)
        elif is_dataclass(expected):
            self.compare(actual, NamedTuple(*fields_of(expected, lambda item: item)), what)
        else:
            kind = type(expected).__name__
            raise SuiteError(f"{what}: nothing can be compared with a {kind} that was expected")

    def _observe(self, kind: Kind, actual: Any) -> None:
        """Record an answer that is about to be judged, and with which tolerance."""
        observe(kind, actual, tolerance=(self.rtol, self.atol))

    def _fail(self, text: str, how: str | None = "") -> NoReturn:
        """Fail with what is wrong, and how it differs."""
        __tracebackhide__ = True
        raise _Wrong(self.message, text, how) from None

    def _constant(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = _scalar(taken(actual, "any"))
        self._observe("values", actual)
        if type(actual) is not type(_scalar(expected)):
            self._fail(f"{what} should be {_kind(expected)}, but it is {describe(actual)}.")
        if actual != expected:
            how = text_difference(actual, expected) if isinstance(actual, str) else ""
            self._fail(f"{what} is not right.", how)

    def _number(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = _scalar(taken(actual, "number"))
        self._observe("number", actual)
        if isinstance(actual, bool) or not isinstance(actual, (float, complex, *EXACT)):
            how = self._how_shapes_differ(actual, np.asarray(expected))
            self._fail(f"{what} should be a number, but it is {describe(actual)}.", how)
        if actual == expected:  # also for integers that no float can hold
            return
        if isinstance(actual, EXACT) and isinstance(expected, EXACT) and self.exactly:
            how = self._how_numbers_differ(np.asarray(actual), np.asarray(expected))
            self._fail(f"{what} is not right.", how)
        actual, expected = (
            as_float(one) if isinstance(one, Decimal | Fraction) else one
            for one in (actual, expected)
        )
        try:
            self._values(np.asarray(actual, complex), np.asarray(expected, complex), what)
        except OverflowError:
            self._fail(f"{what} is too large a number.")

    def _array(self, actual: Any, expected: Tensor | NDArray[Any], what: str) -> None:
        __tracebackhide__ = True
        actual = taken(actual, "any")
        self._observe("array", actual)
        if isinstance(expected, Tensor) and expected.kind == "torch":
            if not (isinstance(actual, Tensor) and actual.kind == "torch"):
                self._fail(f"{what} should be a tensor, but it is {describe(actual)}.")
            if actual.dtype != expected.dtype and actual.shape == expected.shape:
                dtypes = f"{expected.dtype}, but it has {actual.dtype}"
                one, other = contents(actual), contents(expected)
                same = np.allclose(one, other, max(self.rtol, ROUNDED), self.atol, equal_nan=True)
                how = "Its numbers are right." if same else self._how_numbers_differ(one, other)
                self._fail(f"{what} should have dtype {dtypes}.", how)
        right = contents(expected) if isinstance(expected, Tensor) else expected
        left = _as_array(actual, objects=right.dtype.kind == "O")
        if left is None:
            self._fail(f"{what} should be an array, but it is {describe(actual)}.")
        if left.shape != right.shape:
            shapes = f"{right.shape}, but it has shape {left.shape}"
            self._fail(f"{what} should have shape {shapes}.", self._how_shapes_differ(left, right))
        self._elements(left, right, what)

    def _elements(self, left: NDArray[Any], right: NDArray[Any], what: str) -> None:
        """Compare arrays of the same shape."""
        __tracebackhide__ = True
        wanted, got = (HOLDS.get(one.dtype.kind, "objects") for one in (right, left))
        if wanted not in (got, "objects") and (wanted, got) not in TEXT_AS_OBJECTS:
            how = kind_difference(left, wanted)
            self._fail(f"{what} should hold {wanted}, but it holds {got}.", how)
        if right.dtype.names is not None:
            if left.dtype.names != right.dtype.names:
                self._fail(f"{what} has other fields.")
            for name in right.dtype.names:
                self._array(left[name], right[name], f"{what}[{name!r}]")
        elif right.dtype.kind in "biufc":
            self._values(left, right, what)
        elif right.dtype.kind in "mM":
            self._labels(left, right, _different_times(left, right), what)
        else:
            pairs = zip(left.flat, right.flat, strict=True)
            wrong = np.array([_differ(one, other) for one, other in pairs], bool)
            self._labels(left, right, wrong.reshape(right.shape), what)

    def _labels(
        self, left: NDArray[Any], right: NDArray[Any], wrong: NDArray[np.bool_], what: str
    ) -> None:
        """Fail if some entries that are no numbers are wrong."""
        __tracebackhide__ = True
        if wrong.any():
            self._fail(f"{what} is not right.", label_difference(left, right, wrong))

    def _values(self, left: NDArray[Any], right: NDArray[Any], what: str) -> None:
        """Compare arrays of numbers of the same shape."""
        __tracebackhide__ = True
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        finite = np.isfinite(right)
        bad = finite & ~np.isfinite(left) & ~same
        if bad.any():
            verb = "contains" if left.ndim else "is"
            self._fail(f"{what} {verb} NaN or infinity.", not_finite(left, bad))
        wide = complex if "c" in (left.dtype.kind, right.dtype.kind) else float
        left, right = left.astype(wide), right.astype(wide)  # differences are not unsigned
        with np.errstate(all="ignore"):
            near = np.abs(left - right) <= self.atol + self.rtol * np.abs(right)
        wrong = ~(same | near & finite & (not self.exactly))
        if wrong.any():
            how = self._how_numbers_differ(left, right)
            if not finite.all():
                how = missing_values(wrong, right)
            self._fail(f"{what} is not right.", how)

    def _how_numbers_differ(self, left: NDArray[Any], right: NDArray[Any]) -> str:
        """Describe how numbers in arrays of the same shape differ, "" if that is not clear."""
        if not (_is_real(left) and _is_real(right)):
            return ""
        left, right = left.real.astype(float), right.real.astype(float)
        return difference(left, right, rtol=self.rtol, atol=self.atol)

    def _how_shapes_differ(self, actual: Any, right: NDArray[Any]) -> str:
        """Describe an answer that should have another shape, "" if nothing is clear."""
        left = _as_array(actual, objects=False)
        if left is None or not (_is_real(left) and _is_real(right)):
            return ""
        return shape_difference(left.real.astype(float), right.real.astype(float))

    def _time(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = taken(actual, "any")
        self._observe("values", actual)
        if isinstance(actual, Tensor) and not actual.shape:
            actual = contents(actual)[()]
        if _time_of(actual) != _time_of(expected):
            got = describe(actual)
            self._fail(f"{what} should be {_time_of(expected)}, but it is {got}.")
        if isinstance(actual, date | time | timedelta) and type(actual) is type(expected):
            wrong = actual != expected
        else:
            wrong = bool(_different_times(_as_time(actual), _as_time(expected)).any())
        if wrong:
            self._fail(f"{what} is not right.")

    def _frame(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = taken(actual, "any")
        self._observe("values", actual)
        if not is_frame(actual):
            self._fail(f"{what} should be a DataFrame, but it is {describe(actual)}.")
        names, wanted = list(actual.columns), list(expected.columns)
        if missing := [name for name in wanted if name not in actual.columns]:
            how = "It is in the index." if missing[0] in actual.index.names else ""
            how = how or other_name(missing[0], [name for name in names if name not in wanted])
            self._fail(f"{what} has no column {missing[0]!r}.", how)
        if more := [name for name in names if name not in expected.columns]:
            how = "It belongs in the index." if more[0] in expected.index.names else ""
            self._fail(f"{what} has a column too many: {str(more[0])[:60]!r}.", how)
        if names != wanted:
            same = Counter(names) == Counter(wanted)
            order = "its columns in another order" if same else "one of its columns twice"
            self._fail(f"{what} has {order}.")
        self._index(actual.index, expected.index, what)
        try:
            for place, name in enumerate(wanted):
                self._column(actual.iloc[:, place], expected.iloc[:, place], f"{what}[{name!r}]")
        except _Wrong:
            if not _has_other_order(actual, expected):
                raise
            self._fail(f"{what} has the right rows in another order.")

    def _series(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        actual = taken(actual, "any")
        self._observe("values", actual)
        if not is_series(actual) or is_index(actual) != is_index(expected):
            kind = "an Index" if is_index(expected) else "a Series"
            self._fail(f"{what} should be {kind}, but it is {describe(actual)}.")
        if is_index(expected):
            self._index(actual, expected, what)
        else:
            self._index(actual.index, expected.index, what)
            self._column(actual, expected, what)

    def _index(self, actual: Any, expected: Any, what: str) -> None:
        """Compare the labels of rows."""
        __tracebackhide__ = True
        if len(actual) != len(expected):
            how = index_difference(actual.tolist(), expected.tolist())
            rows = f"{len(expected)} rows, but it has {len(actual)}"
            self._fail(f"{what} should have {rows}.", how)
        levels, wanted = columns_of(actual), columns_of(expected)
        if len(levels) != len(wanted):
            self._fail(
                f"{what}'s index should have {len(wanted)} levels, but it has {len(levels)}."
            )
        try:
            for one, other in zip(levels, wanted, strict=True):
                self._column(one, other, f"{what}'s index")
        except _Wrong as wrong:
            if how := index_difference(actual.tolist(), expected.tolist()):
                self._fail(wrong.text, how)
            raise

    def _column(self, actual: Any, expected: Any, what: str) -> None:
        __tracebackhide__ = True
        (kind, left), (wanted, right) = held(actual), held(expected)
        if kind != wanted:
            how = kind_difference(left, wanted)
            self._fail(f"{what} should hold {wanted}, but it holds {kind}.", how)
        self._elements(left, right, what)

    def _sequence(
        self, actual: Any, expected: list[Any] | tuple[Any, ...] | range, what: str
    ) -> None:
        __tracebackhide__ = True
        if isinstance(actual, Tensor) and actual.shape:
            actual = list(contents(actual))
        if not isinstance(actual, list | tuple):
            self._observe("values", actual)
            kind = type(expected).__name__
            self._fail(f"{what} should be a {kind}, but it is {describe(actual)}.")
        if len(actual) != len(expected):
            self._observe("values", actual)
            items = f"{len(expected)} items, but it has {len(actual)}"
            self._fail(f"{what} should have {items}.", self._how_lists_differ(actual, expected))
        names = getattr(expected, "_fields", getattr(expected, "_names", ()))
        places = [f".{name}" for name in names] or [f"[{index}]" for index in range(len(expected))]
        try:
            self._items(actual, expected, places, what)
        except _Wrong as wrong:
            how = self._how_lists_differ(actual, expected) if len(expected) > 2 else None
            if how is None:
                raise
            self._fail(f"{what} is not right." if how else wrong.text, how)

    def _items(
        self, actual: Sequence[Any], expected: Sequence[Any], places: Sequence[str], what: str
    ) -> None:
        """Compare the items of a list or a dictionary, each in its place."""
        __tracebackhide__ = True
        for one, other, place in zip(actual, expected, places, strict=True):
            try:
                self.compare(one, other, what + place)
            except _Wrong as wrong:
                others = [*zip(expected, places, strict=True)] if len(places) <= MOST_PLACES else []
                found = [where for item, where in others if self._is_another(one, item)]
                if len(found) != 1:
                    raise
                self._fail(wrong.text, f"It is what belongs in {found[0]}.")

    def _is_another(self, actual: Any, expected: Any) -> bool:
        """Say whether an answer is what is expected in another place, and not by chance."""
        if not (_is_plain(actual) and _is_plain(expected) and _is_telling(expected)):
            return False
        try:
            with recording([]):
                self.compare(actual, expected, "")
        except (Mismatch, SuiteError):
            return False
        return True

    def _how_lists_differ(self, actual: Sequence[Any], expected: Sequence[Any]) -> str | None:
        """Describe how lists of numbers or of texts differ, None if they hold anything else."""
        if not (_is_plain(actual) and _is_plain(expected)):
            return None
        left, right = (_as_array([*one], objects=False) for one in (actual, expected))
        if left is None or right is None or HOLDS[left.dtype.kind] != HOLDS[right.dtype.kind]:
            return None
        if left.shape != right.shape:
            return self._how_shapes_differ(left, right)
        if right.dtype.kind in "biufc":
            return self._how_numbers_differ(left, right)
        return label_difference(left, right, np.asarray(left != right))

    def _dict(self, actual: Any, expected: dict[Any, Any], what: str) -> None:
        __tracebackhide__ = True
        if not isinstance(actual, dict):
            self._observe("values", actual)
            self._fail(f"{what} should be a dictionary, but it is {describe(actual)}.")
        missing = [key for key in expected if key not in actual]
        if missing:
            self._observe("values", actual)
            more = [key for key in actual if key not in expected]
            self._fail(f"{what} has no {missing[0]!r}.", other_name(missing[0], more))
        if len(actual) > len(expected):
            self._observe("values", actual)
            self._fail(f"{what} has {len(actual) - len(expected)} keys too many.")
        places = [f"[{key!r}]" for key in expected]
        self._items([actual[key] for key in expected], [*expected.values()], places, what)

    def _set(self, actual: Any, expected: set[Any] | frozenset[Any], what: str) -> None:
        __tracebackhide__ = True
        self._observe("values", actual)
        if not isinstance(actual, set | frozenset):
            self._fail(f"{what} should be a set, but it is {describe(actual)}.")
        lacks, more = len(expected - actual), len(actual - expected)
        if lacks or more:
            self._fail(f"{what} is not right: it lacks {lacks} items, and has {more} others.")


def _scalar(value: Any) -> Any:
    """Return the only element of an array as a Python number; anything else as it is."""
    if isinstance(value, Tensor) and math.prod(value.shape) == 1:
        value = contents(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "mM":
        return value
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1):
        return value.item()
    return value


def _as_array(value: Any, *, objects: bool) -> NDArray[Any] | None:
    """Return an array of what is one, or is a number or nested lists of what arrays hold."""
    if isinstance(value, Tensor):
        return contents(value)
    if isinstance(value, np.ndarray):
        return value
    if is_series(value) or is_frame(value):
        return np.asarray(value)
    if isinstance(value, (list, tuple, range, *NUMBERS)):
        try:
            found = np.asarray(value, object if objects else None)
        except (ValueError, OverflowError):  # lists of different lengths, a huge integer
            return None
        return found if objects or found.dtype.kind in "biufcUSmM" else None
    return None


def _differ(one: Any, other: Any) -> bool:
    """Say whether two entries differ; what is missing is like itself."""
    try:
        return not (one is other or one == other or (is_nan(one) and is_nan(other)))
    except (TypeError, ValueError):  # pandas.NA is neither equal nor not, nor is an array
        return True


def is_nan(value: Any) -> bool:
    """Say whether a value is a float that is no number."""
    return isinstance(value, float) and math.isnan(value)


def _different_times(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Return which dates or durations differ; NaT is like NaT."""
    try:
        return np.asarray((left != right) & ~(np.isnat(left) & np.isnat(right)))
    except (TypeError, OverflowError):  # their units are too far apart
        return np.ones(left.shape, bool)


def _as_time(value: Any) -> NDArray[Any]:
    if isinstance(value, date):
        return np.asarray(np.datetime64(value))
    return np.asarray(np.timedelta64(value) if isinstance(value, timedelta) else value)


def _time_of(value: Any) -> str:
    """Return what a date, a time or a duration is, in words, "" for anything else."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return "a time of a time zone"
    if isinstance(value, date | np.datetime64):
        return "a date"
    if isinstance(value, timedelta | np.timedelta64):
        return "a duration"
    return "a time of day" if isinstance(value, time) else ""


def _kind(value: Any) -> str:
    return "None" if value is None else describe(_scalar(value))


def _is_real(array: NDArray[Any]) -> bool:
    """Say whether an array holds real numbers, as such or as complex ones."""
    return array.dtype.kind in "biuf" or (array.dtype.kind == "c" and not array.imag.any())


def _has_other_order(actual: Any, expected: Any) -> bool:
    """Say whether a table has the right rows in another order, if no index tells them apart."""
    if len(expected) > MOST_ROWS or not is_numbered(expected.index.tolist()):
        return False
    rows, right = (
        [held(table.iloc[:, place])[1].tolist() for place in range(len(expected.columns))]
        for table in (actual, expected)
    )
    return len(right) > 1 and are_shuffled(rows, right)


def _is_plain(value: Any) -> bool:
    """Say whether nothing in a value stays in another process, which would be asked for it."""
    if isinstance(value, Tensor):
        return True
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, Answer)


def _is_telling(value: Any) -> bool:
    """Say whether another value could not be like this one by chance."""
    if isinstance(value, str):
        return len(value) >= TELLING
    if isinstance(value, dict):
        return any(map(_is_telling, value.values()))
    if isinstance(value, list | tuple) and not all(isinstance(item, NUMBERS) for item in value):
        return any(map(_is_telling, value))
    if is_frame(value):
        return len(value) > 1 and len(value.columns) > 1
    array = _as_array(value, objects=False)
    return array is not None and _is_real(array) and bool(telling(array.real.astype(float)))
