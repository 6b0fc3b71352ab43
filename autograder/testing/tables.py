"""Says what a column of a table holds, as a word and an array that can be compared."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.sandbox.worker.data_frames import pd
from autograder.sandbox.worker.kinds import kind_of

INDEXES = ("pandas.Index", "pandas.MultiIndex", "pandas.RangeIndex")


def is_frame(value: Any) -> bool:
    """Say whether a value is a DataFrame."""
    return kind_of(type(value)) == "pandas.DataFrame"


def is_series(value: Any) -> bool:
    """Say whether a value is a Series or an Index."""
    return kind_of(type(value)) in ("pandas.Series", *INDEXES)


def is_index(value: Any) -> bool:
    """Say whether a value is an Index."""
    return kind_of(type(value)) in INDEXES


def columns_of(index: Any) -> list[Any]:
    """Return an Index with several levels as one for each level."""
    return [index.get_level_values(level) for level in range(index.nlevels)]


def held(column: Any) -> tuple[str, NDArray[Any]]:
    """Return what a Series or an Index holds, in a word, and an array of it.

    What is missing is NaN among numbers, NaT among dates, None among everything else.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "categories", _objects(column)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "times of a time zone", np.asarray(column.array.tz_convert(None))
    if pd.api.types.is_bool_dtype(dtype):
        return "True or False", _objects(column)
    if pd.api.types.is_numeric_dtype(dtype):
        return "numbers", _numbers(column)
    array = np.asarray(column)
    if array.dtype.kind in "mM":
        return "dates" if array.dtype.kind == "M" else "durations", array
    return "text or objects", _objects(column)


def _numbers(column: Any) -> NDArray[Any]:
    if column.dtype.kind in "iu" and not column.isna().any():
        return np.asarray(column.to_numpy(column.dtype.kind + "8"))
    return np.asarray(column.to_numpy("c16" if column.dtype.kind == "c" else "f8", na_value=np.nan))


def _objects(column: Any) -> NDArray[Any]:
    array = np.array(column.astype(object), object)
    array[np.asarray(column.isna())] = None
    return array
