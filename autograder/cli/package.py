"""`autograder package`: package an assignment for Gradescope or for students."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    complete_tests,
    each_assignment,
    file_option,
    find_and_load,
)
from autograder.cli.runner import OK, writing
from autograder.cli.terminal import relative, write_out

if TYPE_CHECKING:
    from autograder.course import Assignment


@click.group()
def package() -> None:
    """Package an assignment for Gradescope or for students."""


@package.command("gradescope")
@assignment_argument
@file_option("-o", "--output", help="The file to write. [default: ASSIGNMENT-gradescope.zip]")
@common_options
def package_gradescope(
    assignment: str | None, output: Path | None, course_file: Path | None
) -> int:
    """Build a zip file with the autograder of ASSIGNMENT for Gradescope.

    The default is a file for each assignment. It contains the suite and the seed: do not give it to
    students. In Gradescope, upload it under Configure Autograder.
    """
    from autograder.integrations.gradescope.autograder_zip import package as pack

    course = find_and_load(course_file)

    def build(chosen: Assignment) -> None:
        complete_tests(course, chosen)
        content = pack(course, chosen)
        file = output or Path(f"{chosen.name}-gradescope.zip")
        write_out(file, content)
        click.echo(
            f"{file}: {len(content) / 1e6:.1f} MB. In Gradescope, give the assignment "
            f"{chosen.max_score:g} points."
        )

    if output is not None:
        build(course.assignment(assignment))
        return OK
    return each_assignment(course, assignment, build)


@package.command()
@assignment_argument
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to. [default: the current folder]",
)
@common_options
def students(assignment: str | None, folder: Path, course_file: Path | None) -> int:
    """Build the students' kit: a wheel with `autograder check` and the public tests.

    Covers ASSIGNMENT, by default all assignments with public tests. It contains no hidden tests,
    no solutions and nothing else that `check` does not need. Students install it with pip.
    """
    from autograder.authoring.student_kit.kit import students_wheel

    course = find_and_load(course_file)
    chosen = course.ready_assignments if assignment is None else [course.assignment(assignment)]
    name, content = students_wheel(course, chosen)
    with writing(folder / name):
        folder.mkdir(parents=True, exist_ok=True)
        write_out(folder / name, content)
    click.echo(f"{relative(folder / name)}: {len(content) // 1024} KB, for students to install.")
    return OK
