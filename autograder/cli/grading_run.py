"""The steps of `grade` and `regrade`: find submissions, grade them, write the results."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import processors
from autograder.cli.runner import BAD_INPUT, FAILED, GRADER_ERROR, OK, writing
from autograder.cli.terminal import with_progress
from autograder.files import is_inside
from autograder.reports.text import quiet

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.grading.pool import Grading
    from autograder.grading.result import GradingResult
    from autograder.integrations.previous_results import PreviousResults
    from autograder.record import Record
    from autograder.submission import Submission


def find_submissions_at(
    paths: Sequence[Path], course: Course, assignment: Assignment
) -> tuple[list[Submission], list[str]]:
    """Return the submissions at these paths, and the problems found; print the problems."""
    from autograder.errors import UsageError
    from autograder.submission import find_submissions

    submissions, problems = find_submissions(paths or [course.folder("submitted")], assignment)
    if not submissions:
        raise UsageError("\n".join(problems))
    for problem in problems:
        click.echo(f"autograder: {quiet(problem)}", err=True)
    return submissions, problems


def with_granted_time(
    course: Course, assignment: Assignment, submissions: Sequence[Submission]
) -> Assignment:
    """Return the assignment with the extensions in nbgrader's gradebook."""
    if not _any_inside(course, submissions):
        return assignment
    try:
        from autograder.integrations.nbgrader.gradebook_queries import read_extensions
    except ImportError:  # no extra, no gradebook
        return assignment
    return assignment.with_granted(read_extensions(course, assignment))


def _any_inside(course: Course, submissions: Sequence[Submission]) -> bool:
    """Return whether any of the submissions is in the course's submitted/."""
    folder = course.folder("submitted")
    return any(is_inside(submission.path, folder) for submission in submissions)


@contextmanager
def grading(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    jobs: int | None,
    dask_address: str | None = None,
) -> Iterator[Iterator[GradingResult]]:
    """Yield the results of submissions, graded here or on a cluster, and show progress."""
    if not submissions:
        yield iter(())
        return
    start = _grading_here_or_at(dask_address)
    with (
        start(submissions, course, assignment, jobs or processors()) as results,
        closing(with_progress(results, len(submissions))) as shown,
    ):
        yield shown


def _grading_here_or_at(dask_address: str | None) -> Grading:
    """Return the function that grades on this machine, or on a Dask cluster."""
    if dask_address is None:
        from autograder.grading.pool import grading

        return grading
    from autograder.grading.cluster import grading_at

    return grading_at(dask_address)


@contextmanager
def result_writer(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    previous: PreviousResults,
    feedback: Path | None,
) -> Iterator[Callable[[Submission, GradingResult], None]]:
    """Yield a function that writes a grade and a page, and then adds the result to the cache."""
    with _gradebook(course, assignment, submissions) as write_grade:

        def write(submission: Submission, result: GradingResult) -> None:
            from autograder.reports.feedback_page import write_feedback

            write_grade(submission, result)
            folder = previous.page_folder(submission, feedback)
            if folder is not None:
                with writing(folder):
                    write_feedback(result, assignment, folder)
            if result.cacheable:
                previous.add(submission, result.record, feedback)

        yield write
    if previous.problem:
        click.echo(f"All submissions will be regraded next time: {previous.problem}.", err=True)


@contextmanager
def _gradebook(
    course: Course, assignment: Assignment, submissions: Sequence[Submission]
) -> Iterator[Callable[[Submission, GradingResult], None]]:
    """Yield a function that writes the grade of a submission to nbgrader's gradebook."""
    folder = course.folder("submitted")
    if not _any_inside(course, submissions):
        yield lambda *_: None
        return
    try:
        from autograder.integrations.nbgrader.gradebook import GradeWriter
    except ImportError:
        click.echo("Grades are not in the gradebook: install the extra [nbgrader].", err=True)
        yield lambda *_: None
        return
    with GradeWriter(course, assignment) as writer:
        yield (
            lambda submission, result: (
                writer.write(submission, result) if is_inside(submission.path, folder) else None
            )
        )
    click.echo(f"{writer.written} grades written to {course.gradebook_name}.", err=True)
    for name in sorted(assignment.neighbours):
        click.echo(
            f"{name}.ipynb is not in {course.file.name}: grade it with `nbgrader autograde "
            f"{shlex.quote(assignment.name)} --notebook={shlex.quote(name)}`.",
            err=True,
        )


def exit_status(records: Sequence[Record], problems: bool, fail_under: float | None) -> int:
    """Return the exit status of a run."""
    if any(record.grader_error for record in records):
        return GRADER_ERROR
    if problems or all(record.status == "failed" for record in records):
        return BAD_INPUT
    if fail_under is not None and any((record.score or 0) < fail_under for record in records):
        return FAILED
    return OK
