"""Lets a test use a submission's code, in its own process, as if it were local.

    model = student.Linear(3, 2)
    model.w = weights                  # fills the tensor in place
    prediction = model.forward(x)      # a `Tensor`: a claim to be judged

Every attribute access and call is a request to the child. Plain data comes back as plain data;
anything else stays there, and the test gets a `Remote`. A function is looked up only once, and what
needs no answer (making an object, setting an attribute) travels with the next request, which also
raises its errors.
"""

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

    def __init__(self, process: StudentProcess, ref: Ref) -> None:
        vars(self).update(_process=process, _ref=ref, _generation=process.generation)

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        found = self._ask("get", name)
        if isinstance(found, Remote):
            if self._is_support:
                found._mark_support()
            if found._ref.callable:
                vars(self)[name] = found  # from now on, found without a request
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        self._process.defer("set", *_to_wire([self, name, value], self._process))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the submission's process, with plain data and other remote objects."""
        __tracebackhide__ = True
        if not self._ref.callable:
            raise InvalidResponse(f"a {self._ref.type} was found where a function was expected")
        if self._ref.type == "type":  # a class: a new object needs no answer
            made = Ref(self._process.new_object(), "object", callable=True)
            sent = _to_wire([made.id, self, list(args), kwargs], self._process)
            self._process.defer("make", *sent)
            thing = Remote(self._process, made)
            if self._is_support:
                thing._mark_support()
            return thing
        try:
            return self._ask("call", list(args), kwargs)
        except TimedOut as error:  # support code that was given none of the student's
            given = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, Remote)]
            error.in_support_code = self._is_support and all(arg._is_support for arg in given)
            raise

    def _ask(self, operation: str, *arguments: Any) -> Any:
        __tracebackhide__ = True
        return _request(self._process, operation, self, *arguments)

    @property
    def _is_support(self) -> bool:
        """Whether it came with the suite."""
        return (self._generation, self._ref.id) in self._process.support_objects

    def _mark_support(self) -> None:
        self._process.support_objects.add((self._generation, self._ref.id))

    def __repr__(self) -> str:
        return f"<the student's {self._ref.type}>"


class Student:
    """The functions and classes that the notebook defines, by name."""

    def __init__(self, process: StudentProcess) -> None:
        self._process = process

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            found = self._once(name, "get", None, name)
        except StudentError as error:
            if error.type != "NameError" or error.location is not None:
                raise
            errors = [
                error_of(result.outputs) or (("", str(result.failure)) if result.failure else None)
                for result in self._process.results
            ]
            raise NameNotFound(why_missing(name, self._process.cells, errors)) from None
        if not isinstance(found, Remote):
            raise InvalidResponse(f"{name} is not a function or a class")
        return found

    def load(self, file: Path) -> Remote:
        """Run a file of the suite in the student's process and return it as a module.

        The file must contain no secret: student code can read it. Mark a test `spoiler` if what it
        loads answers another task.
        """
        __tracebackhide__ = True
        module = self._once(file, "load", file.read_text("utf-8"), file.name)
        if not isinstance(module, Remote):
            raise InvalidResponse("a module was expected")
        module._mark_support()
        return module

    def _once(self, key: str | Path, operation: str, *arguments: Any) -> Any:
        """Send a request once per test and process, and reuse its answer."""
        __tracebackhide__ = True
        known = self._process.lookups.get((key, self._process.generation))
        if known is None or not self._process.alive:
            known = _request(self._process, operation, *arguments)
            self._process.lookups[key, self._process.generation] = known
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


def _request(process: StudentProcess, operation: str, *arguments: Any) -> Any:
    __tracebackhide__ = True
    sent = _to_wire(list(arguments), process)
    answer = _from_wire(process.request(operation, *sent), process)
    process.answers.append(answer)
    return answer


def _to_wire(value: Any, process: StudentProcess) -> Any:
    """Return an argument as plain data; arrays arrive as torch tensors."""
    if isinstance(value, Remote):
        if value._generation != process.generation:
            raise InvalidResponse("the process of this object has ended")
        return value._ref
    if isinstance(value, np.ndarray):
        plain = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        return Tensor("torch", value.dtype.name, value.shape, plain.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return type(value)(_to_wire(item, process) for item in value)
    if isinstance(value, dict):
        return {key: _to_wire(item, process) for key, item in value.items()}
    return value


def _from_wire(value: Any, process: StudentProcess) -> Any:
    if isinstance(value, Ref):
        return Remote(process, value)
    if isinstance(value, list | tuple):
        return type(value)(_from_wire(item, process) for item in value)
    if isinstance(value, dict):
        return {key: _from_wire(item, process) for key, item in value.items()}
    return value
