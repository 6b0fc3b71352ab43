"""What the student reads about a submission: the same words on the page, in a summary, in a log."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.course import Feedback
from autograder.report.summary import late, points
from autograder.scorecard import Record, TaskScore

OURS = "A fault of the grader came between. It is not yours, and this will be graded again."
PERFECT = "Everything right. Well done!"


def said(record: Record, level: Feedback) -> Iterator[str]:
    """Yield what is to be said about the submission as a whole."""
    if record.note:
        yield f"{record.note[:1].upper()}{record.note[1:]}"
    if record.late.days:
        yield _lateness(record)
    if record.fault:
        yield OURS
    elif record.error is not None:
        yield record.problem
    elif level != "score" and record.tasks and record.score == record.max_score:
        yield PERFECT


def _lateness(record: Record) -> str:
    """Say how late it was, and what that leaves."""
    what, _, cost = late(record).partition(": ")
    left = points((record.score or 0.0) - record.late_penalty)
    return f"{what[:1].upper()}{what[1:]}: {cost}, {left} remain." if cost else f"{what}."


def advice(task: TaskScore) -> dict[str, str]:
    """Return the task's findings, each once, and how it is marked."""
    found = dict.fromkeys(task.findings, "") if task.explained else {}
    for test in () if found else task.tests:
        if test.outcome == "error":
            found[OURS] = "ours"
        elif test.outcome != "passed" and test.message:
            found.setdefault(test.message, "waits" if test.outcome == "skipped" else "")
    return found
