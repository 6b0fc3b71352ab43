"""Finds the tasks of an assignment in its notebook: the test cells with points."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.notebook import Notebook, grade_id

TEST = re.compile(r"^tests?[_-]|[_-]tests?$")


@dataclass
class _Solution:
    """A cell that students fill in: its position among all cells, and whether it has a task."""

    position: int
    taken: bool = False


def tasks_in(notebook: Notebook, path: Path) -> list[dict[str, Any]]:
    """Return a task for each test cell with points, by the keys of course.yml.

    A task has the `grade_id` of its test cell as its name, without `test_`. Its solution is the
    cell of that name that students fill in, or else the nearest one above that has no task. Cells
    without points are left out: no score depends on them. `path` is only used in error messages.

    Raises:
        CourseError: the notebook has no such cell, or two with the same `grade_id`.
    """
    tests, solutions = list(_tests(notebook)), _solutions(notebook)
    if not tests:
        raise CourseError(
            f"{path} has no cell with tests: one with points that students cannot change, "
            "`Autograded tests` in JupyterLab's Create Assignment."
        )
    names: dict[str, str] = {}  # of the tasks, with the cells of their tests
    for _, test, _ in tests:
        if test in names.values():
            raise CourseError(f"{path}: two cells have the grade_id {test!r}.")
        name = TEST.sub("", test) or test
        names[test if name in names else name] = test
    for name in names:
        if name in solutions:
            solutions[name].taken = True
    return [
        {"name": name, "points": points}
        | ({"solution": found} if (found := _solution(name, position, solutions)) else {})
        | {"tests": test}
        for name, (position, test, points) in zip(names, tests, strict=True)
    ]


def _solution(name: str, position: int, solutions: dict[str, _Solution]) -> str:
    """Return the cell with the solution of a task, "" for none, and take it."""
    if name in solutions:
        return name
    above = [
        (solution.position, other)
        for other, solution in solutions.items()
        if not solution.taken and solution.position < position
    ]
    if not above:
        return ""
    _, nearest = max(above)
    solutions[nearest].taken = True
    return nearest


def _tests(notebook: Notebook) -> Iterator[tuple[int, str, float]]:
    """Yield the position, the `grade_id` and the points of each test cell with points."""
    for position, name, _, grading in _graded(notebook):
        points = grading.get("points")
        tests = grading.get("grade") and not grading.get("solution")
        if tests and isinstance(points, int | float) and points > 0:
            yield position, name, int(points) if float(points).is_integer() else points


def _solutions(notebook: Notebook) -> dict[str, _Solution]:
    """Return the code cells that students fill in, by their `grade_id`."""
    return {
        name: _Solution(position)
        for position, name, kind, grading in _graded(notebook)
        if kind == "code" and grading.get("solution") and not grading.get("grade")
    }


def _graded(notebook: Notebook) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """Yield the position, `grade_id`, type and nbgrader's metadata of each cell that has them."""
    for position, cell in enumerate(notebook.document["cells"]):
        if isinstance(cell, dict) and (name := grade_id(cell)):
            yield position, name, str(cell.get("cell_type")), cell["metadata"]["nbgrader"]
