"""Finding and reading submissions: each that cannot be read costs one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.notebook import read_notebook
from autograder.submission import find_submissions
from tests.conftest import notebook, write_notebook

NAME = "linear_regression"


def found(paths: list[Path], assignment: Assignment) -> list[tuple[str, str]]:
    submissions, _ = find_submissions(paths, assignment)
    return [(submission.student, submission.note) for submission in submissions]


def test_a_notebook_is_its_stem(tmp_path: Path, assignment: Assignment) -> None:
    assert found([write_notebook(tmp_path / "ada.ipynb", [])], assignment) == [("ada", "")]


def test_a_folder_of_notebooks_is_a_class(tmp_path: Path, assignment: Assignment) -> None:
    for name in ("b", "a"):
        write_notebook(tmp_path / f"{name}.ipynb", [])
    write_notebook(tmp_path / ".hidden.ipynb", [])
    assert found([tmp_path], assignment) == [("a", ""), ("b", "")]


def test_nbgraders_layout_names_the_student_by_the_folder(
    tmp_path: Path, assignment: Assignment
) -> None:
    path = write_notebook(tmp_path / "ada" / NAME / f"{NAME}.ipynb", [])
    for given in (tmp_path, tmp_path / "ada", path.parent, path):
        assert found([given], assignment) == [("ada", "")]
    assert found([tmp_path, path], assignment) == [("ada", "")]


def test_a_renamed_notebook_is_found_and_noted(tmp_path: Path, assignment: Assignment) -> None:
    write_notebook(tmp_path / "ada" / NAME / "final (1).ipynb", [])
    assert found([tmp_path], assignment) == [("ada", "renamed: final (1).ipynb")]


def test_two_renamed_notebooks_are_not_guessed_between(
    tmp_path: Path, assignment: Assignment
) -> None:
    for name in ("one", "two"):
        write_notebook(tmp_path / "ada" / NAME / f"{name}.ipynb", [])
    (submission,), _ = find_submissions([tmp_path], assignment)
    with pytest.raises(SubmissionError, match="2 other notebooks: keep one"):
        read_notebook(submission.path)


@pytest.mark.parametrize("mark", [" (1)", "(2)", "-3"])
def test_a_copy_by_the_right_name_counts_beside_another_notebook(
    tmp_path: Path, assignment: Assignment, mark: str
) -> None:
    for name in (f"{NAME}{mark}", "scratch"):
        write_notebook(tmp_path / "ada" / NAME / f"{name}.ipynb", [])
    assert found([tmp_path], assignment) == [("ada", f"renamed: {NAME}{mark}.ipynb")]
    write_notebook(tmp_path / "ada" / NAME / f"{NAME} (7).ipynb", [])
    assert found([tmp_path], assignment) == [("ada", "")]  # two: nobody guesses


def test_a_path_without_submissions_gets_a_sentence(tmp_path: Path, assignment: Assignment) -> None:
    _, problems = find_submissions([tmp_path / "nowhere", tmp_path], assignment)
    assert "there is no such file or folder" in problems[0]
    assert "there are no notebooks here" in problems[1]


def test_code_cells_are_read_in_order_with_their_places(tmp_path: Path) -> None:
    cells: list[str | dict[str, Any]] = [
        {"cell_type": "markdown", "source": "text", "metadata": {}},
        "a = 1",
        {"cell_type": "code", "source": ["b = 2\n", "c = 3"], "metadata": {}, "outputs": []},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
    ]
    read = read_notebook(write_notebook(tmp_path / "x.ipynb", cells))
    assert read.cells == ("a = 1", "b = 2\nc = 3", "", "")
    assert read.positions == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"{", "not valid JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "is not a notebook"),
        (b'{"cells": []}', "is not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3"),
        (b'{"nbformat": 4, "nbformat_minor": 5}', "has no cells"),
        (b'{"nbformat": 4, "cells": {}}', "has no cells"),
        (
            json.dumps(notebook([], metadata={"kernelspec": {"language": "R"}})).encode(),
            "for R, not for Python",
        ),
        (
            json.dumps(notebook([], metadata={"language_info": {"name": "julia"}})).encode(),
            "for julia",
        ),
    ],
)
def test_what_cannot_be_graded_gets_one_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(SubmissionError) as caught:
        read_notebook(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_named_like_a_notebook_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").mkdir()
    with pytest.raises(SubmissionError, match="not a file"):
        read_notebook(tmp_path / "x.ipynb")


def test_a_byte_order_mark_and_missing_metadata_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"nbformat": 4, "cells": []}).encode())
    assert read_notebook(path).cells == ()
