"""What matplotlib's figures show, as facts: labels, lines, points, bars, images.

They are read in the student's process (`autograder/sandbox/worker/figure_facts.py`) and are
claims, as every answer is. Of a line or of points, the first 100,000 are there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, overload

import numpy as np

from autograder.diagnosis.observations import observe
from autograder.sandbox.execution_errors import InvalidResponse
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.failures import Mismatch

Item = TypeVar("Item")


class Parts(tuple[Item, ...], Generic[Item]):  # noqa: SLOT001 (a tuple cannot have slots)
    """Parts of a plot. To ask for more of them than there are fails the test."""

    what: str
    claim: list[Any]

    def __new__(cls, what: str, items: Iterable[Item], claim: list[Any]) -> Self:
        """Return a tuple of items, with the claim that they come from; messages say `what`."""
        made = super().__new__(cls, items)
        made.what, made.claim = what, claim
        return made

    @overload  # type: ignore[override]
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, index: Any) -> Any:
        __tracebackhide__ = True
        try:
            return super().__getitem__(index)
        except IndexError:
            observe("values", self.claim)
            found = f"fewer {self.what} than expected" if self else f"no {self.what}"
            raise Mismatch(f"Your code plots {found}.") from None


@dataclass(frozen=True)
class Line:
    """A line of a plot.

    `x` and `y` are arrays of shape (n,), in the units of the axes; dates are days since 1970, and
    categories count from 0. `linestyle` is "-", "--", "-." or ":", `marker` for example "o", and
    both are "" if there is none.
    """

    label: str
    x: Any
    y: Any
    linestyle: str
    marker: str


@dataclass(frozen=True)
class Points:
    """The points of a scatter plot: `x` and `y` are arrays of shape (n,)."""

    label: str
    x: Any
    y: Any


@dataclass(frozen=True)
class Bars:
    """Bars of a bar chart or a histogram: their middles and heights, arrays of shape (n,).

    Of `horizontal` ones, `x` is where they are along the y axis, and `heights` how long they are.
    `names` is what is written below them (of the first 200 bars), "" where nothing is.
    """

    label: str
    x: Any
    heights: Any
    names: tuple[str, ...]
    horizontal: bool


@dataclass(frozen=True)
class Axes:
    """One plot of a figure. Texts are "" if there are none; `images` are the shapes of images.

    `xscale` and `yscale` are "linear", "log", ...; `legend` holds the texts of the legend. A heat
    map is an image.
    """

    title: str
    xlabel: str
    ylabel: str
    xscale: str
    yscale: str
    legend: tuple[str, ...]
    lines: Parts[Line]
    points: Parts[Points]
    bars: Parts[Bars]
    images: Parts[tuple[int, ...]]


@dataclass(frozen=True)
class Figure:
    """A figure: its title (`suptitle`), the texts of its own legends, and its axes."""

    title: str
    legend: tuple[str, ...]
    axes: Parts[Axes]


def figures_of(claim: Any) -> Parts[Figure]:
    """Return what a student's process says of figures.

    Raises:
        InvalidResponse: it is not what `autograder.sandbox.worker.figure_facts` says.
    """
    try:
        return _parts("figures", _figure, claim)
    except (TypeError, ValueError):
        raise InvalidResponse("what is said of its figures makes no sense") from None


def _parts(what: str, build: Callable[[Any], Item], claim: Any) -> Parts[Item]:
    return Parts(what, map(build, _list(claim)), claim)


def _figure(claim: Any) -> Figure:
    title, legend, axes = _list(claim)
    return Figure(_text(title), _texts(legend), _parts("axes", _axes, axes))


def _axes(claim: Any) -> Axes:
    title, xlabel, ylabel, xscale, yscale, legend, lines, points, bars, images = _list(claim)
    return Axes(
        _text(title),
        _text(xlabel),
        _text(ylabel),
        _text(xscale),
        _text(yscale),
        _texts(legend),
        _parts("lines", _line, lines),
        _parts("groups of points", _points, points),
        _parts("groups of bars", _bars, bars),
        _parts("images", _shape, images),
    )


def _line(claim: Any) -> Line:
    label, x, y, linestyle, marker = _list(claim)
    return Line(_text(label), _numbers(x), _numbers(y), _text(linestyle), _text(marker))


def _points(claim: Any) -> Points:
    label, x, y = _list(claim)
    return Points(_text(label), _numbers(x), _numbers(y))


def _bars(claim: Any) -> Bars:
    label, x, heights, names, horizontal = _list(claim)
    if type(horizontal) is not bool:
        raise TypeError
    return Bars(_text(label), _numbers(x), _numbers(heights), _texts(names), horizontal)


def _list(claim: Any) -> list[Any]:
    if type(claim) is not list:
        raise TypeError
    return claim


def _text(claim: Any) -> str:
    if type(claim) is not str:
        raise TypeError
    return claim


def _texts(claim: Any) -> tuple[str, ...]:
    return tuple(map(_text, _list(claim)))


def _numbers(claim: Any) -> Any:
    """Return an array as it came, so that it is known in which answer it came."""
    if not isinstance(claim, Tensor | np.ndarray) or len(claim.shape) != 1:
        raise TypeError
    return claim


def _shape(claim: Any) -> tuple[int, ...]:
    if any(type(length) is not int for length in _list(claim)):
        raise TypeError
    return tuple(claim)
