"""Whatever work matplotlib is spared, figures are the same and show the same."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib import axis, units
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.spines import Spine

from autograder.sandbox.worker.cheap_figures import remembered_ticks, spare_work
from autograder.sandbox.worker.figure_facts import Album
from tests.sandbox.worker.gallery import GALLERY, X

Make = Callable[[], Figure]

REPLACED = (
    (units, "_is_natively_supported"),
    (axis._LazyTickList, "__get__"),
    (Axis, "get_major_ticks"), (Axis, "get_minor_ticks"),
    (Axis, "reset_ticks"), (Axis, "set_clip_path"), (Axis, "set_tick_params"),
    (Spine, "_adjust_location"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    before = plt.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def spare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have matplotlib spared work for the rest of a test."""
    for owner, name in REPLACED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    spare_work()


@pytest.fixture
def spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have matplotlib spared work in one test."""
    spare(monkeypatch)


def png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight")
    return stream.getvalue()


def facts(figure: Figure) -> list[object]:
    album = Album()
    album.add(figure)
    return album.figures


@pytest.mark.parametrize("make", GALLERY)
def test_figures_look_the_same(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """They also show the same after they have been drawn, as every test may see them then."""
    before = make()
    shown, picture = repr(facts(before)), png(before)
    spare(monkeypatch)
    figure = make()
    assert repr(facts(figure)) == shown
    assert png(figure) == picture
    assert repr(facts(figure)) == shown


@pytest.mark.usefixtures("spared")
def test_axes_have_no_ticks_until_somebody_asks() -> None:
    _, axes = plt.subplots()
    axes.scatter(X[:, 0], X[:, 0])
    axes.set(title="a", xlabel="b", ylabel="c", ylim=(0, 1))
    assert not {"majorTicks", "minorTicks"} & (vars(axes.xaxis).keys() | vars(axes.yaxis).keys())
    assert [text.get_text() for text in axes.get_yticklabels()][:2] == ["0.0", "0.2"]
    assert axes.yaxis.get_gridlines()[0].clipbox is not None


@pytest.mark.usefixtures("spared")
def test_a_tick_that_somebody_changes_stays_so() -> None:
    figure, axes = plt.subplots()
    axes.set_xticks([0, 1, 2], ["zero", "one", "two"], rotation=30)
    changed = axes.get_xticklabels()[1]
    changed.set_color("red")
    changed.set_fontsize(20)
    changed.get_fontproperties().set_weight("bold")
    figure.canvas.draw()
    assert [
        (
            text.get_text(),
            text.get_rotation(),
            text.get_color(),
            text.get_fontsize(),
            text.get_fontweight(),
        )
        for text in axes.get_xticklabels()
    ] == [
        ("zero", 30, "black", 10, "normal"),
        ("one", 30, "red", 20, "bold"),
        ("two", 30, "black", 10, "normal"),
    ]


@pytest.mark.usefixtures("spared")
def test_the_elements_of_a_tensor_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.Tensor, "unbind", None)
    monkeypatch.setattr(torch.Tensor, "__iter__", None)
    plt.scatter(X[:, 0], X[:, 0])
    plt.plot(X[:, 0], X[:, 0])
    assert len(plt.gca().lines) == 1


@pytest.mark.usefixtures("spared")
def test_a_tensor_with_a_gradient_is_refused_as_before() -> None:
    with pytest.raises(RuntimeError, match="requires grad"):
        plt.plot(torch.ones(2, requires_grad=True))


@pytest.mark.usefixtures("spared")
def test_a_figure_can_be_copied_and_stored() -> None:
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    picture = png(figure)
    for again in (copy.deepcopy(figure), pickle.loads(pickle.dumps(figure))):
        assert png(again) == picture


@pytest.mark.parametrize("make", GALLERY)
def test_remembered_ticks_are_those_that_would_be_computed_again(make: Make) -> None:
    picture = png(make())
    with remembered_ticks():
        assert png(make()) == picture


def test_ticks_are_computed_once_for_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    update, asked = Axis._update_ticks, []  # type: ignore[attr-defined]

    def counted(self: Axis) -> object:
        asked.append(self)
        return update(self)

    monkeypatch.setattr(Axis, "_update_ticks", counted)
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    figure.canvas.draw()
    often = len(asked)
    asked.clear()
    with remembered_ticks():
        figure.canvas.draw()
    assert len(asked) == 2 < often
    asked.clear()
    with remembered_ticks():
        figure.canvas.draw()
        axes.set_xlim(0, 9)
        figure.canvas.draw()
    assert len(asked) == 3
