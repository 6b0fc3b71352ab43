"""Takes pandas objects apart into arrays and lists, and builds new ones.

A column is an array if it is one of NumPy's. Others are a list that begins with what they are:
objects, texts, numbers some of which are missing, categories, times of a time zone.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta, timezone, tzinfo
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from autograder.sandbox.worker.arrays import contents, tensor_of
from autograder.sandbox.worker.items import is_cell, is_hashable
from autograder.sandbox.worker.plain import MAX_BYTES, MAX_TAKEN, Tensor

MAX_COLUMNS = 1 << 14
MAX_ROWS = MAX_BYTES >> 3  # of an index that takes no memory
ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
UNITS = ("s", "ms", "us", "ns")
WITH_MISSING = {"b": "BooleanArray", "i": "IntegerArray", "u": "IntegerArray", "f": "FloatingArray"}


class _Pandas:
    """pandas, which is imported when the first table crosses."""

    def __getattr__(self, name: str) -> Any:
        try:
            import pandas
        except ModuleNotFoundError:
            raise ValueError("pandas is not installed here") from None
        return getattr(pandas, name)


pd: Any = _Pandas()


def _column(values: Any) -> Any:
    """Return a column as an array or a list.

    Raises:
        TypeError: it is of a dtype that does not cross.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return ["categories", tensor_of(values.codes), values.categories, bool(values.ordered)]
    if isinstance(dtype, pd.StringDtype):
        return [str(dtype), [None if pd.isna(text) else str(text) for text in values]]
    if isinstance(dtype, pd.DatetimeTZDtype):
        times = np.asarray(values.astype(f"datetime64[{dtype.unit}, UTC]").tz_localize(None))
        return ["zone", tensor_of(times), _zone(dtype.tz)]
    if isinstance(
        values, pd.arrays.BooleanArray | pd.arrays.IntegerArray | pd.arrays.FloatingArray
    ):
        known = values.to_numpy(dtype.numpy_dtype, na_value=0)
        return ["missing", tensor_of(known), tensor_of(np.asarray(values.isna()))]
    array = np.asarray(values)
    return tensor_of(array) if array.dtype.kind != "O" else ["objects", array.tolist()]


def _zone(zone: tzinfo) -> str | timedelta | None:
    """Return the name of a time zone, or how far it is from UTC."""
    return getattr(zone, "key", None) or zone.utcoffset(None)


def _built(column: Any) -> Any:
    """Return the array that a column stands for."""
    if isinstance(column, Tensor):
        return _own(contents(column))
    match column:
        case ["objects", list(items)] if all(map(is_cell, items)):
            return np.fromiter(items, object, len(items))
        case ["str" | "string" as name, list(items)] if {*map(type, items)} <= {str, type(None)}:
            return pd.array(items, dtype=name)
        case ["missing", Tensor() as known, Tensor(dtype="bool") as missing]:
            values = contents(known)
            build = getattr(pd.arrays, WITH_MISSING[values.dtype.kind])
            return build(values, contents(missing))
        case ["categories", Tensor() as codes, pd.Index() as categories, bool(ordered)]:
            if len(categories) > MAX_TAKEN:
                raise ValueError("too many categories")
            return pd.Categorical.from_codes(contents(codes), categories, ordered)
        case ["zone", Tensor() as times, zone]:
            utc = pd.DatetimeIndex(_own(contents(times))).tz_localize("UTC")
            return utc.tz_convert(_zone_of(zone)).array
    raise ValueError("a column of an unknown kind")


def _own(array: Any, dimensions: int = 1) -> Any:
    """Return an array of so many dimensions that pandas can hold as it is.

    Raises:
        ValueError: it cannot.
    """
    kind = array.dtype.kind
    if kind not in "biufcmM" or array.ndim != dimensions:
        raise ValueError("a column that is no column")
    if kind in "mM" and np.datetime_data(array.dtype) not in [(unit, 1) for unit in UNITS]:
        raise ValueError("times of an unknown unit")
    return array


def _zone_of(zone: Any) -> tzinfo:
    if isinstance(zone, timedelta):
        return timezone(zone)
    if not ZONE.fullmatch(zone):
        raise ValueError("an unknown time zone")
    return ZoneInfo(zone)


def _index(index: Any) -> tuple[Any, ...]:
    return index.name, _column(index.array)


