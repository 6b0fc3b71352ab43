"""Describes pictures of a training in words, for readers who cannot see them.

`path` holds the student's (w, b) before the first and after each step, as far as observed;
`inside` says of each row, or of each loss, whether it is in the picture.
"""

import numpy as np
from numpy.typing import NDArray

from autograder.reports.charts.axis import Array
from autograder.reports.charts.line_fit import Fit

Rows = NDArray[np.bool_]

SAME = 5e-4  # of the way to the minimum: no difference is visible, and float32 differs by less
NEXT_TO = 0.01  # of it: a good line from another start
NEARLY = 1e-3  # of a loss, the same

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def about_lines(fit: Fit, path: Array, *, inside: bool) -> str:
    """Describe the line before training and, inside the picture or not, the one after it."""
    first = f"Before training the prediction was {_equation(path[0])}."
    if len(path) == 1:
        return f"{first} Training was not seen."
    steps = f"After {_count(len(path) - 1, 'step')}"
    target = _equation(fit.path[-1])
    if not np.isfinite(path[-1]).all():
        return f"{first} {steps} your line cannot be drawn: its numbers are not finite."
    if len(path) == len(fit.path) and _near(path[-1], fit.path[-1], SAME * fit.span):
        return f"{first} {steps} your line is {target}, and coincides with the reference's."
    if _near(path[-1], fit.path[-1], NEXT_TO * fit.span):
        return f"{first} {steps} your line is {_equation(path[-1])}, next to the reference's."
    where = "" if inside else ", outside the picture"
    return (
        f"{first} {steps} your line is {_equation(path[-1])}{where}; the reference's is {target}."
    )


def about_losses(losses: Array, right: Array, inside: Rows, *, first: int, every: str) -> str:
    """Describe the loss over the steps.

    Args:
        losses: the student's.
        right: the reference's, empty if there is none.
        inside: which of the losses are in the picture.
        first: the number of the first step: 0 if it is the loss before training.
        every: what is counted.
    """
    beside = ""
    if len(right):
        beside = f"from {formatted(right[0])} to {formatted(right[-1])}"
        with np.errstate(all="ignore"):
            if len(losses) == len(right) and _near(losses / right, 1, NEARLY):
                return (
                    f"Your loss falls {beside}, and coincides with the reference's at every "
                    f"{every}."
                )
        beside = f" The reference's falls {beside}."
    end = _finite(losses)
    if end == 0:
        return f"Your loss is not finite from the start.{beside}"
    start, last = losses[0], losses[end - 1]
    span = f"from {formatted(start)} to {formatted(last)} in {_count(end - 1 + first, every)}"
    if end == 1:
        what = f"Your loss starts at {formatted(start)}"
    elif (losses[:end] == start).all():
        what = f"Your loss stays at {formatted(start)}: no {every} changes it"
    elif last > start:
        what = f"Your loss rises {span}: training diverges"
    else:
        what = f"Your loss falls {span}"
    length = len(right) or len(losses)
    what += _left(inside[:end], every, first) + _broken(losses, end, length, every, first)
    return f"{what}.{beside}"


def about_path(fit: Fit, path: Array, inside: Rows) -> str:
    """Describe the path of (w, b) over the loss surface."""
    minimum = f"the minimum is at {_pair(fit.minimum)}"
    if len(path) == len(fit.path) and _near(path, fit.path, SAME * fit.span):
        return (
            f"Your path goes from (w, b) = {_pair(path[0])} to {_pair(path[-1])} and coincides "
            f"with the reference's; {minimum}."
        )
    end = _finite(path)
    if end == 0:
        return f"Your w and b are not finite from the start; {minimum}."
    start = f"(w, b) = {_pair(path[0])}"
    if end > 1 and (path[:end] == path[0]).all():
        return f"Your path never leaves its start at {start}; {minimum}."
    if end == 1:
        what = f"Your path starts at {start}"
    else:
        what = f"Your path goes from {start} to {_pair(path[end - 1])}"
    left = _left(inside[:end], "step", 0)
    losses = fit.losses(path)
    if left and (end < len(path) or not losses[end - 1] < losses[0]):
        left += ": training diverges"
    return f"{what}{left}{_broken(path, end, len(fit.path), 'step', 0)}; {minimum}."


def formatted(value: float) -> str:
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
    text = f"y = {formatted(w)} x {'-' if b < 0 else '+'} {formatted(abs(b))}"
    return text.replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}")


def _pair(parameters: Array) -> str:
    w, b = parameters.tolist()
    return f"({formatted(w)}, {formatted(b)})".replace("-", "−")


def _near(these: Array, those: Array | float, tolerance: float) -> bool:
    with np.errstate(all="ignore"):
        return bool((np.abs(these - those) < tolerance).all())


def _finite(rows: Array) -> int:
    """Return how many rows come before the first that is not finite."""
    bad = np.flatnonzero(~np.isfinite(rows.reshape(len(rows), -1)).all(axis=1))
    return int(bad[0]) if len(bad) else len(rows)


def _left(inside: Rows, every: str, first: int) -> str:
    """Say at which step a curve leaves the picture; "" if it never does."""
    outside = np.flatnonzero(~inside)
    return f", leaving the picture at {every} {outside[0] + first}" if len(outside) else ""


def _broken(rows: Array, end: int, length: int, every: str, first: int) -> str:
    """Say where a curve ends, if it was cut short."""
    if end < len(rows):
        return f", and is not finite from {every} {end + first} on"
    return "" if len(rows) == length else f"; nothing was seen after {every} {end - 1 + first}"


def _count(count: int, every: str) -> str:
    return f"{count} {every}{'s' * (count != 1)}"
