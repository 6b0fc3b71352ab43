"""Says as plain data what matplotlib's figures show: labels, lines, points, bars, images.

A figure is `[title, legend, axes]`; what each list holds is named by the classes of
`autograder.testing.plots`, in this order. Reading a figure takes about a thousandth of the time
of drawing it.
"""

import contextlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any

import numpy as np

MAX_FIGURES = 100  # of a notebook, or of a call
MAX_PARTS = 200  # axes of a figure; lines, points, bars, images and labels of axes
MAX_POINTS = 100_000  # of a line
MAX_VALUES = 1 << 20  # numbers in all figures
MAX_LABEL = 1000  # characters
MAX_NAME = 100  # of what is written below a bar


class Album:
    """What figures show, as many of them as fit."""

    def __init__(self) -> None:
        self.figures: list[Any] = []
        self._left = MAX_VALUES

    def add(self, figure: Any) -> None:
        """Add a figure."""
        if len(self.figures) < MAX_FIGURES and self._left > 0:
            with contextlib.suppress(Exception):  # it was left half-finished, or is no figure
                self.figures.append(self._figure(figure))

    def _figure(self, figure: Any) -> list[Any]:
        legend = [text for part in figure.legends for text in _legend(part)]
        axes = [self._axes(part) for part in list(figure.axes)[:MAX_PARTS]]
        return [_label(figure.get_suptitle()), legend[:MAX_PARTS], axes]

    def _axes(self, axes: Any) -> list[Any]:
        from matplotlib.collections import PathCollection, QuadMesh
        from matplotlib.container import BarContainer

        titles = (_title(axes, side) for side in ("center", "left", "right"))
        meshes = [part for part in axes.collections if isinstance(part, QuadMesh)]
        return [
            next(filter(None, map(_label, titles)), ""),
            _label(axes.get_xlabel()),
            _label(axes.get_ylabel()),
            _label(axes.get_xscale()),
            _label(axes.get_yscale()),
            _legend(axes.get_legend()),
            [self._line(part) for part in list(axes.lines)[:MAX_PARTS]],
            [self._points(p) for p in axes.collections if isinstance(p, PathCollection)][
                :MAX_PARTS
            ],
            [self._bars(p, axes) for p in axes.containers if isinstance(p, BarContainer)][
                :MAX_PARTS
            ],
            [list(np.shape(part.get_array())) for part in [*axes.images, *meshes]][:MAX_PARTS],
        ]

    def _line(self, line: Any) -> list[Any]:
        style, marker = (
            "" if part == "None" else _label(part)
            for part in (line.get_linestyle(), line.get_marker())
        )
        in_space = getattr(line, "get_data_3d", None)  # drawing replaces the other data
        found = line.get_data(orig=False) if in_space is None else in_space()[:2]
        x, y = (self._numbers(values) for values in found)
        return [_label(line.get_label()), x, y, style, marker]

    def _points(self, points: Any) -> list[Any]:
        in_space = getattr(points, "_offsets3d", None)  # drawing replaces the other offsets
        found = points.get_offsets().T if in_space is None else in_space[:2]
        x, y = (self._numbers(values) for values in found)
        return [_label(points.get_label()), x, y]

    def _bars(self, bars: Any, axes: Any) -> list[Any]:
        boxes = np.array([patch.get_bbox().bounds for patch in bars.patches]).reshape(-1, 4)
        horizontal = bars.orientation == "horizontal"
        across = int(horizontal)
        middles = boxes[:, across] + boxes[:, across + 2] / 2
        lengths, axis = boxes[:, 3 - across], axes.yaxis if horizontal else axes.xaxis
        names = _names(axis, middles[:MAX_PARTS], boxes[:MAX_PARTS, across + 2] / 2)
        numbers = map(self._numbers, (middles, lengths))
        return [_label(bars.get_label()), *numbers, names, horizontal]

    def _numbers(self, values: Any) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any] = np.ma.filled(np.ma.asarray(values, float), np.nan).ravel()[
            :MAX_POINTS
        ]
        self._left -= found.size
        return found


def _names(axis: Any, middles: Any, halves: Any) -> list[str]:
    """Return what is written on an axis where each bar stands, "" where nothing is."""
    places = np.asarray(axis.get_majorticklocs(), float)
    texts = [str(one.get_text())[:MAX_NAME] for one in axis.get_majorticklabels()]
    found = []
    for middle, half in zip(middles, halves, strict=True):
        away = np.abs(places - middle)
        nearest = int(np.argmin(away)) if len(away) else 0
        is_there = nearest < len(texts) and away[nearest] <= abs(half)
        found.append(texts[nearest] if is_there else "")
    return found


def _legend(legend: Any) -> list[str]:
    return [] if legend is None else [_label(t.get_text()) for t in legend.get_texts()[:MAX_PARTS]]


def _title(axes: Any, side: str) -> str:
    """Return a title, "" if something else has taken its place: `axes.title = "Losses"`."""
    try:
        return str(axes.get_title(side))
    except AttributeError:
        return ""


def _label(text: Any) -> str:
    """Return a text that is shown; what matplotlib calls `_child0` has none."""
    text = str(text)[:MAX_LABEL]
    return "" if text.startswith("_") else text


@contextlib.contextmanager
def made_figures() -> Iterator[deque[Any]]:
    """Collect the figures that pyplot makes, the last ones if there are many.

    Those that were open before are out of its reach; those that stay open are closed at the end.
    """
    from matplotlib._pylab_helpers import Gcf

    made = deque[Any](maxlen=MAX_FIGURES)

    class Managers(OrderedDict[Any, Any]):
        """The open figures by number: pyplot puts each new one here, and the one that it uses."""

        def __setitem__(self, number: Any, manager: Any) -> None:
            if manager.canvas.figure not in made:
                made.append(manager.canvas.figure)
            super().__setitem__(number, manager)

    before, Gcf.figs = Gcf.figs, Managers()
    try:
        yield made
    finally:
        Gcf.figs = before
