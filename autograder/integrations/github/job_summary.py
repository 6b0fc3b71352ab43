"""The summary of a GitHub job: what the student reads first, in Markdown.

GitHub's Markdown shows no SVG of ours: the pictures are on the page in the artifact.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course import Feedback
from autograder.integrations.github.markdown import cut, escape_markdown, marked
from autograder.record import Outcome, Record, TaskScore, TestResult
from autograder.reports.notation import points
from autograder.reports.presentation import OURS, present_task, submission_messages

MOST = 900 << 10  # bytes; GitHub shows nothing at all of more than 1 MiB
LONGEST = 4000  # characters of a finding
MARKS: dict[Outcome, str] = {"passed": "✅", "failed": "❌", "skipped": "⏳", "error": "⚠️"}
PAGE = "The page in the artifact *{artifact}*, at the end of this run, has {what}."
SHOWN: dict[Feedback, str] = {
    "full": "all this beside your code, and pictures of your training",
    "hints": "all this beside your code",
    "score": "the same points",
}


def job_summary(
    records: Sequence[Record], title: str, level: Feedback, artifact: str = "", room: int = MOST
) -> str:
    """Return the summary of a run.

    Args:
        records: what was graded.
        title: the assignment's.
        level: how much the student may read.
        artifact: the name of the artifact with the page, "" where there is none.
        room: bytes that it may take; whoever does not fit is only counted.
    """
    several = len(records) > 1
    shown: list[str] = []
    size = 0
    for record in records:
        section = _submission(record, record.student if several else title, level)
        size += len(section.encode())
        if size > room:
            left = len(records) - len(shown)
            shown.append(f"{left} more did not fit here: the artifact has them all.\n")
            break
        shown.append(section)
    if artifact:
        shown.append(PAGE.format(artifact=escape_markdown(artifact), what=SHOWN[level]) + "\n")
    return "\n".join(shown)


def _submission(record: Record, heading: str, level: Feedback) -> str:
    total = f"{points(record.score)} of {points(record.max_score)} points"
    blocks = [f"## {escape_markdown(cut(heading, 120))}: {total}"]
    blocks += [escape_markdown(cut(text, LONGEST)) for text in submission_messages(record, level)]
    if record.tasks:
        blocks.append(_table(record.tasks, level))
    if level != "score":
        blocks += [block for task in record.tasks for block in _task(task, level)]
    return "\n\n".join(blocks) + "\n"


def _table(tasks: Sequence[TaskScore], level: Feedback) -> str:
    rows = []
    for task in tasks:
        score = None if task.outcome == "error" else task.score
        waits = level == "score" and task.outcome == "skipped"  # that is more than points
        mark = MARKS["failed" if waits else task.outcome]
        earned = f"{points(score)} of {points(task.max_score)}"
        rows.append(f"| {mark} | {escape_markdown(task.name)} | {earned} |")
    return "\n".join(["| | task | points |", "|---|---|---:|", *rows])


def _task(task: TaskScore, level: Feedback) -> list[str]:
    """Return what went wrong in a task, and at the level "full" how each test came out."""
    if task.outcome == "passed":
        return []
    advice = present_task(task, "hints").advice
    blocks = [f"### {escape_markdown(task.name)}", *(_finding(one.text) for one in advice)]
    if level == "full":
        blocks.append(_tests(task.tests))
    return blocks


def _finding(text: str) -> str:
    """Return a finding as a quotation: what happened, then why and where to look."""
    what, *why = [line for line in cut(text, LONGEST).split("\n") if line.strip()] or [""]
    lines = [f"**{marked(what)}**", *(marked(line) for line in why)]
    return "> " + "<br>".join(lines)


def _tests(tests: Sequence[TestResult]) -> str:
    passed = sum(test.outcome == "passed" for test in tests)
    rows = [
        f"| {MARKS[test.outcome]} | {escape_markdown(test.title)} | {_earned(test)} |"
        for test in tests
    ]
    table = "\n".join(["| | test | points |", "|---|---|---:|", *rows])
    summary = f"{passed} of {len(tests)} tests passed"
    return f"<details><summary>{summary}</summary>\n\n{table}\n\n</details>"


def _earned(test: TestResult) -> str:
    if test.outcome == "error":
        return escape_markdown(OURS)
    return f"{points(test.points)} of {points(test.max_points)}"
