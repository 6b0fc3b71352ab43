"""Grades cases as submissions are graded: in child processes, with the suite, in parallel."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.authoring.verification.cases import Case
from autograder.authoring.verification.checks import Row
from autograder.course import Assignment, Course, hidden_seed
from autograder.diagnosis.misconception import load_library
from autograder.grading.explainer import REFERENCE_LIMITS, explainer
from autograder.grading.pool import grading
from autograder.grading.session import limits_of
from autograder.record import Record
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission

ORACLE = "contract.py"
PLACEHOLDERS = {"{port}": "9"}  # nothing listens there

COMPARE = """
def compare(reference, other):
    spaces = {}, {}
    exec(reference, spaces[0])
    try:
        exec(other, spaces[1])
    except Exception as error:
        return f"it raises {type(error).__name__}"
    return differences(*spaces)
"""

Progress = Callable[[int], None]


def grade_cases(
    cases: Sequence[Case], course: Course, assignment: Assignment, jobs: int, progress: Progress
) -> list[Row]:
    """Grade cases and return each with its record; attacks get less time."""
    graded: dict[int, Record] = {}
    for chosen, dishonest in ((assignment, False), (_with_short_limits(assignment), True)):
        numbers = [n for n, case in enumerate(cases) if (case.kind == "attack") == dishonest]
        if not numbers:
            continue
        with tempfile.TemporaryDirectory(prefix="autograder-verify-") as folder:
            submissions = [_write(Path(folder, f"{n:05}.ipynb"), cases[n], course) for n in numbers]
            with grading(submissions, course, chosen, jobs) as results:
                for number, result in zip(numbers, results, strict=True):
                    graded[number] = result.record
                    progress(1)
    return [(case, graded[number]) for number, case in enumerate(cases)]


def _with_short_limits(assignment: Assignment) -> Assignment:
    """Return the assignment with short limits: many attacks are endless loops."""
    times = {"notebook_seconds": 6.0, "cell_seconds": 1.0, "request_seconds": 1.0}
    limits = assignment.limits.model_copy(update=times)
    return assignment.model_copy(update={"limits": limits})


def _write(path: Path, case: Case, course: Course) -> Submission:
    """Write a case as a notebook; attacks are told where the course is."""
    secrets = {"{secrets}": str(course.root)}
    values = PLACEHOLDERS | secrets if case.kind == "attack" else {}
    cells = []
    for cell in case.cells:
        source = cell
        for placeholder, value in values.items():
            source = source.replace(placeholder, value)
        cells.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": cells}))
    return Submission(path.stem, path)


def without_hidden_pairs(
    cases: Sequence[Case], course: Course, assignment: Assignment
) -> list[Case]:
    """Drop the pairs that tests cannot tell from one of their mistakes alone."""
    with WarmProcess(assignment.preload) as warm:
        known = explainer(assignment, hidden_seed(course), warm)
        return [
            case
            for case in cases
            if case.kind != "pair" or (case.variant and known.shows_both(case.variant))
        ]


def survivors(rows: Sequence[Row], assignment: Assignment) -> list[tuple[Case, str]]:
    """Return the mutants that kept all points, and how each differs from the reference.

    The difference is "" for an equivalent mutant: by the assignment's contract, it behaves like
    the reference.
    """
    kept = [c for c, record in rows if c.kind == "mutant" and record.score == record.max_score]
    oracle = assignment.suite_folder / ORACLE
    solution, _ = load_library(assignment.suite_folder)
    if not kept or not oracle.exists():
        return [(case, "was not compared: there is no contract.py") for case in kept]
    limits, _ = limits_of(assignment)
    with WarmProcess(assignment.preload) as warm:
        process = StudentProcess(warm, (), limits, REFERENCE_LIMITS)
        try:
            module = process.request("load", oracle.read_text(encoding="utf-8") + COMPARE, ORACLE)
            compare = process.request("get", module, "compare")
            return [
                (case, str(process.request("call", compare, [solution, case.cells[0]], {})))
                for case in kept
            ]
        finally:
            process.close()
