"""Helpers for assignments in PyTorch.

They work in the student's process, by support code that students can read; torch must be among the
assignment's `preload`. What comes back is plain data: a claim, as every answer. In a test,

    model = seeded(student.Net, 4, 3)
    student.train(model, loader(student, X, y, batch_size=16), 20)
    at_least(accuracy(model, X_new, y_new), 0.9, "The accuracy", margin=0.03)

A model is a `torch.nn.Module`, or an object of any class with tensors as attributes. Numbers for it
arrive as tensors of float32 or int64, as torch makes them of Python's own; a `Tensor` that `tensor`
makes keeps its dtype.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.diagnosis.observations import Array, derived, form_of, observe, observe_weakly
from autograder.sandbox.worker.arrays import contents, tensor_of
from autograder.sandbox.worker.wire import Tensor
from autograder.testing.answers import Answer, describe, taken
from autograder.testing.assertions import finite, number
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.seeding import seeded
from autograder.testing.student import Remote, Student
from autograder.testing.support_code import (
    ByName,
    SupportCode,
    by_name,
    require_function,
    row_count,
)

__all__ = [
    "accuracy",
    "assert_cleared",
    "assert_falls",
    "assert_trained",
    "count_parameters",
    "gradients",
    "is_training",
    "layers",
    "loader",
    "loss_and_gradients",
    "loss_curve",
    "network",
    "outputs",
    "parameters",
    "predictions",
    "seeded",
    "set_parameters",
    "tensor",
    "uses_autograd",
    "vjp",
]

MODELS = SupportCode("models.py", "torch")
MODEL = "The model should be a `torch.nn.Module`"


def tensor(array: Any, dtype: str | None = None) -> Tensor:
    """Return an array that arrives in the student's process as a torch tensor.

    Args:
        array: a NumPy array, or numbers or nested lists of numbers, of any shape.
        dtype: torch's name of the dtype of the elements, such as "float32" or "bfloat16"; without
            it, that of the array.

    Raises:
        SuiteError: torch has no such elements, text for example.
    """
    given = np.asarray(array)
    if dtype == "bfloat16":
        return Tensor("torch", dtype, given.shape, _upper_halves(given).tobytes())
    found = given if dtype is None else given.astype(dtype)
    if found.dtype.kind not in "biufc":
        raise SuiteError(f"there is no tensor of dtype {found.dtype}")
    return tensor_of(found, "torch")


def _upper_halves(array: Any) -> Any:
    """Return the upper halves of float32 numbers, rounded to the nearest, ties to even."""
    bits = np.asarray(array, "<f4").view("<u4").astype(np.uint64)
    rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
    return np.where(np.isnan(array), 0x7FC0, rounded).astype("<u2")


def loader(
    student: Student, *arrays: Any, batch_size: int = 1, shuffle: bool = False, seed: int = 0
) -> Any:
    """Return a `torch.utils.data.DataLoader` in the student's process, to pass to their code.

    It loads a `TensorDataset` of the arrays, such as X and y, in the process itself.

    Args:
        student: the fixture `student`, which says in which process.
        arrays: arrays with the same number of rows; float64 arrives as float32, whole numbers as
            int64, so give floats to a model: `[[1.0, 0.0]]`.
        batch_size: rows in a batch; the last one may have less.
        shuffle: whether each pass has an order of its own.
        seed: the seed of that order, which draws no other random numbers.

    Raises:
        SuiteError: the arrays have different numbers of rows, or the process has no torch.
    """
    __tracebackhide__ = True
    if not isinstance(student, Student):
        raise SuiteError("loader: the first argument should be the fixture `student`")
    made = MODELS.load(student).loader([*map(_sent, arrays)], batch_size, shuffle, seed)
    if isinstance(made, Remote):
        vars(made)["_name"] = "loader(…)"
    return made


def network(student: Student, *sizes: int, seed: int = 0) -> Any:
    """Return an untrained network in the student's process, to pass to their code.

    So what they train or measure does not depend on a model of their own, which is another task.
    It is a `torch.nn.Sequential` of linear layers with ReLU between them: `network(student, 4, 8,
    3)` has the parameters `0.weight` (8, 4), `0.bias` (8,), `2.weight` (3, 8) and `2.bias` (3,).

    Args:
        student: the fixture `student`, which says in which process.
        sizes: how many numbers come in, how many each hidden layer has, how many come out.
        seed: the seed of the parameters, which draws no other random numbers.

    Raises:
        SuiteError: there are fewer than two sizes, or the process has no torch.
    """
    __tracebackhide__ = True
    if not isinstance(student, Student) or len(sizes) < 2:
        raise SuiteError("network: give the fixture `student`, and then two sizes or more")
    made = MODELS.load(student).network(list(sizes), seed)
    if isinstance(made, Remote):
        vars(made)["_name"] = "network(…)"
    return made


def parameters(model: Any, *names: str) -> ByName:
    """Return a model's parameters as arrays, by the names that `named_parameters` gives them.

    Of a class that is no `torch.nn.Module`, these are the tensors in its list or dictionary
    `params`, by the names of its attributes (or else `params[0]`, …), or the tensors among its
    attributes: if some of them have `requires_grad`, only those.

    Args:
        model: the model.
        names: the parameters that are wanted; without any, it is all. An object of a class that is
            no `torch.nn.Module` may have them as attributes that its `params` lacks, or, under
            other names, in its `params` in this order: so a wrong list or a wrong name is charged
            only by a test that looks at it.

    Raises:
        Mismatch: the student's code gave no model; or the model has no such parameter.
        SuiteError: the suite gave no model.
    """
    __tracebackhide__ = True
    return by_name(MODELS.call("parameters", model, list(names), wanted=MODEL), "The model")


def set_parameters(model: Any, values: Mapping[str, Any]) -> None:
    """Put numbers into some or all of a model's parameters, in place and without autograd.

    Args:
        model: the model.
        values: arrays by the names that `parameters` uses, or finds when they are wanted.

    Raises:
        Mismatch: the model has no parameter with such a name, or with such a shape; then none is
            changed.
        SuiteError: the suite gave no model.
    """
    __tracebackhide__ = True
    sent = [value if isinstance(value, Tensor) else tensor(value) for value in values.values()]
    MODELS.call("set_parameters", model, list(values), sent, wanted=MODEL)


def count_parameters(model: Any) -> int:
    """Return how many numbers a model's parameters have altogether.

    Raises:
        Mismatch: the student's code gave no model.
    """
    __tracebackhide__ = True
    count = MODELS.call("count_parameters", model, wanted=MODEL)
    return int(number(count, "The number of parameters"))


def layers(model: Any) -> list[str]:
    """Return the names of the types of a module's layers, such as `["Linear", "ReLU", "Linear"]`.

    They are the innermost modules, in the order in which `__init__` made them: of a `Sequential`,
    what it contains. What `forward` does by functions, such as `torch.relu`, is not among them.

    Raises:
        Mismatch: the student's code gave no `torch.nn.Module`.
    """
    __tracebackhide__ = True
    names = MODELS.call("layers", model, wanted=MODEL)
    if not isinstance(names, list) or {*map(type, names)} - {str}:
        raise Mismatch("The model has no layers that can be named.")
    return names


def is_training(model: Any) -> bool:
    """Return whether a module is in training mode.

    Raises:
        Mismatch: the student's code gave no `torch.nn.Module`.
    """
    __tracebackhide__ = True
    return MODELS.call("is_training", model, wanted=MODEL) is True


def gradients(model: Any) -> ByName:
    """Return what is in `grad` of a model's parameters, as arrays or None, by name.

    Raises:
        Mismatch: the student's code gave no model.
    """
    __tracebackhide__ = True
    return by_name(MODELS.call("gradients", model, wanted=MODEL), "The model")


def loss_and_gradients(
    model: Any, x: Any, y: Any, loss: Any = "cross_entropy"
) -> tuple[float, ByName]:
    """Return a loss of a model, and its derivatives by the model's parameters, as autograd says.

    The model, its `grad` and its mode stay as they are; random numbers, as dropout draws them, are
    the same each time.

    Args:
        model: the model, which is called with `x`.
        x: its inputs.
        y: the targets: for "cross_entropy" the number of each row's class.
        loss: the name of a function of `torch.nn.functional`, or a function of the student's
            process, which is called with the model's outputs and `y`.

    Returns:
        the loss; arrays by the names that `parameters` uses, None where nothing flows.

    Raises:
        Mismatch: the student's code gave no model, or no gradient flows to any of its parameters.
    """
    __tracebackhide__ = True
    sent = _sent(x), _sent(y), loss
    answer = MODELS.call("loss_and_gradients", model, *sent, wanted=MODEL)
    if not isinstance(answer, tuple) or len(answer) != 3:
        raise Mismatch("The model's loss has no gradients.")
    return number(answer[0], "The loss"), by_name(answer[1:], "The model")


def vjp(model: Any, x: Any, v: Any, *names: str) -> ByName:
    """Return the vector-Jacobian product of a model: the derivatives of Σ v · model(x).

    So a test can ask whether gradients flow back from an output, and whether they are those of what
    the model computes.

    Args:
        model: the model.
        x: its inputs.
        v: numbers of the output's shape; an output of another shape with as many is reshaped.
        names: the parameters by which to differentiate, as for `parameters`.

    Returns:
        arrays by the parameters' names, None where nothing flows.

    Raises:
        Mismatch: the student's code gave no model, its output has another size, or is cut off from
            all parameters.
    """
    __tracebackhide__ = True
    answer = MODELS.call("vjp", model, _sent(x), _sent(v), list(names), wanted=MODEL)
    match answer:
        case (recorded, names_found, derivatives):
            observe_weakly(recorded)
            observe("values", derivatives)
            if derivatives is not None:
                return by_name((names_found, derivatives), "The model")
    raise Mismatch(
        "The prediction is cut off from the model's parameters: no gradient can flow back. "
        "Look for .detach(), .data, .item(), .numpy() or torch.no_grad() in forward."
    )


def uses_autograd(function: Any, *args: Any) -> bool | None:
    """Return whether a call of the student's function differentiates automatically.

    That is a call into torch's autograd, or jax's or tensorflow's. Whether an answer may do without
    is for a person to say: `record_property("review", "…")` puts it before one.

    Returns:
        None if the function raises an exception, which costs nothing here.

    Raises:
        Mismatch: the notebook has something else under the function's name.
        SuiteError: `function` is not in the student's process.
    """
    __tracebackhide__ = True
    require_function(function, "uses_autograd")
    found = MODELS.load(function).uses_autograd(function, list(args))
    return found if isinstance(found, bool) else None


def outputs(model: Any, X: Any) -> Any:
    """Return what a model gives for some inputs, in evaluation mode and without gradients.

    Afterwards the model is in the mode in which it was.

    Args:
        model: a model, or a function of the student's that is one.
        X: its inputs, a row for each example; floats get the dtype of the model's parameters.

    Returns:
        a `Tensor` with as many rows.

    Raises:
        Mismatch: the model gives anything else.
    """
    __tracebackhide__ = True
    answer = MODELS.call("outputs", model, _sent(X), wanted=MODEL)
    if not isinstance(answer, Tensor):
        observe("values", answer)
        raise Mismatch(f"The model's output should be a tensor, but it is {describe(answer)}.")
    rows = row_count(X)
    if rows is not None and answer.shape[:1] != (rows,):
        observe("values", answer)
        raise Mismatch(
            f"The model's output should have a row for each of {rows} inputs, but it has shape "
            f"{answer.shape}."
        )
    return answer


def predictions(model: Any, X: Any, *, threshold: float = 0.0) -> NDArray[np.int64]:
    """Return the class that a classifier predicts for each row, from its outputs.

    Args:
        model: a model with an output for each class, of which the largest counts, or with a single
            output, which says 1 above the threshold and 0 otherwise.
        X: its inputs, a row for each example.
        threshold: 0 for logits, 0.5 for probabilities; only a single output needs it.

    Returns:
        as many whole numbers as there are rows. They are computed by the grader.

    Raises:
        Mismatch: the outputs are no such numbers.
    """
    __tracebackhide__ = True
    answer = outputs(model, X)
    try:
        return derived(answer, partial(_predicted, threshold=threshold))
    except Mismatch:
        observe("values", answer)
        raise


def _predicted(answer: Tensor, threshold: float) -> NDArray[np.int64]:
    """Return the class for each row of a classifier's outputs."""
    found = contents(answer)
    if found.dtype.kind not in "iuf" or np.isnan(found).any():
        raise Mismatch("The model's output should be real numbers, but not all of them are.")
    if found.ndim == 1 or found.shape[1:] == (1,):
        return np.asarray(found.reshape(len(found)) > threshold, np.int64)
    if found.ndim != 2 or not found.shape[1]:
        raise Mismatch(
            f"The model's output should have a column for each class, but it has shape "
            f"{found.shape}."
        )
    return np.asarray(found.argmax(axis=1), np.int64)


