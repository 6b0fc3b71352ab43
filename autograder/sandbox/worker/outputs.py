"""Collects the outputs of cells in nbformat's format, up to a maximum size."""

import base64
import contextlib
import io
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.sandbox.worker.figure_facts import Album

TEXT_TYPES = ("text/plain", "text/latex")
IMAGE_TYPES = ("image/png", "image/jpeg")
MAX_OUTPUTS = 200  # of a cell
MAX_LINES = 50  # of cells, that an exception passed through, the innermost ones
MAX_NAME, MAX_MESSAGE = 200, 2000  # characters of an exception's type and message

Output = dict[str, Any]


class PendingFigure(bytes):
    """Stands for the PNG of a figure, which is empty: a picture is drawn when somebody wants it.

    Drawing takes most of the time of a plot, and a plot that `clear_output(wait=True)` replaces is
    never seen: only the figures that remain at the end of a cell are drawn.
    """

    figure: Any

    def __new__(cls, figure: Any) -> "PendingFigure":
        """Stand for a matplotlib figure."""
        pending = super().__new__(cls)
        pending.figure = figure
        return pending


class Collector:
    """The outputs of the running cell, as nbformat output dictionaries with images as bytes.

    Once the whole notebook has more than `max_size` bytes of output, the rest is dropped and a
    line says so. `album` takes what the figures of all cells show, if it is wanted. Their pictures
    are an output of their own: whether they are drawn changes nothing else.
    """

    def __init__(self, max_size: int) -> None:
        self.max_size = max_size
        self.size = 0
        self.album: Album | None = None
        self.figures: list[Any] = []  # of the last cell, in the order of its outputs
        self.size_of_pictures = 0
        self.outputs: list[Output] = []
        self.clear_next = False
        self.truncated = False

    def start(self) -> None:
        """Start a new cell."""
        self.outputs, self.clear_next, self.truncated = [], False, False
        self.figures = []

    def finish(self) -> list[Output]:
        """End the cell and return its outputs, with empty images in the places of figures."""
        self.figures = [pending.figure for pending in self._pending()]
        if self.album is not None:
            for figure in self._distinct_figures():
                self.album.add(figure)
        if self.max_size == 0:
            return []
        for data in (output.get("data", {}) for output in self.outputs):
            data.update({mime: b"" for mime, shown in data.items() if shown == b""})
        if self.truncated:
            text = "\n[More output was cut off: the limit is reached.]\n"
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": text})
        return self.outputs

    def pictures(self) -> list[bytes | str]:
        """Return the figures of the last cell as PNG, or why one cannot be drawn."""
        drawn = {id(figure): self._picture(figure) for figure in self._distinct_figures()}
        return [drawn[id(figure)] for figure in self.figures]

    def stream(self, name: str, text: str) -> None:
        """Add text that was written to stdout or stderr."""
        self._clear_if_requested()
        text = self._bounded_text(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name:
            last["text"] += text
        elif text:
            self._append({"output_type": "stream", "name": name, "text": text})

    def display(self, output_type: str, bundle: dict[str, Any], count: int | None = None) -> None:
        """Add a displayed object: its text and image, but no HTML or scripts."""
        self._clear_if_requested()
        data: dict[str, Any] = {}
        for mime in TEXT_TYPES:
            if isinstance(bundle.get(mime), str) and (text := self._bounded_text(bundle[mime])):
                data[mime] = text
        for mime in IMAGE_TYPES:
            content = bundle.get(mime)
            if isinstance(content, str):
                with contextlib.suppress(ValueError):
                    content = base64.b64decode(content)
            if isinstance(content, PendingFigure):
                data[mime] = content
            elif isinstance(content, bytes) and (image := self._bounded_image(content)):
                data[mime] = image
        if data:
            number = {"execution_count": count} if output_type == "execute_result" else {}
            self._append({"output_type": output_type, "data": data, "metadata": {}, **number})

    def error(self, name: str, message: str, traceback: list[str]) -> None:
        """Add an exception."""
        self._clear_if_requested()
        self._append(
            {
                "output_type": "error",
                "ename": name[:MAX_NAME],
                "evalue": message[:MAX_MESSAGE],
                "traceback": [self._bounded_text(line[:20_000]) for line in traceback[-100:]],
            }
        )

    def clear(self, wait: bool = False) -> None:
        """Clear the outputs as `clear_output` does: now, or when the next output comes."""
        self.clear_next = True
        if not wait:
            self._clear_if_requested()

    def _pending(self) -> Iterator[PendingFigure]:
        """Yield the figures that the cell shows."""
        for output in self.outputs:
            for content in output.get("data", {}).values():
                if isinstance(content, PendingFigure):
                    yield content

    def _distinct_figures(self) -> list[Any]:
        """Return each figure of the cell once."""
        return list({id(figure): figure for figure in self.figures}.values())

    def _picture(self, figure: Any) -> bytes | str:
        from autograder.sandbox.worker.figure_images import picture

        try:
            drawn = picture(figure)
        except Exception as error:
            return "".join(traceback.format_exception_only(error)).strip()[:MAX_MESSAGE]
        if self.size_of_pictures + len(drawn) > self.max_size:
            return "the limit of output is reached"
        self.size_of_pictures += len(drawn)
        return drawn

    def _clear_if_requested(self) -> None:
        if self.clear_next:
            self.outputs, self.clear_next = [], False

    def _append(self, output: Output) -> None:
        if len(self.outputs) < MAX_OUTPUTS:
            self.outputs.append(output)
        else:
            self.truncated = True

    def _bounded_text(self, text: str) -> str:
        room = max(self.max_size - self.size, 0)
        self.size += min(len(text), room)
        self.truncated |= len(text) > room
        return text[:room]

    def _bounded_image(self, image: bytes) -> bytes:
        if len(image) <= self.max_size - self.size:
            self.size += len(image)
            return image
        self.truncated = True
        return b""


def shown_text(outputs: Sequence[Output]) -> str:
    """Return what outputs show as text: what was printed, and the values that were displayed.

    Warnings and whatever else was written to stderr do not belong to it, nor do pictures.
    """
    parts: list[str] = []
    for output in outputs:
        if output.get("name") == "stdout":
            parts.append(output["text"])
        data = output.get("data", {})
        text = data.get("text/plain", "")
        if text and not text.startswith("<Figure size") and data.keys().isdisjoint(IMAGE_TYPES):
            parts.append(f"{text}\n")
    return "".join(parts)


class Stream(io.TextIOBase):
    """A stand-in for `sys.stdout` or `sys.stderr` that writes to the collector."""

    encoding = "utf-8"

    def __init__(self, name: str, collector: Collector) -> None:
        self.name, self.collector = name, collector

    def write(self, text: str) -> int:
        """Add text to the outputs of the cell."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.collector.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that C code writes to."""
        return 1 if self.name == "stdout" else 2
