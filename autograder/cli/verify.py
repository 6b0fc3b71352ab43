"""`autograder verify`: test the tests of an assignment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import (
    assignment_argument,
    common_options,
    each_assignment,
    find_and_load,
    jobs_option,
    processors,
)
from autograder.cli.runner import FAILED, OK
from autograder.cli.terminal import bar, console
from autograder.reports.text import quiet

if TYPE_CHECKING:
    from autograder.authoring.verification.verifier import Verification
    from autograder.course import Assignment


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
    "--suggest",
    is_flag=True,
    help="Propose a test for each wrong answer that keeps all points.",
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
    assignment: str | None,
    mutants: int,
    suggest: bool,
    style: str,
    jobs: int | None,
    course_file: Path | None,
) -> int:
    r"""Test the tests: grade submissions with known results.

    The reference solution and every accepted variant must get full points, an empty submission
    none; every known mistake must lose exactly its points and be named, or, without known mistakes,
    every mistake of the kit's library must lose points; no attack may gain a point; every test must
    catch something that no other test of its task catches; two runs must agree. Wrong answers that
    keep all points are compared with the reference. Without a name, each assignment is verified.

    \b
    Exit status: 0 all checks passed, 1 some failed.
    """
    course = find_and_load(course_file)
    failed = False

    def verified(chosen: Assignment) -> None:
        nonlocal failed
        if assignment is None and len(course.assignments) > 1 and not chosen.has_suite:
            click.echo(f"{chosen.name}: its test cells are what `autograder validate` checks.")
            return
        with bar(f"verifying {chosen.name}") as progress:
            found = verify_assignment(
                course, chosen, mutants, jobs or processors(), progress, suggest=suggest
            )
        if len(course.assignments) > 1 and assignment is None and style == "text":
            click.echo(f"{chosen.name}:")
        _show(found, chosen.name, style)
        failed |= bool(found.problems)

    from autograder.authoring.verification.verifier import verify_assignment

    status = each_assignment(course, assignment, verified)
    return status or (FAILED if failed else OK)


def _show(found: Verification, name: str, style: str) -> None:
    """Print the result of an assignment."""
    from autograder.authoring.verification.matrix import legend, page, table

    if style == "html":
        click.echo(page(found, f"{name}: what the tests catch"), nl=False)
        return
    console().print(table(found))
    for line in (legend(found.tasks), *found.summary):
        click.echo(line)
    for problem in found.problems:
        click.echo(f"✗ {quiet(problem)}")
    click.echo("Some checks failed." if found.problems else "All checks passed.")
