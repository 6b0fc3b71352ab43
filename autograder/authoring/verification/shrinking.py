"""Makes the inputs smaller for which a mutant differs: fewer rows, rounder numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.equivalence import Evidence
from autograder.authoring.verification.inputs import (
    as_array,
    changed,
    lengths,
    like,
    with_length,
)

Differs = Callable[[Dialog], Evidence | None]
SIZES = (2, 3)  # a single row or column may hide other mistakes
DIGITS = (1, 2)


def shrunk(found: Evidence, differs: Differs) -> Evidence:
    """Return a difference for inputs as small as can be found with a few questions.

    Args:
        found: the difference.
        differs: compares mutant and reference in a dialog.
    """
    best = differs(found.dialog.until(found.turn))
    if best is None:
        return found
    for size in SIZES:
        for length in lengths(best.dialog):
            if length > size:
                best = _smaller(best, differs, with_length(best.dialog, length, np.arange(size)))
    for index in range(len(best.dialog.turns) - 2, -1, -1):
        best = _smaller(best, differs, _without(best.dialog, index))
    for digits in DIGITS:
        rounder = _smaller(best, differs, _rounded(best.dialog, digits))
        if rounder is not best:
            best = rounder
            break
    edge = replace(best.edge, what=found.edge.what)
    return replace(best, edge=edge, seed=found.seed)


def _smaller(best: Evidence, differs: Differs, dialog: Dialog | None) -> Evidence:
    """Return the difference in a smaller dialog, or the best one if there is none."""
    other = None if dialog is None else differs(dialog)
    if other is None or dialog is None or other.turn != len(dialog.turns) - 1:
        return best
    return other


def _without(dialog: Dialog, index: int) -> Dialog | None:
    """Return a dialog without a question that nothing later is about, None if something is."""
    left = (*dialog.turns[:index], *dialog.turns[index + 1 :])
    if any(turn.used & dialog.turns[index].made for turn in left):
        return None
    return replace(dialog, turns=left)


def _rounded(dialog: Dialog, digits: int) -> Dialog:
    def rounded(value: object) -> object:
        if type(value) is float:
            return round(value, digits)
        array = as_array(value)
        if array is None or array.dtype.kind != "f":
            return value
        return like(value, np.round(array, digits))

    return changed(dialog, rounded)
