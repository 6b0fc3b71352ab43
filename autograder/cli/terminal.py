"""Shows progress and results in the terminal, and writes output files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.runner import printable, writing

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
    from autograder.files import write_whole

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
def bar(what: str) -> Iterator[Callable[[int], None]]:
    """Count the steps of a task of unknown length on a terminal; show nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn(what), TextColumn("{task.completed:.0f} done"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        bar = p.add_task("", total=None)
        yield lambda count: p.advance(bar, count)


def with_progress(results: Iterator[GradingResult], total: int) -> Generator[GradingResult]:
    """Yield results, and show a progress bar on a terminal, plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    from autograder.reports.summary import progress_line

    console = Console(stderr=True)
    if not console.is_terminal:
        for done, result in enumerate(results, 1):
            click.echo(progress_line(result.record, done, total), err=True)
            yield result
        return
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeLeft())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=total)
        for result in results:
            progress.advance(bar)
            yield result


def show(records: Sequence[Record], assignment: Assignment, verbose: bool) -> None:
    """Print the table, and if verbose the findings in each submission."""
    from autograder.reports.summary import findings, reviews, table

    console().print(table(records, assignment))
    for line in reviews(records):
        click.echo(printable(line))
    if verbose:
        for record in records:
            click.echo(findings(record), nl=False)
