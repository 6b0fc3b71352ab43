"""`autograder adopt`: write the course.yml of an existing nbgrader course."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.runner import OK, debug_option
from autograder.cli.terminal import relative

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("assignment")
@click.option("--notebook", metavar="NAME", help="Which notebook, if the assignment has several.")
@click.option("--suite", metavar="FOLDER", help="Where its tests are. [default: suites/ASSIGNMENT]")
@debug_option
def adopt(assignment: str, notebook: str | None, suite: str | None) -> int:
    """Write the course.yml of an nbgrader course that is there already.

    Tasks, points and cells are taken from the source notebook of ASSIGNMENT, folders and
    gradebook from nbgrader's configuration. Run it where you run nbgrader.
    """
    from autograder.authoring.adoption import LINES
    from autograder.authoring.adoption import adopt as write_course

    file = write_course(Path.cwd(), assignment, notebook, suite)
    click.echo(f"{relative(file)}: made from the source notebook of {assignment}.")
    click.echo(f"Now put these two lines at the end of nbgrader_config.py:\n\n{LINES}")
    click.echo("and see with `autograder validate` whether everything fits.")
    return OK
