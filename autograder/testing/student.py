"""The `student` object: a submission's code, used in a test as if it were local.

    model = student.Linear(3, 2)
    model.w = weights                  # fills the tensor in place
    prediction = model.forward(x)      # a `Tensor`: a claim to be judged

Every attribute and call crosses to the child. Plain data comes back as plain data; what is
not plain data stays there and is held here as a `Remote`. A function that was looked up once
is not looked up again, and what needs no answer (making an object, setting an attribute) travels
with the next question: an error in it is raised there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.diagnosis.exception_advice import error_of, why_missing
from autograder.sandbox.execution_errors import (
    InvalidResponse,
    NameNotFound,
    StudentError,
    TimedOut,
)
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.worker.wire import Ref, Tensor


class Remote:
    """An object or function in the submission's process."""

    __slots__ = ("_functions", "_generation", "_ref", "_run")

    def __init__(self, run: StudentProcess, ref: Ref) -> None:
        object.__setattr__(self, "_run", run)
        object.__setattr__(self, "_ref", ref)
        object.__setattr__(self, "_generation", run.generation)
        object.__setattr__(self, "_functions", {})

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._functions:
            return self._functions[name]
        found = self._ask("get", name)
        if isinstance(found, Remote):
            if self._is_support:
                found._mark_support()
            if found._ref.callable:
                self._functions[name] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        self._run.later("set", _ref_of(self, self._run), name, _to_wire(value, self._run))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the submission's process, with plain data and other remote objects."""
        __tracebackhide__ = True
        if not self._ref.callable:
            raise InvalidResponse(f"a {self._ref.type} was found where a function was expected")
        sent = [_to_wire(arg, self._run) for arg in args]
        named = {name: _to_wire(value, self._run) for name, value in kwargs.items()}
        if self._ref.type == "type":  # a class: what it makes is an object, not an answer
            made = Ref(self._run.new_object(), "object", callable=True)
            self._run.later("make", made.id, _ref_of(self, self._run), sent, named)
            thing = Remote(self._run, made)
            if self._is_support:
                thing._mark_support()
            return thing
        try:
            return self._ask("call", sent, named)
        except TimedOut as error:  # lent code that got nothing of the student's to call
            given = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, Remote)]
            error.in_support_code = self._is_support and all(arg._is_support for arg in given)
            raise

    def _ask(self, operation: str, *arguments: Any) -> Any:
        __tracebackhide__ = True
        return _request(self._run, operation, _ref_of(self, self._run), *arguments)

    @property
    def _is_support(self) -> bool:
        """Whether it came with the suite."""
        return (self._generation, self._ref.id) in self._run.support_objects

    def _mark_support(self) -> None:
        self._run.support_objects.add((self._generation, self._ref.id))

    def __repr__(self) -> str:
        return f"<the student's {self._ref.type}>"


class Student:
    """What the notebook left behind: its functions and classes, by name."""

    def __init__(self, run: StudentProcess) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            found = self._once(name, "get", None, name)
        except StudentError as error:
            if error.type != "NameError" or error.place is not None:
                raise
            errors = [
                error_of(result.outputs) or (("", str(result.failure)) if result.failure else None)
                for result in self._run.results
            ]
            raise NameNotFound(why_missing(name, self._run.cells, errors)) from None
        if not isinstance(found, Remote):
            raise InvalidResponse(f"{name} is not a function or a class")
        return found

    def load(self, file: Path) -> Remote:
        """Run a file of the suite in the student's process and return it as a module.

        It must hold nothing secret: whatever is lent can be read there. A test that lends what
        answers another task is marked `spoiler`.
        """
        __tracebackhide__ = True
        module = self._once(file, "load", file.read_text("utf-8"), file.name)
        if not isinstance(module, Remote):
            raise InvalidResponse("a module was expected")
        module._mark_support()
        return module

    def _once(self, key: str | Path, operation: str, *arguments: Any) -> Any:
        """Ask once for as long as the same process answers."""
        __tracebackhide__ = True
        known = self._run.known.get((key, self._run.generation))
        if known is None or not self._run.alive:
            known = _request(self._run, operation, *arguments)
            self._run.known[key, self._run.generation] = known
        return known


@contextmanager
def waits_for(what: str) -> Iterator[None]:
    """Skip the test if an earlier task that it needs is not done: that task lost the points."""
    try:
        yield
    except (StudentError, NameNotFound) as error:
        if isinstance(error, NameNotFound) or error.not_implemented:
            pytest.skip(f"This waits for {what}.")
        raise


def _request(run: StudentProcess, operation: str, *arguments: Any) -> Any:
    __tracebackhide__ = True
    answer = _from_wire(run.request(operation, *arguments), run)
    run.handed_out.append(answer)
    return answer


def _ref_of(remote: Remote, run: StudentProcess) -> Ref:
    """Return the object's number, if the process that holds it still lives."""
    if remote._generation != run.generation:
        raise InvalidResponse("the process that held it has ended")
    ref = remote._ref
    assert isinstance(ref, Ref)
    return ref


def _to_wire(value: Any, run: StudentProcess) -> Any:
    """Turn an argument into plain data; arrays arrive as torch tensors."""
    if isinstance(value, Remote):
        return _ref_of(value, run)
    if isinstance(value, np.ndarray):
        plain = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        return Tensor("torch", value.dtype.name, value.shape, plain.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return type(value)(_to_wire(item, run) for item in value)
    return value


def _from_wire(value: Any, run: StudentProcess) -> Any:
    if isinstance(value, Ref):
        return Remote(run, value)
    if isinstance(value, list | tuple):
        return type(value)(_from_wire(item, run) for item in value)
    if isinstance(value, dict):
        return {key: _from_wire(item, run) for key, item in value.items()}
    return value
