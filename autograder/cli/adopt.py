"""`autograder adopt`: write course.yml for an existing nbgrader course."""

import click

from autograder.cli.runner import OK, debug_option
from autograder.cli.terminal import relative
from autograder.errors import UsageError


@click.command()
@click.argument("assignment", required=False)
@click.option("--all", "every", is_flag=True, help="Adopt every assignment that can be adopted.")
@click.option("--notebook", metavar="NAME", help="The notebook. [default: all that have tests]")
@click.option(
    "--suite",
    metavar="FOLDER",
    help="The folder with its tests. [default: suites/ASSIGNMENT, or the notebook's test cells]",
)
@debug_option
def adopt(assignment: str | None, every: bool, notebook: str | None, suite: str | None) -> int:
    """Write course.yml for an existing nbgrader course.

    Takes tasks, points and cells from the source notebook of ASSIGNMENT, and folders and
    gradebook from nbgrader's configuration. Run it where you run nbgrader.
    """
    from autograder.authoring.adoption import LINES, adopt_all
    from autograder.authoring.adoption import adopt as write_course

    if every == (assignment is not None) or (every and (notebook or suite)):
        raise UsageError("Name one assignment, or give --all and nothing else.")
    if assignment is not None:
        file = write_course(assignment, notebook, suite)
        click.echo(f"{relative(file)}: generated from the source notebook of {assignment}.")
    else:
        file, adopted, left = adopt_all()
        click.echo(f"{relative(file)}: {', '.join(adopted)}: added from the source notebooks.")
        for name, reason in left.items():
            click.echo(f"{name} is left to nbgrader: {reason}")
    click.echo(f"Add these two lines to the end of nbgrader_config.py:\n\n{LINES}")
    click.echo("Then run `autograder validate` to check the course.")
    return OK
