"""The tasks of an assignment are its notebook's test cells with points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.errors import CourseError
from autograder.notebook import course_notebook
from autograder.source_notebook import SourceNotebook
from autograder.task_cells import tasks_in
from tests.conftest import write_notebook
from tests.tiny import graded_cell


def solution(name: str) -> dict[str, Any]:
    return graded_cell("x = 1", name, solution=True)


def check(name: str, points: float = 1) -> dict[str, Any]:
    return graded_cell("assert x", name, grade=True, locked=True, points=points)


def found(folder: Path, *cells: dict[str, Any]) -> list[tuple[str, str | None, str, float]]:
    path = write_notebook(folder / "n.ipynb", list(cells))
    return [
        (task["name"], task.get("solution"), task["tests"], task["points"])
        for task in tasks_in(course_notebook(path), path)
    ]


def test_a_task_has_the_name_of_its_test_cell(tmp_path: Path) -> None:
    cells = [check("test_a", 2), check("test-b", 1.5), check("c")]
    assert found(tmp_path, *cells) == [
        ("a", None, "test_a", 2), ("b", None, "test-b", 1.5), ("c", None, "c", 1),
    ]  # fmt: skip


def test_two_tasks_never_have_the_same_name(tmp_path: Path) -> None:
    assert [name for name, *_ in found(tmp_path, check("test_a"), check("test-a"))] == [
        "a", "test-a",
    ]  # fmt: skip


def test_a_solution_has_the_name_of_the_task_or_is_the_nearest_above_that_is_free(
    tmp_path: Path,
) -> None:
    cells = [
        solution("one"), solution("a"), solution("two"), check("test_a"), check("test_b"),
        check("test_c"), check("test_d"), solution("below"),
    ]  # fmt: skip
    assert [cell for _, cell, *_ in found(tmp_path, *cells)] == ["a", "two", "one", None]


def test_cells_without_points_and_those_graded_by_hand_make_no_task(tmp_path: Path) -> None:
    by_hand = graded_cell("", "why", grade=True, solution=True, points=5)
    cells = [check("test_shown", 0), by_hand, check("test_a")]
    assert [name for name, *_ in found(tmp_path, *cells)] == ["a"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([solution("a")], "has no cell with tests"),
        ([check("test_a"), check("test_a")], "two cells have the grade_id 'test_a'"),
    ],
)
def test_a_notebook_without_clear_tasks_is_refused(
    tmp_path: Path, cells: list[dict[str, Any]], words: str
) -> None:
    with pytest.raises(CourseError, match=rf"n\.ipynb.*{words}"):
        found(tmp_path, *cells)


def test_the_notebook_of_the_kit_has_the_tasks_of_its_course(
    course: Any, assignment: Assignment
) -> None:
    path = SourceNotebook(course, assignment).path
    assert tasks_in(course_notebook(path), path) == [
        task.model_dump(exclude_none=True, exclude={"limits"}) for task in assignment.tasks
    ]
