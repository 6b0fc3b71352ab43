"""What an exception out of a test means: the one place where exceptions become outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from autograder.diagnosis.exception_advice import advice
from autograder.record import Outcome
from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.assertions import Mismatch


def outcome_of(error: BaseException | None) -> tuple[Outcome, str]:
    """Return what an exception out of a test means, and what the student reads about it."""
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
        # pytest adds the compared values, which may be hidden ones: keep the message only.
        return "failed", str(error).split("\nassert ")[0] if "\nassert " in str(error) else ""
    return "error", f"{type(error).__name__}: {error}"


def misused(error: BaseException, answers: Iterable[Any]) -> str:
    """Return the type of an answer that a test used as something it is not, "" for other errors.

    A test that writes `student.Linear(3, 2).w` need not check that `Linear` returns an object:
    if it returns None, the AttributeError is the student's, not the suite's.
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
        if within := misused(error, inner):
            return within
    return ""


def _parts(answer: Any) -> Iterable[Any]:
    if isinstance(answer, dict):
        return answer.values()
    return answer if isinstance(answer, list | tuple) else ()
