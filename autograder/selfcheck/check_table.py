"""Shows a check: as text for terminals, as HTML for notebooks. One row a test.

The HTML has neither scripts nor a style sheet, which some notebooks take away. What has a colour
carries its own background, so that it reads the same on light and on dark.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from autograder.reports.text import plain
from autograder.selfcheck.check_result import Checked

WIDTH = 88

# mark, word and its background
LOOKS = {
    "passed": ("✓", "passed", "#1a7f37"),
    "failed": ("✗", "failed", "#b3261e"),
    "skipped": ("–", "waits", "#5c6670"),
    "to do": ("○", "to do", "#5c6670"),
    "error": ("!", "broken", "#8a4b00"),
}
OTHER_NUMBERS = "When your notebook is graded, your functions are also called with other numbers."
OURS = "This check itself went wrong; it says nothing about your work. Please tell your instructor."


@dataclass(frozen=True)
class Row:
    """One test: how it looks (in `LOOKS`), what it checks, and the message below."""

    looks: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The rows of one task, and what is known about its mistakes."""

    task: str
    findings: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]


def groups(checked: Checked) -> Iterator[Group]:
    """Yield the tasks with their rows. What was said once in a task is not said again."""
    for task in checked.tasks:
        findings = checked.findings.get(task, ())
        rows, said = [], set[str]()
        for test in checked.tests:
            if test.task == task:
                message = f"{OURS}\n{test.message}" if test.outcome == "error" else test.message
                wanted = message and message not in said and not findings
                said.add(message)
                looks = "to do" if test.name in checked.to_do else test.outcome
                rows.append(Row(looks, plain(test.title), _lines(message) if wanted else ()))
        yield Group(plain(task), tuple(map(_lines, findings)), tuple(rows))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(plain(text).splitlines())


def last_lines(checked: Checked) -> tuple[str, ...]:
    """Return what stands below the table."""
    lines = [checked.note] if checked.note else []
    if checked.tests:
        total = len(checked.tests)
        rest = " The others were not run." if checked.stopped else ""
        noun = "check passes" if total == 1 else "checks pass"
        lines.append(f"{checked.passed} of {total} {noun}.{rest}")
    if checked.complete:
        lines.append(OTHER_NUMBERS)
    return tuple(map(plain, lines))


def as_text(checked: Checked) -> str:
    """Return the table as text."""
    lines = []
    for group in groups(checked):
        lines.append(group.task)
        for finding in group.findings:
            lines += _wrapped(finding, "    ")
        for row in group.rows:
            mark, word, _ = LOOKS[row.looks]
            lines.append(f"  {mark} {word:<6}  {row.title}")
            lines += _wrapped(row.lines, "            ")
        lines.append("")
    return "\n".join([*lines, *last_lines(checked)])


def _wrapped(lines: tuple[str, ...], indent: str) -> Iterator[str]:
    for line in lines:
        own = " " * (len(line) - len(line.lstrip()))
        yield from textwrap.wrap(
            line.strip(), WIDTH, initial_indent=indent + own, subsequent_indent=indent + own,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


TABLE = (
    "border-collapse:collapse;border:0;margin:.4em 0;color:inherit;font-size:inherit;"
    "line-height:1.45;text-align:left;max-width:56em"
)
ROW = "background:none;border:0"
HEAD = (
    "text-align:left;vertical-align:baseline;font-weight:600;background:none;border:0;"
    "padding:.7em .4em .25em 0"
)
CELL = (
    "text-align:left;vertical-align:baseline;white-space:normal;background:none;border:0;"
    "border-top:1px solid rgba(128,128,128,.3);padding:.3em .8em .3em 0"
)
BADGE = (
    "display:inline-block;min-width:5.2em;border-radius:.3em;padding:0 .5em;color:#fff;"
    "font-size:.92em;white-space:nowrap"
)
MESSAGE = (
    "margin:.25em 0 .35em;padding:0 0 0 .7em;border-left:3px solid rgba(128,128,128,.5);"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)


def as_html(checked: Checked) -> str:
    """Return the table as HTML for a notebook."""
    bodies = "".join(map(_body, groups(checked)))
    table = f'<table style="{TABLE}">{bodies}</table>' if bodies else ""
    end = "".join(f'<p style="margin:.2em 0">{escape(line)}</p>' for line in last_lines(checked))
    # Notebooks take what is between dollar signs for mathematics, but not here.
    return f'<div class="tex2jax_ignore mathjax_ignore">{table}{end}</div>'


def _body(group: Group) -> str:
    found = "".join(map(_message, group.findings))
    head = (
        f'<tr style="{ROW}"><th scope="rowgroup" colspan="2" style="{HEAD}">{escape(group.task)}'
        f'<div style="font-weight:400">{found}</div></th></tr>'
    )
    return f"<tbody>{head}{''.join(map(_row, group.rows))}</tbody>"


def _row(row: Row) -> str:
    mark, word, colour = LOOKS[row.looks]
    badge = f'<span style="{BADGE};background:{colour}">{mark} {word}</span>'
    message = _message(row.lines) if row.lines else ""
    return (
        f'<tr style="{ROW}"><td style="{CELL}">{badge}</td>'
        f'<td style="{CELL};width:100%">{escape(row.title)}{message}</td></tr>'
    )


def _message(lines: tuple[str, ...]) -> str:
    return f'<div style="{MESSAGE}">{escape(chr(10).join(lines))}</div>'
