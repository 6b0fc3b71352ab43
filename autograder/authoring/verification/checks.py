"""Judges a suite by the records of cases."""

from collections.abc import Iterable, Mapping, Sequence

from autograder.authoring.verification.cases import Case
from autograder.record import Record

NAMED_PAIRS = 0.9  # of those that show both mistakes, at least

Row = tuple[Case, Record]


def outcomes(record: Record) -> dict[str, str]:
    """Return the outcome of each test."""
    return {test.name: test.outcome for task in record.tasks for test in task.tests}


def named(record: Record) -> tuple[str, ...]:
    """Return the misconceptions that were named in a submission."""
    return tuple(name for task in record.tasks for name in task.misconceptions)


def complaints(rows: Sequence[Row]) -> list[str]:
    """Return a sentence for each case with a wrong result; mutants are judged elsewhere."""
    worthless = next((record.score for case, record in rows if case.kind == "attack"), None)
    found = []
    for case, record in rows:
        text = _complaint(case, record, worthless)
        if text:
            found.append(f"{case.kind} {case.name}: {text}.")
    return found


def _complaint(case: Case, record: Record, worthless: float | None) -> str:
    if record.score is None:
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
    failed = {name for name, outcome in outcomes(record).items() if outcome != "passed"}
    expected = case.variant.failing
    parts = []
    if failed - expected:
        parts.append(f"loses points in {_names(failed - expected)}, which it should keep")
    if expected - failed:
        parts.append(f"keeps points in {_names(expected - failed)}, which it should lose")
    names = named(record)
    if names != (case.variant.name,):
        parts.append(f"is named as {' and '.join(names)}" if names else "is not named")
    return "; ".join(parts)


def useless(rows: Iterable[Row], tasks: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence for each test that catches nothing another test of its task does not.

    Args:
        rows: cases and their records; the misconceptions among them count.
        tasks: the tests of each task.
    """
    caught: dict[str, set[str]] = {test: set() for tests in tasks.values() for test in tests}
    for case, record in rows:
        if case.kind == "misconception":
            for test, outcome in outcomes(record).items():
                if outcome == "failed":
                    caught[test].add(case.name)
    found = []
    for tests in tasks.values():
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


def named_pairs(rows: Iterable[Row]) -> int:
    """Return the number of pairs of which both misconceptions are named."""
    return sum(
        " + ".join(named(record)) == case.name for case, record in rows if case.kind == "pair"
    )


def _names(tests: Iterable[str]) -> str:
    return ", ".join(sorted(tests))
