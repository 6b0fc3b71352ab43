"""Turns the exception that a test raised into an outcome and a message."""

import re
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import FrozenInstanceError
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from autograder.diagnosis.exception_advice import advice
from autograder.record import Outcome
from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.answers import TensorAnswer, describe
from autograder.testing.failures import Mismatch
from autograder.testing.student import Remote
from autograder.testing.tables import is_frame, is_series

MAX_PARTS = 50_000  # of a test's answers, among which one that was misused is looked for
LIBRARY = re.compile(r"[/\\](?:site-packages|dist-packages|lib[/\\]python3\.\d+)[/\\]")


def outcome_of(error: BaseException | None, suite: Path | None = None) -> tuple[Outcome, str]:
    """Return the outcome of a test that raised an exception, and the message.

    The message of an error is for the instructor: it names the line in the folder of the suite. All
    others are for the student.
    """
    if error is None:
        return "passed", ""
    if isinstance(error, pytest.skip.Exception):
        return "skipped", str(error.msg)
    if isinstance(error, StudentError):
        hint = advice(error.type, error.message, own_line=error.location is not None)
        return "failed", "\n".join(filter(None, (str(error), hint)))
    if isinstance(error, Mismatch | ExecutionError):
        return "failed", str(error)
    if isinstance(error, pytest.fail.Exception):
        return "failed", str(error.msg)
    if isinstance(error, AssertionError):
        return "failed", _assertion_message(error, suite)
    if isinstance(error, pytest.FixtureLookupError):
        user = error.formatrepr()
        file, line = Path(user.filename).name, user.firstlineno + 1
        return "error", f"there is no fixture {error.argname!r} ({file}, line {line})"
    lines = [f"{path.name}, line {line}" for path, line in _lines(error) if _is_in(path, suite)]
    where = f" ({lines[-1]})" if lines else ""
    return "error", f"{type(error).__name__}: {error}{where}"


def where_in(error: BaseException, suite: Path) -> str:
    """Return the file and line of a suite in which an exception was raised, "" if in none."""
    if isinstance(error, SyntaxError) and error.filename and _is_in(Path(error.filename), suite):
        return f"{error.filename}, line {error.lineno}"
    places = [f"{path}, line {line}" for path, line in _lines(error) if _is_in(path, suite)]
    return places[-1] if places else ""


def reason(error: BaseException) -> str:
    """Return the message of an exception; of a SyntaxError, without the place."""
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _assertion_message(error: AssertionError, suite: Path | None) -> str:
    """Return the message that the author of an `assert` gave, "" if there is none.

    pytest appends the compared values, and libraries show them, which may be hidden inputs.
    """
    message = str(error)
    if "\nassert " in message:
        return message.split("\nassert ", maxsplit=1)[0]
    lines = _lines(error)
    own = lines and (_is_in(lines[-1][0], suite) or not LIBRARY.search(str(lines[-1][0])))
    return message if own and not message.startswith("assert ") else ""


def _lines(error: BaseException) -> list[tuple[Path, int]]:
    """Return the files and lines that an exception passed through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [(Path(frame.filename), frame.lineno or 0) for frame in frames]


def _is_in(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.is_relative_to(folder)


def came_instead(answers: Iterable[Any]) -> str:
    """Return the message of a bare `assert` that fails: the kind of the last answer."""
    for answer in reversed(list(answers)):
        if not (isinstance(answer, Remote) and answer._ref.callable):
            return f"What your code gave is not right. Its last answer was {describe(answer)}."
    return "What your code gave is not right."


def misused_type(error: BaseException, answers: Iterable[Any]) -> str:
    """Return the type of the answer whose misuse caused an error, "" for other errors.

    A test may write `student.Linear(3, 2).w` without checking that `Linear` returns an object:
    if it returns None, the AttributeError is the student's error, not the suite's. So is an
    IndexError where a list has fewer items than the test asks for.
    """
    if not isinstance(error, AttributeError | TypeError | ValueError | LookupError):
        return ""
    if isinstance(error, ExecutionError):  # it says what happened
        return ""
    words = set(re.findall(r"\w+", str(error)))
    in_pandas = _is_in_pandas(error)
    for answer in islice(_with_parts(answers), MAX_PARTS):
        kind = type(answer).__name__
        named = kind in words
        name = answer._ref.type if isinstance(answer, Remote) else kind.removesuffix("Answer")
        if in_pandas and (is_frame(answer) or is_series(answer)):
            found = True
        elif isinstance(error, FrozenInstanceError):
            found = isinstance(answer, Tensor)
        elif isinstance(error, AttributeError):
            found = error.obj is answer or (error.obj is None and named)
        elif isinstance(error, TypeError):
            found = named
        elif isinstance(error, KeyError):
            found = isinstance(answer, dict) and error.args[:1] not in [(key,) for key in answer]
        elif isinstance(error, IndexError):
            found = named and isinstance(answer, list | tuple)
        else:
            unpacked = isinstance(answer, list | tuple | dict | str | bytes | TensorAnswer)
            found = "values to unpack" in str(error) and unpacked
            ambiguous = "truth value of an array" in str(error)
            found |= ambiguous and isinstance(answer, TensorAnswer) and answer.shape != ()
        if found:
            return name
    return ""


def _is_in_pandas(error: BaseException) -> bool:
    """Say whether pandas refused what a test did with a table."""
    return any("pandas" in path.parts for path, _ in _lines(error)[-1:])


def _with_parts(answers: Iterable[Any]) -> Iterator[Any]:
    """Yield answers, each one followed by all that is in it."""
    for answer in answers:
        yield answer
        if isinstance(answer, dict):
            yield from _with_parts(answer.values())
        elif isinstance(answer, list | tuple):
            yield from _with_parts(answer)
