"""Sends specimens through the real pipeline: the real children, the real suite, in parallel."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.authoring.verification.cases import Case
from autograder.authoring.verification.checks import Row
from autograder.course import Assignment, Course, hidden_seed
from autograder.diagnosis.misconceptions import Variant, load_library
from autograder.grading.explainer import GENEROUS, explainer
from autograder.grading.pool import grading
from autograder.grading.session import limits_of
from autograder.grading.suite_run import run_session
from autograder.record import Record
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission

ORACLE = "contract.py"
FILL = {"{port}": "9"}  # nobody listens there

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


def examine(
    cases: Sequence[Case],
    course: Course,
    assignment: Assignment,
    jobs: int,
    progress: Progress,
) -> list[Row]:
    """Grade specimens and return each with its record; attacks are given less time."""
    hurry = hurried(assignment)
    found: dict[int, Record] = {}
    for chosen, dishonest in ((assignment, False), (hurry, True)):
        part = {n: s for n, s in enumerate(cases) if (s.kind == "attack") == dishonest}
        records = _grade(list(part.values()), course, chosen, jobs, progress)
        found.update(zip(part, records, strict=True))
    return [(case, found[number]) for number, case in enumerate(cases)]


def hurried(assignment: Assignment) -> Assignment:
    """Return the assignment with short limits: many an attack is an endless loop."""
    times = {"notebook_seconds": 6.0, "cell_seconds": 1.0, "request_seconds": 1.0}
    limits = assignment.limits.model_copy(update=times)
    return assignment.model_copy(update={"limits": limits})


def _grade(
    cases: Sequence[Case],
    course: Course,
    assignment: Assignment,
    jobs: int,
    progress: Progress,
) -> list[Record]:
    if not cases:
        return []
    records: list[Record] = []
    with tempfile.TemporaryDirectory(prefix="autograder-verify-") as folder:
        submissions = [
            _write(Path(folder, f"{number:05}.ipynb"), case, course)
            for number, case in enumerate(cases)
        ]
        with grading(submissions, course, assignment, jobs) as results:
            for result in results:
                records.append(result.record)
                progress(1)
    return records


def _write(path: Path, case: Case, course: Course) -> Submission:
    """Write a specimen as a notebook; attacks learn where the course is."""
    fill = FILL | {"{secrets}": str(course.root)} if case.kind == "attack" else {}
    cells = []
    for cell in case.cells:
        source = cell
        for mark, value in fill.items():
            source = source.replace(mark, value)
        cells.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": cells}))
    return Submission(path.stem, path)


def without_hidden_pairs(
    cases: Sequence[Case], course: Course, assignment: Assignment
) -> list[Case]:
    """Leave out the pairs that tests cannot tell from one of their mistakes alone."""
    with WarmProcess(assignment.preload) as warm:
        known = explainer(assignment, hidden_seed(course), warm, run_session)
        return [case for case in cases if case.kind != "pair" or known.shows_both(_variant(case))]


def _variant(case: Case) -> Variant:
    assert case.variant is not None
    return case.variant


def survivors(rows: Sequence[Row], assignment: Assignment) -> list[tuple[Case, str]]:
    """Return the mutants that kept all points, and how each differs from the reference.

    "" stands for a mutant that is equivalent: on the assignment's contract it does what the
    reference does.
    """
    kept = [s for s, record in rows if s.kind == "mutant" and record.score == record.max_score]
    oracle = assignment.suite_folder / ORACLE
    solution, _ = load_library(assignment.suite_folder)
    if not kept or not oracle.exists():
        return [(case, "not compared: there is no contract.py") for case in kept]
    limits, _ = limits_of(assignment)
    with WarmProcess(assignment.preload) as warm:
        run = StudentProcess(warm, (), limits, GENEROUS)
        try:
            module = run.request("load", oracle.read_text(encoding="utf-8") + COMPARE, ORACLE)
            compare = run.request("get", module, "compare")
            return [
                (s, str(run.request("call", compare, [solution, s.cells[0]], {}))) for s in kept
            ]
        finally:
            run.close()
