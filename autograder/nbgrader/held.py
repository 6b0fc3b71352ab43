"""What nbgrader's gradebook holds of a class, in one question and without nbgrader's imports."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Assignment, Course
from autograder.scorecard import Record

QUESTION = text("""
    SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.manual_score
    FROM grade
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    WHERE assignment.name = :assignment AND notebook.name = :notebook
""")


Cells = Mapping[str, tuple[float | None, float | None]]
"""The points of graded cells: those of the tests, and those that somebody gave by hand."""


def held(course: Course, assignment: Assignment) -> dict[str, Cells]:
    """Return what each student has in the gradebook, cell by cell; nothing if there is none."""
    url = course.gradebook_url
    if url.startswith("sqlite:///"):
        url = f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"  # made by nobody
    found: dict[str, dict[str, tuple[float | None, float | None]]] = {}
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            names = {"assignment": assignment.name, "notebook": assignment.notebook}
            for student, cell, automatic, by_hand in connection.execute(QUESTION, names):
                found.setdefault(student, {})[cell] = automatic, by_hand
        engine.dispose()
    except (SQLAlchemyError, ImportError):  # there is no such gradebook, table or driver
        return {}
    return dict(found)


def holds(cells: Cells, record: Record, assignment: Assignment) -> bool:
    """Say whether a student's cells hold the points of a record."""
    tests = {task.name: task.tests for task in assignment.tasks}
    scores = {tests[task.name]: task.score for task in record.tasks}
    found = {cell: automatic for cell, (automatic, _) in cells.items() if cell in scores}
    return bool(cells) and found == scores
