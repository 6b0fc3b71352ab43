"""What `autograder verify` does with one assignment: examine, judge, say what does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.authoring.verification.cases import Case, cases, mutant_cases
from autograder.authoring.verification.checks import (
    NAMED_PAIRS,
    Row,
    complaints,
    named_pairs,
    unsteady,
    useless,
)
from autograder.authoring.verification.pipeline import (
    Progress,
    examine,
    survivors,
    without_hidden_pairs,
)
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.record import Record

SEED = 0


@dataclass(frozen=True)
class Verification:
    """What came of it: every row, the tests of each task, what was found, what does not hold."""

    rows: tuple[Row, ...]
    tasks: dict[str, tuple[str, ...]]
    summary: tuple[str, ...]
    problems: tuple[str, ...]


def verify_assignment(
    course: Course, assignment: Assignment, mutants: int, jobs: int, progress: Progress
) -> Verification:
    """Send everything with a known result through the pipeline and judge the suite by it.

    Raises:
        CourseError: the suite brings nothing along to be verified with.
    """
    known = cases(course, assignment)
    if not any(case.kind == "reference" for case in known):
        raise CourseError(
            f"{assignment.suite_folder}: there is neither a solution.py nor a source notebook to "
            "verify the tests with."
        )
    all_pairs = sum(case.kind == "pair" for case in known)
    known = without_hidden_pairs(known, course, assignment)
    changed = mutant_cases(assignment, mutants, SEED) if mutants else []
    steady = [s for s in known if s.kind not in ("pair", "attack")]
    rows = examine([*known, *changed, *steady], course, assignment, jobs, progress)
    rows, again = rows[: len(known) + len(changed)], rows[len(known) + len(changed) :]
    tasks = tests_by_task(next(record for case, record in rows if case in steady))
    problems = [
        *complaints(rows),
        *useless(rows, tasks),
        *unsteady([row for row in rows if row[0] in steady], again),
    ]
    summary = [_counted(rows)]
    for lines, faults in (
        _pairs(all_pairs, rows),
        _mutants(rows, assignment) if mutants else ([], []),
    ):
        summary += lines
        problems += faults
    return Verification(tuple(rows), tasks, tuple(summary), tuple(problems))


def tests_by_task(record: Record) -> dict[str, tuple[str, ...]]:
    """Return the names of the tests of each task."""
    return {task.name: tuple(test.name for test in task.tests) for task in record.tasks}


def _counted(rows: Sequence[Row]) -> str:
    kinds = [case.kind for case, _ in rows]
    words = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return f"submissions sent through the pipeline: {', '.join(words)}"


def _pairs(all_pairs: int, rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Return what is to be said of pairs, and what does not hold."""
    if not all_pairs:
        return [], []
    shown = sum(case.kind == "pair" for case, _ in rows)
    right = named_pairs(rows)
    share = right / shown if shown else 1.0
    line = (
        f"pairs of misconceptions: {all_pairs}, of which {shown} show both mistakes; {right} of "
        f"those ({share:.1%}) are named with both"
    )
    good = share >= NAMED_PAIRS
    return [line], [] if good else [f"Only {share:.1%} of the pairs are named with both mistakes."]


def _mutants(rows: Sequence[Row], assignment: Assignment) -> tuple[list[str], list[str]]:
    """Return what is to be said of mutants, and the survivors with their differences."""
    all_of_them = [(s, r) for s, r in rows if s.kind == "mutant"]
    left = survivors(rows, assignment)
    equivalent = [case for case, how in left if not how]
    missed = [(case, how) for case, how in left if how]
    line = (
        f"mutants: {len(all_of_them)}, of which {len(all_of_them) - len(left)} lose points, "
        f"{len(equivalent)} are equivalent and {len(missed)} survive"
    )
    return [line], [_survivor(case, how) for case, how in missed]


def _survivor(case: Case, how: str) -> str:
    return f"mutant {case.name} keeps all points, but {how}\n{case.diff}"
