"""Describes how two arrays differ: sign, factor, offset, which entries; never by how much."""

from math import isfinite

import numpy as np

from autograder.diagnosis.observations import Array

NEAR = 1e-3
FACTORS = {
    1 / 10: "a tenth",
    1 / 4: "a quarter",
    1 / 3: "a third",
    1 / 2: "half",
    2: "twice",
    3: "three times",
    4: "four times",
    10: "ten times",
}


@np.errstate(all="ignore")
def difference(received: Array, expected: Array, *, moved: bool = False) -> str:
    """Return a sentence about how `received` differs from `expected`, of the same shape.

    "" if there is nothing clear to say. With `moved`, the arrays are distances moved.
    """
    if not np.isfinite(received).all() or not np.isfinite(expected).all():
        return ""
    if moved and not received.any():
        return "It did not move at all."
    factor = _factor(received, expected)
    if factor is not None:
        return _in_words(factor, moved)
    if received.size > 1:
        gap = received - expected
        wrong = np.abs(gap) > NEAR * (1 + np.abs(expected))
        if not moved and np.ptp(gap) < NEAR * (1 + np.abs(gap).max()):
            return "It is off by the same amount everywhere."
        if 0 < wrong.sum() < wrong.size and wrong.size > 2:
            are = "is" if wrong.sum() == 1 else "are"
            return f"{wrong.sum()} of {wrong.size} numbers {are} wrong, the others are right."
    return ""


def _factor(received: Array, expected: Array) -> float | None:
    """Return the factor between them, if all entries share one."""
    clear = np.abs(expected) > NEAR * np.abs(expected).max(initial=0)
    if not clear.any() or np.abs(received[~clear]).max(initial=0) > NEAR:
        return None
    ratios = received[clear] / expected[clear]
    factor = float(ratios.flat[0])
    spread = float(np.abs(ratios - factor).max())
    return factor if isfinite(factor) and spread <= NEAR * (1 + abs(factor)) else None


def _in_words(factor: float, moved: bool) -> str:
    """Describe a factor; an uncommon one is not told, as it could give a value away."""
    size = abs(factor)
    if size < NEAR:
        return "" if moved else "It is zero."
    if factor < 0 and abs(size - 1) < NEAR:
        return "It moved in the opposite direction." if moved else "It has the opposite sign."
    times = next((word for known, word in FACTORS.items() if abs(size / known - 1) < NEAR), "")
    parts = [f"{times} as {'far' if moved else 'large'} as it should be"] if times else []
    if factor < 0 and (moved or times):
        parts.append("in the opposite direction" if moved else "with the opposite sign")
    verb = "It moved" if moved else "It is"
    return f"{verb} {', '.join(parts)}." if parts else ""
