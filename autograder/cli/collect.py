"""`autograder collect`: copy downloaded submissions into submitted/."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import (
    assignment_option,
    common_options,
    find_and_load,
)
from autograder.cli.runner import FAILED, OK, printable, writing
from autograder.reports.text import quiet


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
