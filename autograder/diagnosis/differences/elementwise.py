"""Describes what has become of each number: a factor, an offset, a function, rounding."""

from collections.abc import Callable

import numpy as np

from autograder.diagnosis.differences.evidence import (
    SAME,
    Numbers,
    matches,
    rounding,
    symbols,
    telling,
)
from autograder.diagnosis.differences.factors import factor_in_words

FUNCTIONS: tuple[tuple[str, Callable[[Numbers], Numbers]], ...] = (
    ("It is the square of what it should be.", np.square),
    ("It is the square root of what it should be.", np.sqrt),
    ("It is the logarithm of what it should be.", np.log),
    ("It is the exponential of what it should be.", np.exp),
    ("It is 1 divided by what it should be.", np.reciprocal),
    ("It is 1 minus what it should be.", lambda right: 1 - right),
    ("It is the absolute value of what it should be.", np.abs),
    ("It is 0 wherever it should be negative.", lambda right: np.maximum(right, 0)),
    ("It is 0 wherever it should be positive.", lambda right: np.minimum(right, 0)),
)
CLEAR = 100  # times what rounding may change: how much a function must change of a number


def by_value(received: Numbers, expected: Numbers, same: float = SAME) -> str:
    """Return a sentence about what all numbers have in common, "" if there is nothing clear."""
    said = factor_in_words(received, expected, same) or _offset(received, expected)
    if said or np.isin(expected, (0, 1)).all():  # labels are their own square
        return said
    return _function(received, expected) or _rounding(received, expected)


def _offset(received: Numbers, expected: Numbers) -> str:
    distinct = len(np.unique(symbols(expected.reshape(-1, 1))))
    if distinct < 2 or not (distinct > 2 or telling(expected)):
        return ""
    gap = received - expected
    offset = float(gap.mean())
    near = np.abs(gap - offset) <= SAME * abs(offset) + rounding(expected, same=0)
    return "It is off by the same amount everywhere." if near.all() else ""


@np.errstate(all="ignore")
def _function(received: Numbers, expected: Numbers) -> str:
    """Return the sentence of the only function that makes the received numbers of the right ones.

    A single number must agree more closely, as several functions are tried.
    """
    found = ""
    for sentence, function in FUNCTIONS:
        right = function(expected)
        if matches(received, right, SAME if received.size > 1 else SAME / 10):
            changed = np.abs(right - expected) > CLEAR * rounding(right)
            if found or not telling(expected[changed]):
                return ""
            found = sentence
    return found


def _rounding(received: Numbers, expected: Numbers) -> str:
    """Return a sentence about decimals that are missing, "" if all are there."""
    if not telling(received[received != expected]):
        return ""
    for decimals in range(5):
        unit = 10.0**decimals
        if np.array_equal(received, np.round(expected, decimals)):
            return "It is rounded."
        if np.array_equal(received, np.trunc(expected * unit) / unit):
            return "Its decimals are cut off."
    return ""
