"""The kit's steps in nbgrader's pipeline: reading, grading, saving scores, penalties."""

import logging
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import (
    AssignLatePenalties,
    Execute,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Unicode

from autograder.course import Assignment, Course, find_course, load_course
from autograder.errors import CourseError, SubmissionError
from autograder.grading.lateness import lateness_after
from autograder.integrations.nbgrader.api import Gradebook
from autograder.integrations.nbgrader.cell_scores import cell_scores
from autograder.integrations.nbgrader.cells import sanitized, show_results
from autograder.integrations.nbgrader.database import begin
from autograder.integrations.nbgrader.gradebook import cell_names, save_scores, source_cells
from autograder.integrations.nbgrader.gradebook_queries import read_extensions
from autograder.integrations.nbgrader.preparation import loaded_submission
from autograder.integrations.nbgrader.registration import set_due_date, set_extension
from autograder.integrations.nbgrader.warm_grading import grade
from autograder.reports.feedback_page import write_feedback
from autograder.submission import Submission

Resources = dict[str, Any]
Processed = tuple[NotebookNode, Resources]


def _course_directory(preprocessor: Any) -> Any:
    """Return the CourseDirectory of nbgrader's converter; the exporter is in between."""
    return preprocessor.parent.parent.coursedir


def _our_assignment(directory: Any, resources: Resources) -> tuple[Course, Assignment] | None:
    """Return the course and assignment of a notebook, None if it is not in course.yml."""
    ids = resources["nbgrader"]
    if "course" not in ids:  # read for each notebook: formgrader's server runs for days
        ids["course"] = load_course(find_course(Path(directory.root)))
    course = ids["course"]
    for assignment in course.in_folder(ids["assignment"]):
        if assignment.notebook == ids["notebook"]:
            return course, course.assignment(assignment.name)
    return None


def _submission(directory: Any, ids: Resources, assignment: Assignment) -> Submission:
    """Return what the student submitted, not the copy that nbgrader works on."""
    names = ids["student"], ids["assignment"]
    folder = directory.format_path(directory.submitted_directory, *names)
    return loaded_submission(Path(folder), assignment)


class Refuse(NbGraderPreprocessor):  # type: ignore[misc]
    """Refuses to grade while the configuration of the course is wrong."""

    reason = Unicode("", help="What is wrong.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Processed:
        """Raise the configuration error."""
        raise CourseError(self.reason)


class SubmissionReader(NotebookExporter):
    """Reads submissions as `autograder grade` does, and repairs them.

    nbformat fails on some of what people submit. What this returns is valid, has the tests, points
    and metadata of the source notebook, and no active content.
    """

    parent: Any  # nbgrader's converter

    def from_file(
        self, file_stream: Any, resources: Resources | None = None, **kw: Any
    ) -> Processed:
        """Read a submitted notebook and convert it.

        Raises:
            SubmissionError: it cannot be read.
        """
        directory, resources = self.parent.coursedir, resources or {}
        ours = _our_assignment(directory, resources)
        if not self.parent._sanitizing or ours is None:
            return super().from_file(file_stream, resources, **kw)
        ids = resources["nbgrader"]
        self.log.addFilter(_without_traceback)
        document = _submission(directory, ids, ours[1]).notebook.document
        with Gradebook(ids["db_url"], directory.course_id) as gradebook:
            notebook = gradebook.find_notebook(ids["notebook"], ids["assignment"])
            node = from_dict(sanitized(document, source_cells(notebook)))
        converted = self.from_notebook_node(node, resources, **kw)  # type: ignore[no-untyped-call]
        return cast("Processed", converted)


def _without_traceback(entry: logging.LogRecord) -> bool:
    """Log an unreadable submission as a sentence; nbgrader logs a traceback."""
    error = sys.exc_info()[1]
    if isinstance(error, SubmissionError) and str(entry.msg).startswith("Traceback"):
        entry.msg, entry.args = str(error), ()
    return True


class Grade(Execute):  # type: ignore[misc]
    """Grades with the kit; notebooks that are not in course.yml are executed as usual."""

    enabled: bool

    def __call__(self, nb: NotebookNode, resources: Resources) -> Processed:
        """Grade also with `--no-execute`; nbgrader would give full points to what has not run."""
        ours = _our_assignment(_course_directory(self), resources)
        if ours is not None:
            where = f"{ours[0].file}: assignments.{ours[1].name}"
            if not self.enabled:
                self.log.warning("--no-execute has no effect on %s, whose suite grades.", where)
                self.enabled = True
            if "timeout" in self.config.Execute or "timeout" in self.config.ExecutePreprocessor:
                self.log.warning("Execute.timeout has no effect on %s; set its `limits`.", where)
        return cast("Processed", super().__call__(nb, resources))

    def preprocess(self, nb: NotebookNode, resources: Resources, km: Any = None) -> Processed:
        """Grade the submission and put its outputs and results into the notebook."""
        ours = _our_assignment(_course_directory(self), resources)
        if ours is None:
            return cast("Processed", super().preprocess(nb, resources, km))
        course, assignment = ours
        assignment = assignment.with_granted(read_extensions(course, assignment))
        ids = resources["nbgrader"]
        submission = _submission(_course_directory(self), ids, assignment)
        result = grade(course, assignment, submission)
        show_results(nb, result, assignment)
        with suppress(OSError):  # the grade counts, even without a page
            write_feedback(result, assignment, course.folder("feedback"))
        ids["graded"] = result
        if result.record.error or result.record.grader_error:
            self.log.error("%s: %s", result.record.student, result.record.as_json()["error"])
        return from_dict(nb), resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Saves the kit's scores, comments and late penalty unchanged."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Processed:
        """Save the grades of a notebook."""
        ours, ids = _our_assignment(_course_directory(self), resources), resources["nbgrader"]
        if ours is None or "graded" not in ids:
            return cast("Processed", super().preprocess(nb, resources))
        _, assignment = ours
        record = ids["graded"].record
        scores = cell_scores(nb["cells"], record, assignment)
        with Gradebook(ids["db_url"], _course_directory(self).course_id) as gradebook:
            set_due_date(gradebook, assignment)
            gradebook.db.rollback()
            begin(gradebook.db)
            names = ids["notebook"], ids["assignment"], ids["student"]
            own = gradebook.find_submission_notebook(*names)
            save_scores(gradebook.db, own, cell_names(own.notebook), scores, record, assignment)
            set_extension(own.assignment, assignment, ids["student"])
            gradebook.db.commit()
        return nb, resources


class LatePenalties(AssignLatePenalties):  # type: ignore[misc]
    """Applies nbgrader's rule only to notebooks without a due date in course.yml."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Processed:
        """Assign the late penalty of a notebook."""
        ours, ids = _our_assignment(_course_directory(self), resources), resources["nbgrader"]
        if ours is not None and ours[1].due is not None:
            return nb, resources
        with Gradebook(ids["db_url"], _course_directory(self).course_id) as gradebook:
            for neighbour in ids["course"].in_folder(ids["assignment"])[:1]:
                set_due_date(gradebook, neighbour)
        return cast("Processed", super().preprocess(nb, resources))


class CourseLatePenalty(LateSubmissionPlugin):  # type: ignore[misc]
    """Applies the `late` rule of course.yml to assignments that have a due date there.

    `configure` installs it, unless `AssignLatePenalties.plugin_class` is already set.
    """

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the late penalty of a notebook in points, None for none."""
        step = self.parent  # nbgrader's AssignLatePenalties
        course = load_course(find_course(Path(_course_directory(step).root)))
        assignment = next(iter(course.in_folder(step.assignment_id)), None)
        if assignment is None or assignment.due is None:
            default = super().late_submission_penalty(student_id, score, total_seconds_late)
            return cast("float | None", default)
        late = lateness_after(assignment.late, timedelta(seconds=total_seconds_late))
        return late.penalty(score) or None
