"""An autograded notebook shows what the cells showed, each picture in its place."""

from __future__ import annotations

import base64
from typing import Any

from autograder.integrations.nbgrader.cells import notebook_outputs
from autograder.sandbox.student_process import CellResult

PNG = b"\x89PNG"
ENCODED = base64.b64encode(PNG).decode()
TEXT = "<Figure size 640x480 with 1 Axes>"
OWN: dict[str, Any] = {
    "output_type": "display_data",
    "data": {"image/jpeg": b"own", "text/plain": "\x1b[1mown"},
}


def figure() -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": TEXT, "image/png": b""}}


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_each_picture_is_in_its_place() -> None:
    run = CellResult([figure(), printed("between\n"), OWN, figure()], pictures=(PNG, PNG + b"2"))
    first, text, own, last = notebook_outputs(run)
    assert first["data"] == {"text/plain": TEXT, "image/png": ENCODED}
    assert text == printed("between\n")
    assert own["data"] == {"image/jpeg": "b3du", "text/plain": "own"}
    assert last["data"]["image/png"] == base64.b64encode(PNG + b"2").decode()


def test_a_missing_picture_says_why() -> None:
    run = CellResult([figure(), figure()], pictures=("ValueError: \x1b[1mno", PNG))
    why, first, last = notebook_outputs(run)
    assert why == printed("[A figure is missing: ValueError: no]\n")
    assert first["data"] == {"text/plain": TEXT}
    assert last["data"]["image/png"] == ENCODED


def test_without_pictures_the_texts_are_shown() -> None:
    assert [one["data"] for one in notebook_outputs(CellResult([figure()]))] == [
        {"text/plain": TEXT}
    ]
