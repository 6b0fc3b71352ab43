"""Verifies the suite of an assignment: grades submissions with known results, lists problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.authoring.verification.cases import (
    Case,
    Progress,
    Row,
    cases,
    grade_cases,
    mutant_cases,
    survivors,
    without_hidden_pairs,
)
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.record import Record

SEED = 0
NAMED_PAIRS = 0.9  # of those that show both mistakes, at least


@dataclass(frozen=True)
class Verification:
    """The result: every submission with its record, the tests of each task, and what was found.

    `wrong` are the submissions with another result than they should have.
    """

    rows: tuple[Row, ...]
    tasks: dict[str, tuple[str, ...]]
    summary: tuple[str, ...]
    problems: tuple[str, ...]
    wrong: tuple[Case, ...] = ()


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
            f"{assignment.suite_folder}: there is neither a source notebook nor a solution.py to "
            "verify the tests with."
        )
    pairs = sum(case.kind == "pair" for case in known)
    known = without_hidden_pairs(known, course, assignment)
    changed = mutant_cases(course, assignment, mutants, SEED) if mutants else []
    repeated = [case for case in known if case.kind not in ("pair", "attack")]
    graded = grade_cases([*known, *changed, *repeated], course, assignment, jobs, progress)
    rows, again = graded[: -len(repeated)], graded[-len(repeated) :]
    first = [row for row in rows if row[0] in repeated]
    tasks = {task.name: tuple(t.name for t in task.tests) for task in first[0][1].tasks}
    summary = [_counts(rows)]
    complaints = complaints_of(rows)
    problems = [*complaints.values(), *useless(rows, tasks), *flaky(first, again)]
    if pairs:
        _judge_pairs(pairs, rows, summary, problems)
    if mutants:
        _judge_mutants(rows, course, assignment, summary, problems)
    return Verification(tuple(rows), tasks, tuple(summary), tuple(problems), tuple(complaints))


def _counts(rows: Sequence[Row]) -> str:
    kinds = [case.kind for case, _ in rows]
    words = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return f"submissions sent through the pipeline: {', '.join(words)}"


def _judge_pairs(pairs: int, rows: Sequence[Row], summary: list[str], problems: list[str]) -> None:
    """Add how many of the pairs that show both mistakes are named with both."""
    shown = [(case, record) for case, record in rows if case.kind == "pair"]
    right = sum(" + ".join(named(record)) == case.name for case, record in shown)
    share = right / len(shown) if shown else 1.0
    summary.append(
        f"pairs of misconceptions: {pairs}, of which {len(shown)} show both mistakes; {right} of "
        f"those ({share:.1%}) are named with both"
    )
    if share < NAMED_PAIRS:
        problems.append(f"Only {share:.1%} of the pairs are named with both mistakes.")


def _judge_mutants(
    rows: Sequence[Row],
    course: Course,
    assignment: Assignment,
    summary: list[str],
    problems: list[str],
) -> None:
    """Add how many mutants keep all points, and those that are not equivalent."""
    count = sum(case.kind == "mutant" for case, _ in rows)
    kept = survivors(rows, course, assignment)
    missed = [(case, difference) for case, difference in kept if difference]
    summary.append(
        f"mutants: {count}, of which {count - len(kept)} lose points, "
        f"{len(kept) - len(missed)} are equivalent and {len(missed)} survive"
    )
    problems += [
        f"mutant {case.name} keeps all points, but {difference}\n{case.diff}"
        for case, difference in missed
    ]


def outcomes(record: Record) -> dict[str, str]:
    """Return the outcome of each test."""
    return {test.name: test.outcome for task in record.tasks for test in task.tests}


def named(record: Record) -> tuple[str, ...]:
    """Return the misconceptions that were named in a submission."""
    return tuple(name for task in record.tasks for name in task.misconceptions)


def complaints_of(rows: Sequence[Row]) -> dict[Case, str]:
    """Return a sentence for each case with a wrong result; mutants are judged elsewhere."""
    worthless = next((record.score for case, record in rows if case.kind == "attack"), None)
    found = [(case, _complaint(case, record, worthless)) for case, record in rows]
    return {case: f"{case.kind} {case.name}: {text}." for case, text in found if text}


def _complaint(case: Case, record: Record, worthless: float | None) -> str:
    if record.score is None:
        if case.kind == "attack":
            return ""  # a person sees it, and it has gained nothing
        return f"grader error: {record.as_json()['error']}"
    match case.kind:
        case "reference" | "accepted":
            lost = [name for name, outcome in outcomes(record).items() if outcome != "passed"]
            return f"loses points in {', '.join(lost)}" if lost else ""
        case "stub":
            return f"gets {record.score:g} points for nothing" if record.score else ""
        case "attack":
            gain = record.score - (worthless or 0)
            return f"gains {gain:g} points" if gain > 0 else ""
        case "misconception":
            return _misconception(case, record)
        case "pair":
            return "keeps all points" if record.score == record.max_score else ""
    return ""


def _misconception(case: Case, record: Record) -> str:
    assert case.variant is not None
    lost = [test for task in record.tasks for test in task.tests if test.outcome != "passed"]
    expected = case.variant.failing
    parts = []
    if surplus := sorted(test.name for test in lost if not test.names & expected):
        parts.append(f"loses points in {', '.join(surplus)}, which it should keep")
    if kept := sorted(expected.difference(*(test.names for test in lost))):
        parts.append(f"keeps points in {', '.join(kept)}, which it should lose")
    names = named(record)
    if names != (case.variant.name,):
        parts.append(f"is named as {' and '.join(names)}" if names else "is not named")
    return "; ".join(parts)


def useless(rows: Sequence[Row], tasks: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence for each test that catches nothing another test of its task does not.

    Of the cases, only misconceptions count, and only tasks that have some.
    """
    known = [(c, record) for c, record in rows if c.kind == "misconception"]
    wrong = {case.name: outcomes(record) for case, record in known}
    with_mistakes = {c.variant.task for c, _ in known if c.variant is not None}
    found = []
    for task, tests in tasks.items():
        if task not in with_mistakes:
            continue
        caught = {
            t: {name for name, seen in wrong.items() if seen.get(t) == "failed"} for t in tests
        }
        for test in tests:
            better = [o for o in tests if o != test and caught[test] <= caught[o]]
            if not caught[test]:
                found.append(f"{test} is useless: no misconception fails it.")
            elif better:
                others = " and ".join(better)
                found.append(f"{test} is useless: what it catches, {others} catches too.")
    return found


def flaky(first: Sequence[Row], second: Sequence[Row]) -> list[str]:
    """Return a sentence for each case with another result in the second run."""
    return [
        f"{case.kind} {case.name}: two runs differ."
        for (case, one), (_, two) in zip(first, second, strict=True)
        if (outcomes(one), named(one)) != (outcomes(two), named(two))
    ]
