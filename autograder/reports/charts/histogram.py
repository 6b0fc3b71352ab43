"""Draws how many there are of each size, as bars side by side."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autograder.reports.charts.axis import Axis
from autograder.reports.charts.chart import Picture, Plane, path, picture

GAP = 0.06  # of a bar's width, between it and the next
LEAST = 6  # the top of the vertical axis, at least: its ticks are whole numbers


def histogram(
    title: str,
    description: str,
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    what: str,
    whose: str,
) -> Picture:
    """Return the picture of a histogram.

    Args:
        title: the title.
        description: what it shows, in words.
        edges: the edges of the bars, one more than there are counts.
        counts: their heights.
        what: what is measured, for the horizontal axis.
        whose: what is counted, for the vertical one.
    """
    top = max(LEAST, 1.05 * max(counts, default=0))
    plane = Plane(Axis(what, edges[0], edges[-1]), Axis(whose, 0.0, top))
    sides = zip(pairwise(edges), counts, strict=True)
    bars = [_bar(plane, low, high, count) for (low, high), count in sides]
    return picture(
        title,
        description,
        around=plane.surroundings(),
        layers=[path("".join(bars), "bar")],
        legend=(),
    )


def _bar(plane: Plane, low: float, high: float, count: int) -> str:
    """Return a bar as a part of a path, "" for an empty one."""
    inset = GAP * (high - low)
    corners = np.array([(low + inset, 0), (low + inset, count), (high - inset, count)])
    (left, bottom), (_, height), (right, _) = plane.pixels(corners).tolist()
    return f"M{left:.1f} {bottom:.1f}V{height:.1f}H{right:.1f}V{bottom:.1f}z" if count else ""
