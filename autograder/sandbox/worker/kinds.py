"""The kinds of values that cross the wire besides Python's simplest, one entry for each.

An entry says how a value is taken apart, into parts that are plain data in turn, and how a new one
is built from parts that may be anything. A kind is called by the name of its type and the library
that has it, so that a library is loaded only when one of its values crosses.
"""

import dataclasses
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.sandbox.worker.arrays import contents, tensor_of, tensor_of_torch
from autograder.sandbox.worker.data_frames import TABLES
from autograder.sandbox.worker.items import HASHABLE, MISSING, is_cell, is_hashable, name_of
from autograder.sandbox.worker.plain import (
    MAX_HEX,
    MAX_TAKEN,
    NamedTuple,
    Tensor,
    WireError,
    are_names,
    size_of,
)

DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]{1,6})?")
MAX_EXPONENT = 6144  # of a Decimal: a larger one takes for ever to become an integer
MAX_ALIKE = 64  # keys with one hash


@dataclasses.dataclass(frozen=True)
class Kind:
    """How values of one type cross: `parts` takes one apart, `build` makes a new one.

    `build` gets parts that came over the wire; it raises any exception if they do not fit.
    """

    parts: Callable[[Any], Sequence[Any]]
    build: Callable[..., Any]


def kind_of(type_: type) -> str:
    """Return the kind of values of a type, or of what it derives from; "" if there is none."""
    return next((name for name in map(name_of, type_.__mro__) if name in KINDS), "")


def build(kind: str, parts: Sequence[Any]) -> Any:
    """Return a new value of a kind.

    Raises:
        WireError: the parts do not fit.
    """
    try:
        return KINDS[kind].build(*parts)
    except WireError:
        raise
    except Exception as error:  # whatever a library raises for what it did not expect
        raise WireError(f"an impossible {kind}: {str(error)[:200]}") from None


def simplified(value: Any, inner: Callable[[Any], Any]) -> Any:
    """Return a value of one of the kinds, an array or a tensor as plain data of the exact type.

    Args:
        value: the value; it may be of a subclass.
        inner: does the same for what is in it.

    Raises:
        TypeError: it is none, or has something in it that is none.
        WireError: it is too large.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return tensor_of_torch(value, torch)
    if isinstance(value, np.ndarray):
        array = np.asarray(value)
        return (
            tensor_of(array) if array.dtype.kind != "O" else _rebuilt("numpy.ndarray", array, inner)
        )
    if isinstance(value, np.generic):
        return _scalar(value, inner)
    if is_record(value):
        return NamedTuple(*_record(value, inner))
    kind = kind_of(type(value))
    if not kind:
        raise TypeError(f"a value of type {type(value).__name__} is not plain data")
    return _rebuilt(kind, value, inner)


def _rebuilt(kind: str, value: Any, inner: Callable[[Any], Any]) -> Any:
    parts = [inner(part) for part in KINDS[kind].parts(value)]
    return value if kind in MISSING else KINDS[kind].build(*parts)


def _scalar(value: Any, inner: Callable[[Any], Any]) -> Any:
    if value.dtype.kind in "mM":
        return _rebuilt("numpy.datetime64", value, inner)
    if value.dtype.names is not None:
        names, items = value.dtype.names, [inner(value[name]) for name in value.dtype.names]
        return NamedTuple(names, items) if are_names(names) else tuple(items)
    if value.dtype.kind == "c":
        return complex(value)
    plain = value.item()
    return float(plain) if isinstance(plain, np.generic) else plain  # a longdouble


def is_record(value: Any) -> bool:
    """Say whether a value is a tuple with names, or an object that is nothing but its fields."""
    if isinstance(value, tuple):
        return bool(_names(value))
    return is_dataclass(value) and not any(
        not name.startswith("_") and name not in value.__dataclass_fields__
        for base in type(value).__mro__[:-1]
        for name in vars(base)
    )


def is_dataclass(value: Any) -> bool:
    """Say whether a value is an object of a dataclass whose fields can be sent by name."""
    return (
        dataclasses.is_dataclass(value)
        and not isinstance(value, type | Tensor)
        and are_names(field.name for field in dataclasses.fields(value))
    )


def _record(value: Any, inner: Callable[[Any], Any]) -> tuple[list[str], list[Any]]:
    if isinstance(value, tuple):
        return _names(value), [inner(item) for item in value]
    return fields_of(value, inner)


def fields_of(value: Any, inner: Callable[[Any], Any]) -> tuple[list[str], list[Any]]:
    """Return the names and the values of a dataclass's fields."""
    names = [field.name for field in dataclasses.fields(value)]
    return names, [inner(getattr(value, name)) for name in names]


def _names(value: tuple[Any, ...]) -> list[str]:
    """Return the names of the items of a namedtuple, or of a result of torch, or nothing."""
    names = getattr(type(value), "__match_args__", ())
    if isinstance(value, NamedTuple):
        names = value._names
    return list(names) if len(names) == len(value) and are_names(names) else []


