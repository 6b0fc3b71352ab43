"""What figures show is read from matplotlib's own objects, bounded, and whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from autograder.sandbox.worker import figure_facts
from autograder.sandbox.worker.figure_facts import Album, made_figures


@pytest.fixture(autouse=True)
def _no_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = plt.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def facts(*drawn: Figure) -> list[Any]:
    album = Album()
    for figure in drawn:
        album.add(figure)
    return album.figures


def axes_of(figure: Figure) -> list[Any]:
    ((_, _, axes),) = facts(figure)
    found: list[Any] = axes[0]
    return found


def test_labels_scales_and_legends() -> None:
    figure = Figure()
    figure.suptitle("Both")
    axes = figure.subplots(1, 2)
    axes[0].plot([1, 2], label="loss")
    axes[0].set(title="Training", xlabel="epoch", ylabel="loss", yscale="log")
    axes[0].legend()
    axes[1].set_title("left", loc="left")
    ((title, legend, (first, second)),) = facts(figure)
    assert (title, legend) == ("Both", [])
    assert first[:6] == ["Training", "epoch", "loss", "linear", "log", ["loss"]]
    assert second[:6] == ["left", "", "", "linear", "linear", []]


def test_lines() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 2], [3.0, np.nan], "--o", label="seen")
    axes.plot([np.datetime64("1970-01-02")], [1])
    axes.axhline(0.5, linestyle="None")
    seen, dated, level = axes_of(figure)[6]
    assert (seen[0], seen[3:]) == ("seen", ["--", "o"])
    np.testing.assert_array_equal(seen[1:3], [[0, 2], [3, np.nan]])
    assert dated[0] == ""
    assert dated[1] == [1.0]
    assert level[3:] == ["", ""]


def test_points_bars_and_images() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.scatter([1, 2], [3, 4], label="data")
    axes.scatter([], [])
    axes.bar(["a", "b"], [5, -6], label="count")
    axes.barh([1, 3], [7, 8])
    axes.hist([1, 1, 3], bins=2)
    axes.imshow(np.zeros((4, 5, 3)))
    axes.pcolormesh(np.zeros((2, 3)))
    *_, points, bars, images = axes_of(figure)
    assert [(label, x.tolist(), y.tolist()) for label, x, y in points] == [
        ("data", [1, 2], [3, 4]),
        ("", [], []),
    ]
    assert [(label, x.tolist(), heights.tolist()) for label, x, heights, *_ in bars] == [
        ("count", [0, 1], [5, -6]),
        ("", [1, 3], [7, 8]),
        ("", [1.5, 2.5], [2, 1]),
    ]
    assert images == [[4, 5, 3], [2, 3]]


@pytest.mark.parametrize("horizontal", [False, True])
def test_what_is_written_where_bars_stand(horizontal: bool) -> None:
    figure = Figure()
    named, numbered, placed, wide = figure.subplots(4)
    draw, ticks = ("barh", "set_yticks") if horizontal else ("bar", "set_xticks")
    getattr(named, draw)(["b", "a"], [2, 3])
    getattr(numbered, draw)([0, 1, 2], [2, 3, 4], 0.1)
    getattr(numbered, ticks)([1], ["one"])
    getattr(placed, draw)([0.3, 10.2], [2, 3])
    getattr(placed, ticks)([0, 10], ["left", "right"])
    getattr(wide, draw)(["b", "a", "c"], [2, 3, 4], 2.5)
    ((_, _, four),) = facts(figure)
    names = [axes[8][0][3] for axes in four]
    assert names == [["b", "a"], ["", "one", ""], ["left", "right"], ["b", "a", "c"]]


def test_what_is_read_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_facts, "MAX_POINTS", 10)
    monkeypatch.setattr(figure_facts, "MAX_VALUES", 45)
    monkeypatch.setattr(figure_facts, "MAX_PARTS", 2)
    figure = Figure()
    axes = figure.subplots()
    for _ in range(3):
        axes.plot(range(20))
    axes.set_title("t" * 9999)
    found = facts(*[figure] * 5)
    assert len(found) == 2  # of 40 numbers each
    assert [len(line[1]) for line in found[0][2][0][6]] == [10, 10]
    assert len(found[0][2][0][0]) == 1000


def test_what_cannot_be_read_is_left_out() -> None:
    broken: Any = Figure()
    broken.legends = None
    assert len(facts(broken, Figure())) == 1


def test_the_figures_of_a_call_are_those_that_it_made() -> None:
    plt.plot([1], label="before")
    with made_figures() as made:
        plt.plot([2])
        plt.close("all")
        plt.plot([3])
        plt.show()
        plt.figure()
    drawn = [[line.get_ydata()[0] for ax in f.axes for line in ax.lines] for f in made]
    assert drawn == [[2], [3], []]
    assert [line.get_label() for line in plt.gca().lines] == ["before"]
