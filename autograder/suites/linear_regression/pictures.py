"""Draws a student's training on the lesson's data, next to the reference's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from autograder.reports.charts.axis import Array, Axis, axis
from autograder.reports.charts.chart import Legend, Picture, Plane, Style, picture

from . import reference
from .captions import about_lines, about_losses, about_path
from .surface import data, reference_path, surface

__all__ = ["draw", "draw_lines", "draw_losses", "draw_path"]

FAR = 6.0  # a start farther than this from the minimum does not widen the picture
GREATEST_LOSS = 1e4  # greater ones do not make the axis longer
LEVELS = (0.2, 0.5, 1.0, 2.0, 4.0, 7.0, 11.0, 16.0)

YOURS: tuple[Style, str] = ("main", "yours")
REFERENCE: tuple[Style, str] = ("beside", "reference")


def draw(observed: Mapping[str, NDArray[np.float64]]) -> tuple[Picture, ...]:
    """Return pictures of the data with the lines, the loss over the steps, and the path of (w, b).

    Args:
        observed: `path` holds (w, b) before the first and after each step, as far as
            observed. Without it nothing is drawn; with one row, only the first prediction.
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
    before = plane.line(_ends(path[0], plane), "before")
    line = ""
    yours: Legend = ()
    if len(path) > 1:
        line, yours = plane.line(_ends(path[-1], plane), "main"), (YOURS,)
    return picture(
        "The data and your line",
        about_lines(path, inside=bool(line)),
        around=front,
        layers=[back, before, line],
        legend=(("cloud", "data"), *yours, REFERENCE, ("before", "before training")),
    )


@cache
def _data_plane() -> tuple[Plane, str, str]:
    """Return the plane of the data, the layers below the student's line, and the surroundings."""
    X, y = data()
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


# The loss over the steps


def draw_losses(path: Array) -> Picture:
    """Return the loss over the steps, on a logarithmic axis."""
    losses = surface().losses(path)
    plane = Plane(axis("step", (-0.5, reference.STEPS + 0.5)), _loss_axis(losses))
    back, around = _loss_backdrop(plane)
    return picture(
        "The loss, step by step",
        about_losses(path, losses, plane.inside(_over_steps(losses))),
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
        about_path(path, plane.inside(path)),
        around=around,
        layers=layers,
        legend=(YOURS, REFERENCE, ("mark", "minimum")),
    )


def _path_plane(path: Array) -> Plane:
    """Return a plane that shows the reference's path and, if it is near, the student's start."""
    shown = np.array([[-2.3, -0.2], [2.1, 2.7]])
    start = path[0]
    if np.abs(start - surface().minimum).max() < FAR:
        # Rounded to halves, so that most students share one plane, which is drawn once.
        start = np.array([np.floor(start * 2 - 0.5) / 2, np.ceil(start * 2 + 0.5) / 2])
        shown = np.vstack([shown, start])
    return Plane(axis("w", shown[:, 0]), axis("b", shown[:, 1]))


@lru_cache(maxsize=16)
def _contours(plane: Plane) -> tuple[str, str]:
    """Return the contours of the loss with the reference's path, and the surroundings."""
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
