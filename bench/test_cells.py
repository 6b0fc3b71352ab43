"""Courses without a suite: test cells in nbgrader's documentation, and others in their style."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

NAME = "test_cells"
GIVEN = "import matplotlib.pyplot as plt\nimport numpy as np"
SQUARES = '''\
def squares(n):
    """Return the squares of the numbers from 1 to n."""
    ### BEGIN SOLUTION
    if n < 1:
        raise ValueError("n must be at least 1")
    return [i**2 for i in range(1, n + 1)]
    ### END SOLUTION'''
SQUARES_TESTS = """\
assert squares(1) == [1]
assert squares(10) == [1, 4, 9, 16, 25, 36, 49, 64, 81, 100]
### BEGIN HIDDEN TESTS
assert squares(11)[-1] == 121
### END HIDDEN TESTS"""
INVALID_TESTS = """\
for n in (0, -4):
    try:
        squares(n)
    except ValueError:
        pass
    else:
        raise AssertionError("did not raise")"""
SUM = '''\
def sum_of_squares(n):
    """Return the sum of the squares of the numbers from 1 to n."""
    ### BEGIN SOLUTION
    return sum(squares(n))
    ### END SOLUTION'''
SUM_TESTS = """\
assert sum_of_squares(1) == 1
assert sum_of_squares(2) == 5
assert sum_of_squares(11) == 506"""
FIT = '''\
def fit(x, y):
    """Return slope and intercept of the line through some points."""
    ### BEGIN SOLUTION
    A = np.column_stack([x, np.ones_like(x)])
    return np.linalg.lstsq(A, y, rcond=None)[0]
    ### END SOLUTION'''
PLOT = "x = np.linspace(0, 1)\nplt.plot(x, 3 * x - 1)\nplt.show()"
FIT_TESTS = """\
rng = np.random.default_rng(1)
for slope, intercept in rng.normal(size=(5, 2)):
    points = rng.normal(size=30)
    np.testing.assert_allclose(fit(points, slope * points + intercept), [slope, intercept])"""


def documentation() -> dict[str, Any]:
    """Return the source notebook of nbgrader's documentation that has tests, from its package."""
    path = "docs/source/user_guide/source/ps1/problem1.ipynb"
    document: dict[str, Any] = json.loads((files("nbgrader") / path).read_text("utf-8"))
    return document


def with_a_plot() -> dict[str, Any]:
    """Return a source notebook in the same style, with arrays and a plot."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "cells": [
            _cell("given", GIVEN, locked=True),
            _cell("squares", SQUARES, solution=True),
            _cell("test_squares", SQUARES_TESTS, points=30),
            _cell("test_invalid", INVALID_TESTS, points=10),
            _cell("sum_of_squares", SUM, solution=True),
            _cell("test_sum", SUM_TESTS, points=20),
            _cell("fit", FIT, solution=True),
            _cell("plot", PLOT, locked=True),
            _cell("test_fit", FIT_TESTS, points=40),
        ],
    }


def _cell(
    name: str, source: str, *, solution: bool = False, locked: bool = False, points: int = 0
) -> dict[str, Any]:
    grading: dict[str, Any] = {
        "grade_id": name,
        "grade": points > 0,
        "solution": solution,
        "locked": locked or points > 0,
        "schema_version": 3,
        "task": False,
    }
    if points:
        grading["points"] = points
    return {
        "cell_type": "code",
        "id": name.replace("_", "-"),
        "source": source,
        "metadata": {"nbgrader": grading},
        "outputs": [],
        "execution_count": None,
    }


def points(document: Mapping[str, Any]) -> float:
    """Return the points of a notebook's test cells."""
    marks = (cell["metadata"].get("nbgrader", {}) for cell in document["cells"])
    tests = [one for one in marks if one.get("grade") and not one["solution"]]
    return sum(float(one["points"]) for one in tests)


SOURCES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "documentation": documentation,
    NAME: with_a_plot,
}
