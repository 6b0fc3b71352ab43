"""The child: runs a submission's cells and answers the grader's requests with plain data."""

import builtins
import contextlib
import faulthandler
import os
import pkgutil
import random
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

from autograder.sandbox.worker import wire
from autograder.sandbox.worker.asked import attempt
from autograder.sandbox.worker.blame import SUPPORT_FILE
from autograder.sandbox.worker.confine import confine
from autograder.sandbox.worker.cross_validations import CrossValidations
from autograder.sandbox.worker.figure_facts import Album, made_figures
from autograder.sandbox.worker.judging import Judge
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.outputs import Stream, shown_text
from autograder.sandbox.worker.replay import Questions, replay
from autograder.sandbox.worker.shell import MAX_OUTPUT, Shell, describe_error, take_over
from autograder.sandbox.worker.snapshot import Snapshot, find
from autograder.sandbox.worker.values import lift, lower, take
from autograder.sandbox.worker.wire import Callback, Ref

_MISSING = object()
PROTOCOLS = ("__call__", "__contains__", "__getitem__", "__iter__", "__len__", "__next__")
EXACTLY = 1000  # statements of a cell; of those that follow, each thousandth is announced
OBJECTS = 1 << 20  # more than fit into an answer: each answer has its own range of numbers


def main(shell: Shell, fd: int, scratch: str, limits: Limits, readable: Sequence[Path]) -> NoReturn:
    """Become the child, and end the process when the grader closes the wire."""
    try:
        fd = confine(limits, scratch, fd, readable)
        tempfile.tempdir = scratch
        sys.path.insert(0, "")  # as in Jupyter, where a cell can write a module and import it
        take_over(shell)
        random.seed(0)  # Python, unlike numpy and torch, reseeds itself after a fork
        faulthandler.register(signal.SIGUSR1, file=fd, all_threads=False)  # to say where it is
        Child(shell, socket.socket(fileno=fd), limits.output).serve()
    finally:
        os._exit(0)


def seed_everything() -> None:
    """Seed every random generator, so that regrading sees the same numbers."""
    random.seed(0)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)
    # `torch.manual_seed` would also format the stack three times, for devices that are not there.
    if torch := sys.modules.get("torch._C"):  # which no cell has reason to change
        torch.default_generator.manual_seed(0)
    if (cuda := sys.modules.get("torch.cuda")) and cuda.is_initialized():  # a student's own machine
        cuda.manual_seed_all(0)


def _reset_torch() -> None:
    """Undo global settings of torch that a cell may have changed."""
    with contextlib.suppress(Exception):  # it may not be loaded, or student code replaced it
        torch = sys.modules["torch"]
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)


