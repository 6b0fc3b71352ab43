"""`autograder export`: write grades for a gradebook or an LMS."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    find_and_load,
    output_option,
)
from autograder.cli.runner import OK
from autograder.cli.terminal import write_out
from autograder.integrations.formats import FORMATS
from autograder.reports.text import quiet


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
