"""Judges what a plot shows, however it was drawn."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.observations import Array, derived, observe, observe_weakly
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.comparison import assert_close
from autograder.testing.failures import Mismatch
from autograder.testing.plots import Axes

UPRIGHT = "upright"
NOTHING, RIGHT, OTHER = "nothing", "what it should say", "something else"


def assert_bars(
    axes: Axes,
    heights: Any,
    message: str = "",
    *,
    names: Sequence[str] = (),
    upright: bool = False,
) -> None:
    """Fail unless a plot has bars of these heights, drawn all at once or one by one.

    Args:
        axes: the plot.
        heights: an array (n,), in the order in which the bars should be drawn.
        message: where to look, for the student; how the heights differ follows it.
        names: what each bar stands for, in the same order. Below a bar there may be its name,
            nothing or anything else, but not the name of another one.
        upright: whether they must stand upright; otherwise they may be horizontal, too.

    Raises:
        Mismatch: there are no bars, or others, they have the names of others, or they are
            horizontal where they should stand upright.
    """
    __tracebackhide__ = True
    for parts in (axes.lines, axes.points, axes.bars):
        observe_weakly(derived(parts.claim, _count))
    found = derived(axes.bars.claim, _heights)
    if not found.size:
        observe("values", found)
        raise Mismatch(f"Your code plots no {axes.bars.what}.")
    assert_close(found, heights, message, what="The height of the bars")
    exchanged = derived(axes.bars.claim, partial(_exchanged, names=tuple(names)))
    observe("number", exchanged)
    if exchanged:
        raise Mismatch(f"{message} What is written below a bar is the name of another one.".strip())
    if upright:
        direction = derived(axes.bars.claim, _direction)
        observe("values", direction)
        if direction != UPRIGHT:
            raise Mismatch(f"The bars should stand upright, but they are {direction}.")


def _direction(claim: list[Any]) -> str:
    """Say how bars are drawn: upright, unless some are horizontal."""
    return "horizontal" if any(horizontal for *_, horizontal in claim) else UPRIGHT


def _exchanged(claim: list[Any], names: tuple[str, ...]) -> float:
    """Return how many bars have the name of another one."""
    shown = [name for *_, own, _ in claim for name in own]
    pairs = list(zip(shown, names, strict=False))
    return float(sum(one != name and one in names for one, name in pairs))


def _count(claim: list[Any]) -> float:
    return float(len(claim))


def _heights(claim: list[Any]) -> Array:
    groups = [heights for _, _, heights, *_ in claim]
    plain = [contents(one) if isinstance(one, Tensor) else one for one in groups]
    return np.concatenate([np.zeros(0), *plain])


def assert_labelled(
    axes: Axes, *, xlabel: str | None = None, ylabel: str | None = None, title: str | None = None
) -> None:
    """Fail unless the axes of a plot, and the plot itself, say what they show.

    Args:
        axes: the plot.
        xlabel: what the label of the x axis should contain, in capitals or not; "" if any text
            will do, None if it need not be there.
        ylabel: the same of the y axis.
        title: the same of the title above the plot.

    Raises:
        Mismatch: one of them is missing, or says something else.
    """
    __tracebackhide__ = True
    asked = (
        (axes.xlabel, xlabel, "Label the x axis"),
        (axes.ylabel, ylabel, "Label the y axis"),
        (axes.title, title, "Give the picture a title"),
    )
    wanted = [(text, word, what) for text, word, what in asked if word is not None]
    for text, word, _ in wanted:
        observe("values", derived(text, partial(_says, word=word)))
    for text, word, what in wanted:
        if _says(text, word) != RIGHT:
            raise Mismatch(f"{what}: {word}." if word else f"{what}.")


def _says(text: str, word: str) -> str:
    """Return what a label says: nothing, what it should, or something else."""
    if not text.strip():
        return NOTHING
    return RIGHT if word.lower() in text.lower() else OTHER
