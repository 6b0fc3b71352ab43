"""Describes a factor between two arrays, and which way and how far something has moved."""

from math import isfinite

import numpy as np

from autograder.diagnosis.differences.evidence import (
    NOISE,
    SAME,
    Numbers,
    is_constant,
    matches,
    telling,
)

ROUNDED = 1e-3  # of a distance moved, which is a difference of rounded numbers
FACTORS = {
    1 / 100: "a hundredth",
    1 / 10: "a tenth",
    1 / 4: "a quarter",
    1 / 3: "a third",
    1 / 2: "half",
    2: "twice",
    3: "three times",
    4: "four times",
    10: "ten times",
    100: "a hundred times",
}


def factor_in_words(received: Numbers, expected: Numbers, same: float = SAME) -> str:
    """Return a sentence about the factor between two arrays, "" if all entries share none.

    An uncommon one is not told, as it could give a value away.
    """
    if not expected.any():
        return ""
    if np.abs(received).max(initial=0.0) <= NOISE * np.abs(expected).max():
        return "It is zero."
    factor = common_factor(received, expected, same)
    if factor is None:
        return ""
    size = abs(factor)
    if word := _word(factor, same):
        opposite = ", with the opposite sign" if factor < 0 else ""
        return f"It is {word} as large as it should be{opposite}."
    if abs(size - 1) < same:
        return "It has the opposite sign." if factor < 0 else ""
    present = expected[expected != 0]
    if factor < 0 or present.size < 3 or is_constant(present) or not telling(present):
        return ""
    large, more, other = ("large", "sum", "mean") if size > 1 else ("small", "mean", "sum")
    times = max(size, 1 / size)
    said = f"It is too {large} by the same"
    if abs(times - round(times)) < same:
        return f"{said} whole factor everywhere, like a {more} instead of a {other}."
    return f"{said} factor everywhere."


def movement(received: Numbers, expected: Numbers) -> str:
    """Return a sentence about distances moved, "" if there is nothing clear to say."""
    if not received.any():
        return "It did not move at all."
    factor = common_factor(received, expected, ROUNDED)
    if factor is None or abs(factor) < ROUNDED:
        return ""
    word, back = _word(factor, ROUNDED), factor < 0
    if word:
        return f"It moved {word} as far as it should be{', in the opposite direction' * back}."
    return "It moved in the opposite direction." if back else ""


def common_factor(received: Numbers, expected: Numbers, same: float) -> float | None:
    """Return the factor between two arrays, if all entries share one."""
    scale = np.abs(expected).max(initial=0.0)
    if not scale or not isfinite(scale):
        return None
    right = expected / scale
    factor = float((received / scale * right).sum() / (right * right).sum())
    return factor if isfinite(factor) and matches(received, factor * expected, same) else None


def _word(factor: float, same: float) -> str:
    """Return what a common factor is called, "" for others."""
    found = (word for known, word in FACTORS.items() if abs(abs(factor) / known - 1) < same)
    return next(found, "")
