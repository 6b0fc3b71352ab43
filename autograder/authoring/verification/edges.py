"""Makes edge inputs of a suite's own: zeros, one row, rows in another order, an option left out.

An input that is given several times changes everywhere, and so does a length: with one row of `X`
there is one of `y`. All of this is pure; whether the reference answers is another question.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from autograder.authoring.verification.dialogs import Dialog, Turn
from autograder.authoring.verification.inputs import (
    Array,
    as_array,
    changed,
    inputs,
    key_of,
    lengths,
    like,
    with_length,
)
from autograder.authoring.verification.parameters import names_of_inputs, signatures
from autograder.grading.recording import RecordedObservation
from autograder.sandbox.student_process import Question
from autograder.sandbox.worker.arrays import tensor_of
from autograder.sandbox.worker.kinds import kind_of
from autograder.sandbox.worker.wire import Ref, Tensor
from autograder.testing.support_code import FOLDER
from autograder.testing.torch import MODELS

MOST_LENGTHS = 4  # of arrays in a dialog, whose rows or columns change
MOST_VALUES = 8  # inputs of a dialog that change
OUTPUTS = "models.outputs"
MODULE = -1  # the number of support code that no test has loaded


@dataclass(frozen=True, eq=False)
class Edge:
    """A dialog with other inputs than its `source`, and in words what is special about them."""

    what: str
    dialog: Dialog
    source: Dialog


def edges(dialog: Dialog, code: str) -> Iterator[Edge]:
    """Yield a dialog with edge inputs, those first that tell most.

    Args:
        dialog: what the suite asks.
        code: the reference, for the names and defaults of parameters.
    """
    kinds = [
        _of_values(dialog, code),
        _of_lengths(dialog),
        _of_options(dialog, code),
        _asked_again(dialog),
        _gradients(dialog),
    ]
    while kinds:
        kind = kinds.pop(0)
        if (edge := next(kind, None)) is not None:
            yield edge
            kinds.append(kind)


def _of_values(dialog: Dialog, code: str) -> Iterator[Edge]:
    """Yield edges in which one input has other elements, round by round."""
    names = names_of_inputs(dialog, code)
    values = [value for value in inputs(dialog) if not isinstance(value, str)][:MOST_VALUES]
    waiting = [(value, _others(value)) for value in values]
    while waiting:
        value, others = waiting.pop(0)
        if (found := next(others, None)) is not None:
            words, other = found
            key = key_of(value)
            if key_of(other) != key:
                what = f"{names.get(key, 'an argument')} {words}"
                swap = partial(_swapped, key=key, other=other)
                yield Edge(what, changed(dialog, swap), dialog)
            waiting.append((value, others))


def _swapped(value: Any, *, key: Any, other: Any) -> Any:
    return other if not isinstance(value, str | type(None)) and key_of(value) == key else value


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield other elements for an input, and in words what they are."""
    if isinstance(value, bool):
        yield f"{not value}", not value
    elif isinstance(value, int):
        for other in (1, 0, value + 1, 2, 2 * value):
            yield f"= {other}", other
    elif isinstance(value, float):
        for factor in (0.0, 1.0, -value, 10 * value, value / 10, float(round(value))):
            yield f"= {factor:g}", factor
    elif kind_of(type(value)) == "pandas.DataFrame":
        yield from _other_tables(value)
    elif (array := as_array(value)) is not None and array.size:
        for words, elements in _other_elements(array):
            yield words, like(value, elements)


def _other_tables(frame: Any) -> Iterator[tuple[str, Any]]:
    numbers = list(frame.select_dtypes("number").columns)
    if numbers and len(frame):
        for words, factor in (("with other signs", -1), ("of zeros", 0)):
            yield words, frame.assign(**{str(name): factor * frame[name] for name in numbers})
        missing = {str(name): frame[name].astype(float) for name in numbers}
        for column in missing.values():
            column.iloc[0] = np.nan
        yield "with missing values", frame.assign(**missing)


def _other_elements(array: Array) -> Iterator[tuple[str, Array]]:
    kind = array.dtype.kind
    if kind == "b":
        yield "all False", np.zeros_like(array)
        yield "all True", np.ones_like(array)
        yield "turned round", ~array
    elif kind in "iu" and np.isin(array, (0, 1)).all():  # labels, perhaps of two classes
        yield "all 0", np.zeros_like(array)
        yield "all 1", np.ones_like(array)
        yield "turned round", 1 - array
    elif kind in "iu":
        yield "all 0", np.zeros_like(array)
        yield "all 1", np.ones_like(array)
        yield "in reverse order", array.ravel()[::-1].reshape(array.shape)
        yield "all the same", np.full_like(array, array.ravel()[0])
        yield "one more", array + np.ones_like(array)
    elif kind == "f" and np.isin(array, (0, 1)).all():  # labels
        yield "of zeros", np.zeros_like(array)
        yield "of ones", np.ones_like(array)
        yield "turned round", 1 - array
        yield "of whole numbers", array.astype(np.int64)
    elif kind == "f":
        yield "of zeros", np.zeros_like(array)
        yield "of ones", np.ones_like(array)
        yield "with other signs", -array
        yield "a hundred times as large", 100 * array
        yield "without signs", np.abs(array)
        yield "a hundredth as large", array / 100
        yield "rounded", np.round(array)
        yield "all negative", -np.abs(array) - 0.5
        yield "all the same", np.full_like(array, array.ravel()[0])
        yield "of whole numbers", np.round(2 * array).astype(np.int64)


