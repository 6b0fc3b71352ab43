"""Draws small charts as SVG text, whatever numbers it is given.

A `Plane` turns data into pieces of SVG, which may be kept and used again; `picture` puts pieces
together. Pieces hold no ids and every class name begins with `ag-`, so that a page may hold
several pictures. Nothing is distinguished by colour alone.
"""

from __future__ import annotations

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

Array = NDArray[np.float64]
Point = tuple[float, float]
Style = Literal["cloud", "main", "beside", "before", "mark"]
Legend = tuple[tuple[Style, str], ...]

WIDTH, HEIGHT = 480, 330
LEFT, TOP, RIGHT, BOTTOM = 58, 32, 466, 282  # the plot; axis labels and the legend are around it
NEAR = 8  # lines are cut this far outside the plot, where their ends are out of sight
DRAWABLE = 1e150  # differences and products of smaller numbers are finite

INK = ("#1f2328", "#e6e6e6")  # for light and for dark, as below
# Okabe and Ito's colours, which colour-blind people can tell apart.
TINTS = {
    "paper": ("#ffffff", "#16191d"),
    "text": INK,
    "frame": ("#8c959f", "#6e7681"),
    "grid": ("#e7eaee", "#2a2f36"),
    "cloud": ("#6e7781", "#9aa4af"),
    "main": ("#d55e00", "#e69f00"),
    "beside": ("#0072b2", "#56b4e9"),
    "band": (".3", ".5"),  # opacity, of the broad line below the dashed one
    "before": ("#007a5a", "#2fc99e"),
    "mark": INK,
    "level": ("#8c959f", "#59626d"),
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
TINT = """\
.ag-picture .ag-paper{{fill:{paper}}}
.ag-picture .ag-text{{fill:{text}}}
.ag-picture .ag-small{{stroke:{paper}}}
.ag-picture .ag-frame{{stroke:{frame}}}
.ag-picture .ag-grid{{stroke:{grid}}}
.ag-picture .ag-cloud{{stroke:{cloud}}}
.ag-picture .ag-main{{stroke:{main}}}
.ag-picture .ag-beside{{stroke:{beside}}}
.ag-picture .ag-band{{stroke-opacity:{band}}}
.ag-picture .ag-before{{stroke:{before}}}
.ag-picture .ag-mark{{stroke:{mark}}}
.ag-picture .ag-level{{stroke:{level}}}
"""


def _tint(dark: bool) -> str:
    return TINT.format_map({name: pair[dark] for name, pair in TINTS.items()})


# Dark is for screens only: paper is white.
CSS = f"{SHAPE}{_tint(False)}@media screen and (prefers-color-scheme:dark){{\n{_tint(True)}}}\n"

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Picture:
    """A chart: its title, what is seen on it in a sentence or two, and itself as SVG."""

    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class Axis:
    """The interval of numbers that an axis shows; made by `axis`, which looks after its ends."""

    label: str
    low: float
    high: float
    log: bool = False

    def share(self, values: Array) -> Array:
        """Return how far along the axis values lie: 0 at its low end, 1 at its high end."""
        if self.log:
            start, end = math.log10(self.low), math.log10(self.high)
            return (np.log10(values) - start) / (end - start)
        return (values - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return nice numbers on the axis and how they are written, about six of them."""
        return _decades(self.low, self.high) if self.log else _rounds(self.low, self.high)


def axis(label: str, values: ArrayLike, *, log: bool = False) -> Axis:
    """Return an axis from the smallest to the greatest of the values that can be drawn."""
    numbers = np.asarray(values, float).ravel()
    numbers = numbers[np.isfinite(numbers) & (np.abs(numbers) < DRAWABLE)]
    if log:
        numbers = numbers[numbers > 1 / DRAWABLE]
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (1.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-100):  # no interval: make one around it
        low, high = (low / 10, low * 10) if log else (low - abs(low) - 1, high + abs(high) + 1)
    return Axis(label, low, high, log)


def _rounds(low: float, high: float) -> list[tuple[float, str]]:
    """Return multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    spacing = next(n * power for n in (1, 2, 5, 10) if n * power >= 0.9 * rough)
    digits = max(0, -math.floor(math.log10(spacing) + 1e-9))
    counts = range(math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9) + 1)
    fixed = digits < 6 and max(abs(low), abs(high)) < 1e6
    return [
        (n * spacing, _minus(f"{n * spacing:.{digits}f}" if fixed else f"{n * spacing:.3g}"))
        for n in counts
    ]


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    """Return powers of ten."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    exponents = range(first, last + 1, max(1, math.ceil((last - first) / 6)))
    return [(10.0**n, f"{10.0**n:g}" if -4 < n < 4 else f"10{_raised(n)}") for n in exponents]


def _raised(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _minus(number: str) -> str:
    return number.replace("-", "−")


@dataclass(frozen=True)
class Plane:
    """Two axes, and how data look between them."""

    x: Axis
    y: Axis

    def pixels(self, points: ArrayLike) -> Array:
        """Return where points (n, 2) are drawn, up to the first that cannot be."""
        points = np.asarray(points, float).reshape(-1, 2)
        places = np.empty_like(points)
        with np.errstate(all="ignore"):
            places[:, 0] = LEFT + self.x.share(points[:, 0]) * (RIGHT - LEFT)
            places[:, 1] = BOTTOM - self.y.share(points[:, 1]) * (BOTTOM - TOP)
            good = (np.abs(places) < DRAWABLE).all(axis=1)
        return places if good.all() else places[: int(good.argmin())]

    def inside(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return which of the points (n, 2) are in the picture."""
        points = np.asarray(points, float).reshape(-1, 2)
        places = self.pixels(points)
        seen = np.zeros(len(points), bool)
        low, high = np.array([LEFT, TOP]) - 0.5, np.array([RIGHT, BOTTOM]) + 0.5
        seen[: len(places)] = ((places >= low) & (places <= high)).all(axis=1)
        return seen

    def line(self, points: ArrayLike, style: Style, *, dots: bool = False) -> str:
        """Return points (n, 2) joined by a line, on request with a dot on each."""
        places = self.pixels(points)
        path = _joined(places)
        parts = [_path(path, style, "ag-band")] if style == "beside" else []
        parts.append(_path(path, style))
        if dots:
            parts.append(_path(_scattered(places), style, "ag-dots"))
        return "".join(parts)

    def cloud(self, points: ArrayLike) -> str:
        """Return points (n, 2) as dots, in one path."""
        return _path(_scattered(self.pixels(points)), "cloud")

    def cross(self, point: Point) -> str:
        """Return a cross."""
        return "".join(
            _path(f"M{x - 5:.1f} {y - 5:.1f}l10 10m0-10l-10 10", "mark")
            for x, y in self.pixels([point]).tolist()
        )

    def note(self, point: Point, text: str, *, dx: float = 0, dy: float = 0) -> str:
        """Return small words beside a point, `dx` and `dy` away from it."""
        return "".join(
            f'<text class="ag-text ag-small" x="{x + dx:.1f}" y="{y + dy:.1f}" '
            f'text-anchor="middle">{_escaped(text)}</text>'
            for x, y in self.pixels([point]).tolist()
        )

    def ellipse(self, centre: Point, matrix: Array) -> str:
        """Return the ellipse {p : (p - c)ᵀ M (p - c) = 1} around c, where both axes are linear.

        With q = S p in pixels it is (q - S c)ᵀ S⁻¹ M S⁻¹ (q - S c) = 1: the eigenvectors of that
        matrix are its axes, and 1 / √λ their lengths.
        """
        scale = np.array(
            [
                (RIGHT - LEFT) / (self.x.high - self.x.low),
                (TOP - BOTTOM) / (self.y.high - self.y.low),
            ]
        )
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
            parts.append(_words(x, BOTTOM + 18, text, "middle"))
        for value, text in self.y.ticks():
            y = BOTTOM - float(self.y.share(np.array(value))) * (BOTTOM - TOP)
            parts.append(f'<path class="ag-grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>')
            parts.append(_words(LEFT - 8, y + 4.5, text, "end"))
        middle = (TOP + BOTTOM) / 2
        parts += [
            f'<path class="ag-frame" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>',
            _words((LEFT + RIGHT) / 2, BOTTOM + 39, self.x.label, "middle"),
            f'<g transform="rotate(-90 15 {middle:g})">',
            _words(15, middle, self.y.label, "middle"),
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
    """Return a picture of layers, the first at the bottom, with what is around them.

    Its ids are made of its content: pictures that differ never share one.
    """
    body = "".join(layers)
    top, key = _key(legend)
    content = f"{title}{description}{key}{around}{body}".encode("utf-8", "replace")
    name = f"ag-{hashlib.blake2b(content, digest_size=6).hexdigest()}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ag-picture" role="img" '
        f'viewBox="0 {top} {WIDTH} {HEIGHT - top}" aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{_escaped(title)}</title>'
        f'<desc id="{name}-text">{_escaped(description)}</desc>'
        f"<style>\n{CSS}</style>"
        f'<clipPath id="{name}-plot"><rect x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" '
        f'height="{BOTTOM - TOP}"/></clipPath>'
        f'<rect class="ag-paper" y="{top}" width="{WIDTH}" height="{HEIGHT - top}" rx="8"/>'
        f'{around}<g clip-path="url(#{name}-plot)">{body}</g>{key}</svg>'
    )
    return Picture(title, description, svg)


@lru_cache(maxsize=64)
def _key(legend: Legend) -> tuple[int, str]:
    """Return the top of the picture, and above the plot the legend: it never covers data.

    It takes as many rows as there have to be; the picture grows upwards with them.
    """
    rows: list[list[tuple[float, Style, str]]] = [[]]
    x = float(LEFT)
    for style, text in legend:
        width = 30 + 7.2 * len(text)  # as wide as letters are on average
        if rows[-1] and x + width > WIDTH:
            rows.append([])
            x = LEFT
        rows[-1].append((x, style, text))
        x += width + 18
    top = -20 * (len(rows) - 1)
    parts = [
        f"{_sample(style, x, y - 4.5)}{_words(x + 30, y, text)}"
        for y, row in zip(range(top + 20, 21, 20), rows, strict=True)
        for x, style, text in row
    ]
    return top, "".join(parts)


def _sample(style: Style, x: float, y: float) -> str:
    """Return what stands for a style in the legend, 24 wide."""
    line = f"M{x:g} {y:g}h24"
    match style:
        case "cloud":
            return _path(f"M{x + 4:g} {y + 3:g}h0m4-5h0m4 4h0m4-6h0m4 3h0", style)
        case "main":
            return _path(line, style) + _path(f"M{x + 12:g} {y:g}h0", style, "ag-dots")
        case "beside":
            return _path(f"M{x + 4:g} {y:g}h16", style, "ag-band") + _path(line, style)
        case "before":
            return _path(line, style)
        case "mark":
            return _path(f"M{x + 7:g} {y - 5:g}l10 10m0-10l-10 10", style)


def _path(d: str, style: Style, more: str = "") -> str:
    names = f"ag-{style} {more}".rstrip()
    return f'<path class="{names}" d="{d}"/>' if d else ""


def _words(x: float, y: float, text: str, anchor: str = "start") -> str:
    return (
        f'<text class="ag-text" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{_escaped(text)}</text>'
    )


def _escaped(text: str) -> str:
    return escape(_UNFIT.sub("\N{REPLACEMENT CHARACTER}", text))


def _joined(places: Array) -> str:
    """Return the path through places, without what lies far outside the plot."""
    parts: list[str] = []
    at: Point | None = None
    for p, q in pairwise(places.tolist()):
        seen = _cut((p[0], p[1]), (q[0], q[1]))
        if seen is None:
            continue
        start, end = seen
        if start != at:
            parts.append(f"M{start[0]:.1f} {start[1]:.1f}")
        parts.append(f"L{end[0]:.1f} {end[1]:.1f}")
        at = end
    return "".join(parts)


# Half-planes that hold the plot and a little around it: coordinate, bound, side.
BOX = (
    (0, LEFT - NEAR, 1),
    (0, RIGHT + NEAR, -1),
    (1, TOP - NEAR, 1),
    (1, BOTTOM + NEAR, -1),
)


def _cut(p: Point, q: Point) -> tuple[Point, Point] | None:
    """Return the part of a segment in the box, None if there is none.

    Half-plane by half-plane, as Sutherland and Hodgman do; the coordinate on a bound is exact,
    however far away the end was.
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


def _scattered(places: Array) -> str:
    """Return a path of dots: strokes of no length, whose round ends are seen.

    Places are whole tenths, sorted, each once, and written as differences, which are short.
    """
    tenths = sorted(
        {
            (round(10 * x), round(10 * y))
            for x, y in places.tolist()
            if LEFT - 4 <= x <= RIGHT + 4 and TOP - 4 <= y <= BOTTOM + 4
        }
    )
    moves = pairwise([(0, 0), *tenths])
    return "".join(f"m{(x - u) / 10:g}{(y - v) / 10:+g}h0" for (u, v), (x, y) in moves)
