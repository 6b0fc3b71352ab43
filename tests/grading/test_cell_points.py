"""The points of a test cell are what nbgrader reads from its outputs, but stderr costs nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import from_dict
from nbgrader.utils import determine_grade

from autograder.grading.cell_points import TooManyPointsError, points_of

ERROR = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
OUT = {"output_type": "stream", "name": "stdout", "text": "1"}
SHOWN = {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}}
VALUES = ("1", "0", "2.5", "-1", "nan", "True", "tensor(2.5)", "'1'", " 3 ", "1e-3", "None")


def result(text: str) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "data": {"text/plain": text},
        "metadata": {},
        "execution_count": 1,
    }


OUTPUTS = st.sampled_from([ERROR, OUT, SHOWN, *map(result, VALUES)])


@settings(deadline=None)
@given(st.lists(OUTPUTS, max_size=4))
def test_points_are_those_of_nbgrader(outputs: list[dict[str, Any]]) -> None:
    grading = {"grade": True, "solution": False, "points": 4, "grade_id": "a", "locked": True}
    cell = {
        "cell_type": "code", "source": "", "metadata": {"nbgrader": grading}, "outputs": outputs
    }  # fmt: skip
    expected, _ = determine_grade(from_dict(cell), logging.getLogger("nbgrader"))
    assert points_of(outputs, 4, succeeded=ERROR not in outputs) == expected


def test_text_on_stderr_costs_nothing() -> None:
    warning = {"output_type": "stream", "name": "stderr", "text": "deprecated"}
    assert points_of([warning], 4, succeeded=True) == 4
    assert points_of([warning, result("1")], 4, succeeded=True) == 1


def test_a_cell_that_did_not_end_has_no_points_whatever_it_shows() -> None:
    assert points_of([OUT], 4, succeeded=False) == 0


@pytest.mark.parametrize("value", ["4.5", "inf"])
def test_more_points_than_the_cell_has_are_refused(value: str) -> None:
    with pytest.raises(TooManyPointsError):
        points_of([result(value)], 4, succeeded=True)
