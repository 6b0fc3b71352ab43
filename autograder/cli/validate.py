"""`autograder validate`: check that an assignment's parts are consistent."""

from pathlib import Path

import click

from autograder.cli.options import assignment_argument, common_options, find_and_load, warn_of_seed
from autograder.cli.runner import OK


@click.command()
@assignment_argument
@common_options
def validate(assignment: str | None, course_file: Path | None) -> int:
    """Check that course.yml, notebooks and suites are consistent.

    The source notebook must get full points, the release version none, and the release version
    must be the one that nbgrader generates from the source. Checks ASSIGNMENT, by default all
    assignments.
    """
    from autograder.authoring.validation import validate_assignment

    course = find_and_load(course_file)
    warn_of_seed(course)
    names = list(course.assignments) if assignment is None else [assignment]
    for name in names:
        for line in validate_assignment(course, course.assignment(name)):
            click.echo(line)
    return OK
