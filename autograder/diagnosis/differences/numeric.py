"""Describes how numbers differ from those that were expected, in one sentence."""

import numpy as np

from autograder.diagnosis.differences.distributions import (
    instead_of_probabilities,
    sums_of_probabilities,
)
from autograder.diagnosis.differences.elementwise import by_value
from autograder.diagnosis.differences.evidence import (
    SAME,
    Mask,
    Numbers,
    is_constant,
    is_round,
    matches,
)
from autograder.diagnosis.differences.factors import factor_in_words, movement
from autograder.diagnosis.differences.labels import of_labels
from autograder.diagnosis.differences.parts import by_part, how_many
from autograder.diagnosis.differences.places import by_place
from autograder.diagnosis.differences.summaries import by_scale, by_summary
from autograder.diagnosis.observations import ATOL, RTOL

MOST = 20_000  # numbers of which more than a factor and the order is told
LOOSE = 1e-3  # the largest tolerance with which a factor is told
WHOLE = 2.0**53
ALMOST = 1e-3  # of a number: what is nearer than this is almost right


@np.errstate(all="ignore")
def difference(
    received: Numbers,
    expected: Numbers,
    *,
    moved: bool = False,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> str:
    """Return a sentence about how `received` differs from `expected`, of the same shape.

    "" if there is nothing clear to say. With `moved`, the arrays are distances moved. Of the
    descriptions that are true, it is the most specific one.

    Args:
        received: the numbers that an answer holds.
        expected: what they should be.
        moved: whether the numbers are distances moved.
        rtol: relative tolerance, which says what is wrong.
        atol: absolute tolerance.
    """
    if not np.isfinite(received).all() or not np.isfinite(expected).all():
        return ""
    if moved:
        return movement(received, expected)
    wrong = np.asarray(~(np.abs(received - expected) <= atol + rtol * np.abs(expected)))
    if not wrong.any():
        return ""
    if wrong.size > MOST:
        said = factor_in_words(received, expected) or by_place(received, expected)
        return said or how_many(wrong, "numbers")
    if matches(received, expected):
        return _almost(received, expected) or how_many(wrong, "numbers")
    if said := instead_of_probabilities(received, expected):
        return said
    value = by_value(received, expected, SAME if wrong.size < 3 else min(max(rtol, SAME), LOOSE))
    place = by_place(received, expected, SAME if _hold_parts(received, expected) else 0.0)
    if value and place:  # one of them is chance
        return how_many(wrong, "numbers")
    return (
        value
        or place
        or by_summary(received, expected)
        or sums_of_probabilities(received, expected)
        or _of_some(received, expected, wrong)
        or how_many(wrong, "numbers")
    )


def _of_some(received: Numbers, expected: Numbers, wrong: Mask) -> str:
    """Return which numbers are wrong, or what the wrong ones have in common."""
    if not _hold_parts(received, expected):
        said = of_labels(received.astype(np.int64), expected.astype(np.int64), wrong)
        if said:
            return said
    elif received.size > 2 and is_constant(received) and not is_constant(expected):
        return "All its numbers are the same."
    return (
        by_part(wrong, expected, received)
        or by_scale(received, expected)
        or _almost(received, expected)
    )


def _hold_parts(*arrays: Numbers) -> bool:
    """Say whether some numbers are no whole ones, or too large for a float to tell."""
    return any((one != np.rint(one)).any() or np.abs(one).max() > WHOLE for one in arrays)


def _almost(received: Numbers, expected: Numbers) -> str:
    near = np.abs(received - expected) <= ALMOST * np.abs(expected)
    if expected.size > 2 and near.all() and not is_round(expected).all():
        return "It is almost right, but not within the tolerance."
    return ""
