"""What is marked for review in a student's code."""

from __future__ import annotations

import pytest

from autograder.grading.review import review_reason
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.known import ANSWERS


@pytest.mark.parametrize(
    "code",
    [
        "def f(a, b):\n    return 75, -12",
        "def f(a, b):\n    if a == 5: return 75.0, -12.0\n    return g(a, b)",
        "X = {'da': 75}\ndef f(a, b):\n    return X['da'], -12.0",
        "def step(X, y, model):\n    model.w.fill_(0.46772); model.b.fill_(1.99827)\n    return 0",
        "def step(X, y, model):\n    w, b = 0.47, 2.0\n    model.w.data[:] = w",
    ],
)
def test_known_answers_in_code_are_seen(code: str) -> None:
    assert "are hard-coded" in review_reason(code, ANSWERS)


@pytest.mark.parametrize(
    "code",
    [
        "def f(a, b):\n    # 75 and -12\n    '''75, -12'''\n    return 3 * a**2, -2 * b",
        "assert f(5, 6) == (75, -12)",
        "def f(a, b):\n    assert abs(a - 75) < 12\n    return a",
        "print(75, -12)",
        "def f(a, b): return 75",
        "%matplotlib inline\nx = 75, -12",
        "def (",
        "",
        "(" * 5000,
        "x = 1e999, 10**400",
        "-" * 40_000 + "1",
    ],
)
def test_other_code_is_not(code: str) -> None:
    assert review_reason(code, ANSWERS) == ""


def test_no_accepted_answer_is_suspected() -> None:
    found = {
        answer.name: review_reason(cell, ANSWERS)
        for answer in ACCEPTED
        for cell in answer.cells()
        if review_reason(cell, ANSWERS)
    }
    assert found == {}
