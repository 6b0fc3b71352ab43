"""The runs of `grade` or `regrade`: find submissions, grade them, and write the results."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import complete_tests, processors
from autograder.cli.runner import BAD_INPUT, FAILED, GRADER_ERROR, OK
from autograder.cli.terminal import with_progress
from autograder.errors import UsageError, described
from autograder.files import is_inside
from autograder.reports.text import one_line

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.grading.pool import Grading
    from autograder.grading.result import GradingResult
    from autograder.record import Record
    from autograder.submission import Submission

    Write = Callable[[Submission, GradingResult], None]


class GradingRun:
    """The submissions of an assignment to grade, and their previous results.

    `feedback` is the folder for pages, by default the course's for submissions in submitted/.
    Extensions in nbgrader's gradebook are added to the assignment.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        submissions: list[Submission],
        feedback: Path | None = None,
    ) -> None:
        from autograder.integrations.previous_results import PreviousResults

        complete_tests(course, assignment)
        self.course, self._submitted = course, course.folder("submitted")
        self.feedback = feedback
        self.without_page: dict[str, str] = {}  # why, by student
        self.page_failed = False  # for a reason that is not the disk's
        self.submissions = submissions
        self.assignment = self._with_granted_time(assignment)
        self.previous = PreviousResults(course, self.assignment, self.submissions, feedback)

    def _with_granted_time(self, assignment: Assignment) -> Assignment:
        """Return the assignment with the extensions in nbgrader's gradebook."""
        if not any(map(self._is_submitted, self.submissions)):
            return assignment
        try:
            from autograder.integrations.nbgrader.gradebook_queries import read_extensions
        except ImportError:  # no extra, no gradebook
            return assignment
        return assignment.with_granted(read_extensions(self.course, assignment))

    def _is_submitted(self, submission: Submission) -> bool:
        """Return whether a submission is in the course's submitted/."""
        return is_inside(submission.path, self._submitted)

    def records_of_class(self, graded: Sequence[Record]) -> list[Record]:
        """Return the records of all in submitted/, if some of these submissions are; else none.

        Args:
            graded: the records of these submissions.
        """
        inside = {one.student for one in self.submissions if self._is_submitted(one)}
        if not inside:
            return []
        from autograder.integrations.final_grades import class_records

        known = {one.student: one for one in class_records(self.course, self.assignment)}
        new = {one.student: one for one in graded if one.student in inside}
        return list((known | new).values())

    @contextmanager
    def results(
        self,
        submissions: Sequence[Submission],
        jobs: int | None,
        dask_address: str | None = None,
        *,
        written: bool = True,
    ) -> Iterator[Iterator[GradingResult]]:
        """Yield the results of submissions, graded here or on a cluster, and show progress.

        Only autograded notebooks show the figures of a submission. They are drawn if some are
        `written`.
        """
        if not submissions:
            yield iter(())
            return
        with_gradebook = written and find_spec("nbgrader") is not None
        draws = with_gradebook and any(map(self._is_submitted, submissions))
        jobs = jobs or processors()
        with ExitStack() as stack:
            start = _grading_here_or_at(dask_address, self.assignment, stack)
            graded = start(submissions, self.course, self.assignment, jobs, draws=draws)
            shown = with_progress(stack.enter_context(graded), len(submissions))
            yield stack.enter_context(closing(shown))

    @contextmanager
    def writer(self, submissions: Sequence[Submission]) -> Iterator[Write]:
        """Yield a function that writes a grade and a page, and then adds the result to the cache.

        The gradebook is opened only if some of these submissions are in submitted/. If a page
        cannot be written, the grade counts, and the submission will be regraded.
        """
        with self._pages_reported(), self._gradebook(submissions) as write_grade:

            def write(submission: Submission, result: GradingResult) -> None:
                from autograder.reports.feedback_page import write_feedback

                if self._is_submitted(submission):
                    write_grade(submission, result)
                folder = self.previous.page_folder(submission)
                if folder is not None:
                    try:
                        write_feedback(result, self.assignment, folder)
                    except OSError as error:
                        self.without_page[submission.student] = error.strerror or str(error)
                        return
                    except Exception as error:
                        self.without_page[submission.student] = described(error)
                        self.page_failed = True
                        return
                if result.cacheable:
                    self.previous.add(submission, result.record)

            yield write
        if problem := self.previous.cache.problem:
            click.echo(f"All submissions will be regraded next time: {problem}.", err=True)

    @contextmanager
    def _pages_reported(self) -> Iterator[None]:
        """Say in the end which pages could not be written, and why."""
        try:
            yield
        finally:
            for student, why in self.without_page.items():
                line = f"the page of {student} cannot be written: {why}."
                click.echo(f"autograder: {one_line(line, 600)}", err=True)

    @contextmanager
    def _gradebook(self, submissions: Sequence[Submission]) -> Iterator[Write]:
        """Yield a function that writes the grade of a submission to nbgrader's gradebook."""
        if not any(map(self._is_submitted, submissions)):
            yield lambda *_: None
            return
        try:
            from autograder.integrations.nbgrader.gradebook import GradeWriter
        except ImportError:
            click.echo("Grades are not in the gradebook: install the extra [nbgrader].", err=True)
            yield lambda *_: None
            return
        with GradeWriter(self.course, self.assignment) as writer:
            yield writer.write
        click.echo(f"{writer.written} grades written to {self.course.gradebook_name}.", err=True)
        for name in sorted(self.assignment.left_to_nbgrader):
            click.echo(
                f"{name}.ipynb is not in {self.course.file.name}: grade it with `nbgrader "
                f"autograde {shlex.quote(self.assignment.folder)} --notebook={shlex.quote(name)}`.",
                err=True,
            )


