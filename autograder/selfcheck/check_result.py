"""The result of a student's own check, as text for terminals and as HTML for notebooks."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autograder.grading.session import Attempt
from autograder.record import TestResult
from autograder.reports.html import render
from autograder.reports.text import BADGES, Badge, plain

WIDTH = 88

TO_DO = "to do"
ROW_BADGES = BADGES | {
    "skipped": BADGES["skipped"]._replace(word="waits"),
    "error": BADGES["error"]._replace(word="broken"),
    TO_DO: BADGES["skipped"]._replace(mark="○", word=TO_DO),
}
OTHER_NUMBERS = "When your notebook is graded, your functions are also called with other numbers."
BROKEN = "The check itself failed. This is not your fault. Please tell your instructor."


@dataclass(frozen=True, repr=False)
class Checked:
    """The public tests and their outcomes, in the order of the assignment.

    A notebook shows it as a table, a terminal as text.

    Args:
        assignment: its name.
        tests: those that were run; the last one was interrupted if the student stopped the check.
        attempt: what the tests observed.
        to_do: the names of the tests whose part is not filled in yet.
        note: what else the student should know, such as that the check was stopped.
        stopped: whether the student stopped it.
        findings: the known mistakes of each task, shown instead of its tests' messages.
    """

    assignment: str
    tests: tuple[TestResult, ...]
    attempt: Attempt
    to_do: frozenset[str] = frozenset()
    note: str = ""
    stopped: bool = False
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that the tests belong to."""
        return tuple(dict.fromkeys(test.task for test in self.tests))

    @property
    def passed(self) -> int:
        """How many tests pass."""
        return sum(test.outcome == "passed" for test in self.tests)

    @property
    def complete(self) -> bool:
        """Whether there are tests and all of them pass."""
        return bool(self.tests) and self.passed == len(self.tests)

    @property
    def grader_error(self) -> bool:
        """Whether a test failed through no fault of the student."""
        return any(test.outcome == "error" for test in self.tests)

    def __repr__(self) -> str:
        lines = []
        for group in groups(self):
            lines.append(group.task)
            for finding in group.findings:
                lines += _wrapped(finding, "    ")
            for row in group.rows:
                lines.append(f"  {row.badge.mark} {row.badge.word:<6}  {row.title}")
                lines += _wrapped(row.lines, "            ")
            lines.append("")
        return "\n".join([*lines, *last_lines(self)])

    def _repr_html_(self) -> str:
        rows, last = list(groups(self)), last_lines(self)
        return render("selfcheck/check_result", groups=rows, last_lines=last)


@dataclass(frozen=True)
class Row:
    """One test: how it ended, what it checks, and the lines of the message below."""

    badge: Badge
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The rows of one task, and what is known about its mistakes."""

    task: str
    findings: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]


def groups(checked: Checked) -> Iterator[Group]:
    """Yield the tasks with their rows. A message that a task repeats is shown once."""
    for task in checked.tasks:
        findings = checked.findings.get(task, ())
        rows, said = [], set[str]()
        for test in checked.tests:
            if test.task == task:
                message = f"{BROKEN}\n{test.message}" if test.outcome == "error" else test.message
                wanted = message and message not in said and not findings
                said.add(message)
                badge = ROW_BADGES[TO_DO if test.name in checked.to_do else test.outcome]
                rows.append(Row(badge, plain(test.title), _lines(message) if wanted else ()))
        yield Group(plain(task), tuple(map(_lines, findings)), tuple(rows))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(plain(text).splitlines())


def last_lines(checked: Checked) -> tuple[str, ...]:
    """Return the lines below the table."""
    lines = [checked.note] if checked.note else []
    if checked.tests:
        total = len(checked.tests)
        rest = " The others were not run." if checked.stopped else ""
        noun = "check passes" if total == 1 else "checks pass"
        lines.append(f"{checked.passed} of {total} {noun}.{rest}")
    if checked.complete:
        lines.append(OTHER_NUMBERS)
    return tuple(map(plain, lines))


def _wrapped(lines: tuple[str, ...], indent: str) -> Iterator[str]:
    for line in lines:
        own = " " * (len(line) - len(line.lstrip()))
        yield from textwrap.wrap(
            line.strip(), WIDTH, initial_indent=indent + own, subsequent_indent=indent + own,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
