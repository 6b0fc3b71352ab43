"""Draws how a student's training went on the lesson's data, beside the reference's.

Losses and contours come from the loss written as a quadratic around its minimum θ* = (w*, b*),
with k = 1 feature:

    L(θ) = L* + (θ - θ*)ᵀ H (θ - θ*),    H = 1/n Σ (xᵢ, 1)(xᵢ, 1)ᵀ
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from autograder.drawing.chart import Array, Axis, Legend, Picture, Plane, Style, axis, picture

from . import reference

# What `Linear(1, 1)` holds after `torch.manual_seed(4)`, as the notebook makes it.
FIRST_W, FIRST_B = -1.605276346206665, 0.23248571157455444

SAME = 1e-3  # nearer than this, no difference is seen; float32 differs by 1e-6
NEXT_TO = 0.02  # a good line from another start
FAR = 6.0  # a start further than this from the minimum does not widen the picture
GREATEST_LOSS = 1e4  # greater ones do not make the axis longer
LEVELS = (0.2, 0.5, 1.0, 2.0, 4.0, 7.0, 11.0, 16.0)

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

YOURS: tuple[Style, str] = ("main", "yours")
REFERENCE: tuple[Style, str] = ("beside", "reference")


@dataclass(frozen=True)
class Surface:
    """The loss over (w, b): its least value, where that is, and H, which says how it rises."""

    least: float
    minimum: Array
    curvature: Array

    def losses(self, path: Array) -> Array:
        """Return the loss at each row (w, b)."""
        with np.errstate(all="ignore"):
            away = path - self.minimum
            losses: Array = self.least + np.einsum("ni,ij,nj->n", away, self.curvature, away)
        return losses


@cache
def surface() -> Surface:
    """Return the lesson's loss surface, with θ* = H⁻¹ 1/n Σ (xᵢ, 1) yᵢ."""
    X, y = _data()
    rows = np.column_stack([X, np.ones(len(X))])
    curvature: Array = rows.T @ rows / len(y)
    minimum = np.linalg.solve(curvature, rows.T @ y / len(y)).astype(np.float64)
    return Surface(reference.loss(X, y, minimum[:1, None], minimum[1:]), minimum, curvature)


@cache
def reference_path() -> Array:
    """Return the reference's (w, b) before the first and after each step, (steps + 1, 2)."""
    X, y = _data()
    w, b = np.array([[FIRST_W]]), np.array([FIRST_B])
    path = [(w[0, 0], b[0])]
    for _ in range(reference.STEPS):
        w, b, _ = reference.step(X, y, w, b)
        path.append((w[0, 0], b[0]))
    return np.array(path)


@cache
def _data() -> tuple[Array, Array]:
    X, y, _ = reference.lesson()
    return X.astype(float), y.astype(float)


def draw(observed: Mapping[str, NDArray[np.float64]]) -> tuple[Picture, ...]:
    """Return the data with the lines, the loss over the steps, and the path over its contours.

    Args:
        observed: `path` holds (w, b) before the first and after each step, as far as they were
            seen. Without it nothing is drawn; with one row, the first prediction only.
    """
    path = np.asarray(observed.get("path", ()), float)
    if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
        return ()
    path = path[: reference.STEPS + 1]
    if len(path) == 1:
        return (draw_lines(path),)
    return draw_lines(path), draw_losses(path), draw_path(path)


# The data and the lines through them


def draw_lines(path: Array) -> Picture:
    """Return the data, the line before training, and the lines that were learned."""
    plane, back, front = _data_plane()
    layers = [back, plane.line(_ends(path[0], plane), "before")]
    yours: Legend = ()
    if len(path) > 1:
        layers.append(plane.line(_ends(path[-1], plane), "main"))
        yours = (YOURS,)
    return picture(
        "The data and your line",
        _about_lines(path, plane),
        around=front,
        layers=layers,
        legend=(("cloud", "data"), *yours, REFERENCE, ("before", "before training")),
    )


@cache
def _data_plane() -> tuple[Plane, str, str]:
    """Return the plane of the data, what is below the student's line, and what is around."""
    X, y = _data()
    plane = Plane(axis("x", (-3.3, 3.3)), axis("y", (-0.5, 4.5)))
    back = plane.cloud(np.column_stack([X, y]))
    back += plane.line(_ends(reference_path()[-1], plane), "beside")
    return plane, back, plane.surroundings()


def _ends(parameters: Array, plane: Plane) -> Array:
    """Return two points of the line y = w x + b, one on each side of the picture."""
    w, b = parameters
    x = np.array([plane.x.low, plane.x.high])
    with np.errstate(all="ignore"):
        return np.column_stack([x, w * x + b])


def _about_lines(path: Array, plane: Plane) -> str:
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
    where = "" if plane.line(_ends(path[-1], plane), "main") else ", outside the picture"
    return (
        f"{first} {steps} your line is {_equation(path[-1])}{where}; the reference's is {target}."
    )


def _equation(parameters: Array) -> str:
    if not np.isfinite(parameters).all():
        return "not finite"
    w, b = parameters.tolist()
    text = f"y = {_number(w)} x {'-' if b < 0 else '+'} {_number(abs(b))}"
    return text.replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}")


