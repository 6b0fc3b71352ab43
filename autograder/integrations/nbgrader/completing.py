"""Lets nbgrader complete test cells with `### AUTOTEST` lines, as for the release version."""

import tempfile
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.grading.completed_tests import keep_tests, kept_tests, needs_completion
from autograder.integrations.nbgrader.api import Gradebook
from autograder.integrations.nbgrader.database import SQLITE
from autograder.integrations.nbgrader.release_version import generate


def complete_tests(course: Course, assignment: Assignment) -> None:
    """Let nbgrader complete an assignment's test cells, unless it has already.

    It runs the source notebook in a kernel of its own for that.

    Raises:
        CourseError: nbgrader rejects the notebook.
        OSError: what it has made cannot be kept.
    """
    if not needs_completion(course, assignment) or kept_tests(course, assignment) is not None:
        return
    with tempfile.TemporaryDirectory() as scratch:
        url = f"{SQLITE}{scratch}/gradebook.db"
        generate(course, assignment, Path(scratch), url)
        with Gradebook(url, course.course) as made:
            notebook = made.find_notebook(assignment.notebook, assignment.folder)
            cells = {cell.name: cell.source for cell in notebook.source_cells}
    keep_tests(course, assignment, cells)
