"""Writes a dialog as the lines of a test: what it makes, what it asks, and for which inputs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.authoring.verification.dialogs import CALLS, Dialog
from autograder.authoring.verification.inputs import as_array, key_of
from autograder.authoring.verification.parameters import names_of_inputs
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.kinds import kind_of
from autograder.sandbox.worker.wire import Callback, Ref, Tensor

MOST_NUMBERS = 60  # in the inputs that are written
NOTEBOOK = "notebook"
READS = ("get", "take", "length", "item", "text", "classes", "instance_of", "contains")


class Unwritable(Exception):
    """A dialog that cannot be written as a test of a few lines."""


@dataclass
class Code:
    """The lines that define the inputs, those that prepare an answer, and the answer.

    `using` names the functions of the reference that stand in for the student's; `modules` are what
    the lines need besides `np`. `expected` is the right answer, where no reference can be asked. An
    answer that is not plain data cannot be compared, only asked for.
    """

    inputs: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    answer: str = ""
    using: tuple[str, ...] = ()
    modules: set[str] = field(default_factory=set)
    expected: str = ""
    is_plain: bool = True


def as_code(
    dialog: Dialog,
    code: str,
    suite: Path,
    *,
    drawn: bool = False,
    own: Mapping[Any, str] = MappingProxyType({}),
) -> Code:
    """Return a dialog as code, whose last answer is the one that counts.

    Args:
        dialog: the questions.
        code: the reference, for the names of parameters.
        suite: the folder of the suite, for the files of its support code.
        drawn: whether arrays of numbers are drawn at random, where they look as if they were.
        own: expressions for inputs in terms of those that the test has, by their keys.

    Raises:
        Unwritable: it is too long, or asks what has no short form.
    """
    return _Writer(dialog, code, suite, own, drawn=drawn).written()


def literal(value: Any) -> str:
    """Return an answer as it is written in a test.

    Raises:
        Unwritable: it is too long, or no plain data.
    """
    if isinstance(value, Tensor):
        found = contents(value)
        if found.size > MOST_NUMBERS or found.dtype.kind not in "biuf":
            raise Unwritable("an array")
        return f"np.array({_nested(found)})" if found.ndim else _nested(found)
    if type(value) in (list, tuple) and len(value) <= MOST_NUMBERS:
        items = ", ".join(map(literal, value))
        return f"[{items}]" if type(value) is list else f"({items}{',' * (len(value) == 1)})"
    if value is None or type(value) in (bool, int, float, str):
        return _number(value) if type(value) is float else repr(value)
    raise Unwritable(type(value).__name__)


class _Writer:
    def __init__(
        self, dialog: Dialog, code: str, suite: Path, own: Mapping[Any, str], *, drawn: bool
    ) -> None:
        self.dialog, self.suite, self.code, self.drawn = dialog, suite, Code(), drawn
        self.own = own
        self.names = names_of_inputs(dialog, code)
        self.variables: dict[Any, str] = {}  # by the key of an input
        self.objects: dict[int, str] = {}  # expressions
        self.taken = {NOTEBOOK, "np", "torch", "sklearn", "student", "reference", "answer"}
        self.left = MOST_NUMBERS

    def written(self) -> Code:
        last = len(self.dialog.turns) - 1
        for index, turn in enumerate(self.dialog.turns):
            for operation, arguments in turn.operations[:-1]:
                self._note(operation, arguments, None)
            operation, arguments = turn.operations[-1]
            if index == last:
                self.code.answer = self._expression(operation, arguments)
                self.code.is_plain = turn.is_plain
            else:
                self._note(operation, arguments, turn.answer)
        return self.code

    def _note(self, operation: str, arguments: tuple[Any, ...], answer: Any) -> None:
        """Write an operation whose answer is not the one that counts."""
        if operation == "use":
            self._use(arguments[0])
        elif operation == "make":
            name = self._new_name(_short(self.dialog.names.get(arguments[1].id, "made")))
            call = self._call(self._object(arguments[1]), *arguments[2:])
            self.code.steps.append(f"{name} = {call}")
            self.objects[arguments[0]] = name
        elif operation in ("set", "set_item"):
            target, key, value = arguments
            place = f".{key}" if operation == "set" else f"[{self._value(key)}]"
            self.code.steps.append(f"{self._object(target)}{place} = {self._value(value)}")
        elif operation in ("get", "load") and isinstance(answer, Ref):
            self.objects[answer.id] = self._expression(operation, arguments)
        elif operation in CALLS and isinstance(answer, Ref):
            name = self._new_name(_short(answer.type))
            self.code.steps.append(f"{name} = {self._expression(operation, arguments)}")
            self.objects[answer.id] = name
        elif operation in CALLS:
            self.code.steps.append(self._expression(operation, arguments))
        elif operation not in READS:
            raise Unwritable(operation)

    def _use(self, functions: Mapping[str, Any]) -> None:
        for name, function in functions.items():
            if not isinstance(function, Callback) or not function.in_reference:
                raise Unwritable("a function that is lent")
            if function.name != name:
                raise Unwritable("a function under another name")
        self.code.using = tuple(functions) or self.code.using

    def _expression(self, operation: str, arguments: tuple[Any, ...]) -> str:
        if operation == "get":
            owner, name = arguments
            return f"{NOTEBOOK}.{name}" if owner is None else f"{self._object(owner)}.{name}"
        if operation == "load":
            return self._module(*arguments)
        if operation == "call":
            target, args, kwargs = arguments
            function = self._object(target)
            helper = HELPERS.get(function)
            if helper is not None:
                return helper(self, args)
            return self._call(function, args, kwargs)
        if operation in ("figures", "printed"):
            target, args, kwargs = arguments
            given = [self._object(target), *self._arguments(args, kwargs)]
            return f"{NOTEBOOK}.{operation}({', '.join(given)})"
        if operation == "take":
            return self._object(arguments[0])
        if operation == "length":
            return f"len({self._object(arguments[0])})"
        if operation == "item":
            return f"{self._object(arguments[0])}[{self._value(arguments[1])}]"
        raise Unwritable(operation)

    def _module(self, source: str, file: str) -> str:
        """Return how support code is loaded: the kit's is behind helpers."""
        if (name := file.removesuffix(".py")) in ("models", "estimators", "randomness"):
            return name
        for path in self.suite.rglob(file):
            if path.read_text("utf-8") == source:
                where = path.relative_to(self.suite).as_posix()
                self.code.modules.add("Path")
                return f'{NOTEBOOK}.load(Path(__file__).parent / "{where}")'
        raise Unwritable(file)

    def _call(self, function: str, args: list[Any], kwargs: dict[str, Any]) -> str:
        return f"{function}({', '.join(self._arguments(args, kwargs))})"

    def _arguments(self, args: list[Any], kwargs: dict[str, Any]) -> list[str]:
        named = [f"{name}={self._value(value)}" for name, value in kwargs.items()]
        return [*map(self._value, args), *named]

    def _object(self, ref: Any) -> str:
        if not isinstance(ref, Ref) or ref.id not in self.objects:
            raise Unwritable("an object of unknown origin")
        return self.objects[ref.id]

    def _value(self, value: Any) -> str:
        """Return an argument: a variable for an array, or else the value itself."""
        if isinstance(value, Ref):
            return self._object(value)
        kind = kind_of(type(value))
        if isinstance(value, Tensor) or kind.startswith(("pandas.", "numpy.ndarray")):
            key = key_of(value)
            if key in self.own:
                return self.own[key]
            if key not in self.variables:
                text = self._table(value) if kind.startswith("pandas.") else self._array(value)
                name = self._new_name(self.names.get(key, "x"))
                self.code.inputs.append(f"{name} = {text}")
                self.variables[key] = name
            return self.variables[key]
        if type(value) in (list, tuple):
            items = ", ".join(map(self._value, value))
            return f"[{items}]" if type(value) is list else f"({items}{',' * (len(value) == 1)})"
        if type(value) is dict:
            return f"{{{', '.join(f'{k!r}: {self._value(v)}' for k, v in value.items())}}}"
        if value is None or type(value) in (bool, int, float, str):
            self.left -= 1
            return _number(value) if type(value) is float else repr(value)
        raise Unwritable(type(value).__name__)

    def _array(self, value: Any) -> str:
        found = contents(value) if isinstance(value, Tensor) else as_array(value)
        if found is None or found.dtype.kind not in "biuf":
            raise Unwritable("an array of other things than numbers")
        drawn = _drawn(found) if self.drawn else ""
        self.left -= 0 if drawn else found.size
        if self.left < 0:
            raise Unwritable("too many numbers")
        dtype = value.dtype if isinstance(value, Tensor) else found.dtype.name
        text = drawn or (_nested(found) if found.size else f"np.zeros({found.shape})")
        if isinstance(value, Tensor) and value.kind == "torch":
            self.code.modules.add("torch")
            return f'torch.tensor({text}, "{dtype}")'
        if not found.size:
            return text if dtype == "float64" else f'np.zeros({found.shape}, dtype="{dtype}")'
        usual = dtype in ("float64", "int64", "bool")
        if drawn:
            return drawn if usual else f'{drawn}.astype("{dtype}")'
        return f"np.array({text})" if usual else f'np.array({text}, dtype="{dtype}")'

    def _table(self, table: Any) -> str:
        import pandas as pd

        plain = isinstance(table, pd.DataFrame) and isinstance(table.index, pd.RangeIndex)
        self.left -= table.size
        if not plain or self.left < 0 or not all(type(name) is str for name in table.columns):
            raise Unwritable("a table")
        self.code.modules.add("pd")
        columns = (f"{name!r}: {_cells(table[name].tolist())}" for name in table.columns)
        return f"pd.DataFrame({{{', '.join(columns)}}})"

    def call_inputs(self, values: list[Any], *names: str) -> None:
        """Give names to inputs that have none yet."""
        for value, name in zip(values, names, strict=False):
            if not isinstance(value, Ref | list | dict):
                self.names.setdefault(key_of(value), name)

    def _new_name(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self.taken:
            name, number = f"{wanted}{number}", number + 1
        self.taken.add(name)
        return name


def _short(name: str) -> str:
    """Return a name of a variable for an object of a class or type."""
    word = name.rpartition(".")[2].partition("(")[0].lower()
    return word if word.isidentifier() and len(word) > 1 else "made"


def _number(value: float) -> str:
    return repr(value + 0.0) if np.isfinite(value) else f'float("{value}")'


def _nested(array: Any) -> str:
    if array.ndim:
        return f"[{', '.join(map(_nested, array))}]"
    if array.dtype.kind == "f":
        return _number(float(str(array[()])))
    return repr(array.item())


def _drawn(array: Any) -> str:
    """Return what draws such numbers, "" if they look chosen: whole or all the same."""
    if array.size < 2 or np.ptp(array) == 0:
        return ""
    if array.dtype.kind == "f":
        whole = bool((array == np.round(array)).all())
        return "" if whole else f"rng.normal(size={array.shape})"
    if array.dtype.kind in "iu":
        return f"rng.integers({array.min()}, {array.max() + 1}, {array.shape})"
    return ""


def _cells(values: list[Any]) -> str:
    """Return the cells of a column; what is missing is None."""
    texts = (
        "None" if isinstance(value, float) and math.isnan(value) else repr(value)
        for value in values
    )
    return f"[{', '.join(texts)}]"


def _torch(name: str) -> Callable[[_Writer, list[Any]], str]:
    def write(writer: _Writer, args: list[Any]) -> str:
        writer.code.modules.add("torch")
        writer.call_inputs(args[1:], "X", "y")
        return f"torch.{name}({', '.join(map(writer._value, args))})"

    return write


def _sklearn(name: str) -> Callable[[_Writer, list[Any]], str]:
    def write(writer: _Writer, args: list[Any]) -> str:
        writer.code.modules.add("sklearn")
        return f"sklearn.{name}({', '.join(map(writer._value, args))})"

    return write


def _set_parameters(writer: _Writer, args: list[Any]) -> str:
    model, names, values = args
    writer.code.modules.add("torch")
    writer.call_inputs(values, *(name.replace(".", "_") for name in names))
    parts = [f"{n!r}: {writer._value(v)}" for n, v in zip(names, values, strict=True)]
    return f"torch.set_parameters({writer._value(model)}, {{{', '.join(parts)}}})"


def _with_names(name: str) -> Callable[[_Writer, list[Any]], str]:
    """Write a helper that takes the names of parameters as further arguments."""

    def write(writer: _Writer, args: list[Any]) -> str:
        writer.code.modules.add("torch")
        writer.call_inputs(args[1:-1], "X", "v")
        given = [*map(writer._value, args[:-1]), *map(repr, args[-1])]
        return f"torch.{name}({', '.join(given)})"

    return write


def _loader(writer: _Writer, args: list[Any]) -> str:
    arrays, batch_size, shuffle, seed = args
    writer.code.modules.add("torch")
    writer.call_inputs(arrays, "X", "y")
    options = f"batch_size={batch_size}" + f", shuffle=True, seed={seed}" * bool(shuffle)
    return f"torch.loader({', '.join([NOTEBOOK, *map(writer._value, arrays)])}, {options})"


def _network(writer: _Writer, args: list[Any]) -> str:
    sizes, seed = args
    writer.code.modules.add("torch")
    return f"torch.network({', '.join([NOTEBOOK, *map(str, sizes)])}, seed={seed})"


def _pipeline(writer: _Writer, args: list[Any]) -> str:
    writer.code.modules.add("sklearn")
    return f"sklearn.pipeline({', '.join([NOTEBOOK, *map(repr, args[0])])})"


def _predict(writer: _Writer, args: list[Any]) -> str:
    estimator, X, method = args
    writer.call_inputs([X], "X")
    helpers = {"predict": "predictions", "predict_proba": "probabilities"}
    if method not in helpers:
        raise Unwritable(method)
    return _sklearn(helpers[method])(writer, [estimator, X])


def _seeded(writer: _Writer, args: list[Any]) -> str:
    function, seed, given, named = args
    writer.code.modules.add("seeded")
    parts = [writer._value(function), *writer._arguments(given, named), f"seed={seed}"]
    return f"seeded({', '.join(parts)})"


HELPERS: Mapping[str, Callable[[_Writer, list[Any]], str]] = {
    "models.parameters": _with_names("parameters"),
    "models.vjp": _with_names("vjp"),
    "models.set_parameters": _set_parameters,
    "models.loader": _loader,
    "models.network": _network,
    "estimators.pipeline": _pipeline,
    "estimators.predict": _predict,
    "randomness.seeded": _seeded,
    **{
        f"models.{name}": _torch(name)
        for name in (
            *("count_parameters", "gradients", "is_training", "layers"),
            *("loss_and_gradients", "outputs"),
        )
    },
    **{
        f"estimators.{name}": _sklearn(name) for name in ("is_fitted", "learned", "params", "steps")
    },
}
"""How the kit's support code is called in a suite: by helpers."""
