"""Collects what a cell shows, as notebook outputs, within a bound on its size."""

from __future__ import annotations

import base64
import io
from typing import Any

TEXT_TYPES = ("text/plain", "text/latex")
IMAGE_TYPES = ("image/png", "image/jpeg")
MAX_OUTPUTS = 200

Output = dict[str, Any]


class PendingFigure(bytes):
    """Stands for the PNG of a figure that nobody may ever see.

    Rendering takes most of the time of a plot, and a plot followed by `clear_output(wait=True)`
    and another one is never seen: the PNG is made when the cell has ended and the figure is
    still among its outputs.
    """

    figure: Any
    options: dict[str, Any]

    @classmethod
    def of(cls, figure: Any, **options: Any) -> PendingFigure:
        """Remember a figure and how it is to be drawn."""
        pending = cls()
        pending.figure, pending.options = figure, options
        return pending

    def render(self) -> bytes:
        """Draw the figure as PNG."""
        from IPython.core.pylabtools import print_figure

        drawn = print_figure(self.figure, fmt="png", **self.options)
        return base64.b64decode(drawn) if isinstance(drawn, str) else drawn or b""


class Collector:
    """The outputs of the cell that runs, as nbformat output dictionaries.

    Images are kept as bytes. Over `max_size` bytes in the whole notebook, further output is
    dropped and a line says so.
    """

    def __init__(self, max_size: int) -> None:
        self.max_size = max_size
        self.size = 0
        self.outputs: list[Output] = []
        self.clear_next = False
        self.truncated = False

    def start(self) -> None:
        """Begin a new cell."""
        self.outputs, self.clear_next, self.truncated = [], False, False

    def finish(self) -> list[Output]:
        """End the cell: draw the figures that are left and return its outputs."""
        if self.max_size == 0:
            return []
        for output in self.outputs:
            data = output.get("data", {})
            for mime, content in list(data.items()):
                if isinstance(content, PendingFigure):
                    data[mime] = self._bounded_image(content.render())
                    if not data[mime]:
                        del data[mime]
        if self.truncated:
            text = "\n[More output was cut off: the limit is reached.]\n"
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": text})
        return self.outputs

    def stream(self, name: str, text: str) -> None:
        """Add text that was written to stdout or stderr."""
        self._clear_if_asked()
        text = self._bounded_text(text)
        if not text:
            return
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self._append({"output_type": "stream", "name": name, "text": text})

    def display(self, output_type: str, bundle: dict[str, Any], count: int | None = None) -> None:
        """Add a displayed object: its plain text and its picture, nothing active."""
        self._clear_if_asked()
        data: dict[str, Any] = {}
        for mime in TEXT_TYPES:
            if isinstance(bundle.get(mime), str) and (text := self._bounded_text(bundle[mime])):
                data[mime] = text
        for mime in IMAGE_TYPES:
            content = bundle.get(mime)
            if isinstance(content, str):
                content = _from_base64(content)
            if isinstance(content, PendingFigure):
                data[mime] = content
            elif isinstance(content, bytes) and (image := self._bounded_image(content)):
                data[mime] = image
        if not data:
            return
        output: Output = {"output_type": output_type, "data": data, "metadata": {}}
        if output_type == "execute_result":
            output["execution_count"] = count
        self._append(output)

    def error(self, name: str, message: str, traceback: list[str]) -> None:
        """Add an exception."""
        self._clear_if_asked()
        self._append(
            {
                "output_type": "error",
                "ename": name[:200],
                "evalue": message[:2000],
                "traceback": [self._bounded_text(line[:20_000]) for line in traceback[-100:]],
            }
        )

    def clear(self, wait: bool = False) -> None:
        """Do what `clear_output` does in a notebook."""
        if wait:
            self.clear_next = True
        else:
            self.outputs, self.clear_next = [], False

    def _clear_if_asked(self) -> None:
        if self.clear_next:
            self.outputs, self.clear_next = [], False

    def _append(self, output: Output) -> None:
        if len(self.outputs) < MAX_OUTPUTS:
            self.outputs.append(output)
        else:
            self.truncated = True

    def _bounded_text(self, text: str) -> str:
        room = self.max_size - self.size
        self.size += min(len(text), max(room, 0))
        if len(text) <= room:
            return text
        self.truncated = True
        return text[: max(room, 0)]

    def _bounded_image(self, image: bytes) -> bytes:
        if len(image) <= self.max_size - self.size:
            self.size += len(image)
            return image
        self.truncated = True
        return b""


class Stream(io.TextIOBase):
    """A stand-in for `sys.stdout` or `sys.stderr` that writes to the collector."""

    encoding = "utf-8"

    def __init__(self, name: str, collector: Collector) -> None:
        self.name, self.collector = name, collector

    def write(self, text: str) -> int:
        """Take some text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.collector.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False: nobody sits at a terminal."""
        return False

    def fileno(self) -> int:
        """Return the descriptor that programs written in C use."""
        return 1 if self.name == "stdout" else 2


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except ValueError:
        return b""
