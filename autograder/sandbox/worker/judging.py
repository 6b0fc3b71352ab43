"""A judge process: runs the instructor's test cells, without any code of the student's.

A name that a cell looks up is the judge's own, or what the instructor's other cells define, or else
what the student's process has: plain data as a copy, anything else as a proxy.
"""

import builtins
import pkgutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

from autograder.sandbox.worker.changes import change, is_changeable, state_of
from autograder.sandbox.worker.compared import NAME, Comparisons
from autograder.sandbox.worker.exceptions import STUDENT_LINE, Exceptions
from autograder.sandbox.worker.proxies import is_proxy, proxy_of, ref_of
from autograder.sandbox.worker.shell import MAX_OUTPUT, Shell
from autograder.sandbox.worker.values import lift, lower
from autograder.sandbox.worker.wire import Callback, Ref

_NOTHING = object()

Exchange = Callable[[list[Any]], tuple[str, Any]]
"""Sends something to the grader, and returns what it answers."""


class Judge:
    """Runs test cells in the shell of a judge process.

    Args:
        shell: the shell; its names become the judge's.
        exchange: sends an operation for the student's process.
    """

    def __init__(self, shell: Shell, exchange: Exchange) -> None:
        self.shell, self._exchange = shell, exchange
        self._functions: list[Callable[..., Any]] = []  # that the student's code may call
        self._from_student: dict[str, Any] = {}  # by name, as long as a cell runs
        self._states: dict[str, bytes] = {}  # of those that can change in place
        self._in_place = False
        self._exceptions = Exceptions()
        self._definitions: Mapping[str, str] = {}
        self._defined: dict[str, str] = {}  # the definitions that have been used
        self._shared: dict[str, Any] = {}  # what the student's process has of names that it needs
        self.comparisons = Comparisons()
        shell.ast_transformers.append(self.comparisons)
        shell.user_ns["__builtins__"] = _Names(self)

    def run(
        self,
        number: int,
        source: str,
        definitions: Mapping[str, str],
        forgotten: list[str],
        shared: list[str],
        in_place: bool,
    ) -> tuple[Any, ...]:
        """Run a test cell, counted from 1.

        Returns:
            what `Child.execute` does, and both sides of a bare assertion that failed.

        Args:
            number: the number of the cell.
            source: its code.
            definitions: code for the names that the instructor's other cells define.
            forgotten: names that are the student's, although an earlier test cell bound them.
            shared: names that the cell binds and that the student's process gets, too.
            in_place: whether changes in place are taken over, from either process.
        """
        outdated = [name for name, code in self._defined.items() if definitions.get(name) != code]
        for name in (*outdated, *forgotten):
            self.shell.user_ns.pop(name, None)
            self._defined.pop(name, None)
        self._definitions = definitions
        self._functions.clear()
        self._from_student.clear()
        self._states.clear()
        self._in_place = in_place
        self._shared = dict.fromkeys(shared, _NOTHING)
        self.comparisons.begin()
        self.shell.begin_cell(None, lambda _: None)
        outputs, succeeded = self.shell.run(number, source, MAX_OUTPUT)
        self._share()
        lines = list(self.shell.error_lines)
        own = [line for cell, line in lines if cell == number]
        sides = self.comparisons.sides(self.shell.error, own[-1]) if own else []
        if place := getattr(self.shell.error, STUDENT_LINE, None):
            lines.append(tuple(place))
        return outputs, succeeded, [], lines, sides

    def find(self, name: str) -> Any:
        """Return what a name stands for that the judge's own code has not bound.

        Raises:
            KeyError: there is no such name.
        """
        if name in self._definitions and name not in self._defined:
            self._defined[name] = self._definitions[name]
            exec(self._definitions[name], self.shell.user_ns)
            return self.shell.user_ns[name]
        if name not in self._from_student or name in self._states:
            try:
                found = self.ask("name", name)
            except NameError:
                raise KeyError(name) from None
            if is_proxy(found) and ref_of(found).type == "type":
                found = self._exceptions.kind(self.ask("bases", found)) or found
            self._keep(name, found)
        return self._from_student[name]

    def _keep(self, name: str, found: Any) -> None:
        """Keep what a name stands for in the student's process, as long as the cell runs."""
        state = state_of(found) if self._in_place and is_changeable(found) else b""
        if not state or self._states.get(name) != state:  # else it is what it was
            self._from_student[name] = found
        if state:
            self._states[name] = state

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Carry out an operation in the student's process.

        Raises:
            Exception: what the student's code has raised, as far as its class is known here.
        """
        self._share()
        if not self._in_place:
            return self._ask(operation, *arguments)
        for name, state in self._states.items():
            if (now := state_of(self._from_student[name])) != state:
                self._states[name] = now
                self._ask("change", name, self._from_student[name])
        if operation != "call":
            return self._ask(operation, *arguments)
        value, changed = self._ask("call_in_place", *arguments)
        _, args, kwargs = arguments
        for key, item in changed:
            change(kwargs[key] if isinstance(key, str) else args[key], item)
        return value

    def _ask(self, operation: str, *arguments: Any) -> Any:
        status, answer = self._exchange([operation, *map(self._sent, arguments)])
        while status == "invoke":
            status, answer = self._exchange(["returned", *self._invoke(*answer)])
        if status != "ok":
            raise RuntimeError(str(answer[1]))
        match answer:
            case ["ok", value, str(printed)]:
                sys.stdout.write(printed)
                return lift(value, self._received)
            case ["raised", list(names), list(args), str(message), place, str(printed)]:
                sys.stdout.write(printed)
                raise self._exceptions.made(names, lift(args, self._received), message, place)
        raise RuntimeError("the student's process gave no answer")

    def _share(self) -> None:
        """Give the student's process the shared names that have been bound since the last time."""
        for name, before in self._shared.items():
            value = self.shell.user_ns.get(name, before)
            if value is not before:
                self._shared[name] = value
                with suppress(Exception):  # it cannot be sent, or the process is gone
                    target = _importable(value)
                    if target:
                        self._ask("bind_import", name, target)
                    elif is_proxy(value) or not callable(value):
                        self._ask("bind", name, value)

    def _invoke(self, number: int, args: list[Any], kwargs: dict[str, Any]) -> tuple[str, Any]:
        """Call a function of the test for the student's code; return its value or its error."""
        try:
            function = self._functions[number]
            value = function(*lift(args, self._received), **lift(kwargs, self._received))
            return "ok", self._sent(value)
        except Exception as error:
            return "error", [type(error).__name__, str(error)[:2000]]

    def _sent(self, value: Any) -> Any:
        """Return a value as it is sent to the student's process."""
        if is_proxy(value):
            return ref_of(value)
        if type(value) in (list, tuple):
            return type(value)(map(self._sent, value))
        if type(value) is dict:
            return {key: self._sent(item) for key, item in value.items()}
        return lower(value, self._sent_object)

    def _sent_object(self, value: Any) -> Any:
        if is_proxy(value):
            return ref_of(value)
        if isinstance(value, Ref):
            return value
        if isinstance(value, FunctionType) or (callable(value) and not isinstance(value, type)):
            self._functions.append(value)
            return Callback(len(self._functions) - 1, _name_of(value), in_reference=False)
        raise TypeError(f"a {type(value).__name__} cannot be given to the student's process")

    def _received(self, value: Ref | Callback) -> Any:
        if isinstance(value, Callback):
            raise TypeError("a function of the tests came back as something else")
        return proxy_of(self.ask, value)


class _Names(dict[str, Any]):
    """Python's own names, and those of the student's process."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(vars(builtins))
        self["type"] = _type_for(judge)
        self[NAME] = judge.comparisons.compare
        self._judge = judge

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):  # what IPython has added
            return getattr(builtins, name)
        return self._judge.find(name)


def _type_for(judge: Judge) -> Any:
    """Return what `type` is in test cells: it knows the classes of the student's objects."""

    class Meta(type):
        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, type)

        def __subclasscheck__(cls, value: Any) -> bool:
            return issubclass(value, type)

    class Type(type, metaclass=Meta):
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and is_proxy(args[0]):
                return judge.ask("type", ref_of(args[0]))
            return type(*args, **kwargs)

    Type.__name__ = Type.__qualname__ = "type"
    return Type


def _importable(value: Any) -> str:
    """Return the module and the name under which something can be imported, "" if it cannot."""
    if isinstance(value, ModuleType):
        return value.__name__
    name = f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
    if is_proxy(value) or not callable(value) or name.startswith("__main__:"):
        return ""
    return name if pkgutil.resolve_name(name) is value else ""


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if isinstance(name, str) and name.isidentifier() else "function"
