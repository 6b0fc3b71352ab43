"""Registers assignments and students in a gradebook, each in one transaction."""

import tempfile
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Assignment, Course
from autograder.integrations.nbgrader.api import Assignment as AssignmentRow
from autograder.integrations.nbgrader.api import (
    BaseCell,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    TaskCell,
)
from autograder.integrations.nbgrader.api import Course as CourseRow
from autograder.integrations.nbgrader.database import (
    SQLITE,
    begin,
    check_url,
    open_gradebook,
    retry_transaction,
    unusable,
)
from autograder.integrations.nbgrader.release_version import generate
from autograder.source_notebook import SourceNotebook

FIELDS = ("first_name", "last_name", "email", "lms_user_id")
Names = tuple[str, str, str, str]
"""First name, last name, e-mail address, id in the LMS; "" for unknown values."""
PARTS = (Notebook, BaseCell, GradeCell, SolutionCell, TaskCell, SourceCell)


def release_assignment(course: Course, assignment: Assignment) -> Path:
    """Create the release version and register the assignment in the gradebook; return its path.

    All notebooks in its folder are released with it.

    Raises:
        CourseError: the source notebook contradicts course.yml, a file beside it is missing, or
            nbgrader rejects it.
        GradebookError: the gradebook cannot be used.
    """
    for part in course.in_folder(assignment.folder):
        source = SourceNotebook(course, part)
        source.check()
        source.check_files()
    url = course.gradebook_url
    check_url(url)
    try:
        generate(course, assignment, course.folder("release"), url)
        with open_gradebook(url) as gradebook:
            set_due_date(gradebook, assignment)
    except SQLAlchemyError as error:
        raise unusable(course.gradebook, error) from None
    return course.notebook_file(assignment, "release")


def is_registered(course: Course, assignment: Assignment) -> bool:
    """Say whether the gradebook has an assignment's notebook."""
    with open_gradebook(course.gradebook_url) as gradebook:
        try:
            gradebook.find_notebook(assignment.notebook, assignment.folder)
        except MissingEntry:
            return False
    return True


def register_assignment(course: Course, assignment: Assignment, gradebook: Any) -> None:
    """Register an assignment in a gradebook without touching the release version.

    Raises:
        CourseError: the source notebook contradicts course.yml, or nbgrader rejects it.
        SQLAlchemyError: a database error, or a conflict with another process.
    """
    SourceNotebook(course, assignment).check()
    with tempfile.TemporaryDirectory() as scratch:
        url = f"{SQLITE}{scratch}/gradebook.db"
        generate(course, assignment, Path(scratch), url)
        with Gradebook(url, course.course) as made:
            _copy(made.db, gradebook.db, assignment.folder)


def set_due_date(gradebook: Any, assignment: Assignment) -> None:
    """Copy the due date of course.yml to the gradebook, in UTC without a time zone."""
    if assignment.due is not None:
        due = assignment.due.astimezone(UTC).replace(tzinfo=None)
        known = gradebook.find_assignment(assignment.folder)
        if known.duedate != due:
            known.duedate = due
            gradebook.db.commit()


def set_extension(submission: Any, assignment: Assignment, student: str) -> None:
    """Copy a student's extension from course.yml to the gradebook.

    If course.yml has no `extensions`, those in the gradebook are kept.
    """
    own = assignment.due_of(student)
    if assignment.extensions is not None and own is not None and assignment.due is not None:
        submission.extension = own - assignment.due or None


def register_students(course: Course, students: Mapping[str, Names]) -> None:
    """Add students to the gradebook, and fill in missing values of existing students.

    Existing values are kept.

    Raises:
        GradebookError: the gradebook cannot be used.
    """
    check_url(course.gradebook_url)
    try:
        with open_gradebook(course.gradebook_url) as gradebook:
            session = gradebook.db
            retry_transaction(lambda: _add_students(session, students), session.rollback)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise unusable(course.gradebook, error) from None


def _add_students(session: Any, students: Mapping[str, Names]) -> None:
    """Add or complete all students in one transaction."""
    begin(session)
    for name, values in students.items():
        student = session.get(Student, name)
        if student is None:
            student = Student(id=name)
            session.add(student)
        for field, value in zip(FIELDS, values, strict=True):
            if value and not getattr(student, field):
                setattr(student, field, value)
    session.commit()


def _copy(made: Any, session: Any, name: str) -> None:
    """Copy an assignment from one gradebook to another, except notebooks that it already has."""
    session.rollback()
    begin(session)
    for row in _rows(made, CourseRow):
        if session.get(CourseRow, row["id"]) is None:
            session.execute(insert(CourseRow.__table__), row)
    (new,) = _rows(made, AssignmentRow)
    known = session.query(AssignmentRow).filter_by(name=name).one_or_none()
    if known is None:
        session.execute(insert(AssignmentRow.__table__), new)
    names = {notebook.name for notebook in known.notebooks} if known else set()
    home = known.id if known else new["id"]
    left_out = {row["id"] for row in _rows(made, Notebook) if row["name"] in names}
    for part in PARTS:
        for row in _rows(made, part):
            if row["id"] in left_out or row.get("notebook_id") in left_out:
                left_out.add(row["id"])
            else:
                moved = {"assignment_id": home} if "assignment_id" in row else {}
                session.execute(insert(part.__table__), row | moved)
    session.commit()


def _rows(session: Any, table: Any) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    return [dict(row) for row in session.execute(select(table.__table__)).mappings()]
