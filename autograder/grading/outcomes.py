"""Turns the exception that a test raised into an outcome and a message."""

import re
from collections.abc import Iterable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from autograder.diagnosis.exception_advice import advice
from autograder.record import Outcome
from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.errors import Mismatch


def outcome_of(error: BaseException | None) -> tuple[Outcome, str]:
    """Return the outcome of a test that raised an exception, and the message for the student."""
    if error is None:
        return "passed", ""
    if isinstance(error, pytest.skip.Exception):
        return "skipped", str(error.msg)
    if isinstance(error, StudentError):
        return "failed", "\n".join(filter(None, (str(error), advice(error.type, error.message))))
    if isinstance(error, Mismatch | ExecutionError):
        return "failed", str(error)
    if isinstance(error, pytest.fail.Exception):
        return "failed", str(error.msg)
    if isinstance(error, AssertionError):
        # pytest appends the compared values, which may be hidden inputs: keep the message only.
        return "failed", str(error).split("\nassert ")[0] if "\nassert " in str(error) else ""
    return "error", f"{type(error).__name__}: {error}"


def misused_type(error: BaseException, answers: Iterable[Any]) -> str:
    """Return the type of the answer whose misuse caused an error, "" for other errors.

    A test may write `student.Linear(3, 2).w` without checking that `Linear` returns an object:
    if it returns None, the AttributeError is the student's error, not the suite's.
    """
    if not isinstance(error, AttributeError | TypeError | ValueError):
        return ""
    for answer in answers:
        name, inner = type(answer).__name__, list(_parts(answer))
        named = re.search(rf"\b{name}\b", str(error)) is not None
        if isinstance(error, FrozenInstanceError):
            found = isinstance(answer, Tensor)
        elif isinstance(error, AttributeError):
            found = error.obj is answer or (error.obj is None and named)
        elif isinstance(error, TypeError):
            found = named
        else:
            found = "values to unpack" in str(error)
            found = found and isinstance(answer, list | tuple | dict | str | bytes)
        if found:
            return name
        if within := misused_type(error, inner):
            return within
    return ""


def _parts(answer: Any) -> Iterable[Any]:
    if isinstance(answer, dict):
        return answer.values()
    return answer if isinstance(answer, list | tuple) else ()
