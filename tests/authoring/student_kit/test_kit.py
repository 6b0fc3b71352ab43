"""Pieces of a solution are seen in code, however it is laid out."""

from __future__ import annotations

import pytest

from autograder.authoring.student_kit.kit import spoilers

SOLUTION = "def step(x, w, b):\n    loss.backward()\n    return x @ w.T + (b * 2)\n"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a = 1\nshown = [x@w.T  +  b*2]", [2]),
        ("x = x @ w + b", []),
        ("loss.backward()", []),
        ("not Python at all", []),
    ],
)
def test_what_only_the_solution_has_is_seen(source: str, lines: list[int]) -> None:
    assert [line for line, _ in spoilers(source, [SOLUTION], [])] == lines


def test_what_the_notebook_tells_is_no_secret() -> None:
    told = ["%matplotlib inline\n!ls\ny = x @ w.T + b * 2"]
    assert spoilers("y = x @ w.T + b * 2", [SOLUTION], told) == []
