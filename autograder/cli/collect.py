"""`autograder collect`: copy downloaded submissions into submitted/."""

from pathlib import Path

import click

from autograder.cli.options import assignment_option, common_options, file_option, find_and_load
from autograder.cli.runner import FAILED, OK, printable, writing
from autograder.reports.text import one_line

WIDTH = 2000  # names of files may be long


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@assignment_option("the only one")
@file_option(
    "--roster",
    help="Canvas's gradebook export, or the grading worksheet of the Moodle assignment. Names "
    "folders by login or e-mail; Moodle's worksheet also contains the times of submission.",
)
@common_options
def collect(
    files: tuple[Path, ...], assignment: str | None, roster: Path | None, course_file: Path | None
) -> int:
    r"""Copy submissions from Canvas, Moodle or Gradescope into submitted/.

    Each FILE is the downloaded zip of all submissions, or the folder it was unpacked into. Copies
    each student's last submission. A submission in submitted/ is replaced only by a later one; the
    old one is kept in .replaced beside it. Reports everything that cannot be collected.

    \b
    Exit status: 0 everything collected, 1 something could not be collected or read,
    2 bad input or configuration.
    """
    from autograder.integrations.lms.collection import collect as collect_files

    course = find_and_load(course_file)
    with writing(course.folder("submitted")):
        collected = collect_files(course, course.parts(assignment)[0], files, roster)
    for note in collected.notes:
        click.echo(printable(one_line(note, WIDTH)))
    click.echo(collected.summary)
    for problem in collected.problems:
        click.echo(printable(f"  {one_line(problem, WIDTH)}"))
    return FAILED if collected.problems else OK
