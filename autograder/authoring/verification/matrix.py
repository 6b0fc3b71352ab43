"""Shows which test catches what: rows are submissions, columns are tests; as text and as HTML."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.authoring.verification.cases import Case
from autograder.authoring.verification.verifier import Verification, named, outcomes
from autograder.record import Record
from autograder.reports.html import render
from autograder.reports.text import BADGES, points

MARKS = {outcome: badge.mark for outcome, badge in BADGES.items()} | {"passed": "·"}
STYLES = {"passed": "dim", "failed": "red", "skipped": "yellow", "error": "bold magenta"}
AS_IT_SHOULD = {"accepted": "keep all points", "attack": "gain nothing"}

Tasks = Mapping[str, Sequence[str]]


def _outcomes(record: Record, found: Verification) -> list[str]:
    """Return the outcome of each test in the order of the columns, "" if it was not run."""
    known = outcomes(record)
    return [known.get(test, "") for tests in found.tasks.values() for test in tests]


def _named(case: Case, record: Record) -> str:
    """Say whether the misconception was named, or which others were."""
    names = " + ".join(named(record))
    if case.kind == "mistake" and case.variant is not None and case.variant.name in named(record):
        others = [name for name in named(record) if name != case.variant.name]
        return " or ".join(["named", *others])
    if case.variant is not None:
        return "named" if names == case.variant.name else names or "not named"
    return "" if case.kind == "attack" else names


def columns(tasks: Tasks) -> dict[str, str]:
    """Return a short heading for each test: its task's first letters, and a number."""
    return {
        test: f"{_letters(task, tasks)}{number}"
        for task, tests in tasks.items()
        for number, test in enumerate(tests, 1)
    }


def _letters(task: str, tasks: Tasks) -> str:
    """Return as many letters of a task as it takes to tell it apart."""
    for size in range(1, len(task)):
        if sum(other.startswith(task[:size]) for other in tasks) == 1:
            return task[:size]
    return task


def table(found: Verification) -> Table:
    """Return the matrix as a table for the terminal, without pairs and mutants.

    Each mistake of the library is there once. Of accepted answers and attacks it has those that are
    not as they should be, and the number of the others.
    """
    result = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    result.add_column("submission", overflow="fold")
    for heading in columns(found.tasks).values():
        result.add_column(heading, justify="center", no_wrap=True)
    result.add_column("points", justify="right", no_wrap=True)
    result.add_column("named", overflow="fold")
    kind = ""
    fine = Counter(c.kind for c, _ in found.rows if c.kind in AS_IT_SHOULD and c not in found.wrong)
    for case, record in found.rows:
        if case.kind in ("pair", "mutant") or _is_another_way(case):
            continue
        if case.kind != kind:
            kind = case.kind
            result.add_row(Text(kind, "bold"))
            if fine[kind]:
                result.add_row(Text(f"  {fine[kind]} that {AS_IT_SHOULD[kind]}", "dim"))
        if kind in AS_IT_SHOULD and case not in found.wrong:
            continue
        marks = (Text(MARKS[o], STYLES[o]) if o else Text("") for o in _outcomes(record, found))
        named = Text(_named(case, record))
        result.add_row(Text(f"  {case.name}"), *marks, points(record.score), named)
    return result


def _is_another_way(case: Case) -> bool:
    """Tell whether a mistake of the library is made in another way than the first one."""
    return case.kind == "mistake" and ", way " in case.name


def legend(tasks: Tasks) -> str:
    """Return what the short headings stand for."""
    heads = columns(tasks)
    lines = [
        f"  {task}: " + ", ".join(f"{heads[test]} {test.removeprefix('test_')}" for test in tests)
        for task, tests in tasks.items()
    ]
    marks = "  · passed, ✗ failed, – skipped: it waits for another part, ! grader error"
    return "\n".join([*lines, marks])


def page(found: Verification, title: str) -> str:
    """Return the matrix as HTML: the summary and the problems, then every row, pairs too."""
    return render(
        "authoring/verification/matrix",
        title=title,
        found=found,
        marks=MARKS,
        outcomes_of=_outcomes,
        named_in=_named,
    )
