"""The summary of a GitHub job, in Markdown: what the student reads first.

GitHub's Markdown shows no SVG: the charts are on the page in the artifact. Text is escaped, so that
it stays text.
"""

import re
from collections.abc import Sequence

from autograder.course import Feedback
from autograder.record import Outcome, Record, TaskScore, TestResult
from autograder.reports.presentation import OURS, present_task, submission_messages
from autograder.reports.text import plain, points

MOST = 900 << 10  # bytes; GitHub shows nothing at all of more than 1 MiB
LONGEST = 4000  # characters of a finding
MARKS: dict[Outcome, str] = {"passed": "✅", "failed": "❌", "skipped": "⏳", "error": "⚠️"}
PAGE = "The artifact *{artifact}*, at the end of this run, has a page with {what}."
BESIDE, PICTURES, SAME = "all this beside your code", ", and pictures of it", "the same points"
JOINER = "\N{WORD JOINER}"

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~&!$^=@\"']")
_START = re.compile(r"^(\s*)([-+]|\d+[.)])")
_CODE = re.compile(r"`([^`\n]+)`")
# What GitHub turns into links: user names, issue numbers, addresses.
_REFERENCE = re.compile(r"[@#](?=\w)|GH-(?=\d)|www(?=\.)|:(?=//)", re.IGNORECASE)


def job_summary(
    records: Sequence[Record],
    title: str,
    level: Feedback,
    artifact: str = "",
    room: int = MOST,
    *,
    pictures: bool = False,
) -> str:
    """Return the summary of a run, with as much as students may read at a level.

    `artifact` is the name of the artifact with the page, and `pictures` tells whether the suite
    draws some for it. Submissions that do not fit into `room` bytes are only counted.
    """
    several = len(records) > 1
    shown: list[str] = []
    size = 0
    for record in records:
        section = _submission(record, record.student if several else title, level)
        size += len(section.encode())
        if size > room:
            left = len(records) - len(shown)
            shown.append(
                f"{left} more submissions did not fit here; the artifact has all of them.\n"
            )
            break
        shown.append(section)
    if artifact:
        what = SAME if level == "score" else BESIDE
        what += PICTURES if level == "full" and pictures else ""
        shown.append(PAGE.format(artifact=escape_markdown(artifact), what=what) + "\n")
    return "\n".join(shown)


def _submission(record: Record, heading: str, level: Feedback) -> str:
    total = f"{points(record.score)} of {points(record.max_score)} points"
    blocks = [f"## {escape_markdown(cut(heading, 120))}: {total}"]
    blocks += [escape_markdown(cut(text, LONGEST)) for text in submission_messages(record, level)]
    if record.tasks:
        blocks.append(_tasks(record.tasks, level))
    if level != "score":
        blocks += [block for task in record.tasks for block in _task(task, level)]
    return "\n\n".join(blocks) + "\n"


def _tasks(tasks: Sequence[TaskScore], level: Feedback) -> str:
    rows = []
    for task in tasks:
        score = None if task.outcome == "error" else task.score
        waits = level == "score" and task.outcome == "skipped"  # points do not tell
        outcome: Outcome = "failed" if waits else task.outcome
        rows.append((outcome, task.name, f"{points(score)} of {points(task.max_score)}"))
    return _markdown_table("task", rows)


def _task(task: TaskScore, level: Feedback) -> list[str]:
    """Return what went wrong in a task, and at the level "full" the outcome of each test."""
    if task.outcome == "passed":
        return []
    advice = present_task(task, "hints").advice
    blocks = [f"### {escape_markdown(task.name)}", *(_finding(one.text) for one in advice)]
    if level == "full":
        blocks.append(_tests(task.tests))
    return blocks


def _finding(text: str) -> str:
    """Return a finding as a quotation: first what happened, then why and where to look."""
    what, *why = [line for line in cut(text, LONGEST).split("\n") if line.strip()] or [""]
    lines = [f"**{marked(what)}**", *(marked(line) for line in why)]
    return "> " + "<br>".join(lines)


def _tests(tests: Sequence[TestResult]) -> str:
    passed = sum(test.outcome == "passed" for test in tests)
    table = _markdown_table("test", [(test.outcome, test.title, _earned(test)) for test in tests])
    summary = f"{passed} of {len(tests)} tests passed"
    return f"<details><summary>{summary}</summary>\n\n{table}\n\n</details>"


def _earned(test: TestResult) -> str:
    if test.outcome == "error":
        return escape_markdown(OURS)
    return f"{points(test.points)} of {points(test.max_points)}"


def _markdown_table(what: str, rows: Sequence[tuple[Outcome, str, str]]) -> str:
    lines = (f"| {MARKS[mark]} | {escape_markdown(name)} | {text} |" for mark, name, text in rows)
    return "\n".join([f"| | {what} | points |", "|---|---|---:|", *lines])


def escape_markdown(text: str) -> str:
    """Return text on one line in which nothing is markup, a link, a picture or a mention."""
    return _escape(" ".join(plain(text).split()))


def _escape(line: str) -> str:
    line = _REFERENCE.sub(lambda found: found[0] + JOINER, line)
    line = _START.sub(lambda found: f"{found[1]}{JOINER}{found[2]}", line)
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)


def marked(text: str) -> str:
    """Return escaped text in which `this` is code."""
    parts = _CODE.split(" ".join(plain(text).split()))
    return "".join(
        f"<code>{_escape(part.strip())}</code>" if index % 2 else _escape(part)
        for index, part in enumerate(parts)
    )


def cut(text: str, size: int) -> str:
    """Return text cut at a size."""
    return text if len(text) <= size else text[:size] + " …"
