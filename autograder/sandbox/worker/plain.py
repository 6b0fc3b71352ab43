"""What crosses the wire besides Python's own plain data, and the bounds of it all."""

import json
import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

MAX_BYTES = 64 << 20
MAX_DEPTH = 32
MAX_INT = 1 << 63
MAX_HEX = 3500  # hexadecimal digits of an integer: Python writes 4300 decimal ones at most
MAX_TAKEN = 1 << 16  # items of what is not a list, tuple or dict: a longer range stays where it is
MAX_DTYPE = 4096  # characters of the dtype of a structured array

ITEMSIZE = {
    "bool": 1,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
TEXT_DTYPE = re.compile(r"([US])([1-9][0-9]{0,7})")
TIME_DTYPE = re.compile(
    r"(?:datetime|timedelta)64(?:\[(?:[1-9][0-9]{0,8})?(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?"
)


class WireError(ValueError):
    """A frame is malformed: a wrong length, an unknown tag, surplus or missing data."""


@dataclass(frozen=True)
class Tensor:
    """A tensor or array on the wire: a claim about dtype, shape and contents.

    `kind` is "torch" or "numpy"; `data` holds the elements in C order, little-endian. `dtype` is
    numpy's or torch's name: "float32", "datetime64[ns]"; "U5" and "S5" for text of five characters
    or bytes; for a structured array a JSON text, a list of `[name, dtype, shape]` for each field.
    """

    kind: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Ref:
    """Stands for an object that stays in the child: its number there, and its type's name.

    Numbers that the child assigns are positive; those that the grader chooses are negative.
    """

    id: int
    type: str
    callable: bool


@dataclass(frozen=True)
class Callback:
    """Stands for a function of a test, which the child calls over the wire.

    `id` is its number in the test, `name` its name there, or in the reference solution if it is one
    of its functions.
    """

    id: int
    name: str
    in_reference: bool


class NamedTuple(tuple[Any, ...]):  # noqa: SLOT001 (a tuple cannot have slots)
    """A tuple whose items can be read by name too."""

    _names: tuple[str, ...]

    def __new__(cls, names: Iterable[str], items: Iterable[Any]) -> Self:
        """Return a tuple of the items, which have these names."""
        made = super().__new__(cls, items)
        made._names = tuple(names)
        return made

    def __getattr__(self, name: str) -> Any:
        names = vars(self).get("_names", ())
        if name not in names:
            raise AttributeError(f"the tuple has no {name!r}", name=name, obj=self)
        return self[names.index(name)]

    def map(self, function: Callable[[Any], Any]) -> Self:
        """Return it with a function applied to each item."""
        return type(self)(self._names, map(function, self))


def are_names(names: Iterable[Any]) -> bool:
    """Say whether the items of a tuple can have these names."""
    found = list(names)
    return len({*map(str, found)}) == len(found) and all(
        type(n) is str and n.isidentifier() and n[0] != "_" and not keyword.iskeyword(n)
        for n in found
    )


@lru_cache(1000)
def itemsize(dtype: str) -> int:
    """Return how many bytes an element of an array takes, one at least.

    Raises:
        WireError: the wire does not carry this dtype.
    """
    if dtype in ITEMSIZE:
        return ITEMSIZE[dtype]
    if match := TEXT_DTYPE.fullmatch(dtype):
        return int(match[2]) * (4 if match[1] == "U" else 1)
    if TIME_DTYPE.fullmatch(dtype):
        return 8
    return sum(size for *_, size in fields(dtype))


def fields(dtype: str) -> list[tuple[str, str, tuple[int, ...], int]]:
    """Return name, dtype, shape and bytes of each field of a structured array.

    Raises:
        WireError: it is not the dtype of one.
    """
    if not dtype.startswith("[[") or len(dtype) > MAX_DTYPE:
        raise WireError("an array of an unknown dtype")
    try:
        found = [(name, kind, tuple(shape)) for name, kind, shape in json.loads(dtype)]
    except (ValueError, TypeError, RecursionError):
        raise WireError("an array of an impossible dtype") from None
    if len({name for name, _, _ in found if type(name) is str and name}) != len(found):
        raise WireError("an array whose fields have impossible names")
    if any(type(kind) is not str or kind == "bfloat16" for _, kind, _ in found):
        raise WireError("an array whose fields have impossible dtypes")
    sizes = [size_of(kind, shape) for _, kind, shape in found]
    if not all(sizes):
        raise WireError("an array whose fields have no size")
    return [(*field, size) for field, size in zip(found, sizes, strict=True)]


def size_of(dtype: str, shape: Iterable[Any]) -> int:
    """Return how many bytes an array takes.

    Raises:
        WireError: it is too large, or there is no such array.
    """
    size = bound = itemsize(dtype)
    for length in shape:
        if type(length) is not int or length < 0:
            raise WireError("a tensor with an impossible shape")
        size *= length
        bound *= length or 1  # a length of 0 hides the others, but not from numpy
        if bound > MAX_BYTES:
            raise WireError("a tensor that is too large")
    return size
