"""Draws figures as PNG, each once, as a notebook shows them: cropped to what they show.

matplotlib's own way to crop draws a figure twice. Here it is drawn once, with room around it, and
the picture is cut out.
"""

import io
from typing import Any

import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.transforms import Bbox
from PIL import Image

from autograder.sandbox.worker.cheap_figures import remembered_ticks

ROOM = 1  # inches around a figure, for what sticks out of it
LEVEL = 1  # of compression: higher ones take longer and save little
SIZE = 1000, 800  # pixels of a renderer at least, so that figures can share one

_renderers: dict[float, RendererAgg] = {}  # by their dots per inch; each remembers sizes of texts


class OutOfRoomError(Exception):
    """Raised if a figure shows something far outside of its bounds."""


class FigureCanvas(FigureCanvasAgg):
    """A canvas that writes what a figure shows, without the empty room around it."""

    def get_renderer(self) -> RendererAgg:
        """Return a renderer that the figure fits into; it is in the lower left corner."""
        width, height = (max(pair) for pair in zip(self.figure.bbox.size, SIZE, strict=True))
        dpi = self.figure.dpi
        known = _renderers.get(dpi)
        if known is None or known.width < width or known.height < height:
            known = _renderers[dpi] = RendererAgg(width, height, dpi)
        return known

    def print_png(self, filename_or_obj: Any, **_: Any) -> None:
        """Draw the figure and write the part that shows something.

        Raises:
            OutOfRoomError: a part of it was not drawn.
        """
        FigureCanvasAgg.draw(self)
        renderer = self.get_renderer()
        shown = self.figure.get_tightbbox(renderer).padded(rcParams["savefig.pad_inches"])
        left, bottom, right, top = (round(inches * self.figure.dpi) for inches in shown.extents)
        width, height = self.figure.bbox.size
        if left < 0 or bottom < 0 or right > width or top > height:
            raise OutOfRoomError
        pixels = np.asarray(renderer.buffer_rgba())
        pixels = pixels[len(pixels) - top : len(pixels) - bottom, left:right]
        image = Image.fromarray(np.ascontiguousarray(pixels))
        image.save(filename_or_obj, format="png", compress_level=LEVEL)


def picture(figure: Any) -> bytes:
    """Return a figure as PNG, empty if it shows nothing."""
    if not figure.axes and not figure.lines:
        return b""
    width, height = figure.get_size_inches()
    stream = io.BytesIO()
    try:
        with remembered_ticks():
            figure.canvas.print_figure(
                stream,
                format="png",
                backend=f"module://{__name__}",
                dpi=figure.dpi,
                facecolor=figure.get_facecolor(),
                edgecolor=figure.get_edgecolor(),
                bbox_inches=Bbox.from_extents(-ROOM, -ROOM, width + ROOM, height + ROOM),
            )
    except OutOfRoomError:
        return print_figure(figure) or b""
    except BaseException:
        _renderers.clear()  # it was left in the middle of a figure
        raise
    return stream.getvalue()
