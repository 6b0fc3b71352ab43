"""Reads an assignment's source notebook, and finds the cells with a student's answers."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.beside import MAX_LISTED, hidden_module, is_taken
from autograder.course import Assignment, Course, FolderKind
from autograder.diagnosis.solution_code import cells_needed, solution_code
from autograder.errors import CourseError
from autograder.notebook import DEFINITION, Notebook, course_notebook
from autograder.test_cells import SourceCells, source_cells

Definitions = Mapping[str, tuple[str, ...]]
"""The functions and classes that each task asks for, by the task's name."""


@dataclass(frozen=True)
class Solution:
    """The source notebook as grading runs it: without the cells that test answers.

    `checks` are the cells that check tasks, by their index, as for a submission. `code` is what
    the answers need: their definitions, imports and helpers; `needed` is up to which cell they
    need the notebook to run. `definitions` are the functions and classes of each task, and `given`
    the sources of the cells that are left out.
    """

    path: str
    cells: tuple[str, ...]
    checks: tuple[tuple[int, tuple[str, ...]], ...]
    code: str
    needed: int
    definitions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceNotebook:
    """An assignment's source notebook or release version; the file may be missing."""

    course: Course
    assignment: Assignment
    folder: FolderKind = "source"

    @property
    def path(self) -> Path:
        """The path of the notebook."""
        return self.course.notebook_file(self.assignment, self.folder)

    @property
    def given_cells(self) -> Mapping[str, str]:
        """The task of each visible test cell, by its source; empty if the notebook is missing.

        Grading skips unchanged copies in a submission: the suite tests the same.
        """
        tests = {task.tests: task.name for task in self.assignment.tasks}
        cells = self._cells_by_grade_id()
        return {source.strip(): tests[name] for name, source in cells if name in tests}

    @property
    def definitions(self) -> Definitions:
        """The functions and classes that each task's solution cell defines, if it has one."""
        cells = dict(self._cells_by_grade_id())
        return {
            task.name: tuple(DEFINITION.findall(cells[task.solution]))
            for task in self.assignment.tasks
            if task.solution in cells
        }

    @property
    def solution(self) -> Solution | None:
        """The reference solution; None if the notebook is missing."""
        if not self.path.exists():
            return None
        notebook, given = course_notebook(self.path), self.given_cells
        cells = own_cells(notebook, given)
        checks = check_cells(notebook, self.assignment, given)
        answers = [index for index, cell in enumerate(_code_cells(notebook)) if _is_answer(cell)]
        return Solution(
            str(self.path),
            cells,
            tuple((index, tuple(tasks)) for index, tasks in checks.items()),
            solution_code(cells, answers),
            cells_needed(cells, answers),
            tuple(self.definitions.items()),
            tuple(given),
        )

    def source_cells(self, completed: Mapping[str, str]) -> SourceCells:
        """Return the code cells that a submission runs with where there is no suite.

        Args:
            completed: the sources of test cells that nbgrader has completed, by their `grade_id`.
        """
        return source_cells(course_notebook(self.path), self.assignment, completed)

    def _cells_by_grade_id(self) -> list[tuple[str, str]]:
        """Return the `grade_id` and the source of each code cell."""
        if not self.path.exists():
            return []
        notebook = course_notebook(self.path)
        return list(zip(notebook.grade_ids, notebook.cells, strict=True))

    def check(self) -> None:
        """Check that the notebook has the cells in course.yml, with the same points.

        Raises:
            CourseError: the notebook cannot be read, or a cell is missing, is there twice, or has
                other points.
        """
        course, path = self.course, self.path
        graded = self._nbgrader_metadata()
        for index, task in enumerate(self.assignment.tasks):
            for key, grade_id in (("solution", task.solution), ("tests", task.tests)):
                if grade_id is not None and grade_id not in graded:
                    raise CourseError(
                        f"{course.where_tasks(self.assignment, index, key)}: {path} has no cell "
                        f"with the grade_id {grade_id!r}."
                    )
            points = graded[task.tests].get("points")
            if not graded[task.tests].get("grade") or points != task.points:
                raise CourseError(
                    f"{course.where_tasks(self.assignment, index, 'points')}: {task.points:g} "
                    f"points, but the cell {task.tests!r} of {path} has "
                    f"{points if points is not None else 'none'}."
                )
        expected = {task.tests for task in self.assignment.tasks}
        for grade_id, metadata in graded.items():
            tests = metadata.get("grade") and not metadata.get("solution")
            if tests and metadata.get("points") and grade_id not in expected:
                raise CourseError(
                    f"{course.where_tasks(self.assignment)}: no task has the cell {grade_id!r} of "
                    f"{path}, which is worth {metadata['points']} points."
                )

    def check_files(self) -> None:
        """Check the files that the assignment gives to its notebook.

        Raises:
            CourseError: one is missing or hides an installed module, or they are too large.
        """
        assignment, found = self.assignment, self.assignment.given_files
        where = self.course.where("assignments", assignment.folder, "files")
        for index, pattern in enumerate(assignment.files):
            if not any(is_taken(name, [pattern]) for name in found):
                raise CourseError(
                    f"{self.course.where('assignments', assignment.name, 'files', index)}: there "
                    f"is no file {pattern!r} beside {self.path}, or the folder has more than "
                    f"{MAX_LISTED:,} files. Put it there, or drop it from the list."
                )
        for name in found:
            if module := hidden_module(name):
                raise CourseError(
                    f"{where}: {name} would hide the module {module}. Give the file another name."
                )
        space, most = sum(map(len, found.values())), assignment.limits.file_mb << 19  # half of it
        if space > most:
            raise CourseError(
                f"{where}: they have {space / 2**20:.0f} MB, more than half of "
                f"limits.file_mb ({assignment.limits.file_mb}). Raise that limit."
            )

    def _nbgrader_metadata(self) -> dict[str, dict[str, Any]]:
        """Return nbgrader's metadata of each cell that has a `grade_id`."""
        found: dict[str, dict[str, Any]] = {}
        for cell in course_notebook(self.path).document["cells"]:
            metadata = cell.get("metadata", {}).get("nbgrader")
            if isinstance(metadata, dict) and "grade_id" in metadata:
                grade_id = str(metadata["grade_id"])
                if grade_id in found:
                    raise CourseError(f"{self.path}: two cells have the grade_id {grade_id!r}.")
                found[grade_id] = metadata
        return found


