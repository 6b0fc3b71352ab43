"""Draws figures as PNG, each once, as a notebook shows them: cropped to what they show.

matplotlib's own way to crop draws a figure twice. Here it is drawn once, with room around it, and
the picture is cut out. Pillow's way to write it tries five filters on each row of pixels; figures
have large areas of one color, and are as small without.
"""

import io
import struct
import zlib
from typing import Any

import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from autograder.sandbox.worker.cheap_figures import remembered_ticks

ROOM = 1  # inches around a figure, for what sticks out of it
LEVEL = 1  # of compression: higher ones take longer and save little
SIGNATURE, RGB, RGBA = b"\x89PNG\r\n\x1a\n", 2, 6  # of PNG
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
        filename_or_obj.write(png(pixels[len(pixels) - top : len(pixels) - bottom, left:right]))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels (height, width, RGBA) as PNG, without their opacity if all are opaque.

    Source: https://www.w3.org/TR/png/
    """
    if (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3]
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + channels * width), np.uint8)  # the number of the filter, none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, RGB if channels == 3 else RGBA, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), LEVEL)), (b"IEND", b"")
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


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
