"""Puts the questions of a suite to pieces of code, one after the other, in one process.

This is how the grader learns what the tests would see of each known mistake: no fork, no pytest
and no wire between a question and its answer.
"""

from __future__ import annotations

from typing import Any

from autograder.sandbox.worker.shell import describe_error
from autograder.sandbox.worker.values import lower
from autograder.sandbox.worker.wire import Ref

Questions = list[tuple[list[tuple[str, tuple[Any, ...]]], Any, str]]
"""Operations of a batch, what the reference answered (to know what is kept under which number),
and whether the answer is wanted: "yes", "no", or "always", also after an exception."""


def replay(carrier: Any, script: list[Questions]) -> list[dict[str, Any]]:
    """Put each test's questions to the code behind a `Child`, and return its answers.

    Of each test: `answers`, None where there is none or it is not wanted; how many questions
    were `answered` before an exception; the `error` that it was, or None.
    """
    return [_answers(carrier, questions) for questions in script]


def _answers(carrier: Any, questions: Questions) -> dict[str, Any]:
    answers: list[Any] = []
    error, answered = None, len(questions)
    last = max((i for i, question in enumerate(questions) if question[2] == "always"), default=-1)
    for index, (batch, expected, wanted) in enumerate(questions):
        if error is not None and index > last:
            break
        value = None
        try:
            value = carrier.batch(batch)
        except BaseException as raised:
            if error is None:
                error, answered = describe_error(raised), index
        _keep(carrier.kept, expected, value)
        answers.append(lower(value, _not_kept) if wanted != "no" else None)
    return {"answers": answers, "answered": answered, "error": error}


def _keep(kept: dict[int, Any], expected: Any, value: Any) -> None:
    """Keep what the reference's answer kept, under the same numbers."""
    if isinstance(expected, Ref):
        kept[expected.id] = value
    elif isinstance(expected, list | tuple) and isinstance(value, list | tuple):
        for inner, part in zip(expected, value, strict=False):
            _keep(kept, inner, part)


def _not_kept(value: Any) -> Ref:
    return Ref(0, type(value).__name__[:100], callable(value))
