"""`autograder receive`: copy a pushed notebook into the layout of nbgrader."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.cli.options import (
    assignment_option,
    common_options,
    find_and_load,
)
from autograder.cli.runner import OK, writing
from autograder.errors import UsageError


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
