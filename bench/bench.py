"""Grades copies of the lean notebook three ways in one run, and prints what it measured.

- stock: `nbgrader autograde` as nbgrader comes, one kernel for each submission;
- ours: `autograder grade` on the same folder, grades in nbgrader's gradebook at the end too;
- bare: fork the warm process and run the cells, no tests: what no grader of this kind can beat.

The lean notebook is the solution without its plots. Times are wall time of whole commands,
start-up included; on a noisy machine the ratios say more than the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from autograder.course import Assignment, load_course
from autograder.exam.session import limits_of
from autograder.grading.checks import notebook_file
from autograder.sandbox.run import Run
from autograder.sandbox.warm import WarmProcess
from autograder.submission import read_notebook

ROOT = Path(__file__).parent.parent
NAME = "linear_regression"
BIN = Path(sys.executable).parent
STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--copies", type=int, default=100, help="submissions for ours and bare")
    parser.add_argument("--stock", type=int, help="submissions for stock (as many as --copies)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    stock_copies = options.stock or options.copies
    with tempfile.TemporaryDirectory() as scratch:
        ours, stock = Path(scratch, "ours"), Path(scratch, "stock")
        make_course(ours, options.copies)
        make_course(stock, stock_copies)
        (stock / "nbgrader_config.py").write_text(STOCK_CONFIG)
        for course in (ours, stock):
            command(course, "nbgrader", "generate_assignment", NAME)
        bare_seconds = bare(ours, options.copies, options.jobs)
        confinement = confinement_costs(ours, options.copies)
        grade = ("autograder", "grade", "--jobs", str(options.jobs))
        ours_seconds = command(ours, *grade)
        stock_seconds = command(stock, "nbgrader", "autograde", NAME)
        check_grades(ours, options.copies)
        with peak_memory() as peak:  # in a run of its own: looking slows it down
            command(ours, *grade)
        check_grades(stock, stock_copies)
    rows = [
        ("stock: nbgrader autograde", stock_copies, stock_seconds),
        ("ours: autograder grade", options.copies, ours_seconds),
        ("bare: fork and run the cells", options.copies, bare_seconds),
    ]
    show(rows, options.jobs, peak[0], confinement)


def make_course(folder: Path, copies: int) -> None:
    """Make a course whose source is the lean notebook, and a class that hands it in solved."""
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    source = folder / "solutions" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(source.read_text(encoding="utf-8"))
    notebook["cells"] = [
        cell for cell in notebook["cells"] if "plot" not in cell["metadata"].get("tags", [])
    ]
    source.write_text(json.dumps(notebook), encoding="utf-8")
    for number in range(copies):
        submitted = folder / "submitted" / f"student{number:04}" / NAME
        submitted.mkdir(parents=True)
        shutil.copy(source, submitted)


def command(course: Path, *arguments: str) -> float:
    """Run a command of this environment in a course and return its seconds."""
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    begun = time.monotonic()
    done = subprocess.run(
        [str(BIN / arguments[0]), *arguments[1:]],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return time.monotonic() - begun


def bare(course: Path, copies: int, jobs: int) -> float:
    """Return the seconds that forking and running the cells take, start-up included."""
    definition = load_course(course / "course.yml")
    assignment = definition.assignment(NAME)
    cells = read_notebook(notebook_file(definition, assignment)).cells
    begun = time.monotonic()
    shares = [copies // jobs + (number < copies % jobs) for number in range(jobs)]
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda share: run_bare(assignment, cells, share), shares))
    return time.monotonic() - begun


def run_bare(assignment: Assignment, cells: Sequence[str], copies: int) -> None:
    """Run the cells a number of times beside one warm process."""
    limits, seconds = limits_of(assignment)
    with WarmProcess(assignment.preload) as warm:
        for _ in range(copies):
            run = Run(warm, cells, limits, seconds)
            run.execute()
            run.close()


class Unconfined(WarmProcess):
    """A warm process whose children are not confined by the kernel."""

    @property
    def program(self) -> tuple[str, ...]:
        """The command that becomes the warm process."""
        code = (
            "import runpy; from autograder.worker import confine\n"
            "confine.landlock.ruleset = lambda *_: None\n"
            "confine.seccomp.available = lambda: False\n"
            "runpy.run_module('autograder.worker', run_name='__main__')"
        )
        return *super().program[:-2], "-c", code


def confinement_costs(course: Path, copies: int) -> float:
    """Return the seconds that Landlock and seccomp add to running the cells once."""
    definition = load_course(course / "course.yml")
    assignment = definition.assignment(NAME)
    cells = read_notebook(notebook_file(definition, assignment)).cells
    limits, seconds = limits_of(assignment)
    spent: dict[bool, list[float]] = {False: [], True: []}
    with WarmProcess(assignment.preload) as confined, Unconfined(assignment.preload) as free:
        for number in range(2 * copies + 2):
            run = Run(free if number % 2 else confined, cells, limits, seconds)
            begun = time.monotonic()
            run.execute()
            run.close()
            if number > 1:  # not the first of each, which is cold
                spent[number % 2 == 0].append(time.monotonic() - begun)
    return statistics.median(spent[True]) - statistics.median(spent[False])


def check_grades(course: Path, copies: int) -> None:
    """Stop unless every submission has full points in the gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        scores = [submission.score for submission in gradebook.assignment_submissions(NAME)]
    if scores != [100.0] * copies:
        sys.exit(f"{course.name}: {copies} submissions should have 100 points each, not {scores}")


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Sample the memory of all processes started meanwhile (PSS: shared pages count once)."""
    peak, done = [0], threading.Event()

    def sample() -> None:
        while not done.wait(0.3):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def show(rows: Sequence[tuple[str, int, float]], jobs: int, peak: int, confinement: float) -> None:
    """Print the table, the ratios and the memory."""
    table = Table("", box=None)
    for heading in ("submissions", "seconds", "seconds each", "an hour"):
        table.add_column(heading, justify="right")
    for name, count, seconds in rows:
        each = seconds / count
        table.add_row(name, str(count), f"{seconds:.1f}", f"{each:.3f}", f"{3600 / each:,.0f}")
    stock, ours, bare_limit = (seconds / count for _, count, seconds in rows)
    console = Console(width=100)
    console.print(table)
    console.print(f"ours is {stock / ours:.0f} times as fast as stock (with {jobs} processes)")
    console.print(f"ours reaches {bare_limit / ours:.0%} of the bare limit")
    console.print(f"confinement costs {confinement * 1000:.1f} ms a submission")
    console.print(f"peak memory of ours, all processes together: {peak / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
