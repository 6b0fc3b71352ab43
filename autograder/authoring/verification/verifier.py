"""Verifies the suite of an assignment: grades submissions with known results, lists problems."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.authoring.verification.cases import cases, mutant_cases
from autograder.authoring.verification.checks import (
    NAMED_PAIRS,
    Row,
    complaints,
    flaky,
    named_pairs,
    useless,
)
from autograder.authoring.verification.pipeline import (
    Progress,
    grade_cases,
    survivors,
    without_hidden_pairs,
)
from autograder.course import Assignment, Course
from autograder.errors import CourseError

SEED = 0


@dataclass(frozen=True)
class Verification:
    """The result: every submission with its record, the tests of each task, and what was found."""

    rows: tuple[Row, ...]
    tasks: dict[str, tuple[str, ...]]
    summary: tuple[str, ...]
    problems: tuple[str, ...]


def verify_assignment(
    course: Course, assignment: Assignment, mutants: int, jobs: int, progress: Progress
) -> Verification:
    """Grade submissions with known results and judge the suite by their records.

    Raises:
        CourseError: the assignment has no reference solution.
    """
    known = cases(course, assignment)
    if not any(case.kind == "reference" for case in known):
        raise CourseError(
            f"{assignment.suite_folder}: there is neither a solution.py nor a source notebook to "
            "verify the tests with."
        )
    pairs = sum(case.kind == "pair" for case in known)
    known = without_hidden_pairs(known, course, assignment)
    changed = mutant_cases(assignment, mutants, SEED) if mutants else []
    repeated = [case for case in known if case.kind not in ("pair", "attack")]
    graded = grade_cases([*known, *changed, *repeated], course, assignment, jobs, progress)
    rows, again = graded[: -len(repeated)], graded[-len(repeated) :]
    first = [row for row in rows if row[0] in repeated]
    tasks = {task.name: tuple(t.name for t in task.tests) for task in first[0][1].tasks}
    summary = [_counts(rows)]
    problems = [*complaints(rows), *useless(rows, tasks), *flaky(first, again)]
    if pairs:
        _judge_pairs(pairs, rows, summary, problems)
    if mutants:
        _judge_mutants(rows, assignment, summary, problems)
    return Verification(tuple(rows), tasks, tuple(summary), tuple(problems))


def _counts(rows: Sequence[Row]) -> str:
    kinds = [case.kind for case, _ in rows]
    words = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return f"submissions sent through the pipeline: {', '.join(words)}"


def _judge_pairs(pairs: int, rows: Sequence[Row], summary: list[str], problems: list[str]) -> None:
    """Add how many of the pairs that show both mistakes are named with both."""
    shown = sum(case.kind == "pair" for case, _ in rows)
    right = named_pairs(rows)
    share = right / shown if shown else 1.0
    summary.append(
        f"pairs of misconceptions: {pairs}, of which {shown} show both mistakes; {right} of "
        f"those ({share:.1%}) are named with both"
    )
    if share < NAMED_PAIRS:
        problems.append(f"Only {share:.1%} of the pairs are named with both mistakes.")


def _judge_mutants(
    rows: Sequence[Row], assignment: Assignment, summary: list[str], problems: list[str]
) -> None:
    """Add how many mutants keep all points, and those that are not equivalent."""
    count = sum(case.kind == "mutant" for case, _ in rows)
    kept = survivors(rows, assignment)
    missed = [(case, difference) for case, difference in kept if difference]
    summary.append(
        f"mutants: {count}, of which {count - len(kept)} lose points, "
        f"{len(kept) - len(missed)} are equivalent and {len(missed)} survive"
    )
    problems += [
        f"mutant {case.name} keeps all points, but {difference}\n{case.diff}"
        for case, difference in missed
    ]
