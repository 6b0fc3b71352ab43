"""Edge inputs in terms of a test's own."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.authoring.verification.edges import edges
from autograder.authoring.verification.inputs import key_of
from autograder.authoring.verification.own_inputs import own_inputs
from tests.authoring.verification.small_dialogs import SOURCE, array, fitted

X = array(*np.linspace(-2, 3, 12).reshape(6, 2))
Y = array(0, 1, 1, 0, 1, 0, dtype="int64")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("X of zeros", ["np.zeros_like(X)", "y"]),
        ("X a hundred times as large", ["100 * X", "y"]),
        ("y all 1", ["X", "np.ones_like(y)"]),
        ("arrays of length 6 cut to 1", ["X[:1]", "y[:1]"]),
        ("arrays of length 6 each item twice", ["np.repeat(X, 2, axis=0)", "np.repeat(y, 2, axis=0)"]),
        ("arrays of length 2 in reverse order", ["X[:, ::-1]", "y"]),
        ("no lr", ["X", "y"]),
    ],
)  # fmt: skip
def test_what_an_edge_does_to_the_inputs(what: str, expected: list[str]) -> None:
    asked = fitted(X, Y, lr=0.5)
    (edge,) = [one for one in edges(asked, SOURCE) if one.what == what]
    found = own_inputs(edge.dialog, edge.source, SOURCE)
    given = edge.dialog.turns[1].operations[0][1][1]
    assert [found[key_of(value)] for value in given] == expected


def test_what_has_another_form_has_no_expression() -> None:
    one, other = fitted(X, Y), fitted(array(1.0, 7.0), Y)
    assert own_inputs(other, one, SOURCE) == {key_of(Y): "y"}