# The loss over the steps


def draw_losses(path: Array) -> Picture:
    """Return the loss over the steps, on a logarithmic axis."""
    losses = surface().losses(path)
    plane = Plane(axis("step", (-0.5, reference.STEPS + 0.5)), _loss_axis(losses))
    back, around = _loss_backdrop(plane)
    return picture(
        "The loss, step by step",
        _about_losses(path, losses, plane),
        around=around,
        layers=[back, plane.line(_over_steps(losses), "main", dots=True)],
        legend=(YOURS, REFERENCE),
    )


def _loss_axis(losses: Array) -> Axis:
    """Return an axis of whole powers of ten upwards, long enough for the student's losses."""
    seen = losses[np.isfinite(losses)]
    greatest = min(float(seen.max(initial=10.0)), GREATEST_LOSS)
    top = 10.0 ** np.ceil(np.log10(greatest) - 1e-9)
    return axis("mean squared error", (0.05, top), log=True)


@lru_cache(maxsize=16)
def _loss_backdrop(plane: Plane) -> tuple[str, str]:
    losses = surface().losses(reference_path())
    return plane.line(_over_steps(losses), "beside"), plane.surroundings()


def _over_steps(losses: Array) -> Array:
    return np.column_stack([np.arange(len(losses)), losses])


def _about_losses(path: Array, losses: Array, plane: Plane) -> str:
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
    what += _left(plane.inside(_over_steps(losses)[:end])) + _broken(path, end)
    return f"{what}. The reference's falls {target}."


# The path of (w, b) over the loss surface


def draw_path(path: Array) -> Picture:
    """Return the path of (w, b) over contours of the loss."""
    plane = _path_plane(path)
    back, around = _contours(plane)
    w, b = surface().minimum.tolist()
    layers = [back, plane.line(path, "main", dots=True), plane.cross((w, b))]
    if plane.inside(path[:1]).all():
        layers.append(plane.note((path[0, 0], path[0, 1]), "start", dy=-12))
    return picture(
        "The path of w and b over the loss",
        _about_path(path, plane),
        around=around,
        layers=layers,
        legend=(YOURS, REFERENCE, ("mark", "minimum")),
    )


def _path_plane(path: Array) -> Plane:
    """Return a plane that shows the reference's path and the student's start, if it is near."""
    shown = np.array([[-2.3, -0.2], [2.1, 2.7]])
    start = path[0]
    if np.abs(start - surface().minimum).max() < FAR:
        # Whole halves, so that most students share one plane, which is drawn once.
        start = np.array([np.floor(start * 2 - 0.5) / 2, np.ceil(start * 2 + 0.5) / 2])
        shown = np.vstack([shown, start])
    return Plane(axis("w", shown[:, 0]), axis("b", shown[:, 1]))


@lru_cache(maxsize=16)
def _contours(plane: Plane) -> tuple[str, str]:
    """Return where the loss is the same, with the reference's path, and what is around."""
    known = surface()
    w, b = known.minimum.tolist()
    heights = [level - known.least for level in LEVELS[::-1]]
    layers = [plane.ellipse((w, b), known.curvature / height) for height in heights]
    for level in LEVELS[1:]:
        # To the lower right, where the reference's path does not go.
        away = np.array([0.8, -1.0])
        away *= np.sqrt((level - known.least) / (away @ known.curvature @ away))
        if plane.inside([known.minimum + 1.1 * away]).all():  # there is room for the number
            layers.append(plane.note((w + away[0], b + away[1]), f"{level:g}", dy=4))
    layers.append(plane.line(reference_path(), "beside"))
    return "".join(layers), plane.surroundings()


def _about_path(path: Array, plane: Plane) -> str:
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
    left = _left(plane.inside(path[:end]))
    losses = surface().losses(path)
    if left and (end < len(path) or not losses[end - 1] < losses[0]):
        left += ": training diverges"
    return f"{what}{left}{_broken(path, end)}; {minimum}."


# Words


def _number(value: float) -> str:
    """Return a number with three digits, as people write it."""
    value += 0.0  # minus zero is zero
    size = abs(value)
    if 0.01 <= size < 999.5:
        return f"{value:.2f}" if 0.1 <= size < 10 else f"{value:.3g}"
    if not 1e-4 < size < 1e5 and size:
        digits, power = f"{value:.1e}".split("e")
        return f"{digits} × 10{str(int(power)).translate(RAISED)}"
    return f"{value:.2g}" if size < 1 else f"{value:.0f}"


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


def _left(inside: NDArray[np.bool_]) -> str:
    """Say from which step on a curve is outside the picture, nothing if it never is."""
    outside = np.flatnonzero(~inside)
    return f", leaving the picture at step {outside[0]}" if len(outside) else ""


def _broken(path: Array, end: int) -> str:
    """Say where a path ends that was cut short."""
    if end < len(path):
        return f", and is not finite from step {end} on"
    return "" if _complete(path) else f"; nothing was seen after step {end - 1}"


def _after(path: Array) -> str:
    return f"After {_steps(len(path) - 1)}"


def _steps(count: int) -> str:
    return f"{count} step{'s' * (count != 1)}"
