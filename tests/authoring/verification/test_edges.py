"""Edge inputs: each changes what it says, everywhere, and keeps dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.edges import edges
from autograder.authoring.verification.inputs import lengths, nearby, with_length
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.wire import Tensor
from tests.authoring.verification.small_dialogs import (
    MODEL,
    SOURCE,
    array,
    call,
    dialog,
    fitted,
    looked_up,
    predicted,
)

X = array([1.5, -2.0], [0.5, 3.0], [4.0, 0.25])
Y = array(1, 0, 1, dtype="int64")


def arguments(asked: Dialog) -> tuple[list[Any], dict[str, Any]]:
    (_, args, kwargs) = asked.turns[-1].operations[-1][1]
    return args, kwargs


def found(asked: Dialog, what: str) -> Dialog:
    (edge,) = [one for one in edges(asked, SOURCE) if one.what == what]
    return edge.dialog


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("X of zeros", [[0, 0], [0, 0], [0, 0]]),
        ("X with other signs", [[-1.5, 2], [-0.5, -3], [-4, -0.25]]),
        ("X rounded", [[2, -2], [0, 3], [4, 0]]),
        ("arrays of length 3 cut to 1", [[1.5, -2]]),
        ("arrays of length 2 cut to 1", [[1.5], [0.5], [4]]),
        ("arrays of length 3 in reverse order", [[4, 0.25], [0.5, 3], [1.5, -2]]),
    ],
)
def test_an_array_becomes_another(what: str, expected: list[list[float]]) -> None:
    given = arguments(found(fitted(X, Y), what))[0][0]
    assert (given.kind, given.dtype) == ("numpy", "float64")
    assert contents(given).tolist() == expected


def test_whole_numbers_for_floats() -> None:
    given = arguments(found(fitted(X, Y), "X of whole numbers"))[0][0]
    assert given.dtype == "int64"


@pytest.mark.parametrize(("labels", "more"), [([0, 1, 1], False), ([0, 2, 1], True)])
def test_labels_of_two_classes_stay_those(labels: list[int], more: bool) -> None:
    whats = [edge.what for edge in edges(fitted(X, array(*labels, dtype="int64")), SOURCE)]
    assert ("y turned round" in whats) is not more
    assert ("y one more" in whats) is more


def test_a_length_changes_everywhere() -> None:
    args, _ = arguments(found(fitted(X, Y), "arrays of length 3 cut to 2"))
    assert [one.shape for one in args] == [(2, 2), (2,)]


def test_a_class_gets_the_new_size_too() -> None:
    asked = found(predicted(array([1.0, 2.0, 3.0]), 3), "arrays of length 3 cut to 1")
    assert asked.turns[1].operations[0][1][2] == [1]
    assert arguments(asked)[0][0].shape == (1, 1)


def test_an_input_that_is_given_twice_changes_twice() -> None:
    asked = dialog(looked_up(), call(X, Y), call(X, Y))
    changed = found(asked, "X of zeros")
    assert changed.turns[1].operations == changed.turns[2].operations


def test_options_are_left_out_and_given() -> None:
    asked = fitted(X, Y, lr=0.5)
    assert arguments(found(asked, "no lr"))[1] == {}
    assert arguments(found(asked, "steps=101"))[1] == {"lr": 0.5, "steps": 101}
    (_, args, _) = found(predicted(X, 3, 5), "no n_out").turns[1].operations[0][1][1:]
    assert args == [3]


def test_numbers_and_lists_change() -> None:
    asked = fitted([5.0, 7.0, 9.0], 3, lr=0.5)
    assert arguments(found(asked, "lr = -0.5"))[1] == {"lr": -0.5}
    assert arguments(found(asked, "y = 0"))[0][1] == 0
    assert arguments(found(asked, "arrays of length 3 in reverse order"))[0][0] == [9.0, 7.0, 5.0]


def test_a_table_has_missing_values_and_other_rows() -> None:
    frame = pd.DataFrame({"model": ["a", "b", "a"], "score": [1.0, 2.0, 3.0]})
    asked = fitted(frame, 3)
    missing = arguments(found(asked, "X with missing values"))[0][0]
    assert missing["score"].isna().tolist() == [True, False, False]
    one_row = arguments(found(asked, "arrays of length 3 cut to 1"))[0][0]
    assert one_row["model"].tolist() == ["a"]
    assert frame["score"].tolist() == [1.0, 2.0, 3.0]


def test_a_call_is_made_twice() -> None:
    assert len(found(fitted(X, Y), "asked twice").turns) == 3


def test_a_prediction_of_a_model_in_torch_is_differentiated() -> None:
    x = array([1.0, 2.0], kind="torch", dtype="float32")
    asked = found(predicted(x, 2), "")
    operation, (_, args, _) = asked.turns[-1].operations[-1]
    assert (operation, args[0].id, args[2].shape) == ("call", -7, (1, 2))
    assert [seen.path for seen in asked.turns[-1].judged] == [(1,), (2,)]
    assert not [one for one in edges(predicted(X, 2), SOURCE) if not one.what]


def test_it_is_differentiated_by_the_parameters_that_were_set() -> None:
    x = array([1.0, 2.0], kind="torch", dtype="float32")
    named, made, asked = predicted(x, 2).turns
    filled = call(MODEL, ["w", "b"], [x, x])  # as `set_parameters` does
    _, (_, args, _) = found(dialog(named, made, filled, asked), "").turns[-1].operations[-1]
    assert args[3] == ["w", "b"]


def test_all_kinds_of_edges_come_early() -> None:
    first = [edge.what for _, edge in zip(range(5), edges(fitted(X, Y), SOURCE), strict=False)]
    assert first == [
        "X of zeros",
        "arrays of length 3 cut to 1",
        "lr=0.2",
        "asked twice",
        "y all 0",
    ]


def test_nearby_moves_floats_by_a_millionth_and_nothing_else() -> None:
    args, _ = arguments(nearby(fitted(X, Y)))
    moved = contents(args[0])
    assert np.allclose(moved, contents(X), rtol=2e-6, atol=0)
    assert (moved != contents(X)).all()
    assert args[1] == Y


def test_lengths_and_how_they_are_cut() -> None:
    asked = fitted(X, Y)
    assert lengths(asked) == [3, 2]
    cut = arguments(with_length(asked, 3, np.array([2])))[0]
    assert [contents(one).tolist() for one in cut] == [[[4, 0.25]], [1]]
    assert isinstance(cut[0], Tensor)
