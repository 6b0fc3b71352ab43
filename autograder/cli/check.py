"""`autograder check`: check your own notebook with the public tests."""

from pathlib import Path

import click

from autograder.cli.runner import FAILED, GRADER_ERROR, INTERRUPTED, OK, debug_option, printable
from autograder.errors import AutograderError
from autograder.reports.text import quiet
from autograder.selfcheck import HELP_PAGE


def _names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete assignment names in the shell."""
    from autograder.selfcheck.discovery import assignment_names

    try:
        names = assignment_names(Path.cwd(), context.params.get("course_file"))
    except AutograderError:
        return []
    return [name for name in names if name.startswith(incomplete)]


@click.command(epilog=f"What the results mean, and what to do:\n\n\b\n{HELP_PAGE}")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    shell_complete=_names,
    help="The assignment. [default: the one to which the notebook belongs]",
)
@debug_option
def check(notebook: Path, assignment: str | None, course_file: Path | None = None) -> int:
    """Check your own NOTEBOOK with the public tests.

    Runs its cells as your own code, without isolation; Ctrl-C stops it. Nothing is graded, sent
    or stored.

    \b
    Exit status: 0 all tests pass, 1 some do not, 2 bad input.
    """  # noqa: D301
    from autograder.notebook import read_notebook
    from autograder.recognition import recognized
    from autograder.selfcheck.discovery import find_assignment, reference_of
    from autograder.selfcheck.public_session import check_notebook

    read_notebook(notebook)  # or say what is wrong with it, before anybody asks whose it is
    chosen = find_assignment(
        assignment, Path.cwd(), course_file, lambda marks: recognized(notebook, marks)
    )
    with reference_of(chosen, Path.cwd(), course_file) as reference:
        checked = check_notebook(notebook, chosen, reference)
    click.echo(printable(quiet(str(checked))))
    if checked.stopped:
        return INTERRUPTED
    return GRADER_ERROR if checked.grader_error else OK if checked.complete else FAILED
