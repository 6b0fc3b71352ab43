"""Holds course.yml, the notebooks and the suites against each other."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course, FolderKind
from autograder.errors import CourseError, SubmissionError
from autograder.notebook import Notebook, parse_notebook
from autograder.submission import read_notebook

DEFINITION = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)


def notebook_file(course: Course, assignment: Assignment, folder: FolderKind = "source") -> Path:
    """Return where the assignment's notebook is: the source, or the release version."""
    return course.folder(folder) / assignment.name / f"{assignment.notebook}.ipynb"


def check_points(course: Course, assignment: Assignment, suite: Mapping[str, float]) -> None:
    """Check that a suite's points add up to those of the tasks in course.yml.

    `suite` maps each task's name to the points of its tests; "" stands for tests of no task.

    Raises:
        CourseError: they do not, or a test belongs to no task.
    """
    names = {task.name for task in assignment.tasks}
    for name in suite:
        if name not in names:
            raise CourseError(
                f"{assignment.suite_folder}: a test belongs to "
                + (f"the task {name!r}" if name else "no task")
                + f", but {course.where('assignments', assignment.name, 'tasks')} has "
                + f"{', '.join(sorted(names))}. "
                + "Mark each test with @pytest.mark.task(name, points=…)."
            )
    for index, task in enumerate(assignment.tasks):
        found = suite.get(task.name, 0.0)
        if abs(found - task.points) > 1e-9:
            where = course.where("assignments", assignment.name, "tasks", index, "points")
            raise CourseError(
                f"{where}: {task.points:g} points, but the tests of {task.name} in "
                f"{assignment.suite_folder} add up to {found:g}."
            )


def check_visibility(course: Course, assignment: Assignment, tests: Collection[str]) -> None:
    """Check that what `visibility` names is there, as a task or as a test.

    Raises:
        CourseError: something is not; students might see what they should not.
    """
    known = {*tests, *(task.name for task in assignment.tasks)}
    for name in assignment.visibility:
        if name not in known:
            where = course.where("assignments", assignment.name, "visibility", name)
            raise CourseError(
                f"{where}: there is no such task, and no such test in {assignment.suite_folder}."
            )


def check_notebook(course: Course, assignment: Assignment, folder: FolderKind = "source") -> None:
    """Check that the notebook has the cells that course.yml names, with the same points.

    Raises:
        CourseError: a cell is missing, given twice, or has other points.
    """
    path = notebook_file(course, assignment, folder)
    graded = _nbgrader_cells(path)
    base = ("assignments", assignment.name, "tasks")
    for index, task in enumerate(assignment.tasks):
        for key, grade_id in (("solution", task.solution), ("tests", task.tests)):
            if grade_id is not None and grade_id not in graded:
                raise CourseError(
                    f"{course.where(*base, index, key)}: {path} has no cell with the "
                    f"grade_id {grade_id!r}."
                )
        points = graded[task.tests].get("points")
        if not graded[task.tests].get("grade") or points != task.points:
            raise CourseError(
                f"{course.where(*base, index, 'points')}: {task.points:g} points, but the cell "
                f"{task.tests!r} of {path} has {points if points is not None else 'none'}."
            )
    expected = {task.tests for task in assignment.tasks}
    for grade_id, metadata in graded.items():
        if metadata.get("grade") and not metadata.get("solution") and grade_id not in expected:
            raise CourseError(
                f"{course.where(*base)}: no task has the cell {grade_id!r} of {path}, "
                f"which is worth {metadata.get('points', 0)} points."
            )


def course_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook of the instructor's.

    Raises:
        CourseError: it cannot be read.
    """
    try:
        return parse_notebook(path.read_bytes(), path)
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except SubmissionError as error:
        raise CourseError(str(error)) from None


def _nbgrader_cells(path: Path) -> dict[str, dict[str, Any]]:
    """Return nbgrader's metadata of each cell that has a grade_id."""
    found: dict[str, dict[str, Any]] = {}
    for cell in course_notebook(path)["cells"]:
        metadata = cell.get("metadata", {}).get("nbgrader")
        if isinstance(metadata, dict) and "grade_id" in metadata:
            grade_id = str(metadata["grade_id"])
            if grade_id in found:
                raise CourseError(f"{path}: two cells have the grade_id {grade_id!r}.")
            found[grade_id] = metadata
    return found


def given_cells(course: Course, assignment: Assignment) -> frozenset[str]:
    """Return the sources of the visible test cells, as far as the source notebook is there.

    They are ours, not the student's: where they stand unchanged in a submission they are not
    run, the suite takes their place.
    """
    path = notebook_file(course, assignment)
    if not path.exists():
        return frozenset()
    tests = {task.tests for task in assignment.tasks}
    return frozenset(
        "".join(cell["source"]).strip()
        for cell in parse_notebook(path.read_bytes(), path)["cells"]
        if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") in tests
    )


def solution_names(course: Course, assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """Return the functions and classes that each task's solution cell defines, as far as known."""
    path = notebook_file(course, assignment)
    if not path.exists():
        return {}
    notebook = read_notebook(path)
    cells = dict(zip(notebook.grade_ids, notebook.cells, strict=True))
    return {
        task.name: tuple(DEFINITION.findall(cells[task.solution]))
        for task in assignment.tasks
        if task.solution in cells
    }


def own_code(
    notebook: Notebook, assignment: Assignment, names: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """Return a student's code of each task."""
    places = own_places(notebook, assignment, names)
    return {task: notebook.cells[place] for task, place in places.items()}


def own_places(
    notebook: Notebook, assignment: Assignment, names: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    """Return where a student wrote each task: the last code cell that defines what it asks for.

    Cells may have lost their metadata; where nothing is defined, it is the cell that was given.
    """
    found = {}
    for task in assignment.tasks:
        wanted = set(names.get(task.name, ()))
        cells = enumerate(notebook.cells)
        places = [place for place, cell in cells if wanted & set(DEFINITION.findall(cell))]
        if not places and task.solution is not None:
            grade_ids = enumerate(notebook.grade_ids)
            places = [place for place, grade_id in grade_ids if grade_id == task.solution]
        if places:
            found[task.name] = places[-1]
    return found


def same_notebook(first: Path, second: Path) -> bool:
    """Say whether two notebooks hold the same cells and metadata."""
    return bool(_content(first) == _content(second))


def _content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
