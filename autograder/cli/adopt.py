"""`autograder adopt`: write course.yml for an existing nbgrader course."""

import click

from autograder.cli.runner import OK, debug_option
from autograder.cli.terminal import relative


@click.command()
@click.argument("assignment")
@click.option(
    "--notebook", metavar="NAME", help="The notebook; needed only when there are several."
)
@click.option(
    "--suite", metavar="FOLDER", help="The folder with its tests. [default: suites/ASSIGNMENT]"
)
@debug_option
def adopt(assignment: str, notebook: str | None, suite: str | None) -> int:
    """Write course.yml for an existing nbgrader course.

    Takes tasks, points and cells from the source notebook of ASSIGNMENT, and folders and
    gradebook from nbgrader's configuration. Run it where you run nbgrader.
    """
    from autograder.authoring.adoption import LINES
    from autograder.authoring.adoption import adopt as write_course

    file = write_course(assignment, notebook, suite)
    click.echo(f"{relative(file)}: generated from the source notebook of {assignment}.")
    click.echo(f"Add these two lines to the end of nbgrader_config.py:\n\n{LINES}")
    click.echo("Then run `autograder validate` to check the course.")
    return OK
