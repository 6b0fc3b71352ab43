"""Pictures are those that a notebook shows, and each is drawn once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image
from PIL.ImageFilter import BoxBlur

from autograder.sandbox.worker.figure_images import picture, png
from tests.sandbox.worker.gallery import GALLERY, far_outside


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    before = plt.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def blurred(image_file: bytes) -> Any:
    """Return a picture in which a shift by less than a pixel is hardly seen."""
    image = Image.open(io.BytesIO(image_file)).convert("RGB").filter(BoxBlur(3))
    return np.asarray(image, int)


@pytest.mark.parametrize("make", GALLERY)
def test_a_picture_is_what_jupyter_shows(make: Callable[[], Figure]) -> None:
    figure = make()
    ours, jupyters = blurred(picture(figure)), blurred(print_figure(figure))
    assert np.abs(np.subtract(ours.shape, jupyters.shape)).max() <= 1
    height, width = np.minimum(ours.shape, jupyters.shape)[:2]
    difference = np.abs(ours[:height, :width] - jupyters[:height, :width])
    assert difference.max() < 90
    assert difference.mean() < 2


@pytest.mark.parametrize(("opacity", "mode"), [(255, "RGB"), (100, "RGBA")])
def test_a_png_has_all_pixels(opacity: int, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (7, 5, 4), np.uint8)
    pixels[..., 3] = opacity
    image = Image.open(io.BytesIO(png(pixels)))
    assert image.mode == mode
    assert (np.asarray(image.convert("RGBA")) == pixels).all()


class Counted(Line2D):
    """A line that counts how often it is drawn."""

    drawn = 0

    def draw(self, renderer: Any) -> None:
        """Draw the line."""
        self.drawn += 1
        super().draw(renderer)


@pytest.mark.parametrize("tight", [False, True])
def test_a_figure_is_drawn_once(tight: bool) -> None:
    figure, axes = plt.subplots()
    line = Counted([0, 1], [0, 1])
    axes.add_line(line)
    if tight:
        figure.tight_layout()
    assert picture(figure)
    assert line.drawn <= 1 + tight


def test_a_figure_is_as_it_was_before_it_was_drawn() -> None:
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 2])
    canvas, size, dpi = figure.canvas, tuple(figure.get_size_inches()), figure.dpi
    box = axes.get_position().bounds
    first = picture(figure)
    assert figure.canvas is canvas
    assert (tuple(figure.get_size_inches()), figure.dpi) == (size, dpi)
    assert axes.get_position().bounds == box
    assert picture(figure) == first


def test_a_figure_that_shows_nothing_has_no_picture() -> None:
    assert picture(plt.figure()) == b""


def test_a_large_figure_and_one_with_other_dots_have_their_sizes() -> None:
    for size, dpi in (((30, 2), 100), ((3, 2), 37)):
        figure = plt.figure(figsize=size, dpi=dpi)
        plt.plot([1, 2])
        width, height = Image.open(io.BytesIO(picture(figure))).size
        assert 0.7 * size[0] * dpi < width <= size[0] * dpi
        assert 0.7 * size[1] * dpi < height <= size[1] * dpi


def test_a_figure_after_one_that_failed_is_right() -> None:
    figure = far_outside()
    before = picture(figure)
    broken = plt.figure()
    plt.title(r"$\frac{a$")
    with pytest.raises(ValueError, match="frac"):
        picture(broken)
    assert picture(figure) == before
