"""What it costs to say what is wrong: grades a class of failures, and times each explanation.

    python -m bench.naming ASSIGNMENT --count N

Half of the class are known mistakes, drawn from the suite's misconceptions and from the library;
half are mutants of the solution, of which few are known. All counts are processor time: of this
process, and of those that run the solution's variants. It is one process, as in `--jobs 1`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from autograder.authoring.verification.cases import library_of
from autograder.authoring.verification.mutants import mutants
from autograder.course import Assignment
from autograder.diagnosis.matching import Lookup
from autograder.diagnosis.misconception import singles
from autograder.diagnosis.mistakes.library import misconceptions
from autograder.grading.batch import GradingContext, grade_batch, prepare
from autograder.record import TaskScore
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from bench.figures import Naming
from bench.workload import COURSE


def main() -> None:
    """Measure, and write what was measured to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("assignment", choices=list(COURSE.assignments))
    parser.add_argument("--count", type=int, default=100, help="how many failures [100]")
    options = parser.parse_args()
    print(json.dumps(asdict(measure(options.assignment, options.count))))


def measure(name: str, count: int) -> Naming:
    """Grade a class of failures with and without explanations."""
    assignment = COURSE.assignments[name]
    context = prepare(COURSE, assignment)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        submissions = write(failures(assignment, count), Path(folder))
        unnamed, _ = graded(submissions, context, explains=False)
        named, explained = graded(submissions, context, explains=True)
    (_, first), *further = explained
    return Naming(
        name,
        len(explained),
        named,
        unnamed,
        first,
        tuple(seconds for known, seconds in further if known),
        tuple(seconds for known, seconds in further if not known),
    )


def failures(assignment: Assignment, count: int, seed: int = 0) -> list[str]:
    """Return the code of a class: known mistakes and mutants in turn."""
    solution, own = library_of(COURSE, assignment)
    definitions = SourceNotebook(COURSE, assignment).definitions
    known = [
        one.source for one in singles(solution, [*own, *misconceptions(solution, definitions)])
    ]
    draw = random.Random(seed)
    wrong = draw.choices(known, k=count - count // 2)
    changed = [mutant.source for mutant in mutants(solution, count // 2, seed)]
    return [code for pair in zip(wrong, changed, strict=False) for code in pair] + wrong[
        len(changed) :
    ]


def write(codes: Sequence[str], folder: Path) -> list[Submission]:
    """Write each code as a notebook."""
    found = []
    for number, code in enumerate(codes):
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": code}
        path = folder / f"{number:04}.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": [cell]}))
        found.append(Submission(path.stem, path))
    return found


def graded(
    submissions: Sequence[Submission], context: GradingContext, *, explains: bool
) -> tuple[float, list[tuple[bool, float]]]:
    """Grade a class; return its processor seconds, and for each failure whether it was named.

    The second number of a failure is what it took to explain.
    """
    explain, found = Lookup.explain, list[tuple[bool, float]]()

    def timed(self: Lookup, tasks: Sequence[TaskScore], traces: Any) -> tuple[TaskScore, ...]:
        if not explains or all(task.outcome != "failed" for task in tasks):
            return tuple(tasks)
        before = processor_seconds()
        explained = explain(self, tasks, traces)
        named = all(task.explained for task in explained if task.outcome == "failed")
        found.append((named, processor_seconds() - before))
        return explained

    Lookup.explain = timed  # type: ignore[assignment, method-assign]
    try:
        with WarmProcess(context.assignment.preload) as warm:
            assert not warm.failed_imports  # and it is warm now
            before = processor_seconds()
            grade_batch(submissions, context, warm)
            return processor_seconds() - before, found
    finally:
        Lookup.explain = explain  # type: ignore[method-assign]


def processor_seconds() -> float:
    """Return what this process has used so far, and all processes below it."""
    total = time.process_time()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, OSError):
            ended = process.cpu_times()
            total += ended.children_user + ended.children_system
            total += time.clock_gettime((~process.pid << 3) | 2)  # the kernel's clock of a process
    return total


if __name__ == "__main__":
    main()