def _of_lengths(dialog: Dialog) -> Iterator[Edge]:
    """Yield edges in which a length that arrays have becomes another, everywhere."""
    chosen = lengths(dialog)[:MOST_LENGTHS]
    for words, pick in PICKS.items():
        for length in chosen:
            kept = pick(np.arange(length))
            what = f"arrays of length {length} {words}"
            yield Edge(what, with_length(dialog, length, kept), dialog)


PICKS: dict[str, Callable[[Array], Array]] = {
    "cut to 1": lambda rows: rows[:1],
    "in reverse order": lambda rows: rows[::-1],
    "cut to 2": lambda rows: rows[:2],
    "without the last one": lambda rows: rows[:-1],
    "each item twice": lambda rows: np.repeat(rows, 2),
    "shifted by one": lambda rows: np.roll(rows, 1),
}


def _of_options(dialog: Dialog, code: str) -> Iterator[Edge]:
    """Yield edges in which a call leaves out an argument, or gives one that has a default."""
    known = signatures(code)
    for index, turn in enumerate(dialog.turns):
        for place, (name, arguments) in enumerate(turn.operations):
            called = dialog.called(name, arguments)
            if not called:
                continue
            *target, args, kwargs = arguments
            for what, new in _other_arguments(called, args, kwargs, known):
                operations = [*turn.operations]
                operations[place] = name, (*target, *new)
                turns = [*dialog.turns]
                turns[index] = replace(turn, operations=operations)
                yield Edge(what, replace(dialog, turns=tuple(turns)), dialog)


def _other_arguments(
    called: str,
    args: list[Any],
    kwargs: dict[str, Any],
    known: dict[str, list[tuple[str, Any]]],
) -> Iterator[tuple[str, tuple[list[Any], dict[str, Any]]]]:
    """Yield other arguments for a call, and in words what is special about them."""
    for name in kwargs:
        yield f"no {name}", (args, {key: kwargs[key] for key in kwargs if key != name})
    parameters = known.get(called, [])
    names = [name for name, _ in parameters]
    if args and len(names) >= len(args) and parameters[len(args) - 1][1] is not None:
        yield f"no {names[len(args) - 1]}", (args[:-1], kwargs)
    for name, default in parameters[len(args) :]:
        if default is not None and name not in kwargs:
            for other in _other_defaults(default):
                yield f"{name}={other!r}", (args, {**kwargs, name: other})


def _other_defaults(default: Any) -> list[Any]:
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, int):
        return [default + 1, max(default // 2, 1), 0]
    if isinstance(default, float):
        return [2 * default, default / 10, 0.0]
    return []


def _asked_again(dialog: Dialog) -> Iterator[Edge]:
    """Yield edges in which the last call, or each call, is made twice."""
    calls = [index for index in range(len(dialog.turns)) if dialog.callee(index)]
    for index in reversed(calls[-3:]):
        turn = dialog.turns[index]
        if not any(isinstance(one, Ref) for one in (turn.answer,)):
            again = (*dialog.turns[: index + 1], turn, *dialog.turns[index + 1 :])
            yield Edge("asked twice", replace(dialog, turns=again), dialog)


def _gradients(dialog: Dialog) -> Iterator[Edge]:
    """Yield edges in which the last prediction of a model of the notebook is differentiated too."""
    models = {number: root for number, root in dialog.roots.items() if number in dialog.made}
    for index in range(len(dialog.turns) - 1, -1, -1):
        turn = dialog.turns[index]
        operation, arguments = turn.operations[-1]
        predicts = operation == "call" and isinstance(turn.answer, Tensor)
        if not predicts or turn.answer.kind != "torch" or turn.answer.dtype != "float32":
            continue
        callee, args = dialog.callee(index), arguments[1]
        if callee == OUTPUTS and args[0].id in models:
            model, x = args
        elif len(args) == 1 and (owner := dialog.owner(arguments[0].id)) in models:
            model, x = Ref(owner, "object", callable=True), args[0]
        else:
            continue
        names = _names_set(dialog.turns[:index], model)
        more = _differentiated(model, x, turn.answer.shape, names)
        turns = (*dialog.turns[: index + 1], *more, *dialog.turns[index + 1 :])
        yield Edge("", replace(dialog, turns=turns), dialog)
        return


def _names_set(turns: Sequence[Turn], model: Ref) -> list[str]:
    """Return the names of the parameters that a dialog has set; those of others may be free."""
    for turn in turns:
        match turn.operations[-1]:
            case ("call", (_, [Ref(id=model.id), [str(), *_] as names, list()], _)):
                return [*map(str, names)]
    return []


def _differentiated(
    model: Ref, x: Any, shape: tuple[int, ...], wanted: Sequence[str]
) -> Iterator[Turn]:
    """Yield turns that ask for the vector-Jacobian product of a model."""
    module, vjp = Ref(MODULE, "module", callable=False), Ref(MODULE - 1, "function", callable=True)
    source = (FOLDER / MODELS.file).read_text("utf-8")
    yield Turn([("load", (source, MODELS.file))], module, is_plain=False)
    yield Turn([("get", (module, "vjp"))], vjp, is_plain=False)
    v = np.linspace(1, 2, math.prod(shape), dtype=np.float32).reshape(shape)
    names, values = (RecordedObservation(0, "values", 0, (part,)) for part in (1, 2))
    asked: Question = [("call", (vjp, [model, x, tensor_of(v, "torch"), [*wanted]], {}))]
    yield Turn(asked, None, (names, values))
