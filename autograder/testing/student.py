"""Lets a test use a submission's code, in its own process, as if it were local.

    model = student.Linear(3, 2)
    model.w = weights                  # fills the tensor in place
    prediction = model.forward(x)      # a `Tensor`: a claim to be judged

Every attribute access and call is a request to the child. Plain data comes back as plain data;
anything else stays there, and the test gets a `Remote`, which can be asked for attributes, calls,
items, length, iteration, `in`, `with` and its text. Operators need its plain value, and work here.
A function is looked up only once, and what needs no answer (making an object, setting an attribute
or an item) travels with the next request, which also raises its errors.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self

import numpy as np
import pytest

from autograder.diagnosis.exception_advice import error_of, why_missing
from autograder.sandbox.execution_errors import (
    ExecutionError,
    InvalidResponse,
    NameNotFound,
    StudentError,
    TimedOut,
)
from autograder.sandbox.student_process import Answerer, StudentProcess
from autograder.sandbox.worker.claims import claimed_class
from autograder.sandbox.worker.kinds import is_record, simplified
from autograder.sandbox.worker.outputs import shown_text
from autograder.sandbox.worker.wire import Callback, NamedTuple, Ref, Tensor, WireError
from autograder.testing.answers import (
    Answer,
    ReferenceTensor,
    TensorAnswer,
    describe,
    exact,
)
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.lent_functions import AnswersCalls, answering, asking
from autograder.testing.plots import Figure, Parts, figures_of

_asked: "ContextVar[Process | None]" = ContextVar("asked", default=None)  # the submission's
MAX_ITEMS = 10_000  # that an iteration gives before it is taken for endless
PLAIN: tuple[Any, ...] = (bool, float, str, int, bytes)
SENT = (
    "None, numbers, text, bytes, dates, NumPy arrays, tensors, pandas' tables, sparse matrices, "
    "lists, tuples, dictionaries, sets and dataclasses of these, functions, and what the student's "
    "code gave"
)


Using = Mapping[str, Ref | Callback]
"""What names of the notebook stand for instead."""

NOTHING: Using = MappingProxyType({})


class Process(Protocol):
    """What runs a notebook: a `StudentProcess`, or the reference solution in its place."""

    answers: list[Any]
    kept_answers: list[Any]
    lookups: dict[Any, Any]
    support_objects: set[tuple[int, int]]

    @property
    def generation(self) -> int:
        """The number of the child that present objects belong to, 0 if each child makes them."""

    @property
    def blames_suite(self) -> bool:
        """Whether what goes wrong is the suite's fault."""

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as is known."""

    def request(self, operation: str, *arguments: Any) -> Any:
        """Send an operation and return its answer."""

    def defer(self, operation: str, *arguments: Any) -> None:
        """Send an operation together with the next request."""

    def use(self, functions: Using) -> None:
        """Let names of the notebook stand for these functions, and for no others."""

    def hand_over(self, answer: Answerer, name: str, *, in_reference: bool) -> Callback:
        """Return what stands for a function that may be called until the test ends."""

    def new_object(self) -> int:
        """Return a number for an object that will be made."""

    @property
    def is_ahead(self) -> bool:
        """Whether it works on questions that the test has yet to ask."""

    def shown(self) -> list[dict[str, Any]]:
        """Return the outputs of all cells."""


class Remote(Answer):
    """An object or function in the submission's process.

    `name` says how the test got it. `is_answer` is false for what the suite itself looked up, made
    or loaded: to ask that for a plain value is the suite's mistake.
    """

    def __init__(
        self,
        process: Process,
        ref: Ref,
        name: str = "",
        using: Using = NOTHING,
        *,
        is_answer: bool = True,
    ) -> None:
        vars(self).update(_process=process, _ref=ref, _generation=process.generation)
        vars(self).update(_name=name, _using=using, _is_answer=is_answer)

    @property
    def in_reference(self) -> bool:  # type: ignore[override]
        """Whether it is the reference solution's."""
        return bool(self._process.blames_suite)

    def take(self, wanted: str) -> Any:
        """Return what the object is as plain data, or the object itself if it is none.

        Raises:
            SuiteError: it is a function, class or module that the suite has looked up.
        """
        __tracebackhide__ = True
        self._require_object()
        taken = self._ask("take", wanted)
        return self if isinstance(taken, Remote) else taken

    def plain(self) -> Any:
        """Return what the object is as plain data: a claim, as every answer.

        Raises:
            Mismatch: it is not plain data.
            SuiteError: it is not an answer.
        """
        __tracebackhide__ = True
        taken = self.take("any")
        if taken is not self:
            return taken
        if not self._is_answer or self.in_reference:
            raise SuiteError(
                f"{self._name} has no plain value to compare or compute with: ask for its "
                "attributes or methods"
            )
        raise Mismatch(
            f"{self._name or 'Your code'} gave {describe(self)}, which is not a number or other "
            "plain data."
        )

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        looked_up = self._process.lookups  # of this test: later ones may have another process
        key = self._generation, self._ref.id, name
        if key in looked_up:
            return looked_up[key]
        try:
            found = self._ask("get", name)
        except StudentError as error:
            raise _as_python_does(error, "AttributeError", NoAttribute) from None
        if isinstance(found, Remote):
            vars(found)["_name"] = f"{self._name}.{name}".lstrip(".")
            if self._is_support:
                found._mark_support()
                vars(found)["_is_answer"] = False
            if found._ref.callable:
                looked_up[key] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        self._defer(f"{self._name}.{name} = …", "set", self, name, value)

    def __delattr__(self, name: str) -> None:
        raise SuiteError(f"{self._name}.{name}: delete an attribute in support code, not here")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the submission's process, with plain data and other remote objects."""
        __tracebackhide__ = True
        self._require_function()
        if self._ref.type == "type":  # a class: a new object needs no answer
            made = Ref(self._process.new_object(), "object", callable=True)
            given = [made.id, self, list(args), kwargs]
            self._defer(f"{self._name}(…)", "make", *given)
            thing = Remote(self._process, made, f"{self._name}(…)", self._using, is_answer=False)
            if self._is_support:
                thing._mark_support()
            return thing
        answer = self._call("call", args, kwargs)
        if isinstance(answer, Remote):
            vars(answer)["_name"] = f"{self._name}(…)"
        return answer

    def _call(self, operation: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what an operation finds that calls it."""
        __tracebackhide__ = True
        self._require_function()
        try:
            return self._ask(operation, list(args), kwargs)
        except TimedOut as error:  # support code that was given none of the student's
            remotes = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, Remote)]
            error.in_support_code = self._is_support and all(arg._is_support for arg in remotes)
            raise

    def _require_function(self) -> None:
        __tracebackhide__ = True
        if not self._ref.callable:
            raise _no_function(self)

    def __len__(self) -> int:
        __tracebackhide__ = True
        self._require_object()
        try:
            count = self._ask("length")
        except StudentError as error:
            raise _as_python_does(error, "TypeError", NoLength) from None
        if type(count) is not int or not 0 <= count <= sys.maxsize:
            raise InvalidResponse("a length is not a number")
        return count

    def __getitem__(self, key: Any) -> Any:
        __tracebackhide__ = True
        self._require_object()
        if isinstance(key, slice):
            return self._ask("part", [key.start, key.stop, key.step])
        return self._ask("item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        __tracebackhide__ = True
        self._require_object()
        self._defer(f"{self._name}[…] = …", "set_item", self, key, value)

    def __delitem__(self, key: Any) -> None:
        __tracebackhide__ = True
        self._require_object()
        self._defer(f"del {self._name}[…]", "delete_item", self, key)

    def __contains__(self, item: Any) -> bool:
        __tracebackhide__ = True
        self._require_object()
        found = self._ask("contains", item)
        if type(found) is not bool:
            raise InvalidResponse("whether something is in it is neither True nor False")
        return found

    def __enter__(self) -> Any:
        __tracebackhide__ = True
        self._require_object()
        return self._ask("enter")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the context in the submission's process, which suppresses nothing here."""
        __tracebackhide__ = True
        if error is None:
            self._ask("leave", None)
        elif not self._process.is_ahead:  # or else it leaves by itself
            said = ["Exception", ""]  # of a mistake in the answer it learns nothing
            if isinstance(error, StudentError):
                said = [error.type, error.message]
            with suppress(ExecutionError):  # the first error is what counts
                self._ask("leave", said)

    def __str__(self) -> str:
        __tracebackhide__ = True
        self._require_object()
        return _text(self._ask("text"))

    def _is_instance(self, cls: Any) -> bool:
        __tracebackhide__ = True
        found = self._ask("instance_of", cls)
        if found is None:
            raise SuiteError(f"instance_of: there is no class {cls!r}")
        if type(found) is not bool:
            raise InvalidResponse("whether it is an instance is neither True nor False")
        return found

    def _class_for_suite(self) -> type:
        __tracebackhide__ = True
        match self._ask("classes"):
            case (list(names), list(protocols)) if {*map(type, [*names, *protocols])} <= {str}:
                return claimed_class(names, protocols)
        raise InvalidResponse("the classes of an object are not named")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise SuiteError(f"{self._name} stays in the student's process: copy it in support code")

    def __next__(self) -> Any:
        __tracebackhide__ = True
        self._require_object()
        found = self._ask("advance")
        if not isinstance(found, list):
            raise InvalidResponse("what should be iterated over gave no item")
        if not found:
            raise StopIteration
        return found[0]

    def __iter__(self) -> Iterator[Any]:
        __tracebackhide__ = True
        self._require_object()
        iterator = self._ask("iterate")
        if not isinstance(iterator, Remote):
            raise InvalidResponse("what should be iterated over gave no item")
        for _ in range(MAX_ITEMS):
            try:
                yield next(iterator)
            except StopIteration:
                return
        raise Mismatch(f"{self._name or 'Your code'} gave more than {MAX_ITEMS:,} items.")

    def _require_object(self) -> None:
        """Refuse what only a suite's mistake asks of a function, a class or a module.

        Raises:
            SuiteError: it was looked up or loaded, and has neither value nor items.
        """
        __tracebackhide__ = True
        if not self._is_answer and self._ref.type != "object":
            raise SuiteError(
                f"{self._name} is {describe(self)}, not an answer: call it before you use its value"
            )

    def _ask(self, operation: str, *arguments: Any) -> Any:
        __tracebackhide__ = True
        calls = operation in ("call", "printed", "figures")
        name = f"{self._name}(…)" if calls else self._name
        return _request(self._process, name, operation, self, *arguments, using=self._using)

    def _defer(self, name: str, operation: str, *arguments: Any) -> None:
        """Send an operation that needs no answer with the next request."""
        __tracebackhide__ = True
        sent = _to_wire(list(arguments), self._process, name)
        self._process.use({**self._using, **_usings(arguments)})
        self._process.defer(operation, *sent)

    @property
    def _is_support(self) -> bool:
        """Whether it came with the suite."""
        return (self._generation, self._ref.id) in self._process.support_objects

    def _mark_support(self) -> None:
        self._process.support_objects.add((self._generation, self._ref.id))

    def __repr__(self) -> str:
        return f"<the student's {self._ref.type}>"


class NoLength(StudentError, TypeError):
    """An object has no length; `list` and others then do without."""


class NoAttribute(StudentError, AttributeError):
    """An object has no such attribute; `hasattr` and others then say so."""


def _as_python_does(error: StudentError, kind: str, cls: type[StudentError]) -> StudentError:
    """Return an exception of one kind as an instance of `cls`, any other as it is."""
    if error.type != kind:
        return error
    return cls(kind, error.message, error.location, error.support, refused=error.refused)


CONTAINERS = (Remote, list, tuple, dict)


class Student:
    """The functions, classes and variables of the notebook by name, and what it has shown.

    A name that the notebook has once given to a function or class is that function or class, also
    if something else has the name later. Any other name is a variable: it gives its value, as an
    answer does. What the tests of a task see is as it was at the task's check.
    """

    def __init__(self, process: Process, using: Using = NOTHING) -> None:
        self._process, self._using = process, using

    def using(self, *functions: Any, **named: Any) -> Self:
        """Return the same notebook, with other functions in the place of its own.

        Where its code uses one of these names, it gets the function of the reference solution, of
        the suite, or of support code, until the test ends: what an earlier task got wrong is
        charged once. Only plain data cross to a function outside the student's process, so no
        gradient flows through it; through support code it does.

        For example: `student.using(reference.sigmoid).gradient(w, X, y)`.

        Raises:
            SuiteError: the notebook cannot be given this.
        """
        __tracebackhide__ = True
        given = {_name_of(function): function for function in functions} | named
        pointers = {
            name: _pointer(function, self._process, f"using({name}=…)")
            for name, function in given.items()
        }
        return type(self)(self._process, {**self._using, **pointers})

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            found = self._once(name, "get", None, name)
        except StudentError as error:
            if error.type != "NameError" or error.location is not None:
                raise
            raise NameNotFound(self._why_missing(name)) from None
        if not isinstance(found, Remote):
            return found
        is_answer = not found._ref.callable
        return Remote(self._process, found._ref, name, self._using, is_answer=is_answer)

    def printed(self, function: Any = None, /, *args: Any, **kwargs: Any) -> str:
        """Return the text that a function prints or displays when it is called.

        Without a function, it is the text that all cells of the notebook have shown: what they
        printed, and the values that they displayed. What went to stderr does not belong to it.

        Args:
            function: a function, method or class of the notebook, such as `student.report`.
            args: what it is called with.
            kwargs: the same, by name.

        Raises:
            StudentError: the function raised an exception.
        """
        __tracebackhide__ = True
        if function is None:
            return shown_text(self._process.shown())
        return _text(_function(function, "printed")._call("printed", args, kwargs))

    def figures(self, function: Any = None, /, *args: Any, **kwargs: Any) -> Parts[Figure]:
        """Return what the figures show that a function makes with matplotlib when it is called.

        Without a function, it is the figures that all cells of the notebook have shown. seaborn and
        pandas plot with matplotlib too.

        Args:
            function: a function, method or class of the notebook, such as `student.plot_loss`.
            args: what it is called with.
            kwargs: the same, by name.

        Raises:
            StudentError: the function raised an exception.
            SuiteError: no figure of a cell can be seen, as matplotlib is not preloaded.
        """
        __tracebackhide__ = True
        if function is not None:
            return figures_of(_function(function, "figures")._call("figures", args, kwargs))
        shown = _from_wire(self._process.request("shown_figures"), self._process)
        if shown is None:
            raise SuiteError("figures: `preload` in course.yml lacks matplotlib.pyplot")
        found = figures_of(shown)
        self._process.answers.append([object() for _ in found])  # code alone cannot replay it
        return found

    def _why_missing(self, name: str) -> str:
        """Say why the notebook does not define a name: once, however many tests ask for it."""
        assert isinstance(self._process, StudentProcess)
        known = self._process.missing
        if name not in known:
            errors = [
                error_of(result.outputs) or (("", str(result.failure)) if result.failure else None)
                for result in self._process.results
            ]
            known[name] = why_missing(name, self._process.cells, errors)
        return known[name]

    def load(self, file: Path) -> Remote:
        """Run a file of the suite in the student's process and return it as a module.

        The file must contain no secret: student code can read it. Mark a test `spoiler` if what it
        loads answers another task.
        """
        __tracebackhide__ = True
        if isinstance(known := self._known(file), Remote):
            return known
        module = self._once(file, "load", file.read_text("utf-8"), file.name)
        if not isinstance(module, Remote):
            raise InvalidResponse("a module was expected")
        vars(module).update(_name=file.stem, _is_answer=False)
        module._mark_support()
        return module

    def _known(self, key: str | Path) -> Any:
        """Return the function or module that this test has looked up, None if it has not."""
        alive = self._process.alive
        return self._process.lookups.get((key, self._process.generation)) if alive else None

    def _once(self, key: str | Path, operation: str, *arguments: Any) -> Any:
        """Send a request, and reuse its answer in this test if it is a function or module."""
        __tracebackhide__ = True
        known = self._known(key)
        if known is None:
            known = _request(self._process, str(key), operation, *arguments)
            if operation == "load" or (isinstance(known, Remote) and known._ref.callable):
                self._process.lookups[key, self._process.generation] = known
        return known


def _function(value: Any, asked_by: str) -> Remote:
    """Return what a suite wants to have called, if it is the student's.

    Raises:
        InvalidResponse: the notebook has something else under its name.
        SuiteError: it is a function of the suite.
    """
    __tracebackhide__ = True
    if isinstance(value, Remote):
        return value
    if callable(value):
        raise SuiteError(f"{asked_by}: name a function of the student, and then its arguments")
    raise _no_function(value)


def _no_function(value: Any) -> InvalidResponse:
    return InvalidResponse(f"{describe(value)} was found where a function was expected")


def _text(claim: Any) -> str:
    if type(claim) is not str:
        raise InvalidResponse(f"{describe(claim)} was found where text was expected")
    return claim


@contextmanager
def waits_for(what: str) -> Iterator[None]:
    """Skip the test if an earlier task that it needs is not done: that task lost the points."""
    try:
        yield
    except (StudentError, NameNotFound) as error:
        if isinstance(error, NameNotFound) or error.not_implemented:
            pytest.skip(f"This waits for {what}.")
        raise


def _request(
    process: Process, name: str, operation: str, *arguments: Any, using: Using = NOTHING
) -> Any:
    """Send a request and return its answer; `name` is what the suite wrote.

    Raises:
        InvalidResponse: an argument that the student's code has answered cannot be sent.
        SuiteError: another one cannot, or the suite's support code fails.
    """
    __tracebackhide__ = True
    sent = _to_wire(list(arguments), process, name)
    process.use({**using, **_usings(arguments)})
    try:
        answer = _from_wire(process.request(operation, *sent), process, using)
    except WireError as error:
        raise SuiteError(f"{name}: the arguments cannot be sent: {error}") from None
    except StudentError as error:
        if error.support and (error.support.certain or not _answers_in(arguments, process)):
            raise SuiteError(
                f"{error.type} in {error.support.file}, line {error.support.line}: {error.message}"
            ) from None
        raise
    process.answers.append(answer)
    if not process.blames_suite:
        _asked.set(process)
    return answer


def is_answer(value: Any) -> bool:
    """Say whether a value is an answer of the submission, or a part of one."""
    process = _asked.get()
    if isinstance(value, Answer):
        return not value.in_reference
    return process is not None and _has_answered(process, value)


def _usings(arguments: Any) -> Using:
    """Return what names stand for where the functions among arguments come from."""
    if isinstance(arguments, Remote):
        return arguments._using  # type: ignore[no-any-return]
    if isinstance(arguments, dict):
        arguments = list(arguments.values())
    if not isinstance(arguments, list | tuple):
        return NOTHING
    found = [_usings(argument) for argument in arguments if isinstance(argument, CONTAINERS)]
    return {name: pointer for using in found for name, pointer in using.items()}


def _answers_in(arguments: Any, process: Process) -> bool:
    """Say whether arguments contain plain data that the student's code has answered."""
    if isinstance(arguments, list | tuple):
        return any(_answers_in(item, process) for item in arguments)
    if isinstance(arguments, dict):
        return _answers_in(list(arguments.values()), process)
    if arguments is None or isinstance(arguments, bool | Remote):
        return False
    return isinstance(arguments, TensorAnswer) or _has_answered(process, arguments)


def _has_answered(process: Process, value: Any) -> bool:
    return _is_within(value, process.answers) or _is_within(value, process.kept_answers)


def _is_within(value: Any, answer: Any) -> bool:
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return any(part is value or _is_within(value, part) for part in answer)
    return answer is value


def _to_wire(value: Any, process: Process, name: str) -> Any:
    """Return an argument as plain data of the exact type.

    Raises:
        InvalidResponse: it cannot be sent, and the student's code has answered it.
        SuiteError: it cannot be sent.
    """
    if value is None or type(value) in PLAIN:
        return value
    if callable(value):
        return _pointer(value, process, name)
    if isinstance(value, Tensor):
        return Tensor(value.kind, value.dtype, value.shape, value.data)
    for kind in PLAIN[1:]:
        if isinstance(value, kind):
            return kind(value)

    def inner(part: Any) -> Any:
        return _to_wire(part, process, name)

    try:
        if is_record(value):
            return simplified(value, inner)
        if isinstance(value, list | tuple):
            return (list if isinstance(value, list) else tuple)(map(inner, value))
        if isinstance(value, dict):
            return dict(zip(map(inner, value), map(inner, value.values()), strict=True))
        return simplified(value, inner)
    except WireError as error:
        raise SuiteError(f"{name}: the arguments cannot be sent: {error}") from None
    except (TypeError, ValueError, OverflowError):
        what = type(value).__name__
        what = f"NumPy array of {value.dtype}" if isinstance(value, np.ndarray) else what
        if _has_answered(process, value):
            raise InvalidResponse(
                f"a value of type {what} cannot be used in a calculation"
            ) from None
        raise SuiteError(
            f"{name}: a value of type {what} cannot be sent. What can be sent: {SENT}"
        ) from None


def _from_wire(value: Any, process: Process, using: Using = NOTHING) -> Any:
    if value is None or type(value) in (int, float, str, bool):  # most of a long list
        return value
    if isinstance(value, Ref):
        return Remote(process, value, using=using)
    if isinstance(value, Tensor):
        build = ReferenceTensor if process.blames_suite else TensorAnswer
        return build(value.kind, value.dtype, value.shape, value.data)
    if isinstance(value, NamedTuple):
        return value.map(lambda item: _from_wire(item, process, using))
    if isinstance(value, list | tuple):
        items = [_from_wire(item, process, using) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: _from_wire(item, process, using) for key, item in value.items()}
    if isinstance(value, Decimal | Fraction):
        return exact(value)
    if isinstance(value, Callback):
        raise InvalidResponse("a function of the tests came back as something else")
    return deepcopy(value) if process.blames_suite else value  # a set or table may be changed


def _name_of(function: Any) -> str:
    """Return the name that a function has where it is defined."""
    if isinstance(function, Remote):
        return str(function._name).rpartition(".")[2]
    return str(getattr(function, "__name__", ""))


def _pointer(value: Any, process: Process, name: str) -> Ref | Callback:
    """Return what stands for an object of this process, or for a function from elsewhere."""
    __tracebackhide__ = True
    if not isinstance(value, Remote) or value._process is not process:
        return _handed_over(value, process, name)
    if value._generation not in (0, process.generation):
        raise InvalidResponse("the process of this object has ended")
    ref: Ref = value._ref
    return ref


def _handed_over(function: Any, process: Process, name: str) -> Callback:
    """Return what stands for a function of the suite, or of the reference solution.

    Raises:
        SuiteError: it cannot be handed to the code of this process.
    """
    __tracebackhide__ = True
    own = _name_of(function)
    if not isinstance(function, Remote):
        if isinstance(function, type):
            raise SuiteError(f"{name}: the class {own} cannot be sent. What can be sent: {SENT}")
        answer = answering(
            function,
            own,
            received=lambda sent: _from_wire(sent, process),
            sent=lambda result: _to_wire(result, process, own),
        )
        return process.hand_over(answer, own, in_reference=False)
    source = function._process
    if not isinstance(source, AnswersCalls) or function._ref.type != "function":
        raise SuiteError(
            f"{name}: {own or 'this'} stays in its own process and cannot be sent. Functions that "
            "the reference solution defines can, and plain data"
        )
    return process.hand_over(asking(source, own), own, in_reference=True)