def accuracy(model: Any, X: Any, y: Any, *, threshold: float = 0.0) -> float:
    """Return the share of rows for which a classifier predicts the right class.

    The grader computes it, from the model's outputs in evaluation mode.

    Args:
        model: the classifier, as for `predictions`.
        X: inputs (n, …).
        y: the right classes (n,), counted from 0.
        threshold: as for `predictions`.

    Raises:
        Mismatch: the outputs are no such numbers.
        SuiteError: `y` has not one number for each row.
    """
    __tracebackhide__ = True
    predicted, right = predictions(model, X, threshold=threshold), np.asarray(y)
    if right.size != len(predicted):
        raise SuiteError(f"accuracy: y has shape {right.shape} for {len(predicted)} rows")
    return derived(predicted, lambda labels: float(np.mean(labels == right.ravel())))


def loss_curve(values: Any, what: str = "The training loss", *, length: int | None = None) -> Array:
    """Return the losses that a training has noted, as an array (n,) of finite numbers.

    Args:
        values: what the student's code gave: a list of numbers or of tensors with one element, or
            one tensor or array of them.
        what: what it is, at the beginning of a sentence.
        length: how many there should be, if that is known.

    Raises:
        Mismatch: it is anything else, such as one number, or contains NaN or infinity.
    """
    __tracebackhide__ = True
    given, values = values, taken(values, "items")
    if isinstance(values, list | tuple) and any(isinstance(part, Answer) for part in values):
        values = [taken(part, "number") for part in values]
    try:
        return derived(values, partial(_losses, what=what, length=length))
    except Mismatch:  # observed as a replay sees it; where the length is free, so is the training
        observe("values", derived(given, form_of) if length is None else given)
        raise


