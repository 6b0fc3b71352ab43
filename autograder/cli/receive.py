"""`autograder receive`: copy a pushed notebook into nbgrader's layout."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.cli.options import assignment_option, common_options, find_and_load
from autograder.cli.runner import OK, writing
from autograder.errors import UsageError


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@assignment_option("the one to which the notebook belongs")
@click.option(
    "--student", metavar="NAME", help="The student. [default: the owner of the repository]"
)
@click.option(
    "--time",
    "submitted",
    metavar="TIME",
    help="The time of submission, in ISO 8601. [default: when GitHub received the push, or now]",
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
    """Copy NOTEBOOK into FOLDER, in nbgrader's layout.

    For CI: run it in the student's repository. Prints the folder to pass to `autograder grade`.
    """
    from autograder.integrations.github import pushed_notebook as github

    event = github.read_event(os.environ)
    now = datetime.now(UTC)
    try:
        time = datetime.fromisoformat(submitted) if submitted else github.pushed_at(event, now)
    except ValueError:
        raise UsageError(f"{submitted!r} is not a time: write 2026-12-14T23:59:00Z.") from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    chosen = find_and_load(course_file).assignment_of(notebook, assignment)
    student = student or github.student_of(event, os.environ)
    with writing(folder):
        received = github.receive(notebook, folder, chosen, student, time)
    click.echo(received)
    return OK
