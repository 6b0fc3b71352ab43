"""Converts between live Python objects in the child and plain data on the wire.

What is plain once it is taken (a float subclass, a Fraction, a namedtuple, a dict's values) is
taken here, in the student's process, with the student's own methods: what they return is a claim
like every other answer.
"""

import contextlib
import numbers
import sys
from collections import UserString
from collections.abc import Callable, Mapping, MappingView, Sequence, Sized
from collections.abc import Set as AbstractSet
from decimal import Decimal
from importlib import import_module
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np

from autograder.sandbox.worker.wire import (
    ITEMSIZE,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HEX,
    MAX_INT,
    Callback,
    Ref,
    Special,
    Tensor,
    WireError,
)

Store = Callable[[Any], Ref]

MAX_ITEMS = 1 << 20  # in all containers of an answer: more do not fit into a message
MAX_TAKEN = 1 << 16  # in one that is not a list, tuple or dict: a longer range stays where it is
WIDER = {
    "uint16": "int32",
    "uint32": "int64",
    "uint64": "float64",
    "complex32": "complex64",
    "longdouble": "float64",
    "clongdouble": "complex128",
    "float128": "float64",
    "complex256": "complex128",
}
"""What stands on the wire for a dtype that it does not carry."""
HASHABLE = (bool, int, float, str, bytes, type(None))


def lower(value: Any, store: Store) -> Any:
    """Turn an object into plain data; `store` returns a `Ref` for what cannot be sent.

    Tensors lose their graph, containers are copied, subclasses become what they derive from. An
    object that is used as one (a module, a model, a function, a dict with attributes) is stored.

    Raises:
        WireError: the answer is too large.
    """
    return _Lowering(store).lower(value, 0)


def take(value: Any, store: Store, wanted: str) -> Any:
    """Turn an object that `lower` stores into plain data by what it can do, or store it.

    Args:
        value: the object.
        store: returns a `Ref` for what cannot be sent.
        wanted: "number" for what `item()`, `float()` or `int()` returns, "items" for a list of
            what it contains, or "any" for whichever there is, an array by `__array__` included.
    """
    if not isinstance(value, type | ModuleType):
        for name, convert in TAKING.items():
            if wanted in (name, "any"):
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


def _items(value: Any) -> list[Any]:
    if (count := len(value)) > MAX_TAKEN:
        raise WireError("too many items")
    items = list(islice(iter(value), count + 1))
    if len(items) != count:
        raise ValueError("its length is not the number of its items")
    return items


