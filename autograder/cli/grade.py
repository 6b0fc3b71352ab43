"""`autograder grade` and `autograder regrade`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_option,
    common_options,
    find_and_load,
    jobs_option,
    processors,
)
from autograder.cli.screen import console, show, with_progress
from autograder.cli.terminal import BAD_INPUT, FAILED, GRADER_ERROR, OK, writing
from autograder.errors import GradebookError
from autograder.files import is_inside
from autograder.reports.text import quiet

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.grading.batch import GradingResult
    from autograder.grading.pool import Grading
    from autograder.grading.previous_results import PreviousResults
    from autograder.record import Record
    from autograder.submission import Submission


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option
@jobs_option
@click.option(
    "--dask",
    "dask_address",
    metavar="ADDRESS",
    help="Grade on the Dask cluster of this scheduler, tcp://host:8786; `local` starts one here "
    "with --jobs workers. Needs the extra [dask].",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a JSON object a line, one for each submission.",
)
@click.option(
    "--junit",
    "junit_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results as JUnit XML, for CI.",
)
@click.option(
    "--feedback",
    "feedback_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a page for each student, <student>/<assignment>.html.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0),
    metavar="POINTS",
    help="Exit with status 1 when a submission has fewer points.",
)
@click.option("--force", is_flag=True, help="Grade also what has not changed since it was graded.")
@click.option("-v", "--verbose", is_flag=True, help="Show what was found wrong in each submission.")
@common_options
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    jobs: int | None,
    dask_address: str | None,
    json_file: Path | None,
    junit_file: Path | None,
    feedback_folder: Path | None,
    fail_under: float | None,
    force: bool,
    verbose: bool,
    course_file: Path | None,
) -> int:
    r"""Grade submissions.

    Each PATH is a notebook, a folder of notebooks, or a folder in nbgrader's layout
    (<student>/<assignment>/<notebook>.ipynb). Without a PATH, the course's submitted/ is graded.
    Grades of what is in submitted/ are also written to nbgrader's gradebook, and pages to
    feedback/. What has been graded is graded again only if something it depends on has changed.

    \b
    Exit status: 0 graded, 1 a score under --fail-under, 2 bad input or
    configuration, 3 a fault of the grader.
    """
    from autograder.grading.previous_results import PreviousResults

    course = find_and_load(course_file)
    chosen = course.assignment(assignment)
    submissions, problems = _find(paths, course, chosen)
    chosen = _with_granted(course, chosen, submissions)
    previous = PreviousResults(course, chosen, submissions)
    known = {} if force else previous.unchanged(feedback_folder)
    waiting = [submission for submission in submissions if submission.path not in known]

    records: list[Record] = []
    not_written = None
    try:
        with (
            _grading(course, chosen, waiting, jobs, dask_address) as results,
            _json_lines(json_file) as write_json,
            _writer(course, chosen, waiting, previous, feedback_folder) as write,
        ):
            for submission in submissions:
                result = None if submission.path in known else next(results)
                record = known[submission.path] if result is None else result.record
                with writing(json_file):
                    write_json(record)
                if result is not None:
                    write(submission, result)
                records.append(record)
    except GradebookError as error:
        not_written = error  # what was graded is shown first
    if junit_file is not None:
        from autograder.reports.junit import write_junit

        with writing(junit_file):
            write_junit(junit_file, records)
    if records:
        show(records, chosen, verbose)
    if known:
        click.echo(_unchanged(len(known), len(submissions)), err=True)
    if not_written is not None:
        raise not_written
    return _status(records, bool(problems), fail_under)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option
@click.option("--dry-run", is_flag=True, help="Write nothing: only show what would change.")
@jobs_option
@common_options
def regrade(
    paths: tuple[Path, ...],
    assignment: str | None,
    dry_run: bool,
    jobs: int | None,
    course_file: Path | None,
) -> int:
    r"""Grade everything again and show whose score changes, by how much and why.

    Each PATH is as for grade. Scores before are those of the records that `grade` keeps, or else
    those in nbgrader's gradebook. Points that were given by hand stay.

    \b
    Exit status: 0 graded, 2 bad input or configuration, 3 a fault of the grader.
    """
    from autograder.grading.previous_results import PreviousResults
    from autograder.reports.score_changes import causes, changes_table

    course = find_and_load(course_file)
    chosen = course.assignment(assignment)
    submissions, problems = _find(paths, course, chosen)
    chosen = _with_granted(course, chosen, submissions)
    previous = PreviousResults(course, chosen, submissions)
    changes, records = [], []
    with (
        _grading(course, chosen, submissions, jobs) as results,
        _writer(course, chosen, [] if dry_run else submissions, previous, None) as write,
    ):
        for submission in submissions:
            result = next(results)
            changes.append(previous.change(submission, result.record))
            records.append(result.record)
            if not dry_run:
                write(submission, result)
    changed = [change for change in changes if change.is_one]
    if changed:
        console().print(changes_table(changed))
    same = len(changes) - len(changed)
    click.echo(f"{same} of {len(changes)} keep their score. {causes(changed)}".rstrip())
    if dry_run:
        click.echo("Nothing was written: without --dry-run, this is what is graded.")
    return _status(records, bool(problems), None)


def _find(
    paths: Sequence[Path], course: Course, assignment: Assignment
) -> tuple[list[Submission], list[str]]:
    """Return what is to be graded, and say which paths stand for nothing."""
    from autograder.submission import find_submissions, require

    submissions, problems = find_submissions(paths or [course.folder("submitted")], assignment)
    require(submissions, problems)
    for problem in problems:
        click.echo(f"autograder: {quiet(problem)}", err=True)
    return submissions, problems


def _with_granted(
    course: Course, assignment: Assignment, submissions: Sequence[Submission]
) -> Assignment:
    """Return the assignment with the time that nbgrader's gradebook gives to students."""
    if not _any_inside(course, submissions):
        return assignment
    try:
        from autograder.integrations.nbgrader.gradebook_queries import read_extensions
    except ImportError:  # no extra, no gradebook
        return assignment
    return assignment.with_granted(read_extensions(course, assignment))


