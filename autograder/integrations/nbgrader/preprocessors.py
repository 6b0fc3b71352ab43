"""What stands in nbgrader's pipeline: repair, our grading in place of Execute, our scores."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import (
    AssignLatePenalties,
    Execute,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Unicode

from autograder.course import Assignment, Course, find_course, load_course
from autograder.errors import CourseError
from autograder.grading.batch import GradingResult
from autograder.integrations.nbgrader import engine
from autograder.integrations.nbgrader.cell_scores import CellScore, cell_scores
from autograder.integrations.nbgrader.cells import repair
from autograder.integrations.nbgrader.database import begin
from autograder.integrations.nbgrader.gradebook import (
    as_plain,
    grade_rows,
    graded_cells,
    mark_places,
    penalty,
    show_results,
    source_cells,
)
from autograder.integrations.nbgrader.gradebook_queries import read_extensions
from autograder.integrations.nbgrader.registration import set_due_date, set_extension
from autograder.integrations.nbgrader.sanitizing import sanitize
from autograder.reports.feedback_page import write_feedback
from autograder.submission import in_students_folder

Resources = dict[str, Any]


def _course_directory(preprocessor: Any) -> Any:
    """Return nbgrader's CourseDirectory: preprocessor, exporter, converter, in that order."""
    return preprocessor.parent.parent.coursedir


def _our_assignment(preprocessor: Any, resources: Resources) -> tuple[Course, Assignment] | None:
    """Return the assignment of course.yml that a notebook belongs to, None if it is another's."""
    ids = resources["nbgrader"]
    if "course" not in ids:  # once for each notebook: formgrader's server lives for days
        ids["course"] = load_course(find_course(Path(_course_directory(preprocessor).root)))
    course = ids["course"]
    assignment = course.assignments.get(ids["assignment"])
    if assignment is None or assignment.notebook != ids["notebook"]:
        return None
    return course, assignment


class Refuse(NbGraderPreprocessor):  # type: ignore[misc]
    """Lets nothing be graded while the course's configuration is wrong."""

    reason = Unicode("", help="What is wrong.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Raise what is wrong."""
        raise CourseError(self.reason)


class RepairCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Gives a submission its tests, points and metadata back, before anything trips over them.

    What is the student's is made inert first.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Repair a submitted notebook."""
        if _our_assignment(self, resources) is None:
            return nb, resources
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"], _course_directory(self).course_id) as gradebook:
            try:
                sources = source_cells(gradebook, ids["assignment"], ids["notebook"])
            except MissingEntry:
                return nb, resources
        document = sanitize(as_plain(nb))
        mark_places(document["cells"])
        document["cells"] = repair(document["cells"], sources)
        return from_dict(document), resources


class Grade(Execute):  # type: ignore[misc]
    """Grades with the kit's engine; notebooks that are not in course.yml are executed."""

    def preprocess(
        self, nb: NotebookNode, resources: Resources, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        """Grade the submission and put its outputs and results into the notebook."""
        ours = _our_assignment(self, resources)
        if ours is None:
            executed: tuple[NotebookNode, Resources] = super().preprocess(nb, resources, km)
            return executed
        course, assignment = ours
        assignment = assignment.with_granted(read_extensions(course, assignment))
        result = self._grade(course, assignment, resources["nbgrader"])
        document = as_plain(nb)
        show_results(document, result, assignment)
        with suppress(OSError):  # the grade counts, with a page or without
            write_feedback(result, assignment, course.folder("feedback"))
        resources["nbgrader"]["graded"] = result
        if result.record.error or result.record.grader_error:
            self.log.error("%s: %s", result.record.student, result.record.as_json()["error"])
        return from_dict(document), resources

    def _grade(self, course: Course, assignment: Assignment, ids: dict[str, Any]) -> GradingResult:
        """Grade what the student handed in, not what nbgrader made of it."""
        directory = _course_directory(self)
        folder = Path(
            directory.format_path(directory.submitted_directory, ids["student"], ids["assignment"])
        )
        return engine.grade(course, assignment, in_students_folder(folder, assignment))


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Saves our scores and comments as they are, and what lateness costs."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Save the grades of a notebook."""
        ours, ids = _our_assignment(self, resources), resources["nbgrader"]
        if ours is None or "graded" not in ids:
            saved: tuple[NotebookNode, Resources] = super().preprocess(nb, resources)
            return saved
        _, assignment = ours
        record = ids["graded"].record
        grades, comments = cell_scores(as_plain(nb)["cells"], record, assignment)
        with Gradebook(ids["db_url"], _course_directory(self).course_id) as gradebook:
            set_due_date(gradebook, assignment)
            gradebook.db.rollback()
            begin(gradebook.db)
            names = ids["notebook"], ids["assignment"], ids["student"]
            own = gradebook.find_submission_notebook(*names)
            rows = grade_rows(gradebook.db, own, graded_cells(own.notebook))
            for grade_id, mark in grades.items():
                mark.set_grade(gradebook.find_grade(grade_id, *names))
            for comment in own.comments:
                comments.get(comment.name, CellScore()).set_comment(comment)
            set_extension(own.assignment, assignment, ids["student"])
            if assignment.due is not None:
                own.late_submission_penalty = penalty(record, rows)
            gradebook.db.commit()
        return nb, resources


class LatePenalties(AssignLatePenalties):  # type: ignore[misc]
    """Leaves nbgrader's rule to notebooks that are not in course.yml, or have no due date there."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Assign the late penalty of a notebook."""
        ours, ids = _our_assignment(self, resources), resources["nbgrader"]
        if ours is not None and ours[1].due is not None:
            return nb, resources
        with Gradebook(ids["db_url"], _course_directory(self).course_id) as gradebook:
            neighbour = ids["course"].assignments.get(ids["assignment"])
            if neighbour is not None:
                set_due_date(gradebook, neighbour)
        assigned: tuple[NotebookNode, Resources] = super().preprocess(nb, resources)
        return assigned
