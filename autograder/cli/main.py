"""The command `autograder`: commands import what they need when they run."""

from collections.abc import Sequence

import click

from autograder import __version__
from autograder.cli.adopt import adopt
from autograder.cli.check import check
from autograder.cli.collect import collect
from autograder.cli.completion import completion
from autograder.cli.doctor import doctor
from autograder.cli.explain import explain
from autograder.cli.export import export
from autograder.cli.grade import grade
from autograder.cli.insight import insight
from autograder.cli.new import new
from autograder.cli.options import course_option
from autograder.cli.package import package
from autograder.cli.receive import receive
from autograder.cli.regrade import regrade
from autograder.cli.release import release
from autograder.cli.report import report
from autograder.cli.runner import run
from autograder.cli.template import template
from autograder.cli.validate import validate
from autograder.cli.verify import verify

COMMANDS = (
    *(grade, regrade, insight, explain, collect, export, receive, report),
    *(new, validate, verify, release, adopt, doctor),
    *(package, template, course_option(check), completion),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its status."""
    run(
        cli,
        arguments,
        "Interrupted. The results so far are kept; run the command again to continue.",
        "this is an error in the grader, not in a submission",
    )


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Grade machine-learning assignments, fairly and fast, with feedback that teaches.

    Commands look for course.yml in the current folder and the folders above it.
    """
