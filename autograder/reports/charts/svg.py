"""Builds pieces of SVG: paths clipped to the plot, and text.

Every class name begins with `ag-`; nothing has an id.
"""

import re
from html import escape
from itertools import pairwise

from autograder.reports.charts.axis import Array
from autograder.reports.charts.style import BOTTOM, LEFT, RIGHT, TOP, Style

Point = tuple[float, float]

NEAR = 8  # lines are clipped this far outside the plot, where their ends are invisible

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def path(d: str, style: Style, more: str = "") -> str:
    """Return a path in a style, "" for an empty one."""
    names = f"ag-{style} {more}".rstrip()
    return f'<path class="{names}" d="{d}"/>' if d else ""


def label(x: float, y: float, text: str, anchor: str = "start") -> str:
    """Return text whose start, middle or end is at a position."""
    return (
        f'<text class="ag-text" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escaped(text)}</text>'
    )


def escaped(text: str) -> str:
    """Return text escaped for XML."""
    return escape(_UNFIT.sub("\N{REPLACEMENT CHARACTER}", text))


def polyline(pixels: Array) -> str:
    """Return the path through pixels (n, 2), without its parts far outside the plot."""
    parts: list[str] = []
    at: Point | None = None
    for p, q in pairwise(pixels.tolist()):
        seen = _cut((p[0], p[1]), (q[0], q[1]))
        if seen is None:
            continue
        start, end = seen
        if start != at:
            parts.append(f"M{start[0]:.1f} {start[1]:.1f}")
        parts.append(f"L{end[0]:.1f} {end[1]:.1f}")
        at = end
    return "".join(parts)


# Half-planes around the plot and a margin: coordinate, bound, side.
BOX = (
    (0, LEFT - NEAR, 1),
    (0, RIGHT + NEAR, -1),
    (1, TOP - NEAR, 1),
    (1, BOTTOM + NEAR, -1),
)


def _cut(p: Point, q: Point) -> tuple[Point, Point] | None:
    """Return the part of a segment in the box, None if there is none.

    It clips to one half-plane after the other, as Sutherland and Hodgman do; the coordinate on a
    bound is exact, however far away the end was.
    """
    for i, bound, side in BOX:
        p_is_out, q_is_out = side * (p[i] - bound) < 0, side * (q[i] - bound) < 0
        if p_is_out and q_is_out:
            return None
        if p_is_out or q_is_out:
            share = (bound - p[i]) / (q[i] - p[i])
            other = p[1 - i] + share * (q[1 - i] - p[1 - i])
            on = (float(bound), other) if i == 0 else (other, float(bound))
            p, q = (on, q) if p_is_out else (p, on)
    return p, q


def dot_path(pixels: Array) -> str:
    """Return a path of dots: strokes of no length, of which the round ends are visible.

    Positions are rounded to tenths, sorted, unique, and written as differences, which are short.
    """
    tenths = sorted(
        {
            (round(10 * x), round(10 * y))
            for x, y in pixels.tolist()
            if LEFT - 4 <= x <= RIGHT + 4 and TOP - 4 <= y <= BOTTOM + 4
        }
    )
    moves = pairwise([(0, 0), *tenths])
    return "".join(f"m{(x - u) / 10:g}{(y - v) / 10:+g}h0" for (u, v), (x, y) in moves)
