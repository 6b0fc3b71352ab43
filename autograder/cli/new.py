"""`autograder new`: write a new assignment to start from."""

from importlib.util import find_spec
from pathlib import Path

import click

from autograder.cli.options import common_options
from autograder.cli.runner import OK
from autograder.cli.terminal import relative

INSTALL = "pip install 'ml-autograder[nbgrader]'"


@click.command()
@click.argument("name")
@click.option("--numpy", "kind", flag_value="numpy", help="An example with NumPy. [default]")
@click.option("--torch", "kind", flag_value="torch", help="An example with PyTorch.")
@click.option("--sklearn", "kind", flag_value="sklearn", help="An example with scikit-learn.")
@common_options
def new(name: str, kind: str | None, course_file: Path | None) -> int:
    """Write a new assignment NAME to start from.

    It has a source notebook with one worked task, a suite that tests it, and an entry in
    course.yml. If there is no course.yml in the current folder or above it, a course is made in
    the current folder, with a secret seed of its own. No existing file is overwritten. Then the
    release version is made, and everything is checked.
    """
    from autograder.authoring.new_assignment import write_assignment
    from autograder.authoring.validation import validate_assignment

    made = write_assignment(name, kind or "numpy", course_file, Path.cwd())
    for path in made.written:
        click.echo(f"{relative(path)}: written.")
    if made.course.file not in made.written:
        click.echo(f"{relative(made.course.file)}: {name} was added.")
    if made.to_ignore:
        click.echo(f"There is a .gitignore already. Add this to it:\n\n{made.to_ignore}")
    if find_spec("nbgrader") is not None:
        from autograder.integrations.nbgrader.registration import release_assignment

        try:
            path = release_assignment(made.course, made.assignment)
            click.echo(f"{relative(path)}: generated from the source notebook.")
            for line in validate_assignment(made.course, made.assignment):
                click.echo(line)
        except Exception:
            click.echo(
                f"The files of {name} are written. When what follows is fixed, go on with "
                f"`autograder release {name}` and `autograder validate {name}`.",
                err=True,
            )
            raise
    source = relative(made.course.notebook_file(made.assignment))
    release = relative(made.course.notebook_file(made.assignment, "release"))
    suite = relative(made.assignment.suite_folder / f"test_{name}.py")
    choice = f" -a {name}" if len(made.course.assignments) > 1 else ""
    install = "" if find_spec("nbgrader") is not None else f"`{INSTALL}`, then "
    click.echo(
        f"\n1. Change the example in {source}, and write a test for each function in {suite}.\n"
        f"2. After each change, run {install}`autograder release {name}` and "
        f"`autograder validate {name}`.\n"
        f"3. Give students {release.parent}/, put their notebooks into "
        f"{made.course.folders.submitted}/<student>/{name}/, and run `autograder grade{choice}`."
    )
    return OK
