"""What stands in a judge process for an object that stays in the student's process.

Attributes, calls, items, iteration and arithmetic are asked for there. Truth and comparison are
decided here: an object equals nothing but itself, and one that has no plain value is neither true
nor false.
"""

import inspect
import operator
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, cast

import numpy as np

from autograder.sandbox.worker.asked import OPERATORS, UNARY
from autograder.sandbox.worker.claims import claimed_class
from autograder.sandbox.worker.wire import Ref

Ask = Callable[..., Any]
"""Carries out an operation in the student's process, with plain data, proxies and functions."""

EXACT = {
    "function": FunctionType,
    "builtin_function_or_method": BuiltinFunctionType,
    "method": MethodType,
    "module": ModuleType,
    "type": type,
}
CONVERSIONS = {"float": float, "int": int, "complex": complex, "index": operator.index}
OWN = ("__class__", "__array__", "__signature__", "__bases__")
"""The attributes that a proxy does not ask for, or not by their names."""
MAX_ITEMS = 1_000_000  # that an iteration gives before it is taken for endless


def proxy_of(ask: Ask, ref: Ref) -> "Proxy":
    """Return what stands for an object."""
    return (CallableProxy if ref.callable else Proxy)(ask, ref)


class Proxy:
    """Stands for an object of the student's process."""

    __slots__ = ("_Proxy__ask", "_Proxy__ref")
    __hash__ = object.__hash__

    def __init__(self, ask: Ask, ref: Ref) -> None:
        object.__setattr__(self, "_Proxy__ask", ask)
        object.__setattr__(self, "_Proxy__ref", ref)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """What `isinstance` looks at besides the type."""
        ref = ref_of(self)
        if ref.type in EXACT:
            return EXACT[ref.type]
        names, protocols = asked(self, "classes")
        return claimed_class([str(name) for name in names], [str(name) for name in protocols])

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name) if name in OWN else asked(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        asked(self, "set", name, value)

    def __bool__(self) -> bool:
        return bool(plain(self))

    def __eq__(self, other: object) -> bool:
        return is_proxy(other) and asked(self, "same", ref_of(cast("Proxy", other))) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(plain(self), dtype=dtype)

    def __len__(self) -> int:
        return int(asked(self, "length"))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return asked(self, "part", [key.start, key.stop, key.step])
        return asked(self, "item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        asked(self, "set_item", key, value)

    def __delitem__(self, key: Any) -> None:
        asked(self, "delete_item", key)

    def __contains__(self, item: Any) -> bool:
        return asked(self, "contains", item) is True

    def __iter__(self) -> Iterator[Any]:
        iterator = asked(self, "iterate")
        for _ in range(MAX_ITEMS):
            try:
                yield next(iterator)
            except StopIteration:
                return
        raise AssertionError(f"Your code gave more than {MAX_ITEMS:,} items.")

    def __next__(self) -> Any:
        found = asked(self, "advance")
        if not found:
            raise StopIteration
        return found[0]

    def __enter__(self) -> Any:
        return asked(self, "enter")

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        asked(self, "leave", error and [type(error).__name__, str(error)])

    def __str__(self) -> str:
        return str(asked(self, "text"))

    def __repr__(self) -> str:
        return str(asked(self, "repr"))

    def __format__(self, spec: str) -> str:
        return format(plain(self), spec) if spec else str(self)

    def __round__(self, digits: int | None = None) -> Any:
        return round(plain(self), digits)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("an object of the student's process cannot be copied")


class CallableProxy(Proxy):
    """Stands for a function, a class, or another object that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the student's process."""
        return asked(self, "call", list(args), kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        found = asked(self, "signature")
        return inspect.Signature(
            [
                inspect.Parameter(
                    str(name),
                    inspect._ParameterKind(kind),
                    default=default if has_default else inspect.Parameter.empty,
                )
                for name, kind, has_default, default in found
            ]
        )

    @property
    def __bases__(self) -> tuple[type, ...]:
        """What `issubclass` looks at."""
        return (claimed_class([str(name) for name in asked(self, "bases")]),)

    def __instancecheck__(self, value: Any) -> bool:
        return is_proxy(value) and asked(self, "holds", ref_of(value)) is True

    def __subclasscheck__(self, cls: Any) -> bool:
        return is_proxy(cls) and asked(cls, "subclass", ref_of(self)) is True


def is_proxy(value: object) -> bool:
    """Tell whether a value stands for an object of the student's process."""
    return issubclass(type(value), Proxy)


def ref_of(proxy: Proxy) -> Ref:
    """Return the reference to an object."""
    found: Ref = object.__getattribute__(proxy, "_Proxy__ref")
    return found


def asked(proxy: Proxy, operation: str, *arguments: Any) -> Any:
    """Return what the student's process answers about an object."""
    ask: Ask = object.__getattribute__(proxy, "_Proxy__ask")
    return ask(operation, ref_of(proxy), *arguments)


def plain(proxy: Proxy) -> Any:
    """Return an object as the plain data that it stands for.

    Raises:
        AssertionError: it is none; says what it is instead.
    """
    taken = asked(proxy, "take", "any")
    if is_proxy(taken):
        kind = ref_of(taken).type
        article = "an" if kind[:1].lower() in tuple("aeiou") else "a"
        raise AssertionError(
            f"Your code gave {article} {kind}, which is not a number or other plain data."
        )
    return taken


def _define_operators() -> None:
    """Give `Proxy` its operators: arithmetic is the student's, unless both sides are plain."""

    def reflected(name: str) -> Callable[..., Any]:
        return lambda self, other: asked(self, "operate_reflected", name, other)

    def direct(name: str) -> Callable[..., Any]:
        return lambda self, *other: asked(self, "operate", name, *other)

    def conversion(convert: Any) -> Callable[..., Any]:
        return lambda self: convert(plain(self))

    for name in OPERATORS:
        setattr(Proxy, f"__{name}__", direct(name))
        setattr(Proxy, f"__r{name}__", reflected(name))
    for name in UNARY:
        setattr(Proxy, f"__{name}__", direct(name))
    for name, convert in CONVERSIONS.items():
        setattr(Proxy, f"__{name}__", conversion(convert))


_define_operators()
