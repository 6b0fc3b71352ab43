"""`autograder grade`: grade new and changed submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.grading_run import GradingRun, find_runs
from autograder.cli.insight import renew_page
from autograder.cli.options import (
    assignment_option,
    common_options,
    file_option,
    find_and_load,
    jobs_option,
    warn_of_seed,
)
from autograder.cli.runner import writing
from autograder.cli.terminal import show, show_totals, write_out
from autograder.errors import AutograderError, GradebookError
from autograder.reports.text import quiet

if TYPE_CHECKING:
    from autograder.course import Assignment
    from autograder.record import Record


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option("all that have submissions")
@jobs_option
@click.option(
    "--dask",
    "dask_address",
    metavar="ADDRESS",
    help="Grade on a Dask cluster: the scheduler's address, tcp://host:8786, or `local` to start "
    "a cluster here with --jobs workers. Needs the extra [dask].",
)
@file_option("--json", "json_file", help="Write a line of JSON for each submission.")
@file_option("--junit", "junit_file", help="Write the results as JUnit XML, for CI.")
@click.option(
    "--feedback",
    "feedback_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a feedback page for each student, <student>/<assignment>.html.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0),
    metavar="POINTS",
    help="Exit with status 1 if a submission has fewer points.",
)
@click.option("--force", is_flag=True, help="Regrade unchanged submissions too.")
@click.option("-v", "--verbose", is_flag=True, help="Show what went wrong in each submission.")
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
    (<student>/<assignment>/<notebook>.ipynb). The default is the course's submitted/. Without
    --assignment, all assignments are graded, each notebook as one of the assignment that its
    folder, its name or its cells tell. Grades of
    submissions in submitted/ are also written to nbgrader's gradebook, and their pages to
    feedback/. A submission is regraded only if something its grade depends on has changed.

    \b
    Exit status: 0 graded, 1 a score below --fail-under, 2 bad input or
    configuration, 3 a grader error.
    """
    course = find_and_load(course_file)
    warn_of_seed(course)
    found = find_runs(course, assignment, paths, feedback_folder)
    records: list[Record] = []
    by_notebook: dict[str, list[tuple[Assignment, list[Record]]]] = {}
    not_written = None
    unchanged = 0
    with _json_lines(json_file) as write_json:

        def write_record(record: Record) -> None:
            with writing(json_file):
                write_json(record)

        for run in found.runs:
            known = {} if force else run.previous.unchanged()
            unchanged += len(known)
            graded: list[Record] = []
            try:
                for record in _graded(run, known, jobs, dask_address):
                    write_record(record)
                    graded.append(record)
            except GradebookError as error:
                not_written = error  # raised below, after the results are shown
            except AutograderError as error:
                if len(found.runs) == 1:
                    raise
                click.echo(f"autograder: {run.assignment.name}: {quiet(str(error))}", err=True)
                found = replace(found, has_problems=True)
            if graded:
                show(graded, run.assignment, verbose, titled=len(found.runs) > 1)
                by_notebook.setdefault(run.assignment.folder, []).append((run.assignment, graded))
                if course.insight and len(known) < len(graded):
                    renew_page(run, graded)
            records += graded
    show_totals(by_notebook)
    if junit_file is not None:
        from autograder.reports.junit import junit

        write_out(junit_file, junit(records))
    if unchanged:
        some = f"{unchanged} of {len(records)} are unchanged and"
        which = some if unchanged < len(records) else f"Nothing has changed: {unchanged}"
        click.echo(f"{which} keep their grade. --force regrades them.", err=True)
    if not_written is not None:
        raise not_written
    return found.exit_status(records, fail_under)


def _graded(
    run: GradingRun, known: Mapping[Path, Record], jobs: int | None, dask_address: str | None
) -> Iterator[Record]:
    """Yield the record of each submission, those that are known too, and write what is new."""
    waiting = [submission for submission in run.submissions if submission.path not in known]
    with run.results(waiting, jobs, dask_address) as results, run.writer(waiting) as write:
        for submission in run.submissions:
            if submission.path in known:
                yield known[submission.path]
                continue
            result = next(results)
            yield result.record
            write(submission, result)
            submission.release()


@contextmanager
def _json_lines(file: Path | None) -> Iterator[Callable[[Record], object]]:
    """Open the file for records, and return a function that writes one."""
    from autograder.record_json import to_line

    if file is None:
        yield lambda _: None
        return
    with writing(file):
        stream = file.open("w", encoding="utf-8", buffering=1)  # flush each record
    try:
        yield lambda record: stream.write(to_line(record))
    finally:
        with suppress(OSError):  # already reported: each record is flushed
            stream.close()
