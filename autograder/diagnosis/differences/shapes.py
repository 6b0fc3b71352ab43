"""Describes how an array of another shape differs: a row, a sum over an axis, the transpose."""

import math
from collections.abc import Iterator

import numpy as np

from autograder.diagnosis.differences.evidence import (
    Numbers,
    axis_names,
    item_name,
    matches,
    plural,
    rounding,
    telling,
)
from autograder.diagnosis.differences.summaries import REDUCTIONS

MOST = 20_000  # numbers that are looked at
EXACTLY = 1e-7  # of a single number, which may be near one of many by chance
Shape = tuple[int, ...]


@np.errstate(all="ignore")
def shape_difference(received: Numbers, expected: Numbers) -> str:
    """Return a sentence about an array that should have another shape, "" if nothing is clear."""
    sizes, finite = (received.size, expected.size), (np.isfinite(received), np.isfinite(expected))
    if max(sizes) <= MOST and min(sizes) and all(one.all() for one in finite):
        found = {*_by_numbers(received, expected)}
        if found:
            return found.pop() if len(found) == 1 else ""
    return _by_shape(received.shape, expected.shape)


def _by_numbers(received: Numbers, expected: Numbers) -> Iterator[str]:
    """Yield what the numbers are."""
    if received.size == expected.size:
        yield from _in_another_form(received, expected)
        return
    yield from _labels(received, expected)
    yield from _lengths(received, expected)
    yield from _of_one_item(received, expected)
    yield from (
        f"It is the {found} of what it should be." for found in _reductions(received, expected)
    )
    yield from (f"Its {found} is what it should be." for found in _reductions(expected, received))


def _in_another_form(received: Numbers, expected: Numbers) -> Iterator[str]:
    if matches(received.ravel(), expected.ravel()) and _is_clear(received, expected):
        yield "Its numbers are right, only its shape is not."
    if received.ndim == 2 and matches(received.T, expected) and telling(expected):
        yield "It is transposed."


def _is_clear(received: Numbers, expected: Numbers) -> bool:
    """Say whether two arrays with the same numbers in a row have the same ones in each place."""
    one, other = ([n for n in array.shape if n > 1] for array in (received, expected))
    return one == other or telling(expected)


def _labels(received: Numbers, expected: Numbers) -> Iterator[str]:
    """Yield whether there are labels where each class has a number, or the reverse."""
    for labels, scores, said in (
        (received, expected, "It holds labels instead of a number for each class."),
        (expected, received, "It holds a number for each class instead of labels."),
    ):
        of_rows = labels.ndim == 1 and scores.ndim == 2
        if of_rows and np.array_equal(labels, scores.argmax(axis=1)) and telling(labels):
            yield said


def _lengths(received: Numbers, expected: Numbers) -> Iterator[str]:
    """Yield what is missing or too much along one axis."""
    if received.ndim != expected.ndim:
        return
    axes = [axis for axis in range(expected.ndim) if received.shape[axis] != expected.shape[axis]]
    if len(axes) != 1:
        return
    axis, items = axes[0], plural(axis_names(expected.ndim)[axes[0]][1])
    one, other = (np.moveaxis(array, axis, 0) for array in (received, expected))
    short = min(len(one), len(other))
    count = max(len(one), len(other)) - short
    first, last = (f"the {end} {'one' if count == 1 else count}" for end in ("first", "last"))
    what = "should not be there"
    if len(one) < len(other):
        what = "is missing" if count == 1 else "are missing"
    for end, left, right in (
        (last, one[:short], other[:short]),
        (first, one[-short:], other[-short:]),
    ):
        if matches(left, right) and telling(right):
            yield f"Its {items} are right, but {end} {what}."


def _of_one_item(received: Numbers, expected: Numbers) -> Iterator[str]:
    """Yield which item of an axis it is."""
    for axis, name in axis_names(expected.ndim):
        items = np.moveaxis(expected, axis, 0)
        one = received.reshape(items.shape[1:]) if received.size == items[0].size else None
        if one is None or not telling(one) or len(items) < 2:
            continue
        close = np.abs(items - one) <= (rounding(one) if one.size > 1 else EXACTLY * np.abs(one))
        same = close.reshape(len(items), -1).all(axis=1)
        if same.sum() == 1:
            yield f"It is only {item_name(name, int(same.argmax()))} of what it should be."


def _reductions(short: Numbers, long: Numbers) -> Iterator[str]:
    """Yield what the shorter array is of the longer one."""
    for axis in range(long.ndim) if long.ndim > 1 else [None]:
        over = "" if axis is None else f" over axis {axis}"
        for name, reduce in REDUCTIONS:
            found = np.asarray(reduce(long, axis=axis))
            if found.size == short.size and _is(found, short):
                yield f"{name}{over}"
    if long.ndim > 1 and short.size == 1:
        for name, reduce in REDUCTIONS:
            if _is(np.asarray(reduce(long)), short):
                yield name


def _is(found: Numbers, short: Numbers) -> bool:
    return matches(short.ravel(), found.ravel()) and telling(found)


def _by_shape(received: Shape, expected: Shape) -> str:
    """Return what the shape alone says."""
    if len(expected) == 2 and expected[0] != expected[1]:
        if received == expected[::-1]:
            return "It has the shape of the transpose."
        for axis, name in axis_names(2):
            if received == (expected[1 - axis],) and min(expected) > 1:
                return f"It has the shape of one {name}."
    long = math.prod(expected)
    if received == (long, long) and long > 2 and max(expected, default=0) == long:
        return f"This is what arrays of shapes ({long},) and ({long}, 1) are broadcast to."
    return ""
