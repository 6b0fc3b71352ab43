"""The previous results of a class, from cached records and nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.files import is_inside
from autograder.grading.cache import ResultCache
from autograder.record import Record
from autograder.reports.score_changes import Change, GradebookScore
from autograder.submission import Submission

if TYPE_CHECKING:
    from autograder.integrations.nbgrader.gradebook_queries import Scores

IN_MEMORY = 256 << 20  # bytes of notebooks kept in memory; others are read again for grading


class PreviousResults:
    """Finds submissions that need no regrading, and compares new results with previous ones.

    `feedback` is the folder for pages, by default the course's for submissions in submitted/.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        submissions: Sequence[Submission],
        feedback: Path | None = None,
    ) -> None:
        self._course, self._assignment = course, assignment
        self._submissions, self._feedback = submissions, feedback
        self.cache = ResultCache(course, assignment)
        self._fingerprints, size = {}, 0
        for submission in submissions:
            self._fingerprints[submission.path] = self.cache.fingerprint(submission)
            size += submission.size
            if size > IN_MEMORY:
                submission.release()
        self._scores: Mapping[str, Scores] | None = None
        if any(map(self._is_inside, submissions)):
            with suppress(ImportError):  # without the extra, there is no gradebook
                from autograder.integrations.nbgrader.gradebook_queries import read_scores

                self._scores = read_scores(course, assignment)

    def unchanged(self) -> dict[Path, Record]:
        """Return the records that regrading would only repeat, and release their submissions."""
        found = {}
        for submission in self._submissions:
            page = self._page(submission)
            record = self.cache.unchanged(submission, self._fingerprints[submission.path], page)
            if record is not None and self._is_written(submission, record):
                found[submission.path] = record
                submission.release()
        return found

    def add(self, submission: Submission, record: Record) -> None:
        """Cache a record that has been written."""
        fingerprint = self._fingerprints[submission.path]
        self.cache.add(submission, fingerprint, record, self._page(submission))

    def change(self, submission: Submission, record: Record) -> Change:
        """Return what a new record changes; call this before caching the record."""
        entry = self.cache.entry(submission)
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

    def page_folder(self, submission: Submission) -> Path | None:
        """Return the folder for a submission's page, None if it gets none."""
        own = self._course.folder("feedback") if self._is_inside(submission) else None
        return self._feedback or own

    def _page(self, submission: Submission) -> Path | None:
        folder = self.page_folder(submission)
        return folder and self._assignment.page_of(submission.student, folder)

    def _is_inside(self, submission: Submission) -> bool:
        return is_inside(submission.path, self._course.folder("submitted"))

    def _is_written(self, submission: Submission, record: Record) -> bool:
        """Tell whether nbgrader's gradebook and autograded/ are up to date, if nbgrader is used."""
        if self._scores is None or not self._is_inside(submission):
            return True
        from autograder.integrations.nbgrader.gradebook_queries import matches

        name = self._assignment.folder, f"{self._assignment.notebook}.ipynb"
        notebook = self._course.folder("autograded").joinpath(submission.student, *name)
        scores = self._scores.get(submission.student, {})
        exists = notebook.exists() or not record.tasks  # none for an unreadable submission
        return exists and matches(scores, record, self._assignment)
