"""Differences are shown for few rows and round numbers, as long as they last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.edges import Edge
from autograder.authoring.verification.equivalence import Evidence
from autograder.authoring.verification.shrinking import shrunk
from autograder.sandbox.worker.arrays import contents
from tests.authoring.verification.small_dialogs import array, fitted

X = np.linspace(-3, 3, 30).reshape(10, 3) + 0.123456
Y = np.arange(10) % 2
DIALOG = fitted(array(*X), array(*Y, dtype="int64"), lr=0.123)
FOUND = Evidence(Edge("X", DIALOG, DIALOG), 1, seed=7)


def smallest(differs: Callable[[Any, Any, float], bool]) -> Evidence:
    """Return the evidence that is left if a mutant differs for such X, y and lr."""

    def within(dialog: Dialog) -> Evidence | None:
        (_, args, kwargs) = dialog.turns[-1].operations[-1][1]
        if not differs(contents(args[0]), contents(args[1]), kwargs["lr"]):
            return None
        return Evidence(Edge("", dialog, dialog), len(dialog.turns) - 1, "raises")

    return shrunk(FOUND, within)


def test_rows_and_columns_are_cut_to_two_and_numbers_rounded() -> None:
    best = smallest(lambda X, y, lr: True)
    (_, args, kwargs) = best.dialog.turns[-1].operations[-1][1]
    assert [one.shape for one in args] == [(2, 2), (2,)]
    assert contents(args[0]).tolist() == [[-2.9, -2.7], [-2.3, -2.0]]
    assert kwargs == {"lr": 0.1}
    assert (best.edge.what, best.instead, best.seed) == ("X", "raises", 7)


def test_nothing_is_cut_that_the_difference_needs() -> None:
    best = smallest(lambda X, y, lr: len(X) >= 3 and X.shape[1] == 3 and round(lr, 2) != lr)
    (_, args, kwargs) = best.dialog.turns[-1].operations[-1][1]
    assert args[0].shape == (3, 3)
    assert kwargs == {"lr": 0.123}


def test_a_difference_that_needs_the_whole_dialog_stays_as_it_is() -> None:
    assert smallest(lambda X, y, lr: False) is FOUND


def test_questions_are_left_out_that_nothing_is_about() -> None:
    asked = Evidence(Edge("", *2 * [Dialog("", "", (*DIALOG.turns, DIALOG.turns[1]))]), 2)
    best = shrunk(asked, lambda dialog: Evidence(Edge("", dialog, dialog), len(dialog.turns) - 1))
    assert len(best.dialog.turns) == 2
