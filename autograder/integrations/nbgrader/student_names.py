"""Lets nbgrader's gradebook know what students are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbgrader.api import Student
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.integrations.nbgrader.configuration import put_commands_on_path
from autograder.integrations.nbgrader.database import (
    begin,
    check_url,
    open_gradebook,
    persistently,
    unusable,
)

FIELDS = ("first_name", "last_name", "email", "lms_user_id")

Names = tuple[str, str, str, str]
"""First name, last name, e-mail address, number in the LMS; "" for what is not known."""


def register_students(course: Course, students: Mapping[str, Names]) -> None:
    """Add students to the gradebook, and to those who are there what is missing.

    What somebody has written there stays.

    Raises:
        GradebookError: the gradebook cannot be used.
    """
    put_commands_on_path()
    check_url(course.gradebook_url)
    try:
        gradebook = open_gradebook(course.gradebook_url)
        try:
            session = gradebook.db
            persistently(lambda: _register(session, students), session.rollback)
        finally:
            gradebook.close()
    except (SQLAlchemyError, OSError) as error:
        raise unusable(course.gradebook, error) from None


def _register(session: Any, students: Mapping[str, Names]) -> None:
    """Write all of it in one transaction."""
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