@dataclass(frozen=True)
class Found:
    """What there is to grade: a run for each assignment, and whether there were problems."""

    runs: list[GradingRun]
    has_problems: bool

    def exit_status(self, records: Sequence[Record], fail_under: float | None = None) -> int:
        """Return the exit status for the records of all runs."""
        if any(run.page_failed for run in self.runs) or any(one.grader_error for one in records):
            return GRADER_ERROR
        incomplete = self.has_problems or any(run.without_page for run in self.runs)
        if incomplete or all(one.status == "failed" for one in records):
            return BAD_INPUT
        if fail_under is not None and any(score < fail_under for score in self._scores(records)):
            return FAILED
        return OK

    def _scores(self, records: Sequence[Record]) -> Iterable[float]:
        """Return what each student has in each assignment, in all of its notebooks together."""
        folders = {run.assignment.name: run.assignment.folder for run in self.runs}
        scores: dict[tuple[str, str], float] = {}
        for one in records:
            key = one.student, folders[one.assignment]
            scores[key] = scores.get(key, 0.0) + (one.score or 0.0)
        return scores.values()


def find_runs(
    course: Course, name: str | None, paths: Sequence[Path], feedback: Path | None = None
) -> Found:
    """Find what there is to grade, and print the paths that cannot be graded.

    Args:
        course: the course.
        name: the assignment; without it, all that have submissions.
        paths: notebooks and folders, by default the course's submitted/.
        feedback: the folder for pages, as for `GradingRun`.

    Raises:
        UsageError: there are no submissions.
        CourseError: an assignment is not ready.
    """
    from autograder.submission import find_by_assignment

    several = name is None and len(course.ready_assignments) > 1
    assignments = course.ready_assignments if several else course.parts(name)
    found, problems = find_by_assignment(paths or [course.folder("submitted")], assignments)
    if not any(found):
        raise UsageError("\n".join(problems))
    for problem in problems:
        click.echo(f"autograder: {one_line(problem, 2000)}", err=True)
    pairs = zip(assignments, found, strict=True)
    runs = [
        GradingRun(course, one, submissions, feedback) for one, submissions in pairs if submissions
    ]
    return Found(runs, bool(problems))


def _grading_here_or_at(
    dask_address: str | None, assignment: Assignment, stack: ExitStack
) -> Grading:
    """Return the function that grades on this machine, or on a Dask cluster.

    While the warm process imports, which ends with the stack, this one imports what grades.
    """
    if dask_address is not None:
        from autograder.grading.cluster import grading_at

        return grading_at(dask_address)
    from autograder.sandbox.warm_process import WarmProcess

    warm = stack.enter_context(WarmProcess(assignment.preload))
    from autograder.grading.pool import grading

    return partial(grading, warm=warm)
