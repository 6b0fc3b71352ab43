"""The commands that look after a course: validate, verify, release, adopt, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    find_and_load,
    jobs_option,
    processors,
)
from autograder.cli.screen import bar, console, relative
from autograder.cli.terminal import BAD_INPUT, FAILED, OK, debug_option
from autograder.reports.text import quiet

if TYPE_CHECKING:
    from autograder.authoring.verification.verifier import Verification


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


@click.command()
@assignment_argument
@click.option(
    "--mutants",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Also change the reference solution at random, N times.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "html"]),
    default="text",
    help="Print the matrix as text, or as a page.",
)
@jobs_option
@common_options
def verify(
    assignment: str | None, mutants: int, style: str, jobs: int | None, course_file: Path | None
) -> int:
    r"""Test the tests: send submissions with known results through them.

    The reference solution and every accepted way to write it must get full points, an empty one
    none; every known mistake must lose exactly its points and be named; no attack may gain a
    point; every test must catch something that no other of its task does; two runs must agree.

    \b
    Exit status: 0 all of that holds, 1 something does not.
    """
    from autograder.authoring.verification.matrix import page
    from autograder.authoring.verification.verifier import verify_assignment

    course = find_and_load(course_file)
    chosen = course.assignment(assignment)
    with bar("verifying") as progress:
        found = verify_assignment(course, chosen, mutants, jobs or processors(), progress)
    if style == "html":
        title = f"{chosen.name}: what the tests catch"
        click.echo(page(found.rows, found.tasks, title, found.summary, found.problems), nl=False)
    else:
        _show_matrix(found)
    return FAILED if found.problems else OK


@click.command()
@assignment_argument
@common_options
def release(assignment: str | None, course_file: Path | None) -> int:
    """Make the release version of an assignment, in assignments/, with nbgrader.

    Makes all assignments, or ASSIGNMENT. Needs the extra [nbgrader].
    """
    from autograder.integrations.nbgrader.release_version import release_assignment

    course = find_and_load(course_file)
    names = list(course.assignments) if assignment is None else [assignment]
    for name in names:
        path = release_assignment(course, course.assignment(name))
        click.echo(f"{relative(path)}: made from the source notebook.")
    return OK


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


@click.command()
@assignment_argument
@common_options
def doctor(assignment: str | None, course_file: Path | None) -> int:
    r"""Try out whether student code is confined on this machine.

    A real child process tries each thing that student code must not do.

    \b
    Exit status: 0 everything was stopped, 2 something was not.
    """
    from rich.console import Console

    from autograder.reports.summary import confinement_table
    from autograder.sandbox.probe import FORBIDDEN, mechanisms, probe, reason, refuses, secrets
    from autograder.sandbox.warm_process import WarmProcess

    course = find_and_load(course_file)
    chosen = course.assignment(assignment or next(iter(course.assignments)))
    with WarmProcess(chosen.preload) as warm:
        report = probe(warm, secrets(course, chosen))
    rows = [(what, report.stopped[name]) for name, what in FORBIDDEN.items()]
    Console().print(confinement_table(rows))
    click.echo(f"confined by: {mechanisms()}")
    if report.complete:
        return OK
    click.echo(f"not everything was stopped: {reason()}")
    demand = "refuses to grade" if refuses(course, report) else "grades nevertheless"
    click.echo(f"isolation: {course.isolation} in {course.file} {demand} here")
    return BAD_INPUT


def _show_matrix(found: Verification) -> None:
    """Print the matrix, what was found, and what does not hold."""
    from autograder.authoring.verification.matrix import legend, table

    console().print(table(found.rows, found.tasks))
    click.echo(legend(found.tasks))
    for line in found.summary:
        click.echo(line)
    for problem in found.problems:
        click.echo(f"✗ {quiet(problem)}")
    click.echo("Not everything holds." if found.problems else "Everything holds.")
