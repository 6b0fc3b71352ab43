"""The command `autograder` in the students' kit: `check` and `completion`."""

from collections.abc import Sequence

import click

from autograder.cli.check import check
from autograder.cli.completion import completion
from autograder.cli.runner import run


class Students(click.Group):
    """The commands of the students' kit; an unknown command is explained."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or say which kit has it."""
        if not cmd_name.startswith("-") and cmd_name not in self.commands:
            ctx.fail(
                f"There is no command {cmd_name!r} here: the students' kit has "
                f"{' and '.join(self.commands)}. To grade, install the full kit, ml-autograder, "
                "in a separate environment."
            )
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=Students,
    commands=[check, completion],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="ml-autograder-student")
def students() -> None:
    """Check your own notebook before you submit it. Nothing is graded.

    In a notebook: from autograder import check, then check() in the last cell.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the students' command and exit with its status."""
    grader_error = "the check itself failed, which is not your fault"
    run(students, arguments, "Interrupted.", grader_error)
