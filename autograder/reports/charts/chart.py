"""Draws small charts as SVG, for any numbers.

A `Plane` turns data into pieces of SVG, which may be cached and used again; `picture` assembles
them. Pieces have no ids and every class name begins with `ag-`, so that a page may hold several
pictures. Nothing is distinguished by colour alone.
"""

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.reports.charts.axis import DRAWABLE, Array, Axis

Point = tuple[float, float]
Style = Literal["cloud", "main", "beside", "before", "mark", "bar"]
Legend = tuple[tuple[Style, str], ...]

WIDTH, HEIGHT = 480, 330
LEFT, TOP, RIGHT, BOTTOM = 58, 32, 466, 282  # the plot, inside axis labels and legend

PAPER, INK = ("#ffffff", "#16191d"), ("#1f2328", "#e6e6e6")  # light and dark, as below
# Okabe and Ito's colours, which colour-blind people can tell apart.
TINTS = {
    "paper": PAPER,
    "text": INK,
    "small": PAPER,
    "frame": ("#8c959f", "#6e7681"),
    "grid": ("#e7eaee", "#2a2f36"),
    "cloud": ("#6e7781", "#9aa4af"),
    "main": ("#d55e00", "#e69f00"),
    "beside": ("#0072b2", "#56b4e9"),
    "band": (".3", ".5"),  # opacity of the broad line below the dashed one
    "before": ("#007a5a", "#2fc99e"),
    "mark": INK,
    "level": ("#8c959f", "#59626d"),
    "bar": ("#2f6f4f", "#4fb286"),
}
SHAPE = """\
.ag-picture{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.ag-picture path,.ag-picture ellipse{fill:none;stroke-linejoin:round;stroke-linecap:round}
.ag-picture .ag-paper{stroke:none}
.ag-picture .ag-text{stroke:none}
.ag-picture .ag-small{font-size:11.5px;paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.ag-picture .ag-cloud{stroke-width:2.6px;stroke-opacity:.55}
.ag-picture .ag-main{stroke-width:2.4px}
.ag-picture .ag-main.ag-dots{stroke-width:6px}
.ag-picture .ag-beside{stroke-width:1.6px;stroke-dasharray:7 5;stroke-linecap:butt}
.ag-picture .ag-beside.ag-band{stroke-width:9px;stroke-dasharray:none;\
stroke-linecap:round}
.ag-picture .ag-before{stroke-width:2.6px;stroke-dasharray:.1 6}
.ag-picture .ag-mark{stroke-width:2.2px}
.ag-picture .ag-level{fill:#8c959f;fill-opacity:.07;stroke-opacity:.8}
"""
PROPERTIES = {
    "paper": "fill",
    "text": "fill",
    "band": "stroke-opacity",
    "bar": "fill",
}  # others: stroke

NEAR = 8  # lines are clipped this far outside the plot, where their ends are invisible

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _tint(dark: bool) -> str:
    return "".join(
        f".ag-picture .ag-{name}{{{PROPERTIES.get(name, 'stroke')}:{pair[dark]}}}\n"
        for name, pair in TINTS.items()
    )


# Dark is for screens only: paper is white.
CSS = f"{SHAPE}{_tint(False)}@media screen and (prefers-color-scheme:dark){{\n{_tint(True)}}}\n"


