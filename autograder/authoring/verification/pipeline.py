"""Sends specimens through the real pipeline: the real children, the real suite, in parallel."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.authoring.verification.cases import Specimen
from autograder.authoring.verification.checks import Row
from autograder.course import Assignment, Course, hidden_seed
from autograder.diagnosis.misconceptions import Variant, load_library
from autograder.grading.explainer import PATIENCE, explainer
from autograder.grading.pool import grading
from autograder.grading.session import limits_of
from autograder.grading.suite_run import hold_exam
from autograder.record import Record
from autograder.sandbox.student_process import Run
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
    specimens: Sequence[Specimen],
    course: Course,
    assignment: Assignment,
    jobs: int,
    progress: Progress,
) -> list[Row]:
    """Grade specimens and return each with its record; attacks are given less time."""
    hurry = hurried(assignment)
    found: dict[int, Record] = {}
    for chosen, dishonest in ((assignment, False), (hurry, True)):
        part = {n: s for n, s in enumerate(specimens) if (s.kind == "attack") == dishonest}
        records = _grade(list(part.values()), course, chosen, jobs, progress)
        found.update(zip(part, records, strict=True))
    return [(specimen, found[number]) for number, specimen in enumerate(specimens)]


def hurried(assignment: Assignment) -> Assignment:
    """Return the assignment with short limits: many an attack is an endless loop."""
    times = {"notebook_seconds": 6.0, "cell_seconds": 1.0, "request_seconds": 1.0}
    limits = assignment.limits.model_copy(update=times)
    return assignment.model_copy(update={"limits": limits})


def _grade(
    specimens: Sequence[Specimen],
    course: Course,
    assignment: Assignment,
    jobs: int,
    progress: Progress,
) -> list[Record]:
    if not specimens:
        return []
    records: list[Record] = []
    with tempfile.TemporaryDirectory(prefix="autograder-verify-") as folder:
        submissions = [
            _write(Path(folder, f"{number:05}.ipynb"), specimen, course)
            for number, specimen in enumerate(specimens)
        ]
        with grading(submissions, course, assignment, jobs) as results:
            for result in results:
                records.append(result.record)
                progress(1)
    return records


def _write(path: Path, specimen: Specimen, course: Course) -> Submission:
    """Write a specimen as a notebook; attacks learn where the course is."""
    fill = FILL | {"{secrets}": str(course.root)} if specimen.kind == "attack" else {}
    cells = []
    for cell in specimen.cells:
        source = cell
        for mark, value in fill.items():
            source = source.replace(mark, value)
        cells.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": cells}))
    return Submission(path.stem, path)


def without_hidden_pairs(
    specimens: Sequence[Specimen], course: Course, assignment: Assignment
) -> list[Specimen]:
    """Leave out the pairs that tests cannot tell from one of their mistakes alone."""
    with WarmProcess(assignment.preload) as warm:
        known = explainer(assignment, hidden_seed(course), warm, hold_exam)
        return [
            specimen
            for specimen in specimens
            if specimen.kind != "pair" or known.shows_both(_variant(specimen))
        ]


def _variant(specimen: Specimen) -> Variant:
    assert specimen.variant is not None
    return specimen.variant


def survivors(rows: Sequence[Row], assignment: Assignment) -> list[tuple[Specimen, str]]:
    """Return the mutants that kept all points, and how each differs from the reference.

    "" stands for a mutant that is equivalent: on the assignment's contract it does what the
    reference does.
    """
    kept = [s for s, record in rows if s.kind == "mutant" and record.score == record.max_score]
    oracle = assignment.suite_folder / ORACLE
    solution, _ = load_library(assignment.suite_folder)
    if not kept or not oracle.exists():
        return [(specimen, "not compared: there is no contract.py") for specimen in kept]
    limits, _ = limits_of(assignment)
    with WarmProcess(assignment.preload) as warm:
        run = Run(warm, (), limits, PATIENCE)
        try:
            module = run.request("lend", oracle.read_text(encoding="utf-8") + COMPARE, ORACLE)
            compare = run.request("get", module, "compare")
            return [
                (s, str(run.request("call", compare, [solution, s.cells[0]], {}))) for s in kept
            ]
        finally:
            run.close()
