"""Writes edge inputs in terms of a test's own: `100 * X`, `y[:1]`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.authoring.verification.dialogs import Dialog
from autograder.authoring.verification.inputs import Array, as_array, every_input, key_of
from autograder.authoring.verification.parameters import names_of_inputs

CHANGES: dict[str, Callable[[Array], Any]] = {
    "{}": lambda x: x,
    "np.zeros_like({})": np.zeros_like,
    "np.ones_like({})": np.ones_like,
    "-{}": lambda x: -x,
    "100 * {}": lambda x: 100 * x,
    "{} / 100": lambda x: x / 100,
    "np.abs({})": np.abs,
    "np.round({})": np.round,
    "{} + 1": lambda x: x + 1,
    "{}[:1]": lambda x: x[:1],
    "{}[:2]": lambda x: x[:2],
    "{}[:0]": lambda x: x[:0],
    "{}[:-1]": lambda x: x[:-1],
    "{}[::-1]": lambda x: x[::-1],
    "np.repeat({}, 2, axis=0)": lambda x: np.repeat(x, 2, axis=0),
    "np.roll({}, 1, axis=0)": lambda x: np.roll(x, 1, axis=0),
    "{}[:, :1]": lambda x: x[:, :1],
    "{}[:, ::-1]": lambda x: x[:, ::-1],
}


def own_inputs(dialog: Dialog, source: Dialog, code: str) -> dict[Any, str]:
    """Return expressions for the arrays in a dialog, by their keys.

    Args:
        dialog: the dialog.
        source: the dialog that it was made of.
        code: the reference, for the names of parameters.
    """
    names = names_of_inputs(source, code)
    pairs = zip(every_input(source), every_input(dialog), strict=False)
    found = {}
    for old, new in pairs:
        name = names.get(key_of(old))
        if name is not None and (text := _text(old, new)):
            found[key_of(new)] = text.format(name)
    return found


def _text(old: Any, new: Any) -> str:
    """Return the change that makes one input of another, "" if it is none of these."""
    if key_of(old) == key_of(new):
        return "{}"
    one, other = as_array(old), as_array(new)
    if one is None or other is None or not one.ndim or type(old) is not type(new):
        return ""
    for text, change in CHANGES.items():
        try:
            made = np.asarray(change(one))
        except (TypeError, IndexError):  # of other elements, or of fewer dimensions
            continue
        if made.shape == other.shape and made.dtype == other.dtype and (made == other).all():
            return text
    return ""