def _code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [notebook.document["cells"][position] for position in notebook.positions]


def _is_answer(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata", {}).get("nbgrader")
    return isinstance(metadata, dict) and bool(metadata.get("solution"))


def own_cells(notebook: Notebook, given: Container[str]) -> tuple[str, ...]:
    """Return a notebook's cells, with the given ones empty."""
    return tuple("" if cell.strip() in given else cell for cell in notebook.cells)


def check_cells(
    notebook: Notebook, assignment: Assignment, given: Mapping[str, str]
) -> dict[int, list[str]]:
    """Return the tasks that each code cell checks, by the cell's index from 0.

    A task's check is the last cell that has its `grade_id` or its source.
    """
    by_grade_id = {task.tests: task.name for task in assignment.tasks}
    last = {}
    for index, (name, cell) in enumerate(zip(notebook.grade_ids, notebook.cells, strict=True)):
        if task := given.get(cell.strip()) or by_grade_id.get(name):
            last[task] = index
    found: dict[int, list[str]] = {}
    for task, index in last.items():
        found.setdefault(index, []).append(task)
    return found


def answer_cells(
    notebook: Notebook, assignment: Assignment, definitions: Definitions
) -> dict[str, int]:
    """Return the code cell with a student's answer to each task, as an index from 0.

    It is the last cell that defines the task's functions or classes, since cells may have lost
    their metadata. If no cell does, it is the task's solution cell.
    """
    found = {}
    last = {
        name: index
        for index, cell in enumerate(notebook.cells)
        for name in DEFINITION.findall(cell)
    }
    for task in assignment.tasks:
        indices = sorted(last[name] for name in definitions.get(task.name, ()) if name in last)
        if not indices and task.solution is not None:
            grade_ids = enumerate(notebook.grade_ids)
            indices = [index for index, grade_id in grade_ids if grade_id == task.solution]
        if indices:
            found[task.name] = indices[-1]
    return found