def keys(values: Iterable[Any]) -> list[Any]:
    """Return the items of a set, or the keys of a dictionary.

    Raises:
        ValueError: one of them cannot be in it, is given twice, or too many have the same hash.
    """
    found = list(values)
    if not all(type(value) is str for value in found):
        if len(found) > MAX_TAKEN or not all(map(is_hashable, found)):
            raise ValueError("a key or an item of a set that is not plain, or too many of them")
        if max(Counter(map(hash, found)).values(), default=0) > MAX_ALIKE:
            raise ValueError("keys with the same hash")
    if len(set(found)) != len(found):
        raise ValueError("a key given twice")
    return found


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_HEX or not DECIMAL.fullmatch(text):
        raise ValueError(text)
    value = Decimal(text)
    if abs(value.adjusted()) > MAX_EXPONENT:
        raise ValueError("its exponent is too large")
    return value


def _fraction(numerator: int, denominator: int) -> Fraction:
    _require(int, numerator, denominator)
    return Fraction(numerator, denominator)


def _complex(real: float, imaginary: float) -> complex:
    _require(float, real, imaginary)
    return complex(real, imaginary)


def _timedelta(days: int, seconds: int, microseconds: int) -> timedelta:
    _require(int, days, seconds, microseconds)
    return timedelta(days, seconds, microseconds)


def _range(start: int, stop: int, step: int) -> range:
    _require(int, start, stop, step)
    found = range(start, stop, step)
    if len(found) > MAX_TAKEN:
        raise ValueError("it is too long")
    return found


def _slice(start: Any, stop: Any, step: Any) -> slice:
    if not {type(start), type(stop), type(step)} <= {*HASHABLE}:
        raise TypeError("a bound of a slice is not plain")
    return slice(start, stop, step)


def _named(names: list[str], *items: Any) -> NamedTuple:
    _require(list, names)
    if len(names) != len(items) or not are_names(names):
        raise ValueError("the names do not fit")
    return NamedTuple(names, items)


def _time_scalar(tensor: Tensor) -> Any:
    found: Any = contents(tensor)[()]
    if not isinstance(found, np.datetime64 | np.timedelta64):
        raise TypeError("no time")
    return found


def _objects(shape: tuple[int, ...], items: list[Any]) -> Any:
    _require(tuple, shape)
    _require(list, items)
    size_of("uint8", shape)
    if not all(map(is_cell, items)):
        raise TypeError("an array of what is not plain")
    return np.fromiter(items, object, len(items)).reshape(shape)


def _items(array: Any) -> tuple[tuple[int, ...], list[Any]]:
    if array.dtype.kind != "O":
        raise TypeError("not an array of objects")
    return tuple(array.shape), array.ravel().tolist()


def _sparse(form: str, shape: tuple[int, int], rows: Tensor, columns: Tensor, data: Tensor) -> Any:
    try:
        import scipy.sparse
    except ModuleNotFoundError:
        raise ValueError("scipy is not installed here") from None
    size_of("float64", (sum(shape),))
    entries = contents(data), (contents(rows), contents(columns))
    name, kind = form[:3], form[3:]
    if name not in SPARSE or kind not in ("_array", "_matrix"):
        raise ValueError(form)
    return getattr(scipy.sparse, f"coo{kind}")(entries, shape=shape).asformat(name)


SPARSE = ("coo", "csr", "csc")


def _entries(matrix: Any) -> tuple[Any, ...]:
    found, kind = matrix.tocoo(), type(matrix).__name__.partition("_")[2]
    name = matrix.format if matrix.format in SPARSE else "csr"
    shape = tuple(map(int, found.shape))
    return f"{name}_{kind}", shape, *map(tensor_of, (found.row, found.col, found.data))


def _require(type_: type, *values: Any) -> None:
    if any(type(value) is not type_ for value in values):
        raise TypeError(f"not a {type_.__name__}")


KINDS: dict[str, Kind] = {
    "complex": Kind(lambda value: (value.real, value.imag), _complex),
    "set": Kind(list, lambda *items: set(keys(items))),
    "frozenset": Kind(list, lambda *items: frozenset(keys(items))),
    "range": Kind(lambda value: (value.start, value.stop, value.step), _range),
    "slice": Kind(lambda value: (value.start, value.stop, value.step), _slice),
    "autograder.NamedTuple": Kind(lambda value: (list(value._names), *value), _named),
    "decimal.Decimal": Kind(lambda value: (Decimal.__str__(value),), _decimal),
    "fractions.Fraction": Kind(lambda value: (value.numerator, value.denominator), _fraction),
    "datetime.date": Kind(lambda value: (date.isoformat(value),), date.fromisoformat),
    "datetime.datetime": Kind(lambda value: (datetime.isoformat(value),), datetime.fromisoformat),
    "datetime.time": Kind(lambda value: (time.isoformat(value),), time.fromisoformat),
    "datetime.timedelta": Kind(
        lambda value: (value.days, value.seconds, value.microseconds), _timedelta
    ),
    "numpy.ndarray": Kind(_items, _objects),
    "numpy.datetime64": Kind(lambda value: (tensor_of(np.asarray(value)),), _time_scalar),
    "numpy.timedelta64": Kind(lambda value: (tensor_of(np.asarray(value)),), _time_scalar),
    **{
        f"scipy.{form}_{kind}": Kind(_entries, _sparse)
        for form in (*SPARSE, "bsr", "dia", "dok", "lil")
        for kind in ("array", "matrix")
    },
    **{name: Kind(*functions) for name, functions in TABLES.items()},
}
