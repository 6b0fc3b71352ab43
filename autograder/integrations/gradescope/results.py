"""One record as the results.json that Gradescope reads.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from autograder.course import Assignment, Visibility
from autograder.record import Record, TaskScore, tidy
from autograder.reports.charts.chart import Picture
from autograder.reports.notation import points
from autograder.reports.presentation import (
    OURS,
    Advice,
    TaskPresentation,
    TestPresentation,
    late,
    present_task,
    submission_messages,
)
from autograder.reports.text import plain

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

    The score has what lateness costs taken off. After a fault of the grader there is none, so that
    Gradescope reports that the autograder failed and lets you run it again.

    Args:
        record: what grading came to.
        assignment: says how much students read, and when.
        pictures: what was drawn of the submission; Gradescope gets their words.
        more: what else is to be said, with the total.
        notice: what is to be said first, and tells nothing about points.
    """
    if record.grader_error:
        return failure(record)
    tasks = record.tasks
    said = [*submission_messages(record, assignment.feedback), *more]
    if assignment.feedback == "full":
        said += [f"{picture.title}\n{picture.description}" for picture in pictures]
    if any(value != "visible" for value in assignment.visibility.values()):
        said = [_without_points(record)]  # what is hidden could be worked out of the total
        tasks = tuple(map(_by_itself, tasks))
    numbers = {task.name: number for number, task in enumerate(assignment.tasks, 1)}
    return _document(record, [notice, *said]) | {
        "score": tidy(record.total),
        "tests": [
            test
            for task in tasks
            for test in _task(
                numbers[task.name], present_task(task, assignment.feedback), assignment.visibility
            )
        ],
    }


def failure(record: Record) -> Results:
    """Return the results of a submission that a fault of the grader came between."""
    return _document(record, [OURS]) | {"tests": []}


def to_bytes(results: Results) -> bytes:
    """Return the file."""
    return json.dumps(results, indent=1, ensure_ascii=True, allow_nan=False).encode("ascii")


def _document(record: Record, said: Iterable[str]) -> Results:
    return {
        "execution_time": round(record.seconds),
        "output": plain("\n\n".join(filter(None, said))),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"days_late": record.late.days, "late_penalty": record.late_penalty},
    }


def _without_points(record: Record) -> str:
    """Say what has nothing to do with points."""
    return "\n\n".join(filter(None, (record.note, late(record).partition(":")[0], record.problem)))


def _by_itself(task: TaskScore) -> TaskScore:
    """Return a task without a finding that follows from others: those may be hidden."""
    return replace(task, explained=tuple(f for f in task.explained if f.misconception))


def _task(
    number: int, reading: TaskPresentation, visibility: Mapping[str, Visibility]
) -> Iterable[Results]:
    """Yield a task and its tests, numbered as 3, 3.1, 3.2."""
    task = reading.task
    own = visibility.get(task.name, "visible")
    of_tests = {test.name: visibility.get(test.name, own) for test in task.tests}
    strictest = max([own, *of_tests.values()], key=STRICTEST_LAST.index)
    output = "\n\n".join(advice.text for advice in reading.advice)
    whole = _entry(str(number), task.name, output, passed=task.score == task.max_score)
    if reading.tests:
        if strictest == "visible":
            whole["name"] += f": {points(task.score)} of {points(task.max_score)} points"
    else:
        whole |= {"score": tidy(task.score), "max_score": tidy(task.max_score)}
    yield whole | {"visibility": strictest}
    tests = reading.tests if strictest == "visible" else [_alone(test) for test in reading.tests]
    for place, test in enumerate(tests, 1):
        yield _test(f"{number}.{place}", test) | {"visibility": of_tests[test.test.name]}


def _alone(reading: TestPresentation) -> TestPresentation:
    """Return all that is said of a test, whatever is said of others: those may be hidden."""
    test = reading.test
    return replace(reading, advice=Advice(test.message) if test.message else None)


def _test(number: str, reading: TestPresentation) -> Results:
    test = reading.test
    output = reading.advice.text if reading.advice else ""
    entry = _entry(number, test.title, output, passed=test.outcome == "passed")
    return entry | {"score": tidy(test.points), "max_score": tidy(test.max_points)}


def _entry(number: str, name: str, output: str, *, passed: bool) -> Results:
    entry = {"number": number, "name": plain(name), "status": "passed" if passed else "failed"}
    return entry | {"output": plain(output)} if output else entry