def _losses(values: Any, what: str, length: int | None) -> Array:
    """Return the losses in a list or tensor."""
    __tracebackhide__ = True
    count = 0
    if isinstance(values, list | tuple):
        count = len(values)
    elif isinstance(values, Tensor) and values.shape and np.prod(values.shape) == values.shape[0]:
        count = values.shape[0]
    if count == 0:
        raise Mismatch(f"{what} should be a list of numbers, but it is {describe(values)}.")
    if length not in (None, count):
        values_wanted = "1 value" if length == 1 else f"{length} values"
        raise Mismatch(f"{what} should have {values_wanted}, but it has {count}.")
    parts = values if isinstance(values, list | tuple) else list(contents(values))
    return np.array([finite(part, f"{what}[{index}]") for index, part in enumerate(parts)])


def assert_falls(values: Any, what: str = "The training loss", *, by: float = 0.5) -> None:
    """Fail unless a loss, which is never negative, ends lower than it begins.

    Args:
        values: the losses, as for `loss_curve`, or what that has returned.
        what: what they are, at the beginning of a sentence.
        by: the share of the first value by which the last one is lower at least.

    Raises:
        Mismatch: it does not, or these are no losses.
    """
    __tracebackhide__ = True
    curve = values if isinstance(values, np.ndarray) else loss_curve(values, what)
    observe_weakly(curve)
    observe("at least", derived(curve, lambda losses: _fall(losses, by)))
    if not _fall(curve, by) >= 0:
        raise Mismatch(
            f"{what} begins at {curve[0]:.4g} and ends at {curve[-1]:.4g}. It should fall by "
            f"{by:.0%} at least."
        )