def _any_inside(course: Course, submissions: Sequence[Submission]) -> bool:
    """Say whether some of the submissions are in the course's submitted/."""
    folder = course.folder("submitted")
    return any(is_inside(submission.path, folder) for submission in submissions)


@contextmanager
def _grading(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    jobs: int | None,
    dask_address: str | None = None,
) -> Iterator[Iterator[GradingResult]]:
    """Grade submissions while the context lasts, here or on a cluster, showing how far it is."""
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
    """Return what grades: processes of this machine, or a Dask cluster."""
    if dask_address is None:
        from autograder.grading.pool import grading

        return grading
    from autograder.grading.cluster import grading_at

    return grading_at(dask_address)


@contextmanager
def _writer(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    previous: PreviousResults,
    feedback: Path | None,
) -> Iterator[Callable[[Submission, GradingResult], None]]:
    """Return a function that writes a grade, a page and, when that is done, the record."""
    with _gradebook(course, assignment, submissions) as write_grade:

        def write(submission: Submission, result: GradingResult) -> None:
            from autograder.reports.feedback_files import write_feedback

            write_grade(result)
            pages = previous.pages(submission, feedback)
            if pages is not None:
                with writing(pages):
                    write_feedback(result, assignment, pages)
            if result.cacheable:
                previous.keep(submission, result.record, feedback)

        yield write
    if previous.problem:
        click.echo(f"Everything will be graded again next time: {previous.problem}.", err=True)


@contextmanager
def _gradebook(
    course: Course, assignment: Assignment, submissions: Sequence[Submission]
) -> Iterator[Callable[[GradingResult], None]]:
    """Return a function that writes a grade of what is in submitted/ to nbgrader's gradebook."""
    folder = course.folder("submitted")
    if not _any_inside(course, submissions):
        yield _write_nothing
        return
    try:
        from autograder.integrations.nbgrader.gradebook import GradeWriter
    except ImportError:
        click.echo("The gradebook is not written: install the extra [nbgrader].", err=True)
        yield _write_nothing
        return
    with GradeWriter(course, assignment) as writer:
        yield lambda result: writer.write(result) if is_inside(result.path, folder) else None
    click.echo(f"{writer.written} grades written to {course.gradebook_name}.", err=True)
    for name in sorted(assignment.neighbours):
        click.echo(
            f"{name}.ipynb is not in {course.file.name}: `nbgrader autograde "
            f"{shlex.quote(assignment.name)} --notebook={shlex.quote(name)}` grades it.",
            err=True,
        )


@contextmanager
def _json_lines(file: Path | None) -> Iterator[Callable[[Record], None]]:
    """Open the file for records, and return a function that writes one."""
    from autograder.record_json import write_record

    if file is None:
        yield _write_nothing
        return
    with writing(file):
        stream = file.open("w", encoding="utf-8")
    try:
        yield lambda record: write_record(stream, record)
    finally:
        with suppress(OSError):  # said already: each record is flushed when it is written
            stream.close()


def _write_nothing(result: GradingResult | Record) -> None:
    """Write nothing: nobody asked for it."""


def _unchanged(known: int, total: int) -> str:
    """Say how many were not graded again."""
    if known == total:
        return f"Nothing has changed: {known} keep their grade. --force grades them again."
    return f"{known} of {total} unchanged: they keep their grade. --force grades them again."


def _status(records: Sequence[Record], problems: bool, fail_under: float | None) -> int:
    if any(record.fault for record in records):
        return GRADER_ERROR
    if problems or all(record.status == "failed" for record in records):
        return BAD_INPUT
    if fail_under is not None and any((record.score or 0) < fail_under for record in records):
        return FAILED
    return OK
