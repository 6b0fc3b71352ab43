"""`autograder grade`: grade new and changed submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.grading_run import GradingRun
from autograder.cli.options import (
    assignment_option,
    common_options,
    file_option,
    find_and_load,
    jobs_option,
    warn_of_seed,
)
from autograder.cli.runner import writing
from autograder.cli.terminal import show, write_out
from autograder.errors import GradebookError
from autograder.integrations.formats import FORMATS, Source

if TYPE_CHECKING:
    from autograder.record import Record


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@assignment_option
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
    (<student>/<assignment>/<notebook>.ipynb). The default is the course's submitted/. Grades of
    submissions in submitted/ are also written to nbgrader's gradebook, and their pages to
    feedback/. A submission is regraded only if something its grade depends on has changed.

    \b
    Exit status: 0 graded, 1 a score below --fail-under, 2 bad input or
    configuration, 3 a grader error.
    """
    course = find_and_load(course_file)
    warn_of_seed(course)
    run = GradingRun(course, course.assignment(assignment), paths, feedback_folder)
    known = {} if force else run.previous.unchanged()
    waiting = [submission for submission in run.submissions if submission.path not in known]
    records: list[Record] = []
    not_written = None
    try:
        with (
            run.results(waiting, jobs, dask_address) as results,
            _json_lines(json_file) as write_json,
            run.writer(waiting) as write,
        ):
            for submission in run.submissions:
                result = None if submission.path in known else next(results)
                record = known[submission.path] if result is None else result.record
                with writing(json_file):
                    write_json(record)
                if result is not None:
                    write(submission, result)
                    submission.release()
                records.append(record)
    except GradebookError as error:
        not_written = error  # raised below, after the results are shown
    if junit_file is not None:
        write_out(junit_file, FORMATS["junit"](Source(course, run.assignment, records)).content)
    if records:
        show(records, run.assignment, verbose)
    if known:
        some = f"{len(known)} of {len(run.submissions)} are unchanged and"
        which = some if waiting else f"Nothing has changed: {len(known)}"
        click.echo(f"{which} keep their grade. --force regrades them.", err=True)
    if not_written is not None:
        raise not_written
    return run.exit_status(records, fail_under)


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
