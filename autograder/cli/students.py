"""The command `autograder` of the students' kit: `check`, and completion."""

from __future__ import annotations

from collections.abc import Sequence

import click

from autograder.cli.check import check
from autograder.cli.completion import completion
from autograder.cli.runner import run


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
    grader_error = "this went wrong by itself, it says nothing about your work"
    run(students, arguments, "Interrupted.", grader_error)
