"""Says what may be in a set, be a key or a label, or be in an array of objects or a table."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

HASHABLE: tuple[type, ...] = (
    *(type(None), bool, int, float, complex, str, bytes, frozenset),
    *(Decimal, Fraction, date, datetime, time, timedelta, np.datetime64, np.timedelta64),
)
MISSING = ("pandas.NAType", "pandas.NaTType")


def name_of(type_: type) -> str:
    """Return the name of a type with that of its library, which may call it by a longer one."""
    library = type_.__module__.partition(".")[0]
    return type_.__name__ if library == "builtins" else f"{library}.{type_.__name__}"


def is_hashable(value: Any) -> bool:
    """Say whether a plain value may be in a set, or be a key or a label."""
    if isinstance(value, tuple):
        return all(map(is_hashable, value))
    return type(value) in HASHABLE or name_of(type(value)) in MISSING


def is_cell(value: Any) -> bool:
    """Say whether a plain value may be in an array of objects or a table: no array, no table."""
    if isinstance(value, list | set | tuple):
        return all(map(is_cell, value))
    if isinstance(value, dict):
        return all(map(is_cell, value.values()))
    return is_hashable(value)
