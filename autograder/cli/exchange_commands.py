"""The commands by which submissions come, and grades go: collect, receive, report, export."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.cli.options import (
    assignment_argument,
    assignment_option,
    common_options,
    find_and_load,
    output_option,
)
from autograder.cli.screen import show, write_out
from autograder.cli.terminal import FAILED, OK, printable, writing
from autograder.errors import UsageError
from autograder.integrations.formats import FORMATS
from autograder.reports.text import quiet

REPORTS = ("github", "classroom50", "json", "junit")


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@assignment_option
@click.option(
    "--roster",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What Canvas exports under Grades, or the worksheet of Moodle's assignment: folders are "
    "called by login or e-mail, and with Moodle's it is known when something was handed in.",
)
@common_options
def collect(
    files: tuple[Path, ...], assignment: str | None, roster: Path | None, course_file: Path | None
) -> int:
    r"""Put what students handed in elsewhere into submitted/, and say what has no place there.

    Each FILE is a zip in which Canvas, Moodle or Gradescope gives all submissions, as it was
    downloaded, or a folder into which one was unpacked. Of each student the last submission is
    taken; one in submitted/ is replaced only by a later one, and kept in .replaced beside it.

    \b
    Exit status: 0 everything placed, 1 something could not be placed or read,
    2 bad input or configuration.
    """
    from autograder.integrations.lms.collection import collect as collect_files

    course = find_and_load(course_file)
    with writing(course.folder("submitted")):
        collected = collect_files(course, course.assignment(assignment), files, roster)
    for note in collected.notes:
        click.echo(printable(quiet(note)))
    click.echo(collected.summary)
    for problem in collected.problems:
        click.echo(printable(f"  {quiet(problem)}"))
    return FAILED if collected.problems else OK


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@assignment_option
@click.option(
    "--student", metavar="NAME", help="Who hands it in. [default: whose repository it is]"
)
@click.option(
    "--time",
    "submitted",
    metavar="TIME",
    help="When it was handed in, ISO 8601. [default: when GitHub received the push, or now]",
)
@common_options
def receive(
    notebook: Path,
    folder: Path,
    assignment: str | None,
    student: str | None,
    submitted: str | None,
    course_file: Path | None,
) -> int:
    """Lay a pushed NOTEBOOK into FOLDER as nbgrader would: by student and assignment, with a time.

    For CI, in the student's repository. Prints the folder that `autograder grade` is to be given.
    """
    from autograder.integrations.github.event import pushed_at, read_event, student_of
    from autograder.integrations.github.intake import receive as lay

    event = read_event(os.environ)
    try:
        time = (
            datetime.fromisoformat(submitted) if submitted else pushed_at(event, datetime.now(UTC))
        )
    except ValueError:
        raise UsageError(f"{submitted!r} is no time: write it as 2026-12-14T23:59:00Z.") from None
    chosen = find_and_load(course_file).assignment(assignment)
    who = student or student_of(event, os.environ)
    with writing(folder):
        laid = lay(notebook, folder, chosen, who, time if time.tzinfo else time.replace(tzinfo=UTC))
    click.echo(laid)
    return OK


@click.command()
@click.argument("file", metavar="RECORDS", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", *REPORTS]),
    default="text",
    help="The table and what was found; or for a job on GitHub, a JUnit reader, a gradebook. "
    "[default: text]",
)
@click.option(
    "--notebook",
    metavar="PATH",
    default="",
    help="The notebook's path in the repository, for remarks beside it.",
)
@click.option(
    "--artifact", metavar="NAME", default="", help="What the artifact with the page is called."
)
@output_option
@common_options
def report(
    file: Path,
    style: str,
    notebook: str,
    artifact: str,
    output: Path | None,
    course_file: Path | None,
) -> int:
    """Report what is in RECORDS, the file that `grade --json` wrote.

    With --format github, all that a job can show: the log, remarks beside the student's own lines,
    the job's summary and the step's outputs. Students see what the course's `feedback` lets them.
    """
    from autograder.integrations.formats import rendered
    from autograder.integrations.github.job import show_on_github
    from autograder.record_json import read_records

    records = read_records(file)
    course = find_and_load(course_file)
    assignment = course.assignment(records[0].assignment)
    if style == "text":
        show(records, assignment, verbose=True)
        return OK
    if style == "github":
        shown = show_on_github(records, course, assignment, os.environ, notebook, artifact)
        content = shown.encode("utf-8", "replace")
    else:
        content = rendered(records, style, assignment.feedback)
    write_out(output, content)
    return OK


@click.command()
@assignment_argument
@click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default="csv",
    help="A table; Canvas's or Moodle's own file, filled in; Gradescope's results.json; or the "
    "records. [default: csv]",
)
@click.option(
    "--into",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that Canvas or Moodle exported. It is read; --output is written.",
)
@click.option("--column", metavar="NAME", help="The assignment's name in Canvas. [default: title]")
@output_option
@common_options
def export(
    assignment: str | None,
    style: str,
    into: Path | None,
    column: str | None,
    output: Path | None,
    course_file: Path | None,
) -> int:
    """Export the grades of ASSIGNMENT, with what lateness costs taken off.

    Grades are those in nbgrader's gradebook, with points given by hand, or else those of the
    records that `grade` keeps. Canvas and Moodle get back their own file: students are matched by
    e-mail, login, number or name, exactly, and whoever is not found is named.
    """
    from autograder.integrations.export import export as export_grades

    course = find_and_load(course_file)
    exported = export_grades(course, course.assignment(assignment), style, into, column)
    write_out(output, exported.content)
    for note in exported.notes:
        click.echo(quiet(note), err=True)
    return OK
