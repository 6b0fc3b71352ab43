"""What a judge process may ask a student's process: one operation at a time, and what came of it.

Comparison and truth are not among them: those are the judge's. All answers are claims.
"""

import contextlib
import inspect
import io
import operator
import pkgutil
from collections.abc import Callable
from typing import Any, Protocol

from autograder.sandbox.worker.changes import change, is_changeable, state_of
from autograder.sandbox.worker.shell import describe_error
from autograder.sandbox.worker.values import lift, lower
from autograder.sandbox.worker.wire import Callback, Ref

OPERATORS = (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow"),
    *("lshift", "rshift", "and", "or", "xor"),
)
UNARY = ("neg", "pos", "abs", "invert")
MAX_PRINTED = 1 << 20  # characters that one operation may print
MAX_CLASSES = 100  # of an object


class Asked(Protocol):
    """The child that answers."""

    @property
    def names(self) -> dict[str, Any]:
        """The names of the notebook."""

    def store(self, value: Any) -> Ref:
        """Keep an object, and return what stands for it."""

    def _look_up(self, ref: Ref | Callback) -> Any:
        """Return what a reference stands for."""

    def _carry_out(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Carry out an operation that tests may ask for."""


def attempt(child: Asked, operation: str, arguments: list[Any]) -> list[Any]:
    """Carry out an operation for a judge.

    Returns:
        "ok", the value and the printed text; or "raised", the names of the exception's classes, its
        arguments, its message, its place and the printed text.
    """
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            if operation in OPERATIONS:
                value = OPERATIONS[operation](child, *arguments)
            else:
                value = child._carry_out(operation, tuple(arguments))
        return ["ok", value, printed.getvalue()[:MAX_PRINTED]]
    except Exception as error:
        found = describe_error(error)
        args = lower(list(error.args), lambda _: Ref(0, "object", callable=False))
        names = class_names(type(error))
        place = found["where"] and (found["where"]["cell"], found["where"]["line"])
        return ["raised", names, args, found["message"], place, printed.getvalue()[:MAX_PRINTED]]


def class_names(cls: type) -> list[str]:
    """Return a class and those that it derives from, by module and qualified name."""
    return [f"{base.__module__}.{base.__qualname__}"[:200] for base in cls.__mro__[:MAX_CLASSES]]


def _name(child: Asked, name: str) -> Any:
    """Return what a name of the notebook stands for now."""
    if name not in child.names:
        raise NameError(f"name {name!r} is not defined")
    return child.names[name]


def _bind(child: Asked, name: str, value: Any) -> None:
    """Let a name of the notebook stand for something."""
    child.names[name] = lift(value, child._look_up)


def _bind_import(child: Asked, name: str, target: str) -> None:
    """Let a name of the notebook stand for a module, or something in it."""
    child.names[name] = pkgutil.resolve_name(target)


def _call(child: Asked, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call an object."""
    look_up = child._look_up
    return look_up(target)(*lift(args, look_up), **lift(kwargs, look_up))


def _call_in_place(child: Asked, target: Ref, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Call an object; return its value, and the arguments that it has changed in place.

    Those are pairs: their number or name, and what they have become.
    """
    look_up = child._look_up
    args, kwargs = lift(args, look_up), lift(kwargs, look_up)
    given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
    before = {key: state_of(item) for key, item in given.items() if is_changeable(item)}
    value = look_up(target)(*args, **kwargs)
    return [
        value,
        [[key, given[key]] for key, old in before.items() if state_of(given[key]) != old],
    ]


def _define(child: Asked, code: str) -> None:
    """Define what a test cell needs of earlier ones, which have not run here."""
    exec(code, child.names)


def _change(child: Asked, name: str, value: Any) -> None:
    """Let what a name of the notebook stands for become something, in place."""
    change(_name(child, name), lift(value, child._look_up))


def _operate(child: Asked, target: Ref, name: str, *others: Any) -> Any:
    """Return what an operator gives that is no comparison."""
    if name not in (*OPERATORS, *UNARY):
        raise ValueError(f"unknown operator {name!r}")
    operands = child._look_up(target), *lift(list(others), child._look_up)
    return getattr(operator, f"__{name}__")(*operands)


def _operate_reflected(child: Asked, target: Ref, name: str, other: Any) -> Any:
    """Return what an operator gives with the object on its right side."""
    return getattr(operator, f"__{name}__")(lift(other, child._look_up), child._look_up(target))


def _signature(child: Asked, target: Ref) -> list[list[Any]]:
    """Return name, kind, whether there is a default, and the default of each parameter."""
    found = inspect.signature(child._look_up(target))
    return [
        [p.name, int(p.kind), p.default is not p.empty, None if p.default is p.empty else p.default]
        for p in found.parameters.values()
    ]


def _bases(child: Asked, target: Ref) -> list[str]:
    """Return a class and those that it derives from."""
    return class_names(child._look_up(target))


OPERATIONS: dict[str, Callable[..., Any]] = {
    "name": _name,
    "bind": _bind,
    "bind_import": _bind_import,
    "call": _call,
    "call_in_place": _call_in_place,
    "change": _change,
    "define": _define,
    "operate": _operate,
    "operate_reflected": _operate_reflected,
    "signature": _signature,
    "bases": _bases,
    "type": lambda child, target: type(child._look_up(target)),
    "same": lambda child, one, other: child._look_up(one) is child._look_up(other),
    "holds": lambda child, cls, value: isinstance(child._look_up(value), child._look_up(cls)),
    "subclass": lambda child, one, other: issubclass(child._look_up(one), child._look_up(other)),
    "repr": lambda child, target: repr(child._look_up(target)),
}
