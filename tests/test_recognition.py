"""A notebook's folder, its name, its cells or what it defines say to which assignment it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.recognition import Marks, recognized, recognized_by_names
from tests.conftest import notebook, write_notebook

LINE = Marks("line", "Homework 1", frozenset({"slope", "test_slope"}), frozenset({"slope"}))
TREE = Marks("tree", "Homework 2", frozenset({"split", "test_split"}), frozenset({"split", "Tree"}))
BOTH = [LINE, TREE]


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("ada/tree/mine.ipynb", "tree"),  # nbgrader's layout, whatever the notebook is called
        ("ada/tree/Homework 1.ipynb", "tree"),
        ("class/Homework 2.ipynb", "tree"),
        ("class/homework_2 (3).ipynb", "tree"),
        ("class/Copy of Homework 1 - Copy.ipynb", "line"),
        ("class/ada.ipynb", None),
    ],
)
def test_folders_and_names_tell(tmp_path: Path, path: str, owner: str | None) -> None:
    assert recognized(tmp_path / path, BOTH) == owner


@pytest.mark.parametrize(
    ("cells", "ids", "owner"),
    [
        (["def f(): pass", "f()"], ["split", "test_split"], "tree"),
        (["def slope(x): pass", ""], ["split", "test_split"], "tree"),  # cells come first
        (["class Tree: pass\n\n\ndef split(): pass", "def slope(): pass"], ["", ""], "tree"),
        (["def split(): pass", "def slope(): pass"], ["", ""], None),
        (["x = 1", ""], ["", ""], None),
    ],
)
def test_cells_tell_and_then_what_they_define(
    tmp_path: Path, cells: list[str], ids: list[str], owner: str | None
) -> None:
    document = notebook(cells)
    for cell, grade_id in zip(document["cells"], ids, strict=True):
        cell["metadata"] = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    path = write_notebook(tmp_path / "ada.ipynb", document["cells"])
    assert recognized(path, BOTH) == owner


def test_one_that_cannot_be_read_belongs_nowhere(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").write_text("{")
    assert recognized(tmp_path / "ada.ipynb", BOTH) is None


def test_names_of_a_running_notebook_tell() -> None:
    assert recognized_by_names({"np", "slope"}, BOTH) == "line"
    assert recognized_by_names({"np"}, BOTH) is None
