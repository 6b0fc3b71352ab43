"""Draws pictures of a training, as a suite declares them, next to the reference's."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autograder.reports.charts.axis import Array, Axis, axis
from autograder.reports.charts.captions import about_lines, about_losses, about_path, formatted
from autograder.reports.charts.chart import Legend, Picture, Plane, Style, picture
from autograder.reports.charts.line_fit import Fit, fit
from autograder.testing.pictures import LineFit, LossCurve

FAR = 2.0  # spans from the minimum: a start farther away does not widen the picture
GREATEST = 1e3  # losses above it, in units of the reference's first, make no axis longer
LEVELS = 8

YOURS: tuple[Style, str] = ("main", "yours")
REFERENCE: tuple[Style, str] = ("beside", "reference")

Arrays = Mapping[str, NDArray[np.float64]]


def drawn(declared: Iterable[LineFit | LossCurve], observed: Arrays) -> tuple[Picture, ...]:
    """Return the pictures of what was observed; nothing is drawn of an array that is missing.

    Args:
        declared: what a suite wants to have drawn.
        observed: the arrays that its tests recorded, by name.
    """
    found: list[Picture] = []
    for one in declared:
        seen = np.asarray(observed.get(one.name, ()), float)
        if isinstance(one, LossCurve) and seen.ndim == 1 and len(seen):
            right = np.asarray(observed.get(one.right, ()), float).ravel()
            found.append(_losses(seen, right, first=1, every=one.every))
        elif isinstance(one, LineFit) and seen.ndim == 2 and seen.shape[1] == 2 and len(seen):
            found += _line_fit(fit(one), seen[: one.steps + 1])
    return tuple(found)


def _line_fit(known: Fit, path: Array) -> list[Picture]:
    """Return the data with the lines, the loss over the steps, and the path of (w, b).

    With one row there is only the first prediction to draw.
    """
    if len(path) == 1:
        return [_lines(known, path)]
    losses = _losses(known.losses(path), known.losses(known.path), first=0, every="step")
    return [_lines(known, path), losses, _path(known, path)]


# The data and the lines through them


def _lines(known: Fit, path: Array) -> Picture:
    """Return the data, the line before training, and the lines that were learned."""
    plane, back, front = _data_plane(known)
    before = plane.line(_ends(path[0], plane), "before")
    line = ""
    yours: Legend = ()
    if len(path) > 1:
        line, yours = plane.line(_ends(path[-1], plane), "main"), (YOURS,)
    return picture(
        "The data and your line",
        about_lines(known, path, inside=bool(line)),
        around=front,
        layers=[back, before, line],
        legend=(("cloud", "data"), *yours, REFERENCE, ("before", "before training")),
    )


@lru_cache(maxsize=16)
def _data_plane(known: Fit) -> tuple[Plane, str, str]:
    """Return the plane of the data, the layers below the student's line, and the surroundings."""
    (left, bottom), (right, top) = known.data.min(axis=0), known.data.max(axis=0)
    plane = Plane(axis("x", _widened(left, right)), axis("y", _widened(bottom, top)))
    back = plane.cloud(known.data) + plane.line(_ends(known.path[-1], plane), "beside")
    return plane, back, plane.surroundings()


def _widened(low: float, high: float, by: float = 0.02) -> tuple[float, float]:
    return low - by * (high - low), high + by * (high - low)


def _ends(parameters: Array, plane: Plane) -> Array:
    """Return two points of the line y = w x + b, one on each side of the picture."""
    w, b = parameters
    x = np.array([plane.x.low, plane.x.high])
    with np.errstate(all="ignore"):
        return np.column_stack([x, w * x + b])


# The loss over the steps


def _losses(losses: Array, right: Array, *, first: int, every: str) -> Picture:
    """Return the loss over the steps, counted from `first`, on a logarithmic axis."""
    count = max(len(losses), len(right)) - 1 + first
    plane = Plane(axis(every, (first - 0.5, count + 0.5)), _loss_axis(losses, right))
    curve = _over_steps(losses, first)
    back, around = _loss_backdrop(plane, tuple(right.tolist()), first)
    return picture(
        f"The loss, {every} by {every}",
        about_losses(losses, right, plane.inside(curve), first=first, every=every),
        around=around,
        layers=[back, plane.line(curve, "main", dots=True)],
        legend=(YOURS, REFERENCE) if len(right) else (YOURS,),
    )