def _fall(losses: np.ndarray[Any, Any], by: float) -> float:
    """Return by how much the last loss is lower than it has to be; one of zero cannot fall."""
    return float((1 - by) * losses[0] - losses[-1]) if losses[0] > 0 else -1.0


def assert_cleared(model: Any, *, atol: float = 1e-3) -> None:
    """Fail if a model's parameters still have gradients, after a batch that gives none.

    How large they are depends on the optimizer. So known mistakes are compared by how many
    parameters have a gradient, not by the numbers.

    Args:
        model: the model, after the training.
        atol: what is no more than rounding.

    Raises:
        Mismatch: a parameter has a larger gradient; or the student's code gave no model.
    """
    __tracebackhide__ = True
    answer = MODELS.call("gradients", model, wanted=MODEL)
    found = by_name(answer, "The model")
    observe_weakly(derived(answer, lambda parts: _count(part is None for part in parts[1])))
    observe(
        "number", derived(answer, lambda parts: _count(_size(part) > atol for part in parts[1]))
    )
    for name, slope in found.items():
        if _size(slope) > atol:
            raise Mismatch(f"The last batch has no gradient, but `{name}` still has one.")


def assert_trained(model: Any, before: Mapping[str, Any], *, atol: float = 1e-5) -> None:
    """Fail unless every parameter of a model has been changed.

    How far they move depends on the optimizer. So known mistakes are compared by how many
    parameters have stayed, not by the numbers.

    Args:
        model: the model, after the training.
        before: what `parameters` returned before it.
        atol: what is no more than rounding.

    Raises:
        Mismatch: a parameter is what it was; or the student's code gave no model, or one that lacks
            a parameter.
    """
    __tracebackhide__ = True
    answer = MODELS.call("parameters", model, list(before), wanted=MODEL)
    found = by_name(answer, "The model")
    was = list(before.values())

    def stayed(parts: Any) -> list[bool]:
        return [_size(_array(a) - _array(b)) <= atol for a, b in zip(parts[1], was, strict=True)]

    observe("number", derived(answer, lambda parts: _count(stayed(parts))))
    for name, has_stayed in zip(found, stayed(answer), strict=True):
        if has_stayed:
            raise Mismatch(f"After the training, `{name}` is what it was before.")


def _array(value: Any) -> Array:
    return np.asarray(contents(value) if isinstance(value, Tensor) else value, float)


def _size(value: Any) -> float:
    """Return the largest absolute value of an array, 0 where there is none."""
    return 0.0 if value is None else float(np.abs(_array(value)).max(initial=0.0))


def _count(flags: Iterable[bool]) -> float:
    """Return how many of some flags are set, as a number of its own: `derived` knows it by that."""
    return float(sum(flags))


def _sent(value: Any) -> Any:
    """Return numbers as a tensor of the dtype that torch gives to Python's; others as they are."""
    if isinstance(value, Tensor | Remote):
        return value
    array = np.asarray(value)
    default = {"f": "float32", "i": "int64", "u": "int64"}.get(array.dtype.kind)
    return tensor(array, default)
