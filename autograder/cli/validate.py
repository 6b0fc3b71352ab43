"""`autograder validate`: check that an assignment's parts are consistent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    complete_tests,
    each_assignment,
    find_and_load,
    warn_of_seed,
)

if TYPE_CHECKING:
    from autograder.course import Assignment


@click.command()
@assignment_argument
@common_options
def validate(assignment: str | None, course_file: Path | None) -> int:
    """Check that course.yml, notebooks and suites are consistent.

    The source notebook must get full points, the release version none, and the release version
    must be the one that nbgrader generates from the source. Checks ASSIGNMENT, by default each
    assignment: a mistake in one does not keep the others from being checked.
    """
    from autograder.authoring.validation import validate_assignment

    course = find_and_load(course_file)
    warn_of_seed(course)

    def check(chosen: Assignment) -> None:
        complete_tests(course, chosen)
        for line in validate_assignment(course, chosen):
            click.echo(line)

    return each_assignment(course, assignment, check)
