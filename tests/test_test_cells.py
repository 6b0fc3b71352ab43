"""Test cells of a source notebook: how they are found, and where a submission has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.notebook import parse_notebook
from autograder.source_notebook import SourceNotebook
from autograder.test_cells import PlacedCells, placed, released
from tests.conftest import notebook
from tests.tiny import graded_cell
from tests.tiny_cells import CELLS, HIDDEN, make_cell_course

SOLVED, GIVEN, EARLY, LATE = CELLS


def place(course: Path, cells: list[Any]) -> PlacedCells:
    """Return a submission's cells as they are graded."""
    loaded = load_course(course / "course.yml")
    source = SourceNotebook(loaded, loaded.assignment(None)).source_cells({})
    return placed(parse_notebook(json.dumps(notebook(cells)).encode(), Path("it.ipynb")), source)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cell_course(tmp_path_factory.mktemp("course"))


def names(found: PlacedCells) -> dict[int, str]:
    return {index: test.name for index, test in found.tests.items()}


def test_a_submission_runs_with_the_instructors_test_cells(course: Path) -> None:
    mine = graded_cell("def double(x): return 0", "double", solution=True)
    weak = graded_cell("pass", "test_early", grade=True, locked=True, points=4)
    found = place(course, [mine, GIVEN, weak, "print(1)", LATE])
    assert found.cells[0] == "def double(x): return 0"
    assert found.cells[2] == EARLY["source"]
    assert found.cells[3] == "print(1)"
    assert names(found) == {2: "test_early", 4: "test_late"}
    assert found.positions == (0, 1, 2, 3, 4)


def test_a_locked_cell_is_as_it_was_given(course: Path) -> None:
    changed = GIVEN | {"source": "FACTOR = 7"}
    assert place(course, [SOLVED, changed, EARLY, LATE]).cells[1] == "FACTOR = 2"


def test_a_deleted_test_cell_runs_where_it_was(course: Path) -> None:
    found = place(course, ["1", SOLVED, GIVEN, "2", LATE, "3"])
    assert found.positions == (0, 1, 2, None, 3, 4, 5)
    assert names(found) == {3: "test_early", 5: "test_late"}
    assert names(place(course, ["1", "2"])) == {2: "test_early", 3: "test_late"}


def test_of_several_copies_the_last_one_counts(course: Path) -> None:
    found = place(course, [SOLVED, EARLY | {"source": "1"}, GIVEN, EARLY, LATE])
    assert names(found) == {3: "test_early", 4: "test_late"}
    assert found.cells[1] == "1"


def test_a_test_cell_without_metadata_is_known_by_its_code(course: Path) -> None:
    found = place(course, [SOLVED, "FACTOR = 2", released(EARLY["source"]), "print()", LATE])
    assert names(found) == {2: "test_early", 4: "test_late"}
    assert HIDDEN in found.cells[2]


def test_hidden_lines_are_known(course: Path) -> None:
    found = place(course, list(CELLS)).tests[2]
    lines = found.source.splitlines()
    hidden = [line for number, line in enumerate(lines, 1) if found.is_hidden(number)]
    assert hidden == ["### BEGIN HIDDEN TESTS", HIDDEN, "### END HIDDEN TESTS"]
    assert HIDDEN not in released(found.source)


def test_marks_of_hidden_tests_are_found_as_nbgrader_finds_them() -> None:
    shown = "assert f(1)\n"
    for begin in ("### BEGIN HIDDEN TESTS", "###BEGIN HIDDEN TESTS", "# BEGIN HIDDEN TESTS!"):
        assert released(f"{shown}{begin}\nassert f(2)\n# END HIDDEN TESTS") == shown.strip()
        assert released(f"{shown}{begin}\nassert f(2)") == shown.strip()


def test_the_title_is_the_text_that_the_cell_begins_with(course: Path) -> None:
    tests = place(course, list(CELLS)).tests
    assert [test.title for test in tests.values()] == ["It doubles a number", "test_late"]
