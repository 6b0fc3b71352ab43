"""`autograder completion`: turn on tab completion in a shell."""

import click

from autograder.cli.runner import OK

SHELLS = {
    "bash": 'eval "$(_AUTOGRADER_COMPLETE=bash_source autograder)"',
    "zsh": 'eval "$(_AUTOGRADER_COMPLETE=zsh_source autograder)"',
    "fish": "_AUTOGRADER_COMPLETE=fish_source autograder | source",
}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> int:
    """Print the line that turns on completion in SHELL; add it to the shell's start-up file."""
    click.echo(SHELLS[shell])
    return OK
