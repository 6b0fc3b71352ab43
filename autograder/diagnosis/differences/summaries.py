"""Describes sums, means and the like of the right numbers, and columns on another scale."""

from collections.abc import Callable, Iterator

import numpy as np

from autograder.diagnosis.differences.evidence import (
    SAME,
    Numbers,
    axis_names,
    matches,
    plural,
    rounding,
    symbols,
    telling,
)

REDUCTIONS: tuple[tuple[str, Callable[..., Numbers]], ...] = (
    ("sum", np.sum),
    ("mean", np.mean),
    ("maximum", np.max),
    ("minimum", np.min),
)


def by_summary(received: Numbers, expected: Numbers) -> str:
    """Return a sentence about sums and means of what an array of this shape should hold."""
    if received.size < 3:
        return ""
    found = {said for said, other in _summaries(expected) if matches(received, other)}
    return found.pop() if len(found) == 1 else ""


def _summaries(expected: Numbers) -> Iterator[tuple[str, Numbers]]:
    for axis, name in axis_names(expected.ndim):
        items, length = plural(name), expected.shape[axis]
        if length < 3 or not telling(expected):
            continue
        yield (
            f"It adds up: each {name} is the sum of the right {items} so far.",
            np.cumsum(expected, axis),
        )
        for word, reduce in REDUCTIONS[:2]:
            one = reduce(expected, axis=axis, keepdims=True)
            said = f"Each {name} is the {word} of the right {items}."
            if telling(one):
                yield said, np.broadcast_to(one, expected.shape)


def by_scale(received: Numbers, expected: Numbers) -> str:
    """Return a sentence about another scale of all numbers, or of each column or row."""
    if expected.size > 4 and _is_on_another_scale(received.reshape(-1, 1), expected.reshape(-1, 1)):
        return "All numbers differ by the same factor and the same offset."
    if expected.ndim != 2:
        return ""
    for name, one, other in (("column", received, expected), ("row", received.T, expected.T)):
        how = _of_each(one, other)
        if how:
            return f"In each {name}, all numbers {how}."
    return ""


def _of_each(received: Numbers, expected: Numbers) -> str:
    """Return what the numbers of each column have in common."""
    if expected.shape[1] < 2 or not telling(expected) or not all(map(_varies, expected.T)):
        return ""
    gap = received - expected
    offset = gap.mean(axis=0)
    if (np.abs(gap - offset) <= SAME * np.abs(offset) + rounding(expected, same=0)).all():
        return "are off by the same amount"
    factor = (received * expected).sum(axis=0) / (expected * expected).sum(axis=0)
    if all(matches(*pair) for pair in zip(received.T, (factor * expected).T, strict=True)):
        return "are off by the same factor"
    if len(expected) > 4 and _is_on_another_scale(received, expected):
        return "differ by the same factor and the same offset"
    return ""


def _varies(column: Numbers) -> bool:
    """Say whether a column has enough different numbers for a scale to be no chance."""
    return len(np.unique(symbols(column[column != 0].reshape(-1, 1)))) > 2


def _is_on_another_scale(received: Numbers, expected: Numbers) -> bool:
    """Say whether each column is the right one, times a number and plus a number."""
    if not telling(expected) or not all(map(_varies, (*expected.T, *received.T))):
        return False
    left, right = received - received.mean(axis=0), expected - expected.mean(axis=0)
    factor = (left * right).sum(axis=0) / (right * right).sum(axis=0)
    offset = received.mean(axis=0) - factor * expected.mean(axis=0)
    found = factor * expected + offset
    return all(matches(*pair) for pair in zip(received.T, found.T, strict=True))
