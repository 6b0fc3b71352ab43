"""`autograder release`: make the release version of an assignment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    each_assignment,
    find_and_load,
)
from autograder.cli.terminal import relative

if TYPE_CHECKING:
    from autograder.course import Assignment


@click.command()
@assignment_argument
@common_options
def release(assignment: str | None, course_file: Path | None) -> int:
    """Make the release version of ASSIGNMENT in assignments/, with nbgrader.

    The default is all assignments. Needs the extra [nbgrader].
    """
    from autograder.integrations.nbgrader.registration import release_assignment

    course = find_and_load(course_file)

    made: set[str] = set()

    def make(chosen: Assignment) -> None:
        if chosen.folder not in made:  # with all of its notebooks
            release_assignment(course, chosen)
            made.add(chosen.folder)
        path = course.notebook_file(chosen, "release")
        click.echo(f"{relative(path)}: generated from the source notebook.")

    return each_assignment(course, assignment, make)
