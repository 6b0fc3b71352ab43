"""Converts between live Python objects in the child and plain data on the wire.

What is plain once it is taken (a float subclass, a named tuple, a dict's values) is taken here, in
the student's process, with the student's own methods: what they return is a claim like every other
answer.
"""

import contextlib
import math
import numbers
import sys
from collections import UserString, namedtuple
from collections.abc import Callable, Mapping, MappingView, Sequence, Sized
from collections.abc import Set as AbstractSet
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from itertools import islice, takewhile
from types import ModuleType
from typing import Any

import numpy as np

from autograder.sandbox.worker.arrays import contents, tensor_of
from autograder.sandbox.worker.items import is_cell, is_hashable, name_of
from autograder.sandbox.worker.kinds import (
    KINDS,
    MAX_EXPONENT,
    fields_of,
    is_dataclass,
    is_record,
    kind_of,
    simplified,
)
from autograder.sandbox.worker.plain import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HEX,
    MAX_TAKEN,
    Callback,
    NamedTuple,
    Ref,
    Tensor,
    WireError,
)

Store = Callable[[Any], Ref]

MAX_ITEMS = 1 << 20  # in all containers of an answer: more do not fit into a message
SCALARS = (numbers.Number, str, UserString, bytes, bytearray, memoryview)


def lower(value: Any, store: Store) -> Any:
    """Turn an object into plain data; `store` returns a `Ref` for what cannot be sent.

    Tensors lose their graph, containers are copied, subclasses become what they derive from. An
    object that is used as one (a module, a model, a function, a dict with attributes) is stored.

    Raises:
        WireError: the answer is too large.
    """
    return _Lowering(store).lower(value, 0)


def take(value: Any, store: Store, wanted: str) -> Any:
    """Turn an object into plain data as it is, or else by what it can do, or store it.

    Args:
        value: the object.
        store: returns a `Ref` for what cannot be sent.
        wanted: "number" for what `item()`, `float()` or `int()` returns, "items" for a list of
            what it contains, or "any" for whichever there is, an array by `__array__` included.
    """
    if not isinstance(value, type | ModuleType):
        for name, convert in TAKING.items():
            if wanted in (name, "any") or name == "itself":
                with contextlib.suppress(Exception):  # it cannot be taken so
                    taken = lower(convert(value), store)
                    if not isinstance(taken, Ref):
                        return taken
    return store(value)


def _number(value: Any) -> Any:
    """Return the number that an object stands for, as the visible checks take it."""
    if callable(getattr(value, "item", None)):
        return value.item()
    return float(value) if hasattr(value, "__float__") else value.__index__()


def _array(value: Any) -> Any:
    return value.__array__()


def _record(value: Any) -> Any:
    """Return the fields of a dataclass, as an object that has methods besides."""
    if not is_dataclass(value):
        raise TypeError("no dataclass")
    return NamedTuple(*fields_of(value, lambda item: item))


def _items(value: Any) -> list[Any]:
    if (count := len(value)) > MAX_TAKEN:
        raise WireError("too many items")
    items = list(islice(iter(value), count + 1))
    if len(items) != count:
        raise ValueError("its length is not the number of its items")
    return items


def _itself(value: Any) -> Any:
    return value


TAKING = {
    "itself": _itself,
    "number": _number,
    "array": _array,
    "record": _record,
    "items": _items,
}


