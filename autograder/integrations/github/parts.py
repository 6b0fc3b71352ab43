"""A submission in parts, as gradebooks that know only names and whole points take it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course import Feedback
from autograder.integrations.github.rounding import in_whole_points
from autograder.record import Outcome, Record
from autograder.reports.presentation import OURS, present_task
from autograder.reports.text import one_line, quiet

LONGEST = 2000


@dataclass(frozen=True)
class Part:
    """A test, or a whole task where students may not see how tests came out."""

    name: str
    outcome: Outcome
    score: int
    max_score: int
    message: str = ""


def parts(record: Record, level: Feedback) -> tuple[Part, ...]:
    """Return a submission in parts whose points add up to its rounded score.

    At the level "full" a part is a test. At "hints" it is a task with what was found in it, at
    "score" a task without a word. A submission that cannot be read is one part without points;
    where the grader is at fault, there are none to get either, so that nobody counts it.
    """
    if record.grader_error:
        return (Part("notebook", "error", 0, 0, OURS),)
    named = _tests(record) if level == "full" else _tasks(record, level)
    if record.error is not None or not named:
        message = one_line(record.problem, LONGEST)
        named = [("notebook", "failed", 0.0, record.max_score, message)]
    points = in_whole_points([(score, most) for _, _, score, most, _ in named])
    return tuple(
        Part(one_line(name, 100), outcome, score, most, quiet(message)[:LONGEST])
        for (name, outcome, _, _, message), (score, most) in zip(named, points, strict=True)
    )


_Named = tuple[str, Outcome, float, float, str]


def _tests(record: Record) -> list[_Named]:
    return [
        (
            f"{task.name}: {test.title}",
            test.outcome,
            test.points,
            test.max_points,
            test.message,
        )
        for task in record.tasks
        for test in task.tests
    ]


def _tasks(record: Record, level: Feedback) -> list[_Named]:
    return [
        (
            task.name,
            task.outcome,
            task.score,
            task.max_score,
            "\n".join(advice.text for advice in present_task(task, level).advice),
        )
        for task in record.tasks
    ]
