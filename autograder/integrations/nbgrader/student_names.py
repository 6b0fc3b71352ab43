"""Adds the names of students to nbgrader's gradebook."""

from collections.abc import Mapping
from typing import Any

from nbgrader.api import Student
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.integrations.nbgrader.database import (
    begin,
    check_url,
    open_gradebook,
    retry_transaction,
    unusable,
)

FIELDS = ("first_name", "last_name", "email", "lms_user_id")

Names = tuple[str, str, str, str]
"""First name, last name, e-mail address, id in the LMS; "" for unknown values."""


def register_students(course: Course, students: Mapping[str, Names]) -> None:
    """Add students to the gradebook, and fill in missing values of existing students.

    Existing values are kept.

    Raises:
        GradebookError: the gradebook cannot be used.
    """
    check_url(course.gradebook_url)
    try:
        gradebook = open_gradebook(course.gradebook_url)
        try:
            session = gradebook.db
            retry_transaction(lambda: _register(session, students), session.rollback)
        finally:
            gradebook.close()
    except (SQLAlchemyError, OSError) as error:
        raise unusable(course.gradebook, error) from None


def _register(session: Any, students: Mapping[str, Names]) -> None:
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