class Child:
    """Answers each request with `(number, "ok", value)` or `(number, "error", details)`.

    A request is `(number, operation, arguments)`. An operation is a method named in `OPERATIONS`,
    or "series", whose arguments are a task and batches, numbered from `number` upwards: each gets
    an answer, up to the first error. A cell also sends `(number, "running", statement)` before
    its statements, counted from 0: the first `EXACTLY`, then every so many. Student code that calls
    a function of the test sends `(number, "call", (function, args, kwargs))`, and gets
    `("ok", value)` or `("error", (type, message))` back.
    """

    OPERATIONS = (
        *("execute", "save", "restore", "rebound", "use"),
        *("batch", "get", "set", "call", "make", "load", "replay"),
        *("take", "length", "item", "part", "set_item", "delete_item", "contains", "done"),
        *("iterate", "advance", "enter", "leave", "text", "instance_of", "classes"),
        *("printed", "figures", "shown_figures", "pictures", "attempt", "judge"),
    )

    def __init__(self, shell: Shell, sock: socket.socket | None, max_output: int) -> None:
        self.shell, self.sock, self.max_output = shell, sock, max_output
        self.objects: dict[int, Any] = {}  # that a `Ref` stands for, by number
        self.functions: dict[str, Any] = {}
        self.snapshots: dict[str, Snapshot] = {}  # by task; "" is the end of the notebook
        self._number = 0  # of the request that is being answered
        self._next = 1  # the number of the next object
        self._failed = False  # whether the last answer was an error
        self._reader: wire.Reader | None = None
        self._replaced: dict[str, Any] = {}  # what names stood for before `use`
        self._judge: Judge | None = None  # if this is no student's process
        self._cross_validations = CrossValidations()  # that replays have made

    def serve(self) -> None:
        """Answer until the grader closes the connection."""
        assert self.sock is not None
        self._reader = wire.Reader(self.sock)
        with contextlib.suppress(wire.ConnectionLost):
            while True:
                first, operation, arguments = self._reader.receive()
                requests = [(operation, arguments)]
                if operation == "series":
                    task, batches = arguments
                    self.restore(task)
                    requests = [("batch", (operations,)) for operations in batches]
                for number, request in enumerate(requests, first):
                    wire.send(self.sock, self._answer(number, *request))
                    if self._failed:
                        break

    def _answer(self, number: int, operation: str, arguments: tuple[Any, ...]) -> bytes:
        """Return the frame that answers a request; any exception becomes an error."""
        self._number, self._next = number, number * OBJECTS + 1
        self._failed = False
        try:
            value = self._carry_out(operation, arguments)
            return wire.pack((number, "ok", lower(value, self.store)))
        except BaseException as error:
            self._failed = True
            return wire.pack((number, "error", describe_error(error)))

    def _carry_out(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        if operation not in self.OPERATIONS:
            raise ValueError(f"unknown operation {operation!r}")
        return getattr(self, operation)(*arguments)

    def execute(
        self, number: int, source: str, show: bool, statements: int | None = None
    ) -> tuple[list[dict[str, Any]], bool, list[tuple[str, str, list[str]]], list[tuple[int, int]]]:
        """Run a cell, counted from 1, or only its first statements.

        Returns:
            its outputs, dropped without `show`, with empty images for figures; whether it ended
            without an error; for each error that only skipped a statement, its type, its message
            and the names left without value; the cells and lines that the exception which ended it
            passed through, the innermost last.
        """
        self.shell.begin_cell(statements, self._announce)
        outputs, succeeded = self.shell.run(number, source, self.max_output if show else 0)
        namespace = self.shell.user_ns.items()
        self.functions.update((name, value) for name, value in namespace if callable(value))
        return outputs, succeeded, self.shell.skipped, self.shell.error_lines

    def _announce(self, statement: int) -> None:
        often = statement < EXACTLY or statement % EXACTLY == 0
        if self.sock is not None and statement > 0 and often:
            wire.send(self.sock, wire.pack((self._number, "running", statement)))

    def judge(
        self,
        number: int,
        source: str,
        definitions: Mapping[str, str],
        forgotten: list[str],
        shared: list[str],
        in_place: bool,
        ask: Callback,
    ) -> tuple[Any, ...]:
        """Run a test cell as a judge, which asks the student's process by calling `ask`."""
        if self._judge is None:
            self._judge = Judge(self.shell, lambda asked: self._result_of((ask.id, asked, {})))
        return self._judge.run(number, source, definitions, forgotten, shared, in_place)

    def attempt(self, operation: str, *arguments: Any) -> list[Any]:
        """Carry out an operation for a judge; return what came of it, also an exception."""
        return attempt(self, operation, list(arguments))

    def save(self, states: list[str]) -> None:
        """Keep the names that the notebook has now, for the tests of some tasks."""
        snapshot = Snapshot(self.shell.user_ns, self.functions)
        self.snapshots.update(dict.fromkeys(states, snapshot))

    def restore(self, state: str) -> None:
        """Give the notebook the names that it had at a task's check, or else at its end."""
        self._replaced.clear()
        snapshot = self.snapshots.get(state) or self.snapshots.get("")
        if snapshot is not None:
            snapshot.restore(self.shell.user_ns, self.functions)
        seed_everything()

    def use(self, functions: Mapping[str, Ref | Callback]) -> None:
        """Let names stand for other functions; all others stand for what they did before."""
        names = self.names
        for name, value in self._replaced.items():
            if value is _MISSING:
                names.pop(name, None)
            else:
                names[name] = value
        self._replaced = {name: names.get(name, _MISSING) for name in functions}
        names.update({name: self._look_up(function) for name, function in functions.items()})

    def rebound(self, state: str, names: list[str]) -> bool:
        """Tell whether names, or what their code uses, were bound otherwise after a check."""
        if state not in self.snapshots or "" not in self.snapshots:
            return False
        return self.snapshots[state].differs(self.snapshots[""], names)

    def batch(self, operations: list[tuple[str, tuple[Any, ...]]]) -> Any:
        """Carry out several operations; return the value of the last."""
        value = None
        for operation, arguments in operations:
            value = self._carry_out(operation, arguments)
        return value

    def get(self, target: Ref | None, name: str) -> Any:
        """Return an attribute of an object, or what the notebook has under a name."""
        if target is not None:
            return getattr(self._look_up(target), name)
        names = self.shell.user_ns
        if name not in names and name not in self.functions:
            raise NameError(f"name {name!r} is not defined")
        return find(name, names, self.functions)

    def set(self, target: Ref, name: str, value: Any) -> None:
        """Set an attribute. A tensor is filled in place, so that `params` still contains it."""
        owner, value = self._look_up(target), lift(value, self._look_up)
        current = getattr(owner, name, None)
        if current is not None and hasattr(current, "copy_") and hasattr(value, "dtype"):
            torch = sys.modules["torch"]
            with torch.no_grad():
                current.copy_(torch.as_tensor(value))
        else:
            setattr(owner, name, value)

    def call(self, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function of the student with new arguments."""
        self.shell.collector.start()
        _reset_torch()
        function = self._look_up(target)
        return function(*lift(args, self._look_up), **lift(kwargs, self._look_up))

    def make(self, number: int, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Create an instance of a class, and store it under a number that the grader chose."""
        self.objects[number] = self.call(target, args, kwargs)

    def take(self, target: Ref, wanted: str) -> Any:
        """Return an object as the plain data that it stands for, or a reference again."""
        return take(self._look_up(target), self.store, wanted)

    def done(self) -> None:
        """Do nothing more than the operations before it."""

    def length(self, target: Ref) -> int:
        """Return the length of an object."""
        return len(self._look_up(target))

    def item(self, target: Ref, key: Any) -> Any:
        """Return an item of an object."""
        return self._look_up(target)[lift(key, self._look_up)]

    def part(self, target: Ref, bounds: list[Any]) -> Any:
        """Return a slice of an object."""
        return self._look_up(target)[slice(*bounds)]

    def set_item(self, target: Ref, key: Any, value: Any) -> None:
        """Set an item of an object."""
        self._look_up(target)[lift(key, self._look_up)] = lift(value, self._look_up)

    def delete_item(self, target: Ref, key: Any) -> None:
        """Delete an item of an object."""
        del self._look_up(target)[lift(key, self._look_up)]

    def contains(self, target: Ref, value: Any) -> bool:
        """Tell whether something is in an object."""
        return lift(value, self._look_up) in self._look_up(target)

    def text(self, target: Ref) -> str:
        """Return an object as text."""
        return str(self._look_up(target))

    def instance_of(self, target: Ref, cls: str | Ref) -> bool | None:
        """Tell whether an object is an instance of a class, None if there is no such class."""
        found = self._look_up(cls) if isinstance(cls, Ref) else _class_named(cls)
        return issubclass(type(self._look_up(target)), found) if isinstance(found, type) else None

    def classes(self, target: Ref) -> tuple[list[str], list[str]]:
        """Return the classes of an object, by module and name, and the protocols that it has."""
        kind = type(self._look_up(target))
        names = [f"{cls.__module__}.{cls.__qualname__}"[:200] for cls in kind.__mro__[:100]]
        return names, [name for name in PROTOCOLS if hasattr(kind, name)]

    def enter(self, target: Ref) -> Any:
        """Enter the context of an object."""
        manager = self._look_up(target)
        return type(manager).__enter__(manager)

    def leave(self, target: Ref, error: list[str] | None) -> None:
        """Leave the context of an object, with the type and message of an exception or without."""
        manager, raised = self._look_up(target), None if error is None else _exception(*error)
        type(manager).__exit__(manager, None if raised is None else type(raised), raised, None)

    def iterate(self, target: Ref) -> Ref:
        """Return an iterator over an object, which stays here."""
        return self.store(iter(self._look_up(target)))

    def advance(self, target: Ref) -> list[Any]:
        """Return the next item of an iterator in a list, which is empty at its end."""
        try:
            return [next(self._look_up(target))]
        except StopIteration:
            return []

    def printed(self, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> str:
        """Call a function and return the text that it printed or displayed."""
        with self._listening():
            self.call(target, args, kwargs)
            return shown_text(self.shell.collector.outputs)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Collect what is printed, as much as a notebook may print, whatever it has printed."""
        collector = self.shell.collector
        before = collector.max_size, collector.size
        collector.max_size, collector.size = self.max_output, 0
        try:
            with contextlib.redirect_stdout(Stream("stdout", collector)):
                yield
        finally:
            collector.max_size, collector.size = before

    def figures(self, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Call a function and return what the figures show that it made."""
        album = Album()
        with made_figures() as made:
            self.call(target, args, kwargs)
            for figure in made:
                album.add(figure)
        return album.figures

    def shown_figures(self) -> list[Any] | None:
        """Return what the figures of all cells show, None if they are not drawn inline."""
        album = self.shell.collector.album
        return None if album is None else album.figures

    def pictures(self) -> list[bytes | str]:
        """Return the figures of the last cell as PNG, or why one cannot be drawn."""
        return self.shell.collector.pictures()

    def load(self, source: str, filename: str) -> Any:
        """Run support code outside the notebook's namespace, and return its module."""
        module = type(sys)(os.path.basename(filename).removesuffix(".py"))
        exec(_compiled(source, SUPPORT_FILE.format(filename)), module.__dict__)
        return module

    def replay(
        self,
        reference: str,
        sources: list[str],
        recording: list[Questions],
        limit: float | None = None,
    ) -> list[list[dict[str, Any]]]:
        """Replay a suite's questions to several pieces of code; return the answers of each.

        Functions of the reference solution that the questions hand over are those of `reference`.
        A test may take `limit` seconds of processor time with one of them; nothing is stopped in a
        process that goes on with other things.
        """
        with self._cross_validations.remembered():
            functions = ReplayedCode(self.shell, reference, {}).names
            replayed = (ReplayedCode(self.shell, one, functions) for one in sources)
            return [replay(code, recording, limit if self.sock else None) for code in replayed]

    def store(self, value: Any) -> Ref:
        """Keep an object that the wire cannot carry, and return what stands for it."""
        number, self._next = self._next, self._next + 1
        self.objects[number] = value
        return Ref(number, type(value).__name__[:100], callable(value))

    @property
    def names(self) -> dict[str, Any]:
        """The names of the notebook."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def _look_up(self, ref: Ref | Callback) -> Any:
        return self._function(ref) if isinstance(ref, Callback) else self.objects[ref.id]

    def _function(self, callback: Callback) -> Callable[..., Any]:
        """Return a function that calls one of the test, for as long as the test runs."""

        def function(*args: Any, **kwargs: Any) -> Any:
            return self._call_back(callback, args, kwargs)

        function.__name__ = function.__qualname__ = callback.name
        return function

    def _call_back(
        self, callback: Callback, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(f"{callback.name} can be called in the main thread only")
        given = callback.id, lower(list(args), self.store), lower(dict(kwargs), self.store)
        status, value = self._result_of(given)
        if status == "ok":
            return lift(value, self._look_up)
        raise _exception(*value)

    def _result_of(self, given: tuple[int, list[Any], dict[str, Any]]) -> tuple[str, Any]:
        """Return what the test answers to a call."""
        if self._reader is None:
            raise RuntimeError("the functions of the test cannot be called here")
        assert self.sock is not None
        wire.send(self.sock, wire.pack((self._number, "call", given)))
        status, value = self._reader.receive()
        return status, value


@lru_cache(maxsize=4096)
def _compiled(source: str, filename: str) -> CodeType:
    """Compile code that many tests load, or that is put to many tests."""
    return compile(source, filename, "exec")


def _class_named(name: str) -> Any:
    """Return what is found under the name of a module and a qualified name, None if nothing is."""
    try:
        return pkgutil.resolve_name(name if "." in name else f"builtins.{name}")
    except (ImportError, AttributeError, ValueError):
        return None


def _exception(kind: str, message: str) -> Exception:
    """Return an exception of Python's with a message."""
    found = getattr(builtins, kind, None)
    if isinstance(found, type) and issubclass(found, Exception):
        with contextlib.suppress(TypeError):  # it is made of more than a message
            return found(message)
    return Exception(message)


class ReplayedCode(Child):
    """Answers for a piece of code outside a notebook, in a namespace of its own.

    Functions of the reference solution that it is handed are those in `reference`.
    """

    def __init__(self, shell: Shell, source: str, reference: Mapping[str, Any]) -> None:
        super().__init__(shell, None, MAX_OUTPUT)
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._reference = reference
        exec(_compiled(source, "<code>"), self._names)
        self.snapshots[""] = Snapshot(self._names, {})

    @property
    def names(self) -> dict[str, Any]:
        """What the code defines."""
        return self._names

    def restore(self, state: str) -> None:
        """Give the code the names that it had at first."""
        self._replaced.clear()
        self.snapshots[""].restore(self._names, {})
        seed_everything()

    def get(self, target: Ref | None, name: str) -> Any:
        """Return an attribute of an object, or what the code defines under that name."""
        return self._names[name] if target is None else super().get(target, name)

    def _function(self, callback: Callback) -> Any:
        if not callback.in_reference:
            raise LookupError("a function of the tests cannot be called in a replay")
        return self._reference[callback.name]
