"""`autograder doctor`: test whether student code is confined on this machine."""

from pathlib import Path

import click

from autograder.cli.options import assignment_argument, common_options, find_and_load, warn_of_seed
from autograder.cli.runner import BAD_INPUT, OK


@click.command()
@assignment_argument
@common_options
def doctor(assignment: str | None, course_file: Path | None) -> int:
    r"""Test whether student code is confined on this machine.

    A real child process attempts everything that student code must not do.

    \b
    Exit status: 0 everything was stopped, 2 something was not.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from autograder.sandbox import isolation_report as isolation
    from autograder.sandbox.warm_process import WarmProcess

    course = find_and_load(course_file)
    warn_of_seed(course)
    first = next(iter((*course.ready_assignments, *course.assignments.values())))
    chosen = course.assignment(assignment or first.name)
    with WarmProcess(chosen.preload) as warm:
        report = isolation.probe(warm, isolation.secrets(course, chosen))
    table = Table("student code tried to", "and", box=SIMPLE_HEAD, pad_edge=False)
    for name, what in isolation.FORBIDDEN.items():
        table.add_row(what, "[green]was stopped" if report.stopped[name] else "[bold red]COULD")
    Console().print(table)
    click.echo(f"confined by: {isolation.mechanisms()}")
    if report.complete:
        return OK
    click.echo(f"not everything was stopped: {isolation.reason()}")
    consequence = "refuses to grade" if isolation.refuses(course, report) else "grades anyway"
    click.echo(f"isolation: {course.isolation} in {course.file} {consequence} here")
    return BAD_INPUT
