"""What is known of a class before it is graded: cached records, and nbgrader's gradebook."""

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
    from autograder.integrations.nbgrader.gradebook_queries import Scores

IN_MEMORY = 256 << 20  # bytes of notebooks that wait to be graded; others are read once more


class PreviousResults:
    """Finds what need not be graded again, and compares new results with the last ones.

    Args:
        course: the course.
        assignment: the assignment.
        submissions: what is to be graded.
    """

    def __init__(
        self, course: Course, assignment: Assignment, submissions: Sequence[Submission]
    ) -> None:
        self._course, self._assignment = course, assignment
        self._cache = ResultCache(course, assignment)
        self._fingerprints, size = {}, 0
        for submission in submissions:
            self._fingerprints[submission.path] = self._cache.fingerprint(submission)
            size += submission.size
            if size > IN_MEMORY:
                submission.release()
        inside = any(self._is_inside(submission) for submission in submissions)
        self._scores = _gradebook_scores(course, assignment) if inside else None

    @property
    def problem(self) -> str:
        """Why records cannot be cached, "" if they can."""
        return self._cache.problem

    def unchanged(
        self, submissions: Sequence[Submission], feedback: Path | None
    ) -> dict[Path, Record]:
        """Return the records that stand: grading again would only repeat them.

        Args:
            submissions: what is to be graded.
            feedback: the folder where pages are wanted, if any.
        """
        found = {}
        for submission in submissions:
            page = self.page(submission, feedback)
            record = self._cache.unchanged(submission, self._fingerprints[submission.path], page)
            if record is not None and self._is_written(submission, record):
                found[submission.path] = record
                submission.release()
        return found

    def add(self, submission: Submission, record: Record, feedback: Path | None) -> None:
        """Cache a record that has been written."""
        page = self.page(submission, feedback)
        self._cache.add(submission, self._fingerprints[submission.path], record, page)

    def change(self, submission: Submission, record: Record) -> Change:
        """Return what a new record of a submission changes; ask before it is cached."""
        entry = self._cache.entry(submission)
        cells = (self._scores or {}).get(submission.student, {})
        scores = {
            task.name: GradebookScore(*cells[task.tests])
            for task in self._assignment.tasks
            if task.tests in cells and self._is_inside(submission)
        }
        if entry is None:
            return Change(None, record, scores, ())
        causes = entry.fingerprint.changes(self._fingerprints[submission.path])
        return Change(entry.record, record, scores, causes)

    def page(self, submission: Submission, feedback: Path | None) -> Path | None:
        """Return where a submission's page is, None if it has none."""
        folder = self.page_folder(submission, feedback)
        return folder and page_path(folder, submission.student, self._assignment.name)

    def page_folder(self, submission: Submission, feedback: Path | None) -> Path | None:
        """Return the folder of pages: the one that is wanted, or the one beside submitted/."""
        own = self._course.folder("feedback") if self._is_inside(submission) else None
        return feedback or own

    def _is_inside(self, submission: Submission) -> bool:
        return is_inside(submission.path, self._course.folder("submitted"))

    def _is_written(self, submission: Submission, record: Record) -> bool:
        """Say whether nbgrader's gradebook and autograded/ have it, if they should."""
        if self._scores is None or not self._is_inside(submission):
            return True
        from autograder.integrations.nbgrader.gradebook_queries import matches

        name = self._assignment.name, f"{self._assignment.notebook}.ipynb"
        notebook = self._course.folder("autograded").joinpath(submission.student, *name)
        scores = self._scores.get(submission.student, {})
        exists = notebook.exists() or not record.tasks  # an unreadable one has no such notebook
        return exists and matches(scores, record, self._assignment)


def _gradebook_scores(course: Course, assignment: Assignment) -> Mapping[str, Scores] | None:
    """Return the scores in nbgrader's gradebook; None where nbgrader is not installed."""
    try:
        from autograder.integrations.nbgrader.gradebook_queries import read_scores
    except ImportError:
        return None
    return read_scores(course, assignment)
