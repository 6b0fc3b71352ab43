"""The child: runs a submission's cells and answers the grader's requests with plain data."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import sys
import tempfile
from functools import cache
from types import CodeType
from typing import Any, NoReturn

from autograder.sandbox.worker import wire
from autograder.sandbox.worker.confine import confine
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.replay import Questions, replay
from autograder.sandbox.worker.shell import Shell, describe_error, take_over
from autograder.sandbox.worker.values import lift, lower
from autograder.sandbox.worker.wire import Ref

OBJECTS = 1 << 20  # more than fit into an answer: each answer's objects have numbers of their own


def main(shell: Shell, fd: int, scratch: str, limits: Limits, ruleset: int | None) -> NoReturn:
    """Become the child. Never returns into the warm process's loop, whatever happens."""
    try:
        fd = confine(limits, scratch, fd, ruleset)
        tempfile.tempdir = scratch
        sys.path.insert(0, "")  # as in Jupyter: a cell may write a module and import it
        take_over(shell)
        random.seed(0)  # Python draws a new seed after a fork; the others are as they were
        Child(shell, socket.socket(fileno=fd), limits.output).serve()
    finally:
        os._exit(0)


def seed_everything() -> None:
    """Start every random generator at a fixed state, so that a regrade sees the same numbers."""
    random.seed(0)
    for name, seed in (("numpy", "random.seed"), ("torch", "manual_seed")):
        if name in sys.modules:
            target: Any = sys.modules[name]
            for attribute in seed.split("."):
                target = getattr(target, attribute)
            target(0)


def _as_at_the_start() -> None:
    """Undo what a cell at the end may have switched for the whole of torch."""
    if "torch" in sys.modules:
        torch: Any = sys.modules["torch"]
        with contextlib.suppress(Exception):  # it may be anything by now
            torch.set_grad_enabled(True)
            torch.set_default_dtype(torch.float32)


class Child:
    """Answers requests, one reply each: `(number, "ok", value)` or `(number, "error", details)`.

    A request is `(number, operation, arguments)`. The operations are the public methods whose
    names are in `OPERATIONS`. The arguments of a "series" are questions, batches that are
    numbered from `number` on: each has a reply, until one is an error.
    """

    OPERATIONS = ("execute", "batch", "get", "set", "call", "make", "load", "replay")

    def __init__(self, shell: Shell, sock: socket.socket | None, max_output: int) -> None:
        self.shell, self.sock, self.max_output = shell, sock, max_output
        self.kept: dict[int, Any] = {}
        self.functions: dict[str, Any] = {}
        self._next = 1  # the number of the next object that is kept

    def serve(self) -> None:
        """Answer until the grader closes the connection."""
        assert self.sock is not None
        with contextlib.suppress(wire.ConnectionLost):
            while True:
                number, operation, arguments = wire.receive(self.sock)
                if operation != "series":
                    self._reply(number, operation, arguments)
                    continue
                for place, batch in enumerate(arguments):
                    if not self._reply(number + place, "batch", (batch,)):
                        break

    def _reply(self, number: int, operation: str, arguments: tuple[Any, ...]) -> bool:
        """Answer a request; whatever is raised becomes an error. Return whether it was none."""
        assert self.sock is not None
        self._next = number * OBJECTS + 1
        succeeded = False
        try:
            value = self._carry_out(operation, arguments)
            frame = wire.pack((number, "ok", lower(value, self._keep)))
            succeeded = True
        except BaseException as error:
            frame = wire.pack((number, "error", describe_error(error)))
        wire.send(self.sock, frame)
        return succeeded

    def _carry_out(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        if operation not in self.OPERATIONS:
            raise ValueError(f"unknown operation {operation!r}")
        return getattr(self, operation)(*arguments)

    def execute(self, number: int, source: str, show: bool) -> tuple[list[dict[str, Any]], bool]:
        """Run one cell, counted from 1; return its outputs and whether it ran to its end.

        Without `show` nothing is kept of what it shows: it only has to have run.
        """
        outputs, succeeded = self.shell.run(number, source, self.max_output if show else 0)
        # A later `for step in range(30)` must not take the function `step` away.
        namespace = self.shell.user_ns.items()
        self.functions.update((name, value) for name, value in namespace if callable(value))
        return outputs, succeeded

    def batch(self, operations: list[tuple[str, tuple[Any, ...]]]) -> Any:
        """Carry out several operations; return the value of the last."""
        value = None
        for operation, arguments in operations:
            value = self._carry_out(operation, arguments)
        return value

    def get(self, target: Ref | None, name: str) -> Any:
        """Return an attribute of a kept object, or what the notebook calls by that name."""
        if target is not None:
            return getattr(self._look_up(target), name)
        value = self.shell.user_ns.get(name)
        if callable(value):
            return value
        if name in self.functions:
            return self.functions[name]
        raise NameError(f"name {name!r} is not defined")

    def set(self, target: Ref, name: str, value: Any) -> None:
        """Set an attribute. A tensor is filled in place, so that `params` still holds it."""
        owner, value = self._look_up(target), lift(value, self._look_up)
        current = getattr(owner, name, None)
        if current is not None and hasattr(current, "copy_") and hasattr(value, "dtype"):
            import torch

            with torch.no_grad():
                current.copy_(value)
        else:
            setattr(owner, name, value)

    def call(self, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a kept function with fresh arguments."""
        self.shell.collector.start()
        _as_at_the_start()
        function = self._look_up(target)
        return function(*lift(args, self._look_up), **lift(kwargs, self._look_up))

    def make(self, number: int, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Make an object of a kept class, and keep it under a number the grader chose."""
        self.kept[number] = self.call(target, args, kwargs)

    def load(self, source: str, filename: str) -> Any:
        """Run the grader's own code, away from the notebook's names, and return its module."""
        module = type(sys)(os.path.basename(filename).removesuffix(".py"))
        exec(_compiled(source, filename), module.__dict__)
        return module

    def replay(self, sources: list[str], script: list[Questions]) -> list[list[dict[str, Any]]]:
        """Put the questions of a suite to several pieces of code; return what each answers."""
        return [replay(ReplayedCode(self.shell, source), script) for source in sources]

    def _keep(self, value: Any) -> Ref:
        number, self._next = self._next, self._next + 1
        self.kept[number] = value
        return Ref(number, type(value).__name__[:100], callable(value))

    def _look_up(self, ref: Ref) -> Any:
        return self.kept[ref.id]


@cache
def _compiled(source: str, filename: str) -> CodeType:
    """Compile what is lent; it is lent again and again."""
    return compile(source, filename, "exec")


class ReplayedCode(Child):
    """Answers for a piece of code that is no notebook: it has names of its own."""

    def __init__(self, shell: Shell, source: str) -> None:
        super().__init__(shell, None, 0)
        self.names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(source, "<code>", "exec"), self.names)

    def get(self, target: Ref | None, name: str) -> Any:
        """Return an attribute of a kept object, or what the code calls by that name."""
        return self.names[name] if target is None else super().get(target, name)
