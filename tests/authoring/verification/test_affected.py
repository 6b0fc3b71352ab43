"""Which names a change affects: those whose code differs, and those that use them."""

from __future__ import annotations

import pytest

from autograder.authoring.verification.affected import affected

REFERENCE = """\
import math
a = 1
def f(x): return g(x)
def g(x): return a
def h(x): return x
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", set()),
        ("return a", "return -a", {"f", "g"}),
        ("a = 1", "a = 2", {"a", "f", "g"}),
        ("return x", "return 1", {"h"}),
        ("return g(x)", "return h(x)", {"f"}),
        ("import math", "import cmath", None),
        ("a = 1", "a = 1; print(a)", None),
    ],
)
def test_what_a_change_affects(old: str, new: str, expected: set[str] | None) -> None:
    assert affected(REFERENCE, REFERENCE.replace(old, new) if old else REFERENCE) == expected
