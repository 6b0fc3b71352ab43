"""`autograder validate`: check an assignment from end to end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    find_and_load,
)
from autograder.cli.runner import OK

if TYPE_CHECKING:
    pass


@click.command()
@assignment_argument
@common_options
def validate(assignment: str | None, course_file: Path | None) -> int:
    """Check course, notebooks and suites against each other.

    The source notebook must get full points, the release version none, and the release version
    must be the one that nbgrader makes from the source. Checks all assignments, or ASSIGNMENT.
    """
    from autograder.authoring.validation import validate_assignment

    course = find_and_load(course_file)
    names = list(course.assignments) if assignment is None else [assignment]
    for name in names:
        for line in validate_assignment(course, course.assignment(name)):
            click.echo(line)
    return OK
