"""Options and arguments shared by several commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from autograder.cli.runner import BAD_INPUT, OK, debug_option
from autograder.errors import AutograderError
from autograder.reports.text import quiet

if TYPE_CHECKING:
    from autograder.course import Assignment, Course

Command = TypeVar("Command", bound=Callable[..., Any])


def _assignment_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete assignment names in the shell."""
    try:
        names = find_and_load(context.params.get("course_file")).assignments
    except AutograderError:
        return []
    return [name for name in names if name.startswith(incomplete)]


assignment_argument = click.argument("assignment", required=False, shell_complete=_assignment_names)


def assignment_option(default: str) -> Callable[[Command], Command]:
    """Return the option --assignment; `default` says which it is without the option."""
    return click.option(
        "-a",
        "--assignment",
        metavar="NAME",
        shell_complete=_assignment_names,
        help=f"The assignment. [default: {default}]",
    )


jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="The number of submissions to grade in parallel. [default: the number of processors]",
)


def file_option(*names: str, help: str) -> Callable[[Command], Command]:
    """Return an option that takes the path of a file."""
    path = click.Path(path_type=Path, dir_okay=False)
    return click.option(*names, metavar="FILE", type=path, help=help)


course_option = file_option(
    "--course", "course_file", help="The course file, instead of the nearest course.yml."
)
output_option = file_option("-o", "--output", help="The file to write. [default: standard output]")


def common_options(command: Command) -> Command:
    """Add the options --course and --debug."""
    # A raw docstring contains `\b` as text; click needs the character to keep the lines below it.
    command.__doc__ = (command.__doc__ or "").replace("\\b\n", "\b\n")
    return course_option(debug_option(command))


def find_and_load(file: Path | None) -> Course:
    """Load the course from a file, by default the nearest course.yml."""
    from autograder.course import find_course, load_course

    return load_course(file if file is not None else find_course(Path.cwd()))


def each_assignment(course: Course, name: str | None, action: Callable[[Assignment], None]) -> int:
    """Do something with an assignment, or with each: one that fails does not stop the others.

    Returns:
        the exit status.
    """
    if name is not None:
        for part in course.parts(name):
            action(part)
        return OK
    status = OK
    for each in course.assignments:
        try:
            action(course.assignment(each))
        except AutograderError as error:
            if len(course.assignments) == 1:
                raise
            click.echo(f"autograder: {each}: {quiet(str(error))}", err=True)
            status = BAD_INPUT
    return status


def complete_tests(course: Course, assignment: Assignment) -> None:
    """Let nbgrader complete test cells with `### AUTOTEST` lines, if it is installed."""
    from autograder.grading.completed_tests import needs_completion

    if needs_completion(course, assignment) and find_spec("nbgrader") is not None:
        from autograder.integrations.nbgrader.completing import complete_tests

        complete_tests(course, assignment)


def warn_of_seed(course: Course) -> None:
    """Warn on standard error if the seed of hidden inputs is no secret."""
    from autograder.course import seed_warning

    if warning := seed_warning(course):
        click.secho(warning, err=True, fg="yellow", bold=True)


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
