"""Notebooks as people submit them: encodings, and answers that have become text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import SubmissionError
from autograder.notebook import MAX_CELLS, MAX_CODE, MAX_MARKS, parse_notebook
from tests.conftest import notebook

STEP = "def step():\n    return 1"


def cell(kind: str, source: str = STEP, **grading: Any) -> dict[str, Any]:
    known = {"grade_id": "step", "solution": True, "cell_type": "code", **grading}
    metadata = {"nbgrader": {key: value for key, value in known.items() if value is not None}}
    return {"cell_type": kind, "metadata": metadata, "source": source}


def cells_of(*cells: dict[str, Any] | str) -> tuple[str, ...]:
    return parse_notebook(json.dumps(notebook(cells)).encode(), Path("x.ipynb")).cells


@pytest.mark.parametrize("kind", ["raw", "markdown", "heading"])
@pytest.mark.parametrize("grading", [{}, {"cell_type": None}, {"grade": True}])
def test_an_answer_that_became_text_is_code(kind: str, grading: dict[str, Any]) -> None:
    assert cells_of("a = 1", cell(kind, **grading), "b = 1") == ("a = 1", STEP, "b = 1")


@pytest.mark.parametrize(
    "other",
    [
        cell("code", "def step():\n    return 2"),  # the same cell, copied
        "def step():\n    return 2",  # the same function, in a cell of the student's own
    ],
)
def test_an_answer_that_was_set_aside_stays_text(other: dict[str, Any] | str) -> None:
    assert cells_of(other, cell("raw")) == ("def step():\n    return 2",)


@pytest.mark.parametrize(
    "grading",
    [
        {"cell_type": "markdown", "grade": True},
        {"cell_type": None, "grade": True},
        {"solution": False},
        {"grade_id": None},
        {"grade_id": 7},
    ],
)
def test_other_text_stays_text(grading: dict[str, Any]) -> None:
    assert cells_of(cell("markdown", **grading)) == ()


def test_only_the_last_of_several_copies_is_code() -> None:
    assert cells_of(cell("raw", "a = 1"), cell("raw", "a = 2")) == ("a = 2",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_encodings_of_json_are_read(encoding: str) -> None:
    content = json.dumps(notebook(["name = 'Zoë'"]), ensure_ascii=False).encode(encoding)
    assert parse_notebook(content, Path("x.ipynb")).cells == ("name = 'Zoë'",)


def test_half_a_character_is_replaced() -> None:
    assert cells_of("a = 1  # \ud83d") == ("a = 1  # ?",)


def test_a_notebook_of_endless_cells_is_refused() -> None:
    content = json.dumps(notebook([]) | {"cells": [{}] * (MAX_CELLS + 1)}).encode()
    with pytest.raises(SubmissionError, match="more than 2,000 cells"):
        parse_notebook(content, Path("a.ipynb"))


def test_a_notebook_of_megabytes_of_code_is_refused() -> None:
    half = "#" * (MAX_CODE // 2)
    assert cells_of(half, half) == (half, half)
    with pytest.raises(SubmissionError, match="more than 4 MB of code"):
        cells_of(half, half, "#")


@pytest.mark.parametrize("piece", [b"[],", b"{},", b'"a":0,'])
def test_json_of_millions_of_values_is_refused_before_it_is_parsed(
    piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.notebook.json.loads", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(SubmissionError, match="millions of values"):
        parse_notebook(piece * (MAX_MARKS // 2 + 1), Path("a.ipynb"))
