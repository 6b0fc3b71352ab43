"""Reads the grades of a class from nbgrader's gradebook, without importing nbgrader."""

import os
from collections.abc import Mapping
from datetime import timedelta
from math import isclose
from typing import Any

from sqlalchemy import Executable, Interval, String, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Assignment, Course
from autograder.integrations.platform_data import Grade
from autograder.record import Record, TaskScore

SCORES = text("""
    SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.manual_score
    FROM grade
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    WHERE assignment.name = :assignment AND notebook.name = :notebook
""")


TOTALS = text("""
    SELECT submitted_assignment.student_id, submitted_notebook.id,
        submitted_notebook.late_submission_penalty,
        grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade,
        COALESCE(grade_cells.max_score, task_cells.max_score)
    FROM grade
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    LEFT JOIN grade_cells ON grade_cells.id = grade.cell_id
    LEFT JOIN task_cells ON task_cells.id = grade.cell_id
    WHERE assignment.name = :assignment
""")
EXTENSIONS = text("""
    SELECT submitted_assignment.student_id, submitted_assignment.extension
    FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    WHERE assignment.name = :assignment AND submitted_assignment.extension IS NOT NULL
""").columns(student_id=String, extension=Interval)
STUDENTS = text("SELECT id, first_name, last_name, email, lms_user_id FROM student")

CONNECT_TIMEOUT = 10  # seconds

Scores = Mapping[str, tuple[float | None, float | None]]
"""The automatic and the manual score of each graded cell, by grade_id."""


def read_totals(course: Course, assignment: Assignment) -> dict[str, Grade]:
    """Return the grade of each student, empty if there is no gradebook.

    The points in all notebooks of the assignment are added up as in nbgrader.
    """
    found: dict[str, Grade] = {}
    penalties: dict[str, tuple[str, float]] = {}
    rows = _query(course, TOTALS, {"assignment": assignment.folder})
    for student, notebook, penalty, automatic, by_hand, extra, manual, max_score in rows:
        grade = found.setdefault(student, Grade(student))
        grade.points += (automatic if by_hand is None else by_hand) or 0.0
        grade.points += extra or 0.0
        grade.max_points += max_score or 0.0
        if manual:
            grade.pending = "needs manual grading"
        penalties[notebook] = student, penalty or 0.0
    for student, penalty in penalties.values():
        found[student].late_penalty += penalty
    for student, first, last, email, lms in _query(course, STUDENTS, {}):
        if student in found:
            names = (f"{first} {last}", f"{last}, {first}") if first and last else ()
            found[student].names = tuple(filter(None, (email, lms, *names)))
    return found


def read_scores(course: Course, assignment: Assignment) -> dict[str, Scores]:
    """Return the scores of each student by cell; empty if there is no gradebook."""
    found: dict[str, dict[str, tuple[float | None, float | None]]] = {}
    names = {"assignment": assignment.folder, "notebook": assignment.notebook}
    for student, cell, automatic, by_hand in _query(course, SCORES, names):
        found.setdefault(student, {})[cell] = automatic, by_hand
    return dict(found)


def read_extensions(course: Course, assignment: Assignment) -> dict[str, timedelta]:
    """Return the extensions granted with `Gradebook.grant_extension`, by student."""
    return dict(map(tuple, _query(course, EXTENSIONS, {"assignment": assignment.folder})))


def set_connect_timeout() -> None:
    """Limit the time to wait for an unreachable PostgreSQL server."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", str(CONNECT_TIMEOUT))


def _query(course: Course, question: Executable, values: Mapping[str, str]) -> list[Any]:
    """Query the gradebook; return no rows if it does not exist."""
    set_connect_timeout()
    url = course.gradebook_url
    if url.startswith("sqlite:///"):
        url = (
            f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"  # do not create it
        )
    try:
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                return list(connection.execute(question, values))
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError):  # no such gradebook, table or driver
        return []


def matches(scores: Scores, record: Record, assignment: Assignment) -> bool:
    """Tell whether a student's scores in the gradebook equal those of a record."""
    cells = {task.name: task.tests for task in assignment.tasks}

    def same(task: TaskScore) -> bool:
        found, _ = scores.get(cells[task.name], (None, None))
        return found is not None and isclose(found, task.score, abs_tol=1e-6)

    return bool(scores) and all(map(same, record.tasks))
