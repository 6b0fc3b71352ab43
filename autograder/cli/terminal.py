"""Shows progress and results in the terminal, and writes output files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.runner import printable, writing
from autograder.files import write_whole

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.course import Assignment
    from autograder.grading.result import GradingResult
    from autograder.record import Record


def relative(path: Path) -> Path:
    """Return a path relative to the current folder if it is inside, else unchanged."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def write_out(output: Path | None, content: bytes) -> None:
    """Write to a file, by default to standard output."""
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        with writing(output):
            write_whole(output, content)


def console() -> Console:
    """Return a console on standard output, 120 columns wide if that is not a terminal."""
    from rich.console import Console

    console = Console(soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=120)
    return console


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Count the steps of a task on a terminal; show nothing elsewhere."""
    from rich import progress
    from rich.console import Console

    console = Console(stderr=True)
    time = progress.TimeElapsedColumn() if total is None else progress.TimeRemainingColumn()
    columns = (progress.TextColumn(what), progress.BarColumn(), progress.MofNCompleteColumn(), time)
    disable = not console.is_terminal
    with progress.Progress(*columns, console=console, transient=True, disable=disable) as shown:
        task = shown.add_task("", total=total)
        yield lambda count: shown.advance(task, count)


def with_progress(results: Iterator[GradingResult], total: int) -> Generator[GradingResult]:
    """Yield results, and show a progress bar on a terminal, plain lines elsewhere.

    The bar is gone before the last result: what is printed after that gets a line of its own.
    """
    from rich.console import Console

    from autograder.reports.summary import progress_line

    is_terminal = Console(stderr=True).is_terminal
    with bar("grading", total) as advance:
        for done, result in enumerate(results, 1):
            if not is_terminal:
                click.echo(progress_line(result.record, done, total), err=True)
            advance(1)
            if done == total:
                break
            yield result
    yield result


def show(
    records: Sequence[Record], assignment: Assignment, verbose: bool, titled: bool = False
) -> None:
    """Print the table, with a title if there are several, and if verbose also the findings."""
    from autograder.reports.summary import findings, reviews, table

    if titled:
        count = "1 submission" if len(records) == 1 else f"{len(records)} submissions"
        click.echo(f"\n{assignment.name}: {count}")
    console().print(table(records, assignment))
    for line in reviews(records):
        click.echo(printable(line))
    if verbose:
        for record in records:
            click.echo(findings(record), nl=False)


def show_totals(graded: Mapping[str, Sequence[tuple[Assignment, Sequence[Record]]]]) -> None:
    """Print the sums of the points of each assignment that has several notebooks.

    Args:
        graded: what was graded, each notebook with its records, by the names of the assignments.
    """
    from autograder.reports.summary import totals

    for name, notebooks in graded.items():
        if len(notebooks) > 1:
            click.echo(f"\n{name}: all notebooks")
            console().print(totals(notebooks))