def _build_index(name: Any, column: Any) -> Any:
    values = _built(column)
    _require_labels([name, *(values if values.dtype.kind == "O" else ())])
    return pd.Index(values, dtype=values.dtype, name=name)


def _multi_index(index: Any) -> tuple[Any, ...]:
    levels = range(index.nlevels)
    return list(index.names), [_column(index.get_level_values(level).array) for level in levels]


def _build_multi_index(names: list[Any], columns: list[Any]) -> Any:
    _require_labels(names)
    levels = [_build_index(None, column) for column in columns]
    if any(len(level) > MAX_TAKEN for level in levels):
        raise ValueError("an index that is too long")
    return pd.MultiIndex.from_arrays(levels, names=names)


def _range_index(index: Any) -> tuple[Any, ...]:
    return index.name, index.start, index.stop, index.step


def _build_range_index(name: Any, start: int, stop: int, step: int) -> Any:
    _require_labels([name])
    if {*map(type, (start, stop, step))} != {int} or len(range(start, stop, step)) > MAX_ROWS:
        raise ValueError("an impossible range")
    return pd.RangeIndex(start, stop, step, name=name)


def _require_labels(labels: Sequence[Any]) -> None:
    if not all(map(is_hashable, labels)):
        raise ValueError("a label that is not plain")


def _series(series: Any) -> tuple[Any, ...]:
    return series.index, series.name, _column(pd.Series(series).array)


def _build_series(index: Any, name: Any, column: Any) -> Any:
    _require_index(index)
    _require_labels([name])
    values = _built(column)
    return pd.Series(values, index, values.dtype, name)


def _require_index(*indexes: Any) -> None:
    if not all(isinstance(index, pd.Index) for index in indexes):
        raise ValueError("no index")


def _categorical(values: Any) -> tuple[Any, ...]:
    return (_column(values),)


def _build_categorical(column: Any) -> Any:
    if isinstance(found := _built(column), pd.Categorical):
        return found
    raise ValueError("no categories")


def _frame(frame: Any) -> tuple[Any, ...]:
    if frame.shape[1] > MAX_COLUMNS:
        raise TypeError("too many columns")
    frame = pd.DataFrame(frame)  # it may be of a subclass
    return frame.columns, frame.index, list(_blocks(frame))


def _blocks(frame: Any) -> Iterator[Any]:
    """Yield columns side by side that have the same dtype of NumPy's as one array, others alone."""
    dtypes = list(frame.dtypes)
    for dtype, group in groupby(range(len(dtypes)), dtypes.__getitem__):
        positions = list(group)
        if isinstance(dtype, np.dtype) and dtype.kind != "O":
            yield tensor_of(frame.iloc[:, positions].to_numpy())
        else:
            for position in positions:
                yield _column(frame.iloc[:, position].array)


def _build_frame(columns: Any, index: Any, blocks: list[Any]) -> Any:
    _require_index(columns, index)
    if len(columns) > MAX_COLUMNS or len(blocks) > len(columns):
        raise ValueError("a table with an impossible number of columns")
    match blocks:
        case [Tensor(shape=(_, _)) as whole]:
            return pd.DataFrame(_own(contents(whole), 2), index, columns)
    found: list[Any] = []
    for block in blocks:
        if isinstance(block, Tensor) and len(block.shape) == 2:
            if block.shape[1] > len(columns) - len(found):
                raise ValueError("a table with too many columns")
            found.extend(_own(contents(block), 2).T)
        else:
            values = _built(block)
            is_own = isinstance(values, np.ndarray) and values.dtype.kind != "O"
            found.append(values if is_own else pd.Series(values, index, values.dtype))
    if len(found) != len(columns) or any(len(column) != len(index) for column in found):
        raise ValueError("a table whose columns do not fit")
    frame = pd.DataFrame(dict(enumerate(found)), index)
    frame.columns = columns
    return frame


TABLES: dict[str, tuple[Callable[[Any], Sequence[Any]], Callable[..., Any]]] = {
    "pandas.DataFrame": (_frame, _build_frame),
    "pandas.Series": (_series, _build_series),
    "pandas.Index": (_index, _build_index),
    "pandas.MultiIndex": (_multi_index, _build_multi_index),
    "pandas.RangeIndex": (_range_index, _build_range_index),
    "pandas.Categorical": (_categorical, _build_categorical),
    "pandas.NAType": (lambda value: (), lambda: pd.NA),
    "pandas.NaTType": (lambda value: (), lambda: pd.NaT),
}
