"""The names that statements bind and look up in a notebook."""

from __future__ import annotations

import ast

import pytest

from autograder.diagnosis.mistakes.library import _tasks
from autograder.diagnosis.names import bound_names, only_read, outliving_a_call, used_names


@pytest.mark.parametrize(
    ("statement", "bound"),
    [
        ("def f(x):\n    y = x", {"f"}),
        ("a, b.c, d[0] = 1, 2, 3", {"a", "b", "d"}),
        ("import numpy.linalg as la, os.path", {"la", "os"}),
        ("from math import *", {"*"}),
        ("f = lambda x: (y := x)", {"f"}),
    ],
)
def test_what_a_statement_binds(statement: str, bound: set[str]) -> None:
    assert bound_names(ast.parse(statement).body[0]) == bound


def test_what_a_function_binds_for_itself_is_not_looked_up() -> None:
    assert used_names("def f(x, y=z):\n    w = x\n    return w + g(y)") == {"z", "g"}


def test_a_helper_belongs_to_no_task_that_only_has_its_name_for_something_else() -> None:
    code = "def scale(x):\n    return x\ndef one(x):\n    return scale(x)\ndef two(scale):\n    return scale"
    assert _tasks(ast.parse(code), {"first": ["one"], "second": ["two"]})[0] == ["first"]


@pytest.mark.parametrize(
    ("code", "outliving"),
    [
        ("velocity = {}\ndef step(p):\n    return velocity\n", {"velocity = {}"}),
        ("def step(p):\n    global velocity\n    velocity = p\n", {"global velocity"}),
        ("def step(p, seen=[], *, lr=rate()):\n    pass\n", {"[]", "rate()"}),
        ("def step(p):\n    step.calls += 1\n", {"step.calls"}),
        ("class Linear:\n    made = []\n", {"made = []"}),
        ("@keep(lambda p, q=[]: q)\ndef step(p):\n    pass\n", {"[]"}),
        (
            "x = '''a\n\rb'''; y = 1\r\ndef f(p=x):\r\n    pass\r\n",
            {"x", "x = 'a\\n\\nb'", "y = 1"},
        ),
        ('import torch\n"""Text."""\ndef step(p, lr=0.1):\n    p.grad = None\n', set()),
    ],
)
def test_what_outlives_a_call(code: str, outliving: set[str]) -> None:
    assert outliving_a_call(code) == outliving


@pytest.mark.parametrize(
    ("function", "reads"),
    [
        ("def best(X):\n    for k in v:\n        fit(X, k)", True),
        ("def best(X):\n    return [k for k in v]", True),
        ("def best(X):\n    return np.mean(v) + X * v", True),
        ("def best(v):\n    v[0] = 1", True),
        ("def best(X):\n    v[X] = 1", False),
        ("def best(X):\n    v.append(X)", False),
        ("def best(X):\n    w = v\n    w += X", False),
        ("def best(X):\n    return best(v)", False),
    ],
)
def test_which_variables_no_function_changes(function: str, reads: bool) -> None:
    assert only_read(f"v = [1]\n{function}\n") == ({"v = [1]"} if reads else set())
