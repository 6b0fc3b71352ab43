"""`autograder verify`: test the tests of an assignment."""

from pathlib import Path

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    find_and_load,
    jobs_option,
    processors,
)
from autograder.cli.runner import FAILED, OK
from autograder.cli.terminal import bar, console
from autograder.reports.text import quiet


@click.command()
@assignment_argument
@click.option(
    "--mutants",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Also grade N random mutants of the reference solution.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "html"]),
    default="text",
    help="Print the matrix as text or as an HTML page.",
)
@jobs_option
@common_options
def verify(
    assignment: str | None, mutants: int, style: str, jobs: int | None, course_file: Path | None
) -> int:
    r"""Test the tests: grade submissions with known results.

    The reference solution and every accepted variant must get full points, an empty submission
    none; every known mistake must lose exactly its points and be named; no attack may gain a
    point; every test must catch something that no other test of its task catches; two runs must
    agree.

    \b
    Exit status: 0 all checks passed, 1 some failed.
    """
    from autograder.authoring.verification.matrix import legend, page, table
    from autograder.authoring.verification.verifier import verify_assignment

    course = find_and_load(course_file)
    chosen = course.assignment(assignment)
    with bar("verifying") as progress:
        found = verify_assignment(course, chosen, mutants, jobs or processors(), progress)
    if style == "html":
        click.echo(page(found, f"{chosen.name}: what the tests catch"), nl=False)
    else:
        console().print(table(found))
        for line in (legend(found.tasks), *found.summary):
            click.echo(line)
        for problem in found.problems:
            click.echo(f"✗ {quiet(problem)}")
        click.echo("Some checks failed." if found.problems else "All checks passed.")
    return FAILED if found.problems else OK
