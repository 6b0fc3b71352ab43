"""`validate` says which of the modules that students may use are not installed."""

from __future__ import annotations

import pytest

from autograder.authoring.validation import require_modules
from autograder.course import Assignment, Course
from autograder.errors import CourseError


def test_modules_that_are_not_installed_are_named(course: Course, assignment: Assignment) -> None:
    listed = ("numpy", "sklearn.datasets", "no_such_module", "no_such.part")
    require_modules(course, assignment.model_copy(update={"modules": listed[:2]}))
    with pytest.raises(CourseError, match=r"not installed here: no_such_module, no_such\.part\."):
        require_modules(course, assignment.model_copy(update={"modules": listed}))
