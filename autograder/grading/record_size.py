"""Bounds the size of records, whatever a submission puts into them."""

import json
from dataclasses import replace

from autograder.record import Record, TaskScore, TestResult

MAX_BYTES = 100_000  # of a record as JSON; honest ones have a tenth, if every test fails
MAX_TEXT = 1 << 16  # characters from which shortening starts
MIN_ERROR = 200  # characters that stay of an error, which says whose it is
MARK = " [shortened] "


def bounded(record: Record) -> Record:
    """Return a record with at most MAX_BYTES of JSON: if need be, its longest texts are shortened.

    These are the texts that can contain what the student wrote: messages, lines of code, reasons
    for a review, note and error. Scores, outcomes and names stay as they are.
    """
    shortened, limit = record, MAX_TEXT
    while _size(shortened) > MAX_BYTES and limit:
        limit //= 2
        shortened = _shortened(record, limit)
    return shortened


def _size(record: Record) -> int:
    """Return the bytes that a record takes in JSON, however long grading took."""
    longest = 99_999.999
    times = dict.fromkeys((test.name for task in record.tasks for test in task.tests), longest)
    return len(json.dumps(record.as_json() | {"seconds": longest, "test_seconds": times}))


def _shortened(record: Record, limit: int) -> Record:
    return replace(
        record,
        tasks=tuple(_shortened_task(task, limit) for task in record.tasks),
        error=record.error and _cut(record.error, max(limit, MIN_ERROR)),
        note=_cut(record.note, limit),
    )


def _shortened_task(task: TaskScore, limit: int) -> TaskScore:
    return replace(
        task,
        tests=tuple(_shortened_test(test, limit) for test in task.tests),
        review_reason=_cut(task.review_reason, limit),
    )


def _shortened_test(test: TestResult, limit: int) -> TestResult:
    place = test.source_location
    return replace(
        test,
        message=_cut(test.message, limit),
        source_location=place and (*place[:2], _cut(place[2], limit)),
        review_reason=_cut(test.review_reason, limit),
    )


def _cut(text: str, limit: int) -> str:
    """Return a text without its middle if it is too long; its end says where something happened."""
    if len(text) <= limit + len(MARK):
        return text
    tail = limit // 3
    return text[: limit - tail] + MARK + text[len(text) - tail :]
