"""The command `autograder` in the students' kit: `check` and `completion`."""

from collections.abc import Sequence

import click

from autograder.cli.check import check
from autograder.cli.completion import completion
from autograder.cli.runner import run


class Students(click.Group):
    """The commands of the students' kit; an unknown command is explained."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command, or say which kit has it."""
        name = args[0]
        if not name.startswith("-") and name not in self.commands:
            ctx.fail(
                f"There is no command {name!r} here: the students' kit has "
                f"{' and '.join(self.commands)}. To grade, install the full kit, ml-autograder, "
                "in a separate environment."
            )
        return super().resolve_command(ctx, args)


@click.group(cls=Students, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ml-autograder-student")
def students() -> None:
    """Check your own notebook before you submit it. Nothing is graded.

    In a notebook: from autograder import check, then check() in the last cell.
    """


students.add_command(check)
students.add_command(completion)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the students' command and exit with its status."""
    grader_error = "the check itself failed, which is not your fault"
    run(students, arguments, "Interrupted.", grader_error)
