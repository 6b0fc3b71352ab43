"""Describes how tables differ: names of columns, the index, the order of rows, kinds of columns."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

Row = tuple[Any, ...]


def other_name(name: Any, names: Sequence[Any]) -> str:
    """Return a sentence about a name that is missing, if another one is only written otherwise."""
    found = [other for other in names if _plain(other) == _plain(name)]
    return f"It has {str(found[0])[:60]!r}." if found and _plain(name) else ""


def _plain(name: Any) -> str:
    return "".join(filter(str.isalnum, str(name))).casefold()


def index_difference(received: Sequence[Any], expected: Sequence[Any]) -> str:
    """Return a sentence about the labels of rows, "" if nothing is clear or all are right."""
    if [*received] == [*expected]:
        return ""
    if len(received) == len(expected):
        if is_numbered(expected):
            return "Its rows should be numbered from 0 on."
        if is_numbered(received):
            return "Its rows are numbered from 0 on, as if the index had been reset."
        if Counter(received) == Counter(expected):
            return "Its rows are in another order."
        return ""
    if is_numbered(received) or is_numbered(expected):
        return ""
    lacks, more = ({*one} - {*other} for one, other in ((expected, received), (received, expected)))
    if lacks and not more:
        return f"{_rows_of(lacks)} are missing."
    return f"{_rows_of(more)} should not be there." if more and not lacks else ""


def is_numbered(labels: Sequence[Any]) -> bool:
    """Say whether the labels of rows are those that a table has by default."""
    return all(isinstance(one, int) for one in labels) and [*labels] == [*range(len(labels))]


def _rows_of(labels: set[Any]) -> str:
    return f"The rows of {'one label' if len(labels) == 1 else f'{len(labels)} labels'}"


def are_shuffled(received: Sequence[Sequence[Any]], expected: Sequence[Sequence[Any]]) -> bool:
    """Say whether all rows are right, but in another order; tables are given by their columns."""
    one, other = ([*zip(*map(_written, columns), strict=True)] for columns in (received, expected))
    return one != other and len({*other}) > 1 and Counter(one) == Counter(other)


def _written(column: Sequence[Any]) -> list[str]:
    """Return the values of a column as text, without what rounding has left."""
    return [f"{one:.9g}" if isinstance(one, float) else str(one) for one in column]


def kind_difference(received: NDArray[Any], wanted: str) -> str:
    """Return a sentence about a column of objects that should hold something else."""
    if wanted != "numbers" or received.dtype.kind not in "OU" or not received.size:
        return ""
    present = [one for one in received.tolist() if one is not None]
    if present and all(isinstance(one, int | float) for one in present):
        return "They are numbers, but their dtype is object."
    if present and all(isinstance(one, str) and _is_number(one) for one in present):
        return "They are numbers written as text."
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
