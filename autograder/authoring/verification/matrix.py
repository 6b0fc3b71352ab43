"""Shows the matrix: rows are submissions, columns are tests; as text and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.authoring.verification.cases import Case
from autograder.authoring.verification.checks import Row, named, outcomes
from autograder.record import Record
from autograder.reports.summary import points

MARKS = {"passed": "·", "failed": "✗", "skipped": "–", "error": "!"}
WORDS = {"passed": "passed", "failed": "failed", "skipped": "skipped", "error": "fault"}

Tasks = Mapping[str, Sequence[str]]


def columns(tasks: Tasks) -> dict[str, str]:
    """Return a short heading for each test: its task's first letters, and a number."""
    letters = {task: _letters(task, tasks) for task in tasks}
    return {
        test: f"{letters[task]}{number}"
        for task, tests in tasks.items()
        for number, test in enumerate(tests, 1)
    }


def _letters(task: str, tasks: Tasks) -> str:
    """Return as many letters of a task as it takes to tell it apart."""
    for size in range(1, len(task)):
        if sum(other.startswith(task[:size]) for other in tasks) == 1:
            return task[:size]
    return task


def table(rows: Sequence[Row], tasks: Tasks) -> Table:
    """Return the matrix as a table for the terminal, without pairs and mutants."""
    heads = columns(tasks)
    result = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    result.add_column("submission", overflow="fold")
    for head in heads.values():
        result.add_column(head, justify="center", no_wrap=True)
    result.add_column("points", justify="right", no_wrap=True)
    result.add_column("named", overflow="fold")
    kind = ""
    for case, record in rows:
        if case.kind in ("pair", "mutant"):
            continue
        if case.kind != kind:
            kind = case.kind
            result.add_row(Text(kind, "bold"))
        came = outcomes(record)
        marks = [Text(MARKS[came[t]], _style(came[t])) if t in came else Text("") for t in heads]
        result.add_row(
            Text(f"  {case.name}"), *marks, points(record.score), Text(_named(case, record))
        )
    return result


def _named(case: Case, record: Record) -> str:
    """Say whether a misconception was named, or what a submission was taken for."""
    names = " + ".join(named(record))
    if case.variant is not None:
        return "named" if names == case.variant.name else names or "not named"
    return "" if case.kind == "attack" else names


def _style(outcome: str) -> str:
    return {"passed": "dim", "failed": "red", "skipped": "yellow", "error": "bold magenta"}[outcome]


def legend(tasks: Tasks) -> str:
    """Return what the short headings stand for."""
    heads = columns(tasks)
    lines = [
        f"  {task}: " + ", ".join(f"{heads[test]} {test.removeprefix('test_')}" for test in tests)
        for task, tests in tasks.items()
    ]
    return "\n".join(
        [
            *lines,
            "  · passed, ✗ failed, – skipped: it waits for another part, ! fault of the grader",
        ]
    )


CSS = """\
:root{color-scheme:light dark;--paper:#fff;--text:#1f2328;--soft:#57606a;--line:#d8dee4;
--bad:#b3261e;--back:#fdecea;--head:#f6f7f9}
@media screen and (prefers-color-scheme:dark){:root{--paper:#16191d;--text:#e6e6e6;
--soft:#a3acb6;--line:#343b44;--bad:#ff8a80;--back:#3a1d1b;--head:#1d2126}}
body{margin:0 auto;padding:2rem 1.5rem;max-width:90rem;background:var(--paper);color:var(--text);
font:.95rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}
th,td{padding:.15rem .45rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
thead th{position:sticky;top:0;background:var(--head);vertical-align:bottom}
thead th.test{writing-mode:vertical-rl;transform:rotate(180deg);padding:.4rem .1rem;
font-weight:normal}
tbody th{font-weight:normal}tr.kind th{font-weight:600;padding-top:.9rem;background:var(--paper)}
td.o{text-align:center}td.failed{color:var(--bad);background:var(--back)}td.passed{color:var(--soft)}
.bad{color:var(--bad)}
"""


def page(
    rows: Sequence[Row], tasks: Tasks, title: str, summary: Sequence[str], problems: Sequence[str]
) -> str:
    """Return the matrix as a page: what was found first, then every row, pairs too."""
    heads = "".join(
        f'<th class="test" scope="col">{escape(task)}: {escape(test.removeprefix("test_"))}</th>'
        for task, tests in tasks.items()
        for test in tests
    )
    tests = [test for names in tasks.values() for test in names]
    body, kind = [], ""
    for case, record in rows:
        if case.kind != kind:
            kind = case.kind
            body.append(f'<tr class="kind"><th colspan="{len(tests) + 3}">{kind}</th></tr>')
        came, names = outcomes(record), _named(case, record)
        body.append(_row(case.name, record.score, came, tests, names))
    found = "".join(f"<li>{escape(line)}</li>" for line in summary)
    bad = "".join(f'<li class="bad">{escape(line)}</li>' for line in problems)
    verdict = f"<h2>What does not hold</h2><ul>{bad}</ul>" if bad else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body><main>"
        f"<h1>{escape(title)}</h1><ul>{found}</ul>{verdict}"
        '<h2>Which test catches what</h2><div class="scroll" tabindex="0"><table><thead><tr>'
        f'<th scope="col">submission</th>{heads}<th scope="col">points</th>'
        f'<th scope="col">named</th></tr></thead><tbody>{"".join(body)}</tbody></table></div>'
        "</main></body></html>\n"
    )


def _row(
    name: str,
    score: float | None,
    came: Mapping[str, str],
    tests: Sequence[str],
    names: str,
) -> str:
    cells = "".join(
        f'<td class="o {came[test]}" title="{WORDS[came[test]]}">{MARKS[came[test]]}</td>'
        if test in came
        else "<td></td>"
        for test in tests
    )
    return (
        f'<tr><th scope="row">{escape(name)}</th>{cells}<td>{points(score)}</td>'
        f"<td>{escape(names)}</td></tr>\n"
    )
