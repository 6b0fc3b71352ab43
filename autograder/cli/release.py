"""`autograder release`: make the release version of an assignment."""

from pathlib import Path

import click

from autograder.cli.options import assignment_argument, common_options, find_and_load
from autograder.cli.runner import OK
from autograder.cli.terminal import relative


@click.command()
@assignment_argument
@common_options
def release(assignment: str | None, course_file: Path | None) -> int:
    """Make the release version of ASSIGNMENT in assignments/, with nbgrader.

    The default is all assignments. Needs the extra [nbgrader].
    """
    from autograder.integrations.nbgrader.registration import release_assignment

    course = find_and_load(course_file)
    names = list(course.assignments) if assignment is None else [assignment]
    for name in names:
        path = release_assignment(course, course.assignment(name))
        click.echo(f"{relative(path)}: generated from the source notebook.")
    return OK
