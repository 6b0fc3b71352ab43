"""Describes the pictures of a training run in words, for readers who cannot see them.

`path` holds the student's (w, b) before the first and after each step, as far as observed;
`inside` says of each row whether it is in the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autograder.reports.charts.axis import Array

from . import reference
from .surface import reference_path, surface

__all__ = ["about_lines", "about_losses", "about_path"]

Rows = NDArray[np.bool_]

SAME = 1e-3  # closer than this, no difference is visible; float32 differs by 1e-6
NEXT_TO = 0.02  # a good line from another start

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def about_lines(path: Array, *, inside: bool) -> str:
    """Describe the line before training and, inside the picture or not, the one after it."""
    first = f"Before training the prediction was {_equation(path[0])}."
    if len(path) == 1:
        return f"{first} Training was not seen."
    steps = _after(path)
    target = _equation(reference_path()[-1])
    if not np.isfinite(path[-1]).all():
        return f"{first} {steps} your line cannot be drawn: its numbers are not finite."
    if _complete(path) and _near(path[-1], reference_path()[-1]):
        return f"{first} {steps} your line is {target}, and coincides with the reference's."
    if _near(path[-1], reference_path()[-1], NEXT_TO):
        return f"{first} {steps} your line is {_equation(path[-1])}, next to the reference's."
    where = "" if inside else ", outside the picture"
    return (
        f"{first} {steps} your line is {_equation(path[-1])}{where}; the reference's is {target}."
    )


def about_losses(path: Array, losses: Array, inside: Rows) -> str:
    """Describe the loss over the steps."""
    known = surface().losses(reference_path())
    target = f"from {_number(known[0])} to {_number(known[-1])}"
    if _complete(path) and _near(losses / known, 1):
        return f"Your error falls {target}, and coincides with the reference's at every step."
    end = _finite(losses)
    if end == 0:
        return f"Your error is not finite from the start. The reference's falls {target}."
    first, last = losses[0], losses[end - 1]
    span = f"from {_number(first)} to {_number(last)} in {_steps(end - 1)}"
    if end == 1:
        what = f"Your error starts at {_number(first)}"
    elif _still(path[:end]):
        what = f"Your error stays at {_number(first)}: no step moves the model"
    elif last > first:
        what = f"Your error rises {span}: training diverges"
    else:
        what = f"Your error falls {span}"
    what += _left(inside[:end]) + _broken(path, end)
    return f"{what}. The reference's falls {target}."


def about_path(path: Array, inside: Rows) -> str:
    """Describe the path of (w, b) over the loss surface."""
    minimum = f"the minimum is at {_pair(surface().minimum)}"
    if _complete(path) and _near(path, reference_path()):
        return (
            f"Your path goes from (w, b) = {_pair(path[0])} to {_pair(path[-1])} and coincides "
            f"with the reference's; {minimum}."
        )
    end = _finite(path)
    if end == 0:
        return f"Your w and b are not finite from the start; {minimum}."
    start = f"(w, b) = {_pair(path[0])}"
    if end > 1 and _still(path[:end]):
        return f"Your path never leaves its start at {start}; {minimum}."
    if end == 1:
        what = f"Your path starts at {start}"
    else:
        what = f"Your path goes from {start} to {_pair(path[end - 1])}"
    left = _left(inside[:end])
    losses = surface().losses(path)
    if left and (end < len(path) or not losses[end - 1] < losses[0]):
        left += ": training diverges"
    return f"{what}{left}{_broken(path, end)}; {minimum}."


def _number(value: float) -> str:
    """Format a number with three digits, as people write it."""
    value += 0.0  # minus zero is zero
    size = abs(value)
    if 0.01 <= size < 999.5:
        return f"{value:.2f}" if 0.1 <= size < 10 else f"{value:.3g}"
    if not 1e-4 < size < 1e5 and size:
        digits, power = f"{value:.1e}".split("e")
        return f"{digits} × 10{str(int(power)).translate(RAISED)}"
    return f"{value:.2g}" if size < 1 else f"{value:.0f}"


def _equation(parameters: Array) -> str:
    if not np.isfinite(parameters).all():
        return "not finite"
    w, b = parameters.tolist()
    text = f"y = {_number(w)} x {'-' if b < 0 else '+'} {_number(abs(b))}"
    return text.replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}")


def _pair(parameters: Array) -> str:
    w, b = parameters.tolist()
    return f"({_number(w)}, {_number(b)})".replace("-", "−")


def _complete(path: Array) -> bool:
    return len(path) == reference.STEPS + 1


def _near(these: Array, those: Array | float, tolerance: float = SAME) -> bool:
    with np.errstate(all="ignore"):
        return bool((np.abs(these - those) < tolerance).all())


def _still(path: Array) -> bool:
    return bool((path == path[0]).all())


def _finite(rows: Array) -> int:
    """Return how many rows come before the first that is not finite."""
    bad = np.flatnonzero(~np.isfinite(rows.reshape(len(rows), -1)).all(axis=1))
    return int(bad[0]) if len(bad) else len(rows)


def _left(inside: Rows) -> str:
    """Say at which step a curve leaves the picture; "" if it never does."""
    outside = np.flatnonzero(~inside)
    return f", leaving the picture at step {outside[0]}" if len(outside) else ""


def _broken(path: Array, end: int) -> str:
    """Say where a path ends, if it was cut short."""
    if end < len(path):
        return f", and is not finite from step {end} on"
    return "" if _complete(path) else f"; nothing was seen after step {end - 1}"


def _after(path: Array) -> str:
    return f"After {_steps(len(path) - 1)}"


def _steps(count: int) -> str:
    return f"{count} step{'s' * (count != 1)}"
