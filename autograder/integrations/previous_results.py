"""Grades a class again: only what has changed, and with a word on whose score changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.files import is_inside
from autograder.grading.cache import ResultCache
from autograder.record import Record
from autograder.reports.feedback_page import page_path
from autograder.reports.score_changes import Change, GradebookScore
from autograder.submission import Submission

if TYPE_CHECKING:
    from autograder.integrations.nbgrader.gradebook_queries import Cells


class PreviousResults:
    """What is known of a class before it is graded: kept records, and nbgrader's gradebook.

    Args:
        course: the course.
        assignment: the assignment.
        submissions: what is to be graded.
    """

    def __init__(
        self, course: Course, assignment: Assignment, submissions: Sequence[Submission]
    ) -> None:
        self._course, self._assignment, self._submissions = course, assignment, submissions
        self._kept = ResultCache(course, assignment)
        self._fingerprints = {s.path: self._kept.fingerprint(s) for s in submissions}
        inside = any(self._inside(submission) for submission in submissions)
        self._held = _held(course, assignment) if inside else None

    @property
    def problem(self) -> str:
        """Why records cannot be kept, "" if they can."""
        return self._kept.problem

    def unchanged(self, feedback: Path | None) -> dict[Path, Record]:
        """Return the records that stand: grading again would only repeat them.

        Args:
            feedback: where pages are asked for, if somewhere.
        """
        found = {}
        for submission in self._submissions:
            page = self.page(submission, feedback)
            record = self._kept.unchanged(submission, self._fingerprints[submission.path], page)
            if record is not None and self._is_written(submission, record):
                found[submission.path] = record
        return found

    def keep(self, submission: Submission, record: Record, feedback: Path | None) -> None:
        """Keep a record that has been written."""
        page = self.page(submission, feedback)
        self._kept.keep(submission, self._fingerprints[submission.path], record, page)

    def change(self, submission: Submission, record: Record) -> Change:
        """Return what a new record of a submission changes; to be asked before it is kept."""
        entry = self._kept.before(submission)
        cells = (self._held or {}).get(submission.student, {})
        marks = {
            task.name: GradebookScore(*cells[task.tests])
            for task in self._assignment.tasks
            if task.tests in cells and self._inside(submission)
        }
        if entry is None:
            return Change(None, record, marks, ())
        causes = entry.fingerprint.changes(self._fingerprints[submission.path])
        return Change(entry.record, record, marks, causes)

    def page(self, submission: Submission, feedback: Path | None) -> Path | None:
        """Return where a submission's page is, None if it has none."""
        folder = self.pages(submission, feedback)
        return folder and page_path(folder, submission.student, self._assignment.name)

    def pages(self, submission: Submission, feedback: Path | None) -> Path | None:
        """Return the folder of pages: what was asked for, or the one beside submitted/."""
        own = self._course.folder("feedback") if self._inside(submission) else None
        return feedback or own

    def _inside(self, submission: Submission) -> bool:
        return is_inside(submission.path, self._course.folder("submitted"))

    def _is_written(self, submission: Submission, record: Record) -> bool:
        """Say whether nbgrader's gradebook and autograded/ have it, if they should."""
        if self._held is None or not self._inside(submission):
            return True
        from autograder.integrations.nbgrader.gradebook_queries import matches

        name = self._assignment.name, f"{self._assignment.notebook}.ipynb"
        notebook = self._course.folder("autograded").joinpath(submission.student, *name)
        cells = self._held.get(submission.student, {})
        there = notebook.exists() or not record.tasks  # of what cannot be read there is none
        return there and matches(cells, record, self._assignment)


def _held(course: Course, assignment: Assignment) -> Mapping[str, Cells] | None:
    """Return what nbgrader's gradebook holds; None where there is no nbgrader."""
    try:
        from autograder.integrations.nbgrader.gradebook_queries import read_scores
    except ImportError:
        return None
    return read_scores(course, assignment)
