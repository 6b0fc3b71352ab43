"""The inputs in a dialog: finds them, names them, and changes them.

An input is an argument, or an item of a list or dictionary; a list of numbers is one input. What is
given several times counts as one.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.authoring.verification.dialogs import CALLS, Dialog
from autograder.sandbox.student_process import Question
from autograder.sandbox.worker.arrays import contents, tensor_of
from autograder.sandbox.worker.kinds import kind_of
from autograder.sandbox.worker.wire import Ref, Tensor

NEARBY = 1e-6  # relative: what rounding may change
NETWORK = "models.network"  # of the kit's support code, which takes sizes in a list
TABLES = ("pandas.DataFrame", "pandas.Series")

Change = Callable[[Any], Any]
"""Returns an input changed, or the input itself where the change does not apply."""
Array = NDArray[Any]


def nearby(dialog: Dialog) -> Dialog:
    """Return a dialog with all numbers a millionth larger or smaller."""
    return changed(dialog, _moved)


def changed(dialog: Dialog, change: Change) -> Dialog:
    """Return a dialog with each input changed, lists and dictionaries aside, but for their items.

    A list of numbers is one input.
    """
    turns = [replace(one, operations=_changed(one.operations, change)) for one in dialog.turns]
    return replace(dialog, turns=tuple(turns))


def _changed(operations: Question, change: Change) -> Question:
    return [(name, _with_inputs(name, arguments, change)) for name, arguments in operations]


def _with_inputs(name: str, arguments: tuple[Any, ...], change: Change) -> tuple[Any, ...]:
    """Return the arguments of an operation with its inputs changed."""
    if name == "make" or name in CALLS:
        *target, args, kwargs = arguments
        new = [_deep(value, change) for value in args]
        return (*target, new, {key: _deep(value, change) for key, value in kwargs.items()})
    if name in ("set", "set_item", "item", "contains"):
        return (*arguments[:-1], _deep(arguments[-1], change))
    return arguments


def _deep(value: Any, change: Change) -> Any:
    if isinstance(value, Ref):
        return value
    if _is_numbers(value):
        return change(value)
    if type(value) in (list, tuple):
        return type(value)(_deep(part, change) for part in value)
    if type(value) is dict:
        return {key: _deep(part, change) for key, part in value.items()}
    return change(value)


def _is_numbers(value: Any) -> bool:
    """Tell whether a value is a list that stands for one input: of numbers, or of rows of them."""
    if type(value) not in (list, tuple) or not value:
        return False
    return all(type(part) in (int, float) or _is_numbers(part) for part in value)


def inputs(dialog: Dialog) -> list[Any]:
    """Return the inputs of a dialog, each once."""
    found = {key_of(value): value for value in reversed(every_input(dialog))}
    return list(reversed(found.values()))


def every_input(dialog: Dialog) -> list[Any]:
    """Return the inputs of a dialog in the order in which they are given, text aside."""
    found: list[Any] = []

    def note(value: Any) -> Any:
        if not isinstance(value, str | type(None)):
            found.append(value)
        return value

    changed(dialog, note)
    return found


def key_of(value: Any) -> Any:
    """Return what equal inputs have in common."""
    by_text = isinstance(value, list | tuple) or kind_of(type(value))
    return type(value), repr(value) if by_text else value


def lengths(dialog: Dialog) -> list[int]:
    """Return the lengths above 1 that arrays have along some axis, the largest first."""
    found = {size for value in inputs(dialog) for size in _shape(value) if size > 1}
    return sorted(found, reverse=True)


def with_length(dialog: Dialog, length: int, kept: Array) -> Dialog:
    """Return a dialog in which arrays of a length have other rows, columns and so on.

    Classes that are given the length as a size are given the new one.
    """
    turns = []
    pick = partial(_picked, length=length, kept=kept)
    for turn in dialog.turns:
        operations = []
        for name, arguments in turn.operations:
            sizes = name == "make" or dialog.called(name, arguments) == NETWORK
            found = _with_inputs(name, arguments, (lambda value: value) if sizes else pick)
            if sizes:
                found = (*found[:-2], *(_sizes(part, length, len(kept)) for part in found[-2:]))
                if name == "make":
                    found = _with_inputs(name, found, pick)
            operations.append((name, found))
        turns.append(replace(turn, operations=operations))
    return replace(dialog, turns=tuple(turns))


def _picked(value: Any, *, length: int, kept: Array) -> Any:
    """Return an input with the rows, columns and so on of one length chosen."""
    if kind_of(type(value)) in TABLES:
        return value.iloc[kept] if len(value) == length else value
    array = as_array(value)
    if array is None or length not in array.shape:
        return value
    for axis, size in enumerate(array.shape):
        if size == length:
            array = np.take(array, kept, axis)
    return like(value, array)


def _sizes(value: Any, old: int, new: int) -> Any:
    """Return the arguments of a class with another size, where they hold the old one."""
    if type(value) is int:
        return new if value == old else value
    if type(value) in (list, tuple):
        return type(value)(_sizes(part, old, new) for part in value)
    if type(value) is dict:
        return {key: _sizes(part, old, new) for key, part in value.items()}
    return value


def _moved(value: Any) -> Any:
    """Return an input with its numbers a little larger or smaller, in turn."""
    if type(value) is float:
        return value * (1 + NEARBY)
    array = as_array(value)
    if array is None or array.dtype.kind != "f":
        return value
    signs = np.where(np.arange(array.size) % 2, 1 + NEARBY, 1 - NEARBY)
    return like(value, (array * signs.reshape(array.shape)).astype(array.dtype))


def as_array(value: Any) -> Array | None:
    """Return an input as an array, None if it is something else."""
    if isinstance(value, Tensor):
        return contents(value)
    if kind_of(type(value)) == "numpy.ndarray":
        return np.asarray(value)
    if _is_numbers(value):
        try:
            return np.array(value)
        except ValueError:  # rows of different lengths
            return None
    return None


def like(value: Any, array: Array) -> Any:
    """Return an array as the same kind of input as a value."""
    if isinstance(value, Tensor):
        return tensor_of(array, value.kind)
    return type(value)(array.tolist()) if isinstance(value, list | tuple) else array


def _shape(value: Any) -> tuple[int, ...]:
    if kind_of(type(value)) in TABLES:
        return (len(value),)
    array = as_array(value)
    return () if array is None else array.shape
