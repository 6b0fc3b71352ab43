"""What test cells take from the instructor's other cells, and the notebook from them."""

from __future__ import annotations

from autograder.instructor_code import Surroundings, surroundings

GIVEN = """\
import numpy as np
from math import *
%matplotlib inline
LIMIT, DATA = 3, np.zeros(3)
TOLERANCE = 1e-6


def near(a, b):
    return abs(a - b) < TOLERANCE


class Shape:
    pass
"""
ANSWER = "import scipy as sp\nbest = 3\n\n\ndef solve(a):\n    return a @ A + offset\n"


def of(*cells: tuple[str, str]) -> list[Surroundings]:
    return list(surroundings(cells))  # type: ignore[arg-type]


def test_imports_helpers_and_constants_run_with_the_tests() -> None:
    (found,) = of(("given", GIVEN), ("answer", ANSWER), ("test", "assert solve(1)"))
    assert set(found.definitions) == {"np", "TOLERANCE", "near", "sp"}
    assert found.definitions["near"].startswith("def near(a, b):")
    assert {"np", "DATA", "solve", "Shape"} <= set(found.rebound)


def test_helpers_of_earlier_test_cells_are_known_to_those_that_use_them() -> None:
    first, second, third = of(
        ("test", "def same(a, b):\n    return a == b\n\ndef check(x):\n    assert same(x, 1)"),
        ("test", "class Case:\n    pass\n\ncheck(f(1))"),
        ("test", "f(2)"),
    )
    assert not first.helpers
    assert list(second.helpers) == ["same", "check"]
    assert not third.helpers


def test_what_an_answer_defines_anew_is_the_students() -> None:
    first, second = of(
        ("given", "def f(): pass"), ("test", "f()"), ("answer", "def f(): pass"), ("test", "f()")
    )
    assert set(first.definitions) == {"f"}
    assert not second.definitions
    assert second.rebound == ("f",)


def test_what_a_test_cell_defines_is_its_own() -> None:
    _, second = of(("given", "x = 1"), ("test", "x = 2"), ("test", "assert x == 2"))
    assert not second.definitions
    assert second.rebound == ()


def test_names_that_the_notebook_takes_from_a_test_cell_are_known() -> None:
    test = "import json\nA = 1\nexpected = 2\nfor offset in (1, 2):\n    assert solve(offset)"
    (found,) = of(("answer", ANSWER), ("test", test), ("given", "expected = 3\nexpected + 1"))
    assert found.needed == ("A", "json", "offset")


def test_a_cell_that_cannot_be_read_gives_nothing() -> None:
    (found,) = of(("given", "def f(:"), ("test", "f("))
    assert (found.definitions, found.rebound, found.needed) == ({}, (), ())
