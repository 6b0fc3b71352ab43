"""`autograder export`: write grades for a gradebook or an LMS."""

from pathlib import Path

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    file_option,
    find_and_load,
    output_option,
)
from autograder.cli.runner import OK
from autograder.cli.terminal import write_out
from autograder.integrations.formats import EXPORT_FORMATS, FORMATS, GRADE_FORMATS, Source
from autograder.reports.text import one_line


@click.command()
@assignment_argument
@click.option(
    "--format",
    "style",
    type=click.Choice(EXPORT_FORMATS),
    default="csv",
    help="csv: a table; canvas, moodle: their own file, filled in; gradescope: results.json; "
    "json, junit: the records. [default: csv]",
)
@file_option(
    "--into",
    help="The file exported from Canvas or Moodle. It is only read; --output gets the result.",
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
    """Export the grades of ASSIGNMENT, after late penalties.

    Grades come from nbgrader's gradebook, which includes manual points, or else from the records
    that `grade` stores; the points in all notebooks of an assignment are added up. For Canvas and
    Moodle, fills in the file they exported: students are matched exactly, by e-mail, login, number
    or name, and those who are not found are listed.
    """
    from autograder.integrations.final_grades import cached_records

    course = find_and_load(course_file)
    parts = course.parts(assignment)
    if style == "gradescope":  # a results.json has one notebook's tasks
        parts = [course.assignment(assignment)]
    records = () if style in GRADE_FORMATS else cached_records(course, parts)
    rendered = FORMATS[style](Source(course, parts[0], records, into=into, column=column))
    write_out(output, rendered.content)
    for remark in rendered.remarks:
        click.echo(one_line(remark, 2000), err=True)
    return OK
