"""`autograder template`: write the starter files of a repository."""

from pathlib import Path
from secrets import token_hex

import click

from autograder.cli.options import assignment_option, common_options, find_and_load
from autograder.cli.runner import OK, writing


@click.group()
def template() -> None:
    """Write the starter files of a repository."""


@template.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--grader",
    required=True,
    metavar="OWNER/REPO[@REF]",
    help="Your copy of this kit on GitHub, at a branch, tag or commit. [default REF: main]",
)
@click.option(
    "--course-repository",
    metavar="OWNER/REPO",
    help="A private repository with course.yml and hidden suites, read with a deploy key.",
)
@assignment_option("the only one")
@common_options
def github(
    folder: Path,
    grader: str,
    course_repository: str | None,
    assignment: str | None,
    course_file: Path | None,
) -> int:
    """Write a starter repository for GitHub to FOLDER.

    It contains the release version of the notebook, the workflow that grades each push, the
    requirements and a README. Existing files are not changed.
    """
    from autograder.integrations.github.repository import student_repository, write_files

    course = find_and_load(course_file)
    chosen = course.assignment(assignment)
    files = student_repository(course, chosen, grader, course_repository)
    with writing(folder):
        write_files(folder, files)
    for name in files:
        click.echo(f"{folder / name}")
    click.echo(
        "Set the secret AUTOGRADER_SEED, in GitHub, to a random text that nobody else has, such as "
        f"{token_hex(16)}.",
        err=True,
    )
    return OK
