"""Renders a record as results.json, which Gradescope reads.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

from autograder.course import Assignment, Visibility
from autograder.record import Record, TaskScore, tidy
from autograder.reports.charts.chart import Picture
from autograder.reports.presentation import (
    OURS,
    late,
    present_task,
    submission_messages,
)
from autograder.reports.text import plain, points

Results = dict[str, Any]

STRICTEST_LAST: tuple[Visibility, ...] = get_args(Visibility)


def results(
    record: Record,
    assignment: Assignment,
    pictures: Sequence[Picture] = (),
    more: Iterable[str] = (),
    notice: str = "",
) -> Results:
    """Return the results of a submission, as students may see them.

    Lateness is taken off the score. After a grader error there is no score, so that Gradescope
    reports that the autograder failed and offers to run it again. Of pictures students read the
    descriptions. `more` are messages that may tell the total; `notice` is the first message, and
    tells nothing about points.
    """
    if record.grader_error:
        return failure(record)
    tasks = record.tasks
    messages = [*submission_messages(record, assignment.feedback), *more]
    if assignment.feedback == "full":
        messages += [f"{picture.title}\n{picture.description}" for picture in pictures]
    if any(value != "visible" for value in assignment.visibility.values()):
        messages = [_without_points(record)]  # the total would tell the hidden points
        tasks = tuple(map(_without_consequences, tasks))
    numbers = {task.name: number for number, task in enumerate(assignment.tasks, 1)}
    return _document(record, [notice, *messages]) | {
        "score": tidy(record.total),
        "tests": [test for task in tasks for test in _task(numbers[task.name], task, assignment)],
    }


def failure(record: Record) -> Results:
    """Return the results of a submission after a grader error."""
    return _document(record, [OURS]) | {"tests": []}


def to_bytes(results: Results) -> bytes:
    """Return the file."""
    return json.dumps(results, indent=1, ensure_ascii=True, allow_nan=False).encode("ascii")


def _document(record: Record, messages: Iterable[str]) -> Results:
    return {
        "execution_time": round(record.seconds),
        "output": plain("\n\n".join(filter(None, messages))),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"days_late": record.late.days, "late_penalty": record.late_penalty},
    }


def _without_points(record: Record) -> str:
    """Return the messages that tell nothing about points."""
    return "\n\n".join(filter(None, (record.note, late(record).partition(":")[0], record.problem)))


def _without_consequences(task: TaskScore) -> TaskScore:
    """Return a task without findings that follow from others, which may be hidden."""
    return replace(task, explained=tuple(f for f in task.explained if f.misconception))


def _task(number: int, task: TaskScore, assignment: Assignment) -> Iterable[Results]:
    """Yield a task and its tests, numbered 3, 3.1, 3.2."""
    shown, visibility = present_task(task, assignment.feedback), assignment.visibility
    own = visibility.get(task.name, "visible")
    of_tests = {
        test.name: max(
            (visibility[name] for name in test.names if name in visibility),
            key=STRICTEST_LAST.index,
            default=own,
        )
        for test in task.tests
    }
    strictest = max([own, *of_tests.values()], key=STRICTEST_LAST.index)
    output = "\n\n".join(advice.text for advice in shown.advice)
    whole = _entry(str(number), task.name, output, passed=task.score == task.max_score)
    if shown.tests:
        if strictest == "visible":
            whole["name"] += f": {points(task.score)} of {points(task.max_score)} points"
    else:
        whole |= {"score": tidy(task.score), "max_score": tidy(task.max_score)}
    yield whole | {"visibility": strictest}
    for index, (test, advice) in enumerate(shown.tests, 1):
        output = advice.text if advice else ""
        if strictest != "visible":  # another test with the same message may be hidden
            output = test.message
        entry = _entry(f"{number}.{index}", test.title, output, passed=test.outcome == "passed")
        scores = {"score": tidy(test.points), "max_score": tidy(test.max_points)}
        yield entry | scores | {"visibility": of_tests[test.name]}


def _entry(number: str, name: str, output: str, *, passed: bool) -> Results:
    entry = {"number": number, "name": plain(name), "status": "passed" if passed else "failed"}
    return entry | {"output": plain(output)} if output else entry
