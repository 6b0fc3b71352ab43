"""Replays a recording of a suite's questions to pieces of code, all in one process.

This is how the grader learns what the tests would observe of each known mistake, without a fork,
pytest or the wire between question and answer.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.sandbox.worker.shell import describe_error
from autograder.sandbox.worker.values import lower
from autograder.sandbox.worker.wire import Ref

Questions = list[tuple[list[tuple[str, tuple[Any, ...]]], Any, str]]
"""The questions of a test: each one's operations, the reference's answer (which tells the number
of each object) and whether the answer is wanted: "yes", "no", or "always", even after an error."""


def replay(
    child: Any, recording: list[Questions], limit: float | None = None
) -> list[dict[str, Any]]:
    """Put each test's questions to the code behind a `Child`, and return its answers.

    For each test: its `answers`, None where unwanted or missing; how many questions were
    `answered` before an exception; and the `error`, that exception, or None. Or that it was
    `stopped` at the limit, the `seconds` of processor time that a test may take.
    """
    return [_replay_test(child, questions, limit) for questions in recording]


def _replay_test(child: Any, questions: Questions, limit: float | None) -> dict[str, Any]:
    started = time.process_time()
    try:
        with _stopped_after(limit):
            found = _answers(child, questions)
    except _Stopped:
        found = {"answers": [], "answered": 0, "error": None, "stopped": True}
    return {**found, "seconds": time.process_time() - started}


class _Stopped(BaseException):
    """Raised in code that takes too long."""


@contextmanager
def _stopped_after(limit: float | None) -> Iterator[None]:
    if limit is None:
        yield
        return

    def stop(*_: object) -> None:
        raise _Stopped

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit, limit)  # again, where it was caught
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _answers(child: Any, questions: Questions) -> dict[str, Any]:
    answers: list[Any] = []
    child.restore("")
    error, answered = None, len(questions)
    last = max((i for i, question in enumerate(questions) if question[2] == "always"), default=-1)
    for index, (operations, expected, wanted) in enumerate(questions):
        if error is not None and index > last:
            break
        value = None
        try:
            value = child.batch(operations)
        except _Stopped:
            raise
        except BaseException as raised:
            if error is None:
                error, answered = describe_error(raised), index
        _store(child.objects, expected, value)
        answers.append(lower(value, _type_only) if wanted != "no" else None)
    return {"answers": answers, "answered": answered, "error": error, "stopped": False}


def _store(objects: dict[int, Any], expected: Any, value: Any) -> None:
    """Store the objects in an answer under the numbers that they have in the reference's."""
    if isinstance(expected, Ref):
        objects[expected.id] = value
    elif isinstance(expected, list | tuple) and isinstance(value, list | tuple):
        for inner, part in zip(expected, value, strict=False):
            _store(objects, inner, part)


def _type_only(value: Any) -> Ref:
    return Ref(0, type(value).__name__[:100], callable(value))
