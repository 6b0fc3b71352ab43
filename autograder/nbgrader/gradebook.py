"""Writes grades to nbgrader's gradebook, and the autograded notebooks beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dateutil.parser import parse as parse_date
from nbgrader.api import (
    Comment,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.api import Grade as GradeRow
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Assignment, Course
from autograder.errors import GradebookError, SubmissionError
from autograder.files import read_file, write_whole
from autograder.grading.chunk import Graded
from autograder.grading.feedback import pictures_of
from autograder.nbgrader.cells import Cell, SourceCell, fill_in, repair
from autograder.nbgrader.config import put_commands_on_path
from autograder.nbgrader.inert import inert
from autograder.nbgrader.release import register_assignment
from autograder.scorecard import Record, TaskScore
from autograder.submission import parse_notebook

ATTEMPTS = 3  # after each, SQLite has waited for five seconds
MAX_TIMESTAMP = 200  # bytes
PLACE = "autograder_cell"  # in a cell's metadata, for the time between repair and results


class GradeWriter:
    """Writes grades, and autograded notebooks, as `nbgrader autograde` does.

    A grade that cannot be relied on is left empty and marked for manual grading. Manual grades
    and comments stay as they are. Each grade is on disk before the next is written.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self.course, self.assignment, self.written = course, assignment, 0
        self._waiting: list[Graded] = []

    def __enter__(self) -> GradeWriter:
        put_commands_on_path()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._open()
            except SQLAlchemyError as error:
                if attempt == ATTEMPTS:
                    raise GradebookError(
                        f"{self.course.gradebook} cannot be used: {_first_line(error)}. Close "
                        "what holds it, and run the command again."
                    ) from None
            else:
                break
        return self

    def _open(self) -> None:
        """Open the gradebook and look up what is the same for every submission."""
        self._gradebook = Gradebook(self.course.gradebook_url, self.course.course)
        if not _has_assignment(self._gradebook, self.assignment):
            register_assignment(self.course, self.assignment)
            self._gradebook.db.expire_all()
        names = self.assignment.name, self.assignment.notebook
        self._notebook = self._gradebook.find_notebook(self.assignment.notebook, names[0])
        self._sources = source_cells(self._gradebook, *names)
        self._cells = {cell.name: cell.id for cell in self._notebook.grade_cells}
        self._ids = self._notebook.id, self._notebook.assignment_id
        self._rows = {
            notebook.id: (
                [cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)],
                [cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)],
            )
            for notebook in self._gradebook.find_assignment(self.assignment.name).notebooks
        }

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._write_waiting()
        finally:
            self._gradebook.close()

    def write(self, result: Graded) -> None:
        """Write the grades of one submission, and its autograded notebook.

        What cannot be written, because somebody else holds the gradebook, waits for the end.
        """
        if self._waiting or self._try_to_write(result) is not None:
            self._waiting.append(result)

    def _write_waiting(self) -> None:
        """Write what waits.

        Raises:
            GradebookError: something still cannot be written.
        """
        problems = {}
        for attempt in range(ATTEMPTS):
            problems = {r.record.student: self._try_to_write(r) for r in self._waiting}
            self._waiting = [r for r in self._waiting if problems[r.record.student] is not None]
            if not self._waiting:
                return
            if attempt < ATTEMPTS - 1:
                time.sleep(1)
        names = ", ".join(result.record.student for result in self._waiting)
        raise GradebookError(
            f"{self.course.gradebook}: the grades of {names} could not be written: "
            f"{problems[self._waiting[0].record.student]}. All others are written. Close what "
            "holds the gradebook or its folder, and run the command again."
        )

    def _try_to_write(self, result: Graded) -> str | None:
        """Write one submission's grades; return why not, if not."""
        try:
            self._write(result)
        except (SQLAlchemyError, OSError) as error:
            self._gradebook.db.rollback()
            return _first_line(error)
        return None

    def _write(self, result: Graded) -> None:
        grades = self._grades(result)
        for name, score in scores_by_cell(result.record, self.assignment).items():
            if name in self._cells and self._cells[name] in grades:
                set_score(grades[self._cells[name]], score)
        self._gradebook.db.commit()
        _write_notebook(self.course, self.assignment, result, self._sources)
        self.written += 1

    def _grades(self, result: Graded) -> dict[str, Any]:
        """Return the student's grades by the ids of their cells, made if they are new."""
        session, student = self._gradebook.db, result.record.student
        _, assignment_id = self._ids
        timestamp = _timestamp(result.path.parent)
        key = {"assignment_id": assignment_id, "student_id": student}
        submission = session.query(SubmittedAssignment).filter_by(**key).one_or_none()
        if submission is None:
            submission = self._add_submission(student)
        if timestamp is not None:
            submission.timestamp = timestamp
        own = session.query(SubmittedNotebook).filter_by(
            assignment_id=submission.id, notebook_id=self._ids[0]
        )
        grades = session.query(GradeRow).filter_by(notebook_id=own.one().id)
        return {grade.cell_id: grade for grade in grades}

    def _add_submission(self, student: str) -> Any:
        """Add a submission with all its rows, as `Gradebook.add_submission` does, in one go."""
        session = self._gradebook.db
        if session.get(Student, student) is None:
            session.add(Student(id=student))
        submission = SubmittedAssignment(
            id=new_uuid(), assignment_id=self._ids[1], student_id=student
        )
        session.add(submission)
        for notebook_id, (graded, commented) in self._rows.items():
            own = SubmittedNotebook(
                id=new_uuid(), notebook_id=notebook_id, assignment_id=submission.id
            )
            session.add(own)
            session.add_all(GradeRow(cell_id=cell, notebook_id=own.id) for cell in graded)
            session.add_all(Comment(cell_id=cell, notebook_id=own.id) for cell in commented)
        session.flush()
        return submission