TAKING = {"number": _number, "array": _array, "items": _items}


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
            torch = sys.modules.get("torch")  # not imported here: a course may do without
            if torch is not None and isinstance(value, torch.Tensor):
                return self._tensor(value)
            if isinstance(value, np.ndarray):
                return self._array(np.asarray(value), depth)
            if isinstance(value, np.generic):
                return self._scalar(value, depth)
            if kind is not dict and callable(value):
                return self.store(value)
            return self._by_protocol(value, depth)
        except WireError:
            raise
        except Exception:  # its own methods fail: it is no plain data
            return self.store(value)

    def _by_protocol(self, value: Any, depth: int) -> Any:
        """Take what an object of another type holds, if it is a number, text or a container."""
        match value:
            case float() | numbers.Real() | Decimal() if not isinstance(value, numbers.Integral):
                return float(value)
            case int() | numbers.Integral():
                return self._int(int(value))
            case numbers.Complex():
                return Special("complex", complex(value))
            case str():
                return str.__str__(value)
            case UserString():
                return str(value)
            case bytes() | bytearray() | memoryview():
                _check_size(len(value))
                return bytes(value)
        if hasattr(type(value), "__getattr__"):  # it is used by its attributes
            return self.store(value)
        match value:
            case Mapping():
                return self._mapping(value, depth)
            case tuple():
                items = self._sequence(value, tuple, depth)
                names = _names(value)
                return Special("named", (names, items)) if names and type(items) is tuple else items
            case Sequence() | MappingView():
                return self._sequence(value, list, depth)
            case AbstractSet():
                items = self._sequence(value, list, depth)
                hashable = type(items) is list and all(map(_hashable, items))
                return Special("set", items) if hashable else self.store(value)
        return self.store(value)

    def _int(self, value: int) -> Any:
        if abs(value) < MAX_INT:
            return value
        return Special("int", value) if value.bit_length() <= 4 * MAX_HEX else self.store(value)

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
        keys = _items(value)
        items = [self.lower(value[key], depth + 1) for key in keys]
        if all(type(key) is str for key in keys):
            return dict(zip(keys, items, strict=True))
        keys = [self.lower(key, depth + 1) for key in keys]
        if not all(map(_hashable, keys)):
            return self.store(value)
        return Special("map", list(zip(keys, items, strict=True)))

    def _tensor(self, value: Any) -> Any:
        torch: Any = sys.modules["torch"]
        with torch._C.DisableTorchFunctionSubclass():
            dtype = str(value.dtype).removeprefix("torch.")
            _check_size(value.numel() * ITEMSIZE.get(dtype, 8))
            plain = value.detach()
            if plain.is_quantized:
                plain = plain.dequantize()
            elif plain.layout is not torch.strided:
                plain = plain.to_dense()
            if wider := "float32" if dtype.startswith("float8") else WIDER.get(dtype):
                plain = plain.to(getattr(torch, wider))
            dtype = str(plain.dtype).removeprefix("torch.")
            if dtype not in ITEMSIZE or plain.device.type == "meta":
                return self.store(value)
            shape = tuple(map(int, plain.shape))
            plain = plain.cpu().resolve_conj().resolve_neg().contiguous()
            if dtype == "bfloat16":
                plain = plain.view(torch.int16)
            return Tensor("torch", dtype, shape, plain.numpy().tobytes())

    def _array(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        if value.dtype.kind in "OUS":
            return self._array_of_objects(value, depth)
        dtype = WIDER.get(value.dtype.name, value.dtype.name)
        if dtype not in ITEMSIZE:
            return self.store(value)
        _check_size(value.size * ITEMSIZE[dtype])
        plain = value.astype(np.dtype(dtype).newbyteorder("<"))
        return Tensor("numpy", dtype, tuple(value.shape), plain.tobytes())

    def _array_of_objects(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        """Lower numbers as an array, one object as itself, and others as lists."""
        if value.size > MAX_TAKEN:
            return self.store(value)
        if value.ndim == 0:
            return self.lower(value.item(), depth)
        leaves = [self.lower(item, depth + 1) for item in value.ravel().tolist()]
        if leaves and {*map(type, leaves)} <= {int, float}:
            return self._array(np.array(leaves).reshape(value.shape), depth)
        return self.lower(value.tolist(), depth)

    def _scalar(self, value: np.generic, depth: int) -> Any:
        if value.dtype.kind in "SUbifu" and value.dtype.name != "longdouble":
            plain = value.item()
            return self.lower(plain if not isinstance(plain, np.generic) else float(plain), depth)
        if value.dtype.kind == "c":
            return Special("complex", complex(value))
        return self.store(value)


def _names(value: tuple[Any, ...]) -> list[str]:
    """Return the names of the items of a namedtuple, or of a result of torch, or nothing."""
    names = getattr(type(value), "__match_args__", ())
    if len(names) != len(value) or not all(type(n) is str and n.isidentifier() for n in names):
        return []
    return [] if any(n.startswith("_") for n in names) else list(names)


def _hashable(value: Any) -> bool:
    return type(value) in HASHABLE or (type(value) is tuple and all(map(_hashable, value)))


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise WireError(f"the answer is too large: {size:,} bytes")


def lift(value: Any, look_up: Callable[[Ref | Callback], Any]) -> Any:
    """Turn plain data into live objects: new tensors and arrays, and what `Ref`s stand for."""
    if isinstance(value, Ref | Callback):
        return look_up(value)
    if isinstance(value, Tensor):
        bfloat16 = value.dtype == "bfloat16"
        dtype = "int16" if bfloat16 else value.dtype
        array = np.frombuffer(bytearray(value.data), dtype=dtype).reshape(value.shape)
        if value.kind != "torch":
            return array
        torch: Any = import_module("torch")  # the students' kit does not need it for this
        tensor = torch.from_numpy(array)
        return tensor.view(torch.bfloat16) if bfloat16 else tensor
    if isinstance(value, list | tuple):
        return type(value)(lift(item, look_up) for item in value)
    if isinstance(value, dict):
        return {key: lift(item, look_up) for key, item in value.items()}
    return value
