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
    without_hidden_pairs,
)
from autograder.authoring.verification.survivors import Judged, judge_survivors
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.record import Record

SEED = 0
ENOUGH = 20  # wrong answers that tell something about a test that they fail
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
    course: Course,
    assignment: Assignment,
    mutants: int,
    jobs: int,
    progress: Progress,
    *,
    suggest: bool = False,
) -> Verification:
    """Grade submissions with known results and judge the suite by their records.

    Args:
        course: the course.
        assignment: the assignment whose suite is verified.
        mutants: how many random mutants of the reference are tried besides.
        jobs: how many submissions are graded in parallel.
        progress: called with how many more submissions have been judged.
        suggest: whether to propose a test for each wrong answer that keeps all points.

    Raises:
        CourseError: the assignment has no suite, or no reference solution.
    """
    if not assignment.has_suite:
        raise CourseError(
            f"{assignment.name} has no suite to verify: the test cells of its notebook test it. "
            "`autograder validate` checks those."
        )
    known = cases(course, assignment)
    if not any(case.kind == "reference" for case in known):
        raise CourseError(
            f"{assignment.suite_folder}: there is neither a source notebook nor a solution.py to "
            "verify the tests with."
        )
    pairs = sum(case.kind == "pair" for case in known)
    known = without_hidden_pairs(known, course, assignment)
    changed = mutant_cases(course, assignment, mutants, SEED) if mutants else []
    repeated = [case for case in known if case.kind not in ("pair", "attack", "mistake")]
    graded = grade_cases([*known, *changed, *repeated], course, assignment, jobs, progress)
    rows, again = graded[: -len(repeated)], graded[-len(repeated) :]
    first = [row for row in rows if row[0] in repeated]
    tasks = {task.name: tuple(t.name for t in task.tests) for task in first[0][1].tasks}
    summary = [_counts(rows)]
    judged = judge_survivors(rows, course, assignment, jobs, progress, suggest=suggest)
    rows = [row for row in rows if not (row[0].kind == "mistake" and row[0] in judged.equivalent)]
    complaints = complaints_of(rows) | wrong_names(rows)
    problems = [*complaints.values(), *useless(rows, tasks), *flaky(first, again)]
    if pairs:
        _judge_pairs(pairs, rows, summary, problems)
    for kind, what in (("mistake", "mistakes of the kit's library"), ("mutant", "mutants")):
        if any(case.kind == kind for case, _ in graded):
            summary.append(f"{what}: {_share(kind, graded, judged)}")
    summary += remarks(rows, tasks)
    problems += judged.problems
    return Verification(tuple(rows), tasks, tuple(summary), tuple(problems), tuple(complaints))


def _share(kind: str, rows: Sequence[Row], judged: Judged) -> str:
    """Say how many cases of a kind lose points, are equivalent or survive."""
    count = sum(case.kind == kind for case, _ in rows)
    same = sum(case.kind == kind for case in judged.equivalent)
    missed = sum(case.kind == kind for case in judged.survivors)
    return (
        f"{count}, of which {count - same - missed} lose points, {same} are equivalent and "
        f"{missed} survive"
    )


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


def outcomes(record: Record) -> dict[str, str]:
    """Return the outcome of each test."""
    return {test.name: test.outcome for task in record.tasks for test in task.tests}


def named(record: Record) -> tuple[str, ...]:
    """Return the misconceptions that were named in a submission."""
    return tuple(name for task in record.tasks for name in task.misconceptions)


def complaints_of(rows: Sequence[Row]) -> dict[Case, str]:
    """Return a sentence for each case with a wrong result; survivors are judged elsewhere."""
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


def wrong_names(rows: Sequence[Row]) -> dict[Case, str]:
    """Return a sentence for each mistake of the library with the name of another one.

    One that fails the same tests may be named instead: they may look the same to all tests.
    """
    known: dict[str, list[dict[str, str]]] = {}
    mistakes = [(case, record) for case, record in rows if case.kind == "mistake"]
    for case, record in mistakes:
        assert case.variant is not None
        known.setdefault(case.variant.name, []).append(outcomes(record))
    return {
        case: f"mistake {case.name}: is named as {name}, which fails other tests."
        for case, record in mistakes
        for name in named(record)
        if case.variant is not None
        and case.variant.name not in named(record)
        and outcomes(record) not in known.get(name, [outcomes(record)])
    }


def useless(rows: Sequence[Row], tasks: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence for each test that catches nothing another test of its task does not.

    Of the cases, only misconceptions count, and only tasks that have some.
    """
    known = [(c, record) for c, record in rows if c.kind == "misconception"]
    with_mistakes = {c.variant.task for c, _ in known if c.variant is not None}
    found = []
    for task, tests in tasks.items():
        if task not in with_mistakes:
            continue
        caught = _caught(known, tests)
        for test in tests:
            if not caught[test]:
                found.append(f"{test} is useless: no misconception fails it.")
            elif others := _outdone(test, caught):
                found.append(f"{test} is useless: what it catches, {others} catches too.")
    return found


def remarks(rows: Sequence[Row], tasks: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what mutants and mistakes of the library tell about tests of a suite without its own.

    None of these is made for a test, so this is no problem, but a hint: there may be a mistake that
    only this test catches, and nobody has written it down.
    """
    if any(case.kind == "misconception" for case, _ in rows):
        return []
    known = [(c, record) for c, record in rows if c.kind in ("mistake", "mutant")]
    return [
        f"{test}: of {len(caught[test])} wrong answers that fail it, none passes {others}. Does it "
        "ask for something of its own?"
        for tests in tasks.values()
        for caught in [_caught(known, tests)]
        for test in tests
        if len(caught[test]) >= ENOUGH and (others := _outdone(test, caught))
    ]


def _caught(known: Sequence[Row], tests: Sequence[str]) -> dict[str, set[int]]:
    """Return which wrong answers fail each test, as indices."""
    failed = [outcomes(record) for _, record in known]
    return {t: {i for i, seen in enumerate(failed) if seen.get(t) == "failed"} for t in tests}


def _outdone(test: str, caught: Mapping[str, set[int]]) -> str:
    """Name the tests that catch all that a test catches."""
    return " and ".join(o for o in caught if o != test and caught[test] <= caught[o])


def flaky(first: Sequence[Row], second: Sequence[Row]) -> list[str]:
    """Return a sentence for each case with another result in the second run."""
    return [
        f"{case.kind} {case.name}: two runs differ."
        for (case, one), (_, two) in zip(first, second, strict=True)
        if (outcomes(one), named(one)) != (outcomes(two), named(two))
    ]
