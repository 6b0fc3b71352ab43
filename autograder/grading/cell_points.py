"""The points of a test cell, read from its outputs by nbgrader's rules.

nbgrader takes the first output that decides: an exception gives 0, the value of the cell's last
expression gives that number. With neither, or with what is no number from 0 upwards, the cell has
all of its points. Text on stderr, for which nbgrader gives 0, costs nothing here.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class TooManyPointsError(ValueError):
    """A test cell gives more points than it has, at which nbgrader fails."""


def points_of(outputs: Sequence[Mapping[str, Any]], worth: float, *, succeeded: bool) -> float:
    """Return the points that a test cell gives.

    Args:
        outputs: its outputs, in the form of nbformat.
        worth: the points of the cell.
        succeeded: whether it ended without an exception.

    Raises:
        TooManyPointsError: its value is larger than its points.
    """
    for output in outputs:
        if output["output_type"] == "error":
            return 0.0
        if output["output_type"] == "execute_result":
            return _partial(output["data"].get("text/plain", ""), worth)
    return worth if succeeded else 0.0


def _partial(text: str, worth: float) -> float:
    """Return the points that the value of a cell stands for."""
    try:
        value = float(text)
    except ValueError:
        return worth
    if value > worth:
        raise TooManyPointsError(
            f"the value of the cell, {value:g}, is more than its points, {worth:g}"
        )
    return value if value >= 0 else worth  # nan is not