def _first_line(error: Exception) -> str:
    """Return what a database or a disk complains about."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _has_assignment(gradebook: Any, assignment: Assignment) -> bool:
    try:
        gradebook.find_notebook(assignment.notebook, assignment.name)
    except MissingEntry:
        return False
    return True


def scores_by_cell(record: Record, assignment: Assignment) -> dict[str, float | None]:
    """Return the points of each test cell, None where there are none to rely on."""
    results = results_by_cell(record, assignment)
    return {
        task.tests: None if record.fault or task.tests not in results else results[task.tests].score
        for task in assignment.tasks
    }


def results_by_cell(record: Record, assignment: Assignment) -> dict[str, TaskScore]:
    """Return the results of each task, by the grade_id of its test cell."""
    cells = {task.name: task.tests for task in assignment.tasks}
    return {cells[task.name]: task for task in record.tasks}


def set_score(grade: Any, score: float | None) -> None:
    """Set the automatic score of a grade; a manual one stays and asks for another look."""
    grade.auto_score = score
    grade.needs_manual_grade = score is None or grade.manual_score is not None


def _timestamp(folder: Path) -> Any:
    """Return when nbgrader noted the submission was handed in, if it did."""
    try:
        text = read_file(folder / "timestamp.txt", MAX_TIMESTAMP).decode()
        return parse_date(text.strip()).replace(tzinfo=None)
    except (OSError, ValueError, OverflowError):
        return None


def source_cells(gradebook: Any, assignment: str, notebook: str) -> list[SourceCell]:
    """Return the cells of a source notebook that the gradebook knows, in their order."""
    known = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: cell.max_score for cell in [*known.grade_cells, *known.task_cells]}
    grades = {cell.name for cell in known.grade_cells}
    solutions = {cell.name for cell in known.solution_cells}
    tasks = {cell.name for cell in known.task_cells}
    return [
        SourceCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=bool(cell.locked),
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=graded.get(cell.name),
        )
        for cell in known.source_cells
    ]


def mark_places(cells: Iterable[Cell]) -> None:
    """Note in each cell the index it has in the submission."""
    for index, cell in enumerate(cells):
        cell.setdefault("metadata", {})[PLACE] = index


def take_places(cells: Iterable[Cell]) -> list[int | None]:
    """Take the notes of `mark_places` out again and return them."""
    return [cell["metadata"].pop(PLACE, None) for cell in cells]


def _write_notebook(
    course: Course, assignment: Assignment, result: Graded, sources: Sequence[SourceCell]
) -> None:
    """Write the autograded notebook where nbgrader and formgrader look for it."""
    try:
        document = parse_notebook(read_file(result.path), result.path)
    except (OSError, SubmissionError):
        return
    folder = course.root / "autograded" / result.record.student / assignment.name
    document = inert(document)
    cells = document["cells"]
    mark_places(cells)
    cells = repair(cells, sources)
    fill_in(
        cells,
        take_places(cells),
        dict(result.outputs),
        results_by_cell(result.record, assignment),
        assignment.feedback,
        pictures_of(result, assignment),
    )
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document | {"cells": cells}, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / f"{assignment.notebook}.ipynb", text.encode("utf-8", "replace"))
    with suppress(OSError):
        timestamp = read_file(result.path.parent / "timestamp.txt", MAX_TIMESTAMP)
        write_whole(folder / "timestamp.txt", timestamp)


def as_plain(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notebook node as plain dictionaries."""
    plain: dict[str, Any] = json.loads(json.dumps(node))
    return plain
