"""The limit that no grader of this kind can beat: fork, run the cells, call the functions.

    python -m bench.bare FOLDER --jobs N

A process imports what submissions need and forks a worker for each processor, and these fork a
child for each notebook, as the kit's warm processes do. The child runs the student's cells in the
kit's shell, makes the suite's calls in the same process (`bench/checks`), and reports what is
right in one line. Nothing is confined, pytest does not run, nothing is written. A cell or a task
that never ends is interrupted in place, so no second process is needed to continue.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from autograder.course import Assignment, load_course
from autograder.grading.session import limits_of
from autograder.notebook import read_notebook
from autograder.sandbox.student_process import SLOW_IMPORTS, TimeLimits
from autograder.sandbox.worker.__main__ import _warm_up_all_of_torch, import_all, warm_up
from autograder.sandbox.worker.shell import Shell, take_over
from autograder.source_notebook import SourceNotebook, own_cells

Check = Callable[[Mapping[str, Any], Callable[[], AbstractContextManager[None]]], list[bool]]

NUMBER = 4  # bytes; a pipe holds ten thousand of them


class Interrupted(BaseException):
    """Student code ran out of time; its own `except Exception` cannot catch this."""


def main() -> None:
    """Run every notebook of a class, and print how many were right in every task."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    course = load_course(options.folder / "course.yml")
    assignment = course.assignment(None)
    notebooks = sorted(course.folder("submitted").glob(f"*/*/{assignment.notebook}.ipynb"))
    given = SourceNotebook(course, assignment).given_cells
    import_all([*assignment.preload])
    shell = warm_up()
    checks = importlib.import_module(f"bench.checks.{assignment.name}")
    gc.freeze()
    queue = waiting(len(notebooks))
    workers = [
        forked(partial(work, shell, assignment, given, notebooks, queue, checks.check))
        for _ in range(max(1, min(options.jobs, len(notebooks))))
    ]
    right = sum(json.loads(read_all(worker)) for worker in workers)
    print(f"{right} of {len(notebooks)} right")


def waiting(count: int) -> int:
    """Return a pipe with the numbers of all notebooks; a free worker takes the next."""
    queue, end = os.pipe()
    os.write(end, b"".join(number.to_bytes(NUMBER) for number in range(count)))
    os.close(end)
    return queue


def work(
    shell: Shell,
    assignment: Assignment,
    given: Mapping[str, str],
    notebooks: Sequence[Path],
    queue: int,
    check: Check,
) -> bytes:
    """Run notebooks one after the other until none are left."""
    right = 0
    limits, seconds = limits_of(assignment)
    while number := os.read(queue, NUMBER):
        cells = own_cells(read_notebook(notebooks[int.from_bytes(number)]), given)
        if any(SLOW_IMPORTS.search(cell) for cell in cells):
            _warm_up_all_of_torch()  # once, as the kit does
        reply = read_all(forked(partial(run, shell, cells, limits.output, seconds, check)))
        right += reply.count(b"true") == len(assignment.tasks)
    return json.dumps(right).encode()


def run(
    shell: Shell, cells: Sequence[str], output: int, seconds: TimeLimits, check: Check
) -> bytes:
    """Run the cells, draw what they show, and call what they define, in the child."""
    take_over(shell)
    random.seed(0)
    names: dict[str, Any] = {}
    patience = Patience()
    for number, cell in enumerate(cells, 1):
        if cell.strip():
            with suppress(TimeoutError), patience.limit(seconds.cell):
                shell.run(number, cell, output)
                shell.collector.pictures()
            names.update((n, v) for n, v in shell.user_ns.items() if callable(v))
    return json.dumps(check(names, partial(patience.limit, seconds.request))).encode()


class Patience:
    """Interrupts what takes too much processor time."""

    def __init__(self) -> None:
        self.interrupted = False
        signal.signal(signal.SIGPROF, self._interrupt)

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Raise TimeoutError after so many seconds of processor time."""
        self.interrupted = False
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            yield
        except Interrupted:
            raise TimeoutError from None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if self.interrupted:  # the shell or the code itself caught it
            raise TimeoutError

    def _interrupt(self, *_: object) -> NoReturn:
        self.interrupted = True
        raise Interrupted


def forked(task: Callable[[], bytes]) -> tuple[int, int]:
    """Fork a process for a task; return its id and the descriptor its result comes over."""
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(theirs)
            os.write(ours, task())
        finally:
            os._exit(0)
    os.close(ours)
    return pid, theirs


def read_all(process: tuple[int, int]) -> bytes:
    """Return what a process wrote, and wait for its end."""
    pid, descriptor = process
    with os.fdopen(descriptor, "rb") as pipe:
        reply = pipe.read()
    os.waitpid(pid, 0)
    return reply


if __name__ == "__main__":
    main()