def _loss_axis(losses: Array, right: Array) -> Axis:
    """Return an axis of whole powers of ten upwards, long enough for the student's losses."""
    seen, known = (part[np.isfinite(part) & (part > 0)] for part in (losses, right))
    if not len(known) and not len(seen):
        return axis("loss", (0.1, 1.0), log=True)
    if not len(known):
        return axis("loss", (0.8 * seen.min(), 1.25 * seen.max()), log=True)
    highest = float(known.max())
    greatest = min(float(seen.max(initial=highest)), GREATEST * highest)
    top = 10.0 ** np.ceil(np.log10(greatest) - 1e-9)
    return axis("loss", (0.6 * known.min(), top), log=True)


@lru_cache(maxsize=16)
def _loss_backdrop(plane: Plane, right: tuple[float, ...], first: int) -> tuple[str, str]:
    curve = _over_steps(np.array(right), first)
    return plane.line(curve, "beside") if right else "", plane.surroundings()


def _over_steps(losses: Array, first: int) -> Array:
    return np.column_stack([np.arange(first, first + len(losses)), losses])


# The path of (w, b) over the loss surface


def _path(known: Fit, path: Array) -> Picture:
    """Return the path of (w, b) over contours of the loss."""
    plane = _path_plane(known, path[0])
    back, around = _contours(known, plane)
    w, b = known.minimum.tolist()
    layers = [back, plane.line(path, "main", dots=True), plane.cross((w, b))]
    if plane.inside(path[:1]).all():
        layers.append(plane.note((path[0, 0], path[0, 1]), "start", dy=-12))
    return picture(
        "The path of w and b over the loss",
        about_path(known, path, plane.inside(path)),
        around=around,
        layers=layers,
        legend=(YOURS, REFERENCE, ("mark", "minimum")),
    )


def _path_plane(known: Fit, start: Array) -> Plane:
    """Return a plane that shows the reference's path and, if it is near, the student's start."""
    low, high = known.path.min(axis=0), known.path.max(axis=0)
    margin = np.maximum(0.4 * (high - low), 0.2 * known.span)
    shown = np.array([low - margin, high + margin])
    if np.abs(start - known.minimum).max() < FAR * known.span:
        # Rounded, so that most students share one plane, which is drawn once.
        part = known.span / 5
        start = np.array([np.floor(start / part - 0.5), np.ceil(start / part + 0.5)]) * part
        shown = np.vstack([shown, start])
    return Plane(axis("w", shown[:, 0]), axis("b", shown[:, 1]))


@lru_cache(maxsize=16)
def _contours(known: Fit, plane: Plane) -> tuple[str, str]:
    """Return the contours of the loss with the reference's path, and the surroundings."""
    w, b = known.minimum.tolist()
    heights = _heights(known)
    layers = [plane.ellipse((w, b), known.curvature / height) for height in heights[::-1]]
    ends = max(
        (_ends_of_contours(known, heights, direction) for direction in _directions(known, plane)),
        key=lambda ends: int(plane.inside(known.minimum + 1.1 * (ends - known.minimum)).sum()),
    )
    for height, end in zip(heights, ends, strict=True):
        if plane.inside([known.minimum + 1.1 * (end - known.minimum)]).all():  # there is room
            layers.append(plane.note((end[0], end[1]), formatted(known.least + height), dy=4))
    layers.append(plane.line(known.path, "beside"))
    return "".join(layers), plane.surroundings()


def _directions(known: Fit, plane: Plane) -> Array:
    """Return directions from the minimum that lead away from the reference's path, (n, 2)."""
    scale = np.array([plane.x.high - plane.x.low, plane.y.high - plane.y.low])
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    start = (known.path[0] - known.minimum) / scale
    away: Array = around[around @ start < 0.5 * np.linalg.norm(start)] * scale
    return away


def _ends_of_contours(known: Fit, heights: Sequence[float], direction: Array) -> Array:
    """Return where a ray from the minimum meets the contours, (n, 2)."""
    lengths = np.sqrt(np.array(heights) / (direction @ known.curvature @ direction))
    ends: Array = known.minimum + lengths[:, None] * direction
    return ends


def _heights(known: Fit) -> list[float]:
    """Return how far above its least value the loss is on each contour: evenly spaced ellipses."""
    first = float(known.losses(known.path[:1])[0]) - known.least or 1.0
    levels = [known.least + first * (1.5 * n / LEVELS) ** 2 for n in range(1, LEVELS + 1)]
    return [float(f"{level:.2g}") - known.least for level in levels]