@dataclass(frozen=True)
class Picture:
    """A chart: its title, a description in a sentence or two, and its SVG."""

    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class Plane:
    """Two axes, and the data between them as SVG."""

    x: Axis
    y: Axis

    def pixels(self, points: ArrayLike) -> Array:
        """Return the pixels of points (n, 2), up to the first that cannot be drawn."""
        points = np.asarray(points, float).reshape(-1, 2)
        pixels = np.empty_like(points)
        with np.errstate(all="ignore"):
            pixels[:, 0] = LEFT + self.x.share(points[:, 0]) * (RIGHT - LEFT)
            pixels[:, 1] = BOTTOM - self.y.share(points[:, 1]) * (BOTTOM - TOP)
            good = (np.abs(pixels) < DRAWABLE).all(axis=1)
        return pixels if good.all() else pixels[: int(good.argmin())]

    def inside(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return which of the points (n, 2) are in the picture."""
        points = np.asarray(points, float).reshape(-1, 2)
        pixels = self.pixels(points)
        seen = np.zeros(len(points), bool)
        low, high = np.array([LEFT, TOP]) - 0.5, np.array([RIGHT, BOTTOM]) + 0.5
        seen[: len(pixels)] = ((pixels >= low) & (pixels <= high)).all(axis=1)
        return seen

    def line(self, points: ArrayLike, style: Style, *, dots: bool = False) -> str:
        """Return points (n, 2) joined by a line, optionally with a dot on each."""
        pixels = self.pixels(points)
        line = polyline(pixels)
        parts = [path(line, style, "ag-band")] if style == "beside" else []
        parts.append(path(line, style))
        if dots:
            parts.append(path(dot_path(pixels), style, "ag-dots"))
        return "".join(parts)

    def cloud(self, points: ArrayLike) -> str:
        """Return points (n, 2) as dots, in one path."""
        return path(dot_path(self.pixels(points)), "cloud")

    def cross(self, point: Point) -> str:
        """Return a cross."""
        return "".join(
            path(f"M{x - 5:.1f} {y - 5:.1f}l10 10m0-10l-10 10", "mark")
            for x, y in self.pixels([point]).tolist()
        )

    def note(self, point: Point, text: str, *, dx: float = 0, dy: float = 0) -> str:
        """Return small text beside a point, offset by `dx` and `dy` pixels."""
        return "".join(
            f'<text class="ag-text ag-small" x="{x + dx:.1f}" y="{y + dy:.1f}" '
            f'text-anchor="middle">{escaped(text)}</text>'
            for x, y in self.pixels([point]).tolist()
        )

    def ellipse(self, centre: Point, matrix: Array) -> str:
        """Return the ellipse {p : (p - c)ᵀ M (p - c) = 1} around c, where both axes are linear.

        With q = S p in pixels it is (q - S c)ᵀ S⁻¹ M S⁻¹ (q - S c) = 1: the eigenvectors of that
        matrix are its axes, and 1 / √λ their lengths.
        """
        x_scale = (RIGHT - LEFT) / (self.x.high - self.x.low)
        y_scale = (TOP - BOTTOM) / (self.y.high - self.y.low)
        scale = np.array([x_scale, y_scale])
        values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
        rx, ry = 1 / np.sqrt(values)
        angle = math.degrees(math.atan2(vectors[1, 0], vectors[0, 0]))
        return "".join(
            f'<ellipse class="ag-level" cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" '
            f'transform="rotate({angle:.1f} {x:.1f} {y:.1f})"/>'
            for x, y in self.pixels([centre]).tolist()
        )

    def surroundings(self) -> str:
        """Return grid, ticks and labels of both axes."""
        parts: list[str] = []
        for value, text in self.x.ticks():
            x = LEFT + float(self.x.share(np.array(value))) * (RIGHT - LEFT)
            parts.append(f'<path class="ag-grid" d="M{x:.1f} {TOP}V{BOTTOM}"/>')
            parts.append(label(x, BOTTOM + 18, text, "middle"))
        for value, text in self.y.ticks():
            y = BOTTOM - float(self.y.share(np.array(value))) * (BOTTOM - TOP)
            parts.append(f'<path class="ag-grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>')
            parts.append(label(LEFT - 8, y + 4.5, text, "end"))
        middle = (TOP + BOTTOM) / 2
        parts += [
            f'<path class="ag-frame" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>',
            label((LEFT + RIGHT) / 2, BOTTOM + 39, self.x.label, "middle"),
            f'<g transform="rotate(-90 15 {middle:g})">',
            label(15, middle, self.y.label, "middle"),
            "</g>",
        ]
        return "".join(parts)


def picture(
    title: str,
    description: str,
    *,
    around: str,
    layers: Sequence[str],
    legend: Legend,
) -> Picture:
    """Return a picture of layers, the first at the bottom, with the axes around them.

    Its ids are derived from its content: different pictures never share one.
    """
    body = "".join(layers)
    top, key = _key(legend)
    content = f"{title}{description}{key}{around}{body}".encode("utf-8", "replace")
    name = f"ag-{hashlib.blake2b(content, digest_size=6).hexdigest()}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ag-picture" role="img" '
        f'viewBox="0 {top} {WIDTH} {HEIGHT - top}" aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escaped(title)}</title>'
        f'<desc id="{name}-text">{escaped(description)}</desc>'
        f"<style>\n{CSS}</style>"
        f'<clipPath id="{name}-plot"><rect x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" '
        f'height="{BOTTOM - TOP}"/></clipPath>'
        f'<rect class="ag-paper" y="{top}" width="{WIDTH}" height="{HEIGHT - top}" rx="8"/>'
        f'{around}<g clip-path="url(#{name}-plot)">{body}</g>{key}</svg>'
    )
    return Picture(title, description, svg)


@lru_cache(maxsize=64)
def _key(legend: Legend) -> tuple[int, str]:
    """Return the top of the picture, and the legend above the plot, where it never covers data.

    It takes as many rows as it needs; the picture grows upwards with them.
    """
    rows: list[list[tuple[float, Style, str]]] = [[]]
    x = float(LEFT)
    for style, text in legend:
        width = 30 + 7.2 * len(text)  # an average letter is 7.2 wide
        if rows[-1] and x + width > WIDTH:
            rows.append([])
            x = LEFT
        rows[-1].append((x, style, text))
        x += width + 18
    top = -20 * (len(rows) - 1)
    parts = [
        f"{_sample(style, x, y - 4.5)}{label(x + 30, y, text)}"
        for y, row in zip(range(top + 20, 21, 20), rows, strict=True)
        for x, style, text in row
    ]
    return top, "".join(parts)


def _sample(style: Style, x: float, y: float) -> str:
    """Return the sample of a style in the legend, 24 wide."""
    line = f"M{x:g} {y:g}h24"
    match style:
        case "cloud":
            return path(f"M{x + 4:g} {y + 3:g}h0m4-5h0m4 4h0m4-6h0m4 3h0", style)
        case "main":
            return path(line, style) + path(f"M{x + 12:g} {y:g}h0", style, "ag-dots")
        case "beside":
            return path(f"M{x + 4:g} {y:g}h16", style, "ag-band") + path(line, style)
        case "before":
            return path(line, style)
        case "mark":
            return path(f"M{x + 7:g} {y - 5:g}l10 10m0-10l-10 10", style)
        case "bar":
            return path(f"M{x + 4:g} {y + 4:g}v-10h16v10z", style)


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