class _Lowering:
    """Lowers one answer, and counts what is in its containers."""

    def __init__(self, store: Store) -> None:
        self.store, self.left = store, MAX_ITEMS

    def lower(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if value is None or kind in (bool, str, float, bytes, Tensor, Ref):
            return value
        if kind is int:
            return self._int(value)
        if kind is list or kind is tuple:
            return self._sequence(value, kind, depth, MAX_ITEMS)
        try:
            if isinstance(value, np.ndarray) and value.dtype.kind == "O":
                return self._array_of_objects(np.asarray(value), depth)
            if _is_array(value):
                return simplified(value, lambda part: self.lower(part, depth + 1))
            if kind is dict:
                return self._mapping(value, depth)
            if callable(value):
                return self.store(value)
            return self._by_protocol(value, depth)
        except WireError:
            raise
        except Exception:  # its own methods fail: it is no plain data
            return self.store(value)

    def _by_protocol(self, value: Any, depth: int) -> Any:
        """Take what an object of another type holds, if it is a number, text or a container."""
        if isinstance(value, SCALARS):
            return self._scalar(value, depth)
        if _is_sparse(value):
            _check_size(8 * math.prod(value.shape))
            return tensor_of(value.toarray())
        if _is_used_by_attributes(type(value)):
            return self.store(value)
        if is_record(value):
            return simplified(value, lambda part: self.lower(part, depth + 1))
        if kind_of(type(value)):
            return self._simplified(value, depth)
        match value:
            case Mapping():
                return self._mapping(value, depth)
            case tuple():
                return self._sequence(value, tuple, depth)
            case Sequence() | MappingView():
                return self._sequence(value, list, depth)
            case AbstractSet():
                return self._simplified(set(_items(value)), depth)
        return self.store(value)

    def _scalar(self, value: Any, depth: int) -> Any:
        match value:
            case Decimal() if not (value.is_finite() and abs(value.adjusted()) <= MAX_EXPONENT):
                return float(value)
            case Decimal() | Fraction() | complex():
                return self._simplified(value, depth)
            case int() | numbers.Integral():
                return self._int(int(value))
            case numbers.Real():
                return float(value)
            case numbers.Complex():
                return complex(value)
            case str() | UserString():
                return str.__str__(value) if isinstance(value, str) else str(value)
        _check_size(len(value))
        return bytes(value)

    def _simplified(self, value: Any, depth: int) -> Any:
        """Lower a value all parts of which must be plain."""
        if not self._fits(value if isinstance(value, AbstractSet) else (), depth, MAX_TAKEN):
            return self.store(value)
        strict = _Lowering(_refuse)
        strict.left = self.left
        found = simplified(value, lambda part: strict.lower(part, depth + 1))
        self.left = strict.left
        return found

    def _int(self, value: int) -> Any:
        return value if value.bit_length() <= 4 * MAX_HEX else self.store(value)

    def _fits(self, value: Sized, depth: int, most: int) -> bool:
        """Say whether a container may be sent, and count its items.

        Raises:
            WireError: all containers together have too many items.
        """
        count = len(value)
        if depth >= MAX_DEPTH - 2 or count > most:
            return False
        self.left -= count
        if self.left < 0:
            raise WireError(f"the answer is too large: more than {MAX_ITEMS:,} values")
        return True

    def _sequence(self, value: Any, build: type, depth: int, most: int = MAX_TAKEN) -> Any:
        if not self._fits(value, depth, most):
            return self.store(value)
        if type(value) is not build:
            value = _items(value)
        return build(self.lower(item, depth + 1) for item in value)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if not self._fits(value, depth, MAX_ITEMS if type(value) is dict else MAX_TAKEN):
            return self.store(value)
        keys = list(value) if type(value) is dict else _items(value)
        items = [self.lower(value[key], depth + 1) for key in keys]
        keys = [self.lower(key, depth + 1) for key in keys]
        hashable = all(map(is_hashable, keys))
        return dict(zip(keys, items, strict=True)) if hashable else self.store(value)

    def _array_of_objects(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        """Lower numbers as an array of numbers, one object as itself, and others as lists."""
        if value.size > MAX_TAKEN:
            return self.store(value)
        if value.ndim == 0:
            return self.lower(value.item(), depth)
        leaves = [self.lower(item, depth + 1) for item in value.ravel().tolist()]
        kinds = {*map(type, leaves)}
        if leaves and kinds <= {int, float, Decimal, Fraction}:
            numbers = np.array(leaves if kinds == {int} else [*map(float, leaves)])
            if numbers.dtype.kind != "O":  # it is, of integers of more than 64 bits
                return tensor_of(numbers.reshape(value.shape))
        if all(map(is_cell, leaves)):
            return simplified(value, lambda part: self.lower(part, depth + 1))
        return self.lower(value.tolist(), depth)


def _is_array(value: Any) -> bool:
    torch = sys.modules.get("torch")  # not imported here: a course may do without
    tensors = () if torch is None else (torch.Tensor,)
    return isinstance(value, (np.ndarray, np.generic, *tensors))


def _refuse(value: Any) -> Ref:
    raise TypeError(f"a value of type {type(value).__name__} is not plain data")


def _is_used_by_attributes(type_: type) -> bool:
    """Say whether a class makes its attributes itself, other than a library's table does."""
    own = takewhile(lambda base: name_of(base) not in KINDS, type_.__mro__)
    return any("__getattr__" in vars(base) for base in own)


def _is_sparse(value: Any) -> bool:
    return kind_of(type(value)).startswith("scipy.")


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise WireError(f"the answer is too large: {size:,} bytes")


def lift(value: Any, look_up: Callable[[Ref | Callback], Any]) -> Any:
    """Turn plain data into live objects, all of them new, and what `Ref`s stand for."""
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    if isinstance(value, Ref | Callback):
        return look_up(value)
    if isinstance(value, Tensor):
        return _live(value)
    if isinstance(value, NamedTuple):
        items = (lift(item, look_up) for item in value)
        return namedtuple("NamedTuple", value._names)(*items)  # noqa: PYI024 (names from the wire)
    if isinstance(value, list | tuple):
        return type(value)(lift(item, look_up) for item in value)
    if isinstance(value, dict):
        return {key: lift(item, look_up) for key, item in value.items()}
    return deepcopy(value)


def _live(value: Tensor) -> Any:
    """Return a new array or tensor."""
    if value.kind != "torch":
        return contents(value)
    torch: Any = import_module("torch")  # the students' kit does not need it for this
    if value.dtype != "bfloat16":
        return torch.from_numpy(contents(value))
    halves = np.frombuffer(bytearray(value.data), np.int16).reshape(value.shape)
    return torch.from_numpy(halves).view(torch.bfloat16)
