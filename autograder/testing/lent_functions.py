"""Functions of a suite, or of the reference solution, that code in another process may call.

Only plain data cross. What goes wrong is raised in the other process, unless no value that it gave
can have caused it.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.student_process import Answerer
from autograder.sandbox.worker.arrays import tensor_of
from autograder.sandbox.worker.wire import RAISED, Callback, Ref, Tensor
from autograder.testing.answers import plain
from autograder.testing.failures import SuiteError

MAX_MESSAGE = 200  # characters of an exception that a function of the suite raises

Cross = Callable[[Any], Any]
"""Turns what came over the wire into values for the suite, or values into what is sent."""


@runtime_checkable
class AnswersCalls(Protocol):
    """The reference solution, whose functions may be called from a submission."""

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Return what a function gives."""


def answering(function: Callable[..., Any], name: str, received: Cross, sent: Cross) -> Answerer:
    """Return what calls a function of the suite, with NumPy arrays for tensors and arrays.

    The arrays that it returns become tensors if it was given one.
    """

    def answer(args: list[Any], kwargs: dict[str, Any]) -> tuple[str, Any]:
        if problem := _not_plain([args, kwargs]):
            return "error", ("TypeError", f"{name} takes plain data, not {problem}")
        positional, named = map(_without_answers, received([args, kwargs]))
        try:
            result = function(*positional, **named)
        except (SuiteError, NameError, ImportError, AssertionError):
            raise
        except Exception as error:
            if isinstance(getattr(error, "obj", None), ModuleType):
                raise
            return "error", (_raised(type(error).__name__), str(error)[:MAX_MESSAGE])
        return "ok", sent(_with_tensors(result) if _has_tensor([args, kwargs]) else result)

    return answer


def asking(reference: AnswersCalls, name: str) -> Answerer:
    """Return what calls a function of the reference solution; of an exception, only its type."""

    def answer(args: list[Any], kwargs: dict[str, Any]) -> tuple[str, Any]:
        if problem := _not_plain([args, kwargs]):
            return "error", ("TypeError", f"{name} takes plain data, not {problem}")
        try:
            result = reference.call(name, args, kwargs)
        except ExecutionError as error:
            kind = error.type if isinstance(error, StudentError) else "RuntimeError"
            return "error", (_raised(kind), f"{name} cannot work with what it was given")
        if problem := _not_plain(result):
            raise SuiteError(f"{name} of the reference solution gives {problem}, no plain data")
        return "ok", result

    return answer


def _raised(kind: str) -> str:
    """Return the exception that is raised in the other process for one of this kind."""
    return kind if kind in RAISED else "ValueError"


def _not_plain(value: Any) -> str:
    """Describe something in a value from a process that stays there; "" if nothing does."""
    if isinstance(value, Ref | Callback):
        return f"a value of type {value.type if isinstance(value, Ref) else 'function'}"
    return next(filter(None, map(_not_plain, _parts(value))), "")


def _has_tensor(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.kind == "torch"
    return any(map(_has_tensor, _parts(value)))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def _without_answers(value: Any) -> Any:
    """Return a value with NumPy arrays for the tensors and arrays in it."""
    if isinstance(value, list | tuple):
        items = [_without_answers(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: _without_answers(item) for key, item in value.items()}
    return plain(value)


def _with_tensors(value: Any) -> Any:
    """Return a value with tensors for the NumPy arrays in it."""
    if isinstance(value, list | tuple):
        items = [_with_tensors(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    return tensor_of(value, "torch") if isinstance(value, np.ndarray) else value
