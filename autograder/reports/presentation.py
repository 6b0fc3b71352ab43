"""Decides what a student may read about a submission, at each level of feedback.

Pages, notebooks, CI and Gradescope all render this, so that they say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.course import Feedback
from autograder.record import Record, TaskScore, TestResult
from autograder.reports.text import plain, points
from autograder.sandbox.execution_errors import ENDLESS, SLOW

OURS = "The grader failed. This is not your fault, and your work will be graded again."
PERFECT = "Everything right. Well done!"

Mark = Literal["", "waits", "ours"]
MARKS: dict[str, Mark] = {"skipped": "waits", "error": "ours"}


@dataclass(frozen=True)
class Advice:
    """A message: what went wrong, what a task waits for, or that the grader failed ("ours")."""

    text: str
    mark: Mark = ""

    @property
    def lines(self) -> list[str]:
        """The message in lines: what happened, then why and where to look."""
        return [line.strip() for line in plain(self.text).strip().split("\n")]


@dataclass(frozen=True)
class TaskPresentation:
    """A task: the messages about all of it, then each test and the message about it alone.

    `score` is None if the grader failed.
    """

    task: TaskScore
    score: float | None
    advice: tuple[Advice, ...] = ()
    tests: tuple[tuple[TestResult, Advice | None], ...] = ()


def submission_messages(record: Record, level: Feedback) -> Iterator[str]:
    """Yield the messages about the submission as a whole."""
    if record.note:
        yield f"{record.note[:1].upper()}{record.note[1:]}"
    if record.late.days:
        yield _lateness(record)
    if record.grader_error:
        yield OURS
    elif record.error is not None:
        yield record.problem
    elif level != "score" and record.tasks and record.score == record.max_score:
        yield PERFECT


def _lateness(record: Record) -> str:
    """Say how late it was, and how many points are left."""
    what, _, cost = late(record).partition(": ")
    left = points(record.total)
    return f"{what[:1].upper()}{what[1:]}: {cost}, {left} remain." if cost else f"{what}."


def is_not_filled_in(task: TaskScore) -> bool:
    """Say whether a task is as it was released."""
    return task.score == 0 and any("is not filled in yet" in text for text in task.findings)


def how_stopped(task: TaskScore) -> str:
    """Say in two words how the code of a task was stopped, "" if it was not."""
    findings = " ".join(task.findings)
    for stopped in (ENDLESS, SLOW):
        if stopped in findings:
            return stopped
    return "crashes" if "ended before it answered" in findings else ""


def late(record: Record) -> str:
    """Say how late a submission was and what that costs, "" if it was in time."""
    if not record.late.days:
        return ""
    days = f"{record.late.days} day{'s' * (record.late.days > 1)} late"
    return f"{days}: {points(record.late_penalty)} points off" if record.late_penalty else days


def present_task(task: TaskScore, level: Feedback) -> TaskPresentation:
    """Return what a student may read about a task.

    At the level "score", it is the points; at "hints", also what went wrong; at "full", also
    every test. A message that several tests share is shown once.
    """
    score = None if task.outcome == "error" else task.score
    if level == "score":
        return TaskPresentation(task, score)
    findings = _findings(task)
    if level == "hints":
        return TaskPresentation(task, score, tuple(findings.values()))
    above: tuple[Advice, ...] = ()
    if task.explained or (len(findings) == 1 and len(task.tests) > 1 and task.score == 0):
        above, findings = tuple(findings.values()), {}
    tests = tuple((test, findings.pop(_text(test), None)) for test in task.tests)
    return TaskPresentation(task, score, above, tests)


def _findings(task: TaskScore) -> dict[str, Advice]:
    """Return the task's findings, each once, by their texts."""
    if task.explained:
        return {text: Advice(text) for text in task.findings}
    found: dict[str, Advice] = {}
    for test in task.tests:
        text = _text(test)
        if test.outcome != "passed" and text:
            found.setdefault(text, Advice(text, MARKS.get(test.outcome, "")))
    return found


def _text(test: TestResult) -> str:
    return OURS if test.outcome == "error" else test.message
