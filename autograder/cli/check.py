"""The command `autograder check`, and the students' `autograder`, which has little else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from autograder.cli.terminal import (
    FAILED,
    GRADER_ERROR,
    INTERRUPTED,
    OK,
    completion,
    debug_option,
    printable,
    run,
)
from autograder.errors import AutograderError
from autograder.reports.text import quiet
from autograder.selfcheck.help import help_page


def _names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete names of assignments in the shell."""
    from autograder.selfcheck.discovery import assignment_names

    try:
        names = assignment_names(Path.cwd(), context.params.get("course_file"))
    except AutograderError:
        return []
    return [name for name in names if name.startswith(incomplete)]


@click.command(epilog=f"What the words mean, and what to do:\n\n\b\n{help_page()}")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    shell_complete=_names,
    help="The assignment; needed only when there are several.",
)
@debug_option
def check(notebook: Path, assignment: str | None, course_file: Path | None = None) -> int:
    """Check your own NOTEBOOK with the tests that everybody may see.

    Runs its cells here, as your own code: not confined, and Ctrl-C stops it. Nothing is graded,
    sent or kept.

    \b
    Exit status: 0 everything passes, 1 something does not, 2 bad input.
    """  # noqa: D301
    from autograder.selfcheck.discovery import find_assignment
    from autograder.selfcheck.public_session import check_notebook

    checked = check_notebook(notebook, find_assignment(assignment, Path.cwd(), course_file))
    click.echo(printable(quiet(str(checked))))
    if checked.stopped:
        return INTERRUPTED
    return GRADER_ERROR if checked.fault else OK if checked.complete else FAILED


class Students(click.Group):
    """The commands of the students' kit; of any other it says where that is to be found."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was asked for."""
        name = args[0]
        if not name.startswith("-") and name not in self.commands:
            ctx.fail(
                f"There is no command {name!r} here: the students' kit has "
                f"{' and '.join(self.commands)}. Grading needs the whole kit, ml-autograder, "
                "installed in an environment of its own."
            )
        return super().resolve_command(ctx, args)


@click.group(cls=Students, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ml-autograder-student")
def students() -> None:
    """Check your own notebook before you hand it in. Nothing is graded.

    In a notebook: from autograder import check, then check() in the last cell.
    """


students.add_command(check)
students.add_command(completion)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the students' command and exit with a status that scripts can rely on."""
    fault = "this went wrong by itself, it says nothing about your work"
    run(students, arguments, "Interrupted.", fault)
