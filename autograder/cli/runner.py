"""Runs a command, and turns errors into messages and exit statuses."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from autograder.errors import AutograderError, UsageError
from autograder.reports.text import quiet

OK, FAILED, BAD_INPUT, GRADER_ERROR, INTERRUPTED = 0, 1, 2, 3, 130


debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show a traceback when something fails."
)


def run(
    commands: click.Group, arguments: Sequence[str] | None, interrupted: str, grader_error: str
) -> None:
    """Run a command and exit with its status.

    The arguments are by default those of this process. `interrupted` is the message after Ctrl-C,
    `grader_error` the one for an error that the user did not cause.
    """
    gc.set_threshold(50_000)  # imports create many lasting objects: collecting them wastes time
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    try:
        status = commands.main(arguments, prog_name="autograder", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(interrupted, err=True)
        status = INTERRUPTED
    except AutograderError as error:
        if debug:
            raise
        click.echo(f"autograder: {quiet(str(error))}", err=True)
        status = BAD_INPUT
    except Exception as error:
        if debug:
            raise
        click.echo(
            f"autograder: {grader_error}: {type(error).__name__}: {quiet(str(error))}\n"
            "Run the command again with --debug and report what it prints.",
            err=True,
        )
        status = GRADER_ERROR
    gc.freeze()  # skips the collection at exit, too
    sys.exit(status if isinstance(status, int) else OK)


def printable(text: str) -> str:
    """Return text with `?` for each character that the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


@contextmanager
def writing(file: Path | None) -> Iterator[None]:
    """Turn a failure to write a file into a UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None
