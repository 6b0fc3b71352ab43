"""`autograder report`: show the records that `grade --json` wrote."""

from pathlib import Path

import click

from autograder.cli.options import common_options, find_and_load, output_option
from autograder.cli.runner import OK
from autograder.cli.terminal import show, write_out
from autograder.integrations.formats import FORMATS, REPORT_FORMATS, Source
from autograder.record import Record


@click.command()
@click.argument("file", metavar="RECORDS", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", *REPORT_FORMATS]),
    default="text",
    help="A table with findings, or a format for GitHub, JUnit or a gradebook. [default: text]",
)
@click.option(
    "--notebook",
    metavar="PATH",
    default="",
    help="The notebook's path in the repository, for annotations.",
)
@click.option("--artifact", metavar="NAME", default="", help="The artifact with the feedback page.")
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
    """Show the results in RECORDS, the file that `grade --json` wrote.

    --format github writes everything that a job can show: the log, annotations at the student's
    lines, the job summary and the step's outputs. `feedback` in course.yml sets how much students
    see.
    """
    from autograder.record_json import read_records

    records = read_records(file)
    course = find_and_load(course_file)
    by_assignment: dict[str, list[Record]] = {}
    for record in records:
        by_assignment.setdefault(record.assignment, []).append(record)
    if style == "text":
        for name, some in by_assignment.items():
            show(some, course.assignment(name), verbose=True, titled=len(by_assignment) > 1)
    else:
        assignment = course.assignment(records[0].assignment)
        source = Source(course, assignment, records, notebook, artifact)
        write_out(output, FORMATS[style](source).content)
    return OK
