"""Helpers for assignments in scikit-learn.

They work in the student's process, by support code that students can read; sklearn must be among
the assignment's `preload`. What comes back is plain data: a claim, as every answer. In a test,

    model = student.fit_model(X, y)
    check(is_fitted(model), "fit_model should return a fitted pipeline.")
    at_least(accuracy(model, X_new, y_new), 0.9, "The accuracy", margin=0.03)

An estimator is an object with a method `fit`: scikit-learn's, or the student's own.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.observations import derived, observe, observe_weakly
from autograder.sandbox.execution_errors import InvalidResponse
from autograder.sandbox.worker.arrays import contents
from autograder.sandbox.worker.wire import ITEMSIZE, Tensor
from autograder.testing.answers import describe, plain, taken
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
    "Fit",
    "accuracy",
    "assert_same_clusters",
    "is_fitted",
    "kinds",
    "learned",
    "params",
    "pipeline",
    "predictions",
    "probabilities",
    "seeded",
    "steps",
    "watch_fits",
]

ESTIMATORS = SupportCode("estimators.py", "sklearn")
ESTIMATOR = "The estimator should have a method `{}`"
PIPELINE = "The pipeline should be a `sklearn.pipeline.Pipeline`"
NOISE = -1  # the label of rows that are in no cluster


@dataclass(frozen=True)
class Fit:
    """What an estimator was fitted on.

    `estimator` is the name of its type, `rows` the number of rows, `shape` the shape of the data.
    `means` is an array with the mean of each column, None if not all columns are numbers; missing
    values do not count.
    """

    estimator: str
    rows: int
    shape: tuple[int, ...]
    means: Any


def is_fitted(estimator: Any) -> bool:
    """Return whether an estimator, or the last step of a pipeline, has learned something.

    Raises:
        Mismatch: the student's code gave no estimator.
        SuiteError: the suite gave none.
    """
    __tracebackhide__ = True
    return _ask("is_fitted", estimator, "fit") is True


def pipeline(student: Student, *classes: str) -> Any:
    """Return a pipeline that is not fitted, in the student's process, to pass to their code.

    So what they compute with it does not depend on a pipeline of their own, which is another task.
    It can also be lent: `student.using(make_model=lambda: model)`.

    Args:
        student: the fixture `student`, which says in which process.
        classes: the module and name of each step in scikit-learn, such as
            `"preprocessing.StandardScaler"`; the steps have the usual parameters.

    Raises:
        SuiteError: there is no such class, or the process has no scikit-learn.
    """
    __tracebackhide__ = True
    if not isinstance(student, Student):
        raise SuiteError("pipeline: the first argument should be the fixture `student`")
    made = ESTIMATORS.load(student).pipeline(list(classes))
    if isinstance(made, Remote):
        vars(made)["_name"] = "pipeline(…)"
    return made


def steps(pipeline: Any) -> list[tuple[str, str]]:
    """Return the name of each step of a pipeline, and the name of its type.

    For example `[("scale", "StandardScaler"), ("svc", "SVC")]`.

    Raises:
        Mismatch: the student's code gave no pipeline.
        SuiteError: the suite gave none.
    """
    __tracebackhide__ = True
    answer = ESTIMATORS.call("steps", pipeline, wanted=PIPELINE)
    if isinstance(answer, list) and all(isinstance(step, tuple) for step in answer):
        return answer
    raise InvalidResponse("the steps of a pipeline have no names")


def kinds(pipeline: Any) -> list[str]:
    """Return the names of the types of a pipeline's steps: `["StandardScaler", "SVC"]`.

    Raises:
        Mismatch: the student's code gave no pipeline.
        SuiteError: the suite gave none.
    """
    __tracebackhide__ = True
    return derived(steps(pipeline), lambda found: [kind for _, kind in found])


def params(estimator: Any) -> ByName:
    """Return the parameters of an estimator that are plain data, as `get_params()` names them.

    Raises:
        Mismatch: the student's code gave no estimator; or, of a name that is looked up, it has no
            such parameter.
        SuiteError: the suite gave none.
    """
    __tracebackhide__ = True
    return by_name(_ask("params", estimator, "get_params"), "The estimator")


def learned(estimator: Any) -> ByName:
    """Return what an estimator has learned: its attributes that end in an underscore, by name.

    Those of a step of a pipeline come after the step's name: `scale__mean_`. What is no plain data
    is left out, and so is what a property computes, such as `feature_importances_`: ask the
    estimator itself for that.

    Raises:
        Mismatch: it is not fitted; or, of a name that is looked up, it has learned no such thing.
        SuiteError: the suite gave no estimator.
    """
    __tracebackhide__ = True
    return by_name(_ask("learned", estimator, "fit"), "What the estimator has learned")


def predictions(estimator: Any, X: Any) -> Any:
    """Return what `predict` says of each row: an array or a list (n,).

    Raises:
        Mismatch: it gives anything else.
    """
    __tracebackhide__ = True
    return _predicted(estimator, X, "predict", 1)


def probabilities(estimator: Any, X: Any) -> Any:
    """Return what `predict_proba` says of each row and class: an array (n, classes).

    Raises:
        Mismatch: it gives anything else, or there is no such method.
    """
    __tracebackhide__ = True
    return _predicted(estimator, X, "predict_proba", 2)


def accuracy(estimator: Any, X: Any, y: Any) -> float:
    """Return the share of rows for which `predict` gives the right label; the grader computes it.

    Args:
        estimator: a fitted classifier.
        X: a row for each example.
        y: the right labels (n,), numbers or text.

    Raises:
        Mismatch: `predict` does not give a label for each row.
        SuiteError: `y` has not one label for each row.
    """
    __tracebackhide__ = True
    answer, right = predictions(estimator, X), _labels(y)
    if len(rows := _labels(answer)) != len(right):
        raise SuiteError(f"accuracy: there are {len(right)} labels for {len(rows)} rows")
    return derived(answer, partial(_share, right=right))


def _share(answer: Any, right: list[Any]) -> float:
    """Return the share of labels that are right."""
    pairs = zip(_labels(answer), right, strict=True)
    return float(np.mean([one == other for one, other in pairs]))


def assert_same_clusters(
    labels: Any, expected: Any, message: str = "", *, what: str = "The clustering"
) -> None:
    """Fail unless labels put the same rows together, whatever the clusters are called.

    The label -1, which scikit-learn gives to noise, stands for itself.

    Args:
        labels: what the student's code gave: a label for each row.
        expected: the right labels, under any names.
        message: where to look, for the student; how they differ follows it.
        what: what the labels are called in messages.

    Raises:
        Mismatch: they do not.
    """
    __tracebackhide__ = True
    labels = taken(labels, "items")
    observe("values", labels)
    right = _labels(expected)
    one_each = _shape(labels) == (len(right),)
    if not one_each or any(not isinstance(label, str | int | float) for label in _labels(labels)):
        raise Mismatch(
            f"{what} should be a label for each of {len(right)} rows, but it is {describe(labels)}."
        )
    given = _labels(labels)
    count, wanted = len({*given} - {NOISE}), len({*right} - {NOISE})
    pairs = {*zip(given, right, strict=True)}
    how = ""
    if count != wanted:
        how = f"{what} has {count} clusters, and should have {wanted}."
    elif any((one == NOISE) != (other == NOISE) for one, other in pairs):
        how = f"{what} differs in which rows are noise."
    elif len(pairs) != len({*right}):
        how = f"{what} puts rows together that do not belong together."
    if how:
        raise Mismatch(f"{message} {how}".strip())


def watch_fits(function: Any, *args: Any, **kwargs: Any) -> tuple[Any, list[Fit]]:
    """Call a function of the student's, and see which data estimators are fitted on meanwhile.

    This shows leakage: a scaler that has seen the test set was fitted on too many rows, or on rows
    with other means. Seen are calls of `fit`, `fit_transform`, `fit_predict` and `partial_fit` of
    every class, the student's own included, in the order in which they begin: a pipeline's before
    those of its steps. A call that a method of the same object makes does not count.

    It does not see what is computed without such a method, such as `X - X.mean(axis=0)`, nor
    classes that are defined during the call. A second test sees these: what is learned must not
    depend on the test set. What is seen also tells known mistakes apart that give the same answer;
    so call a function in this way whose answer says little, such as one that chooses.

    Args:
        function: a function or method in the student's process.
        args: its arguments.
        kwargs: its arguments by name.

    Returns:
        what the function returns, and a `Fit` for each call.

    Raises:
        StudentError: the function raises an exception, or there are more than 5,000 calls.
        SuiteError: `function` is not in the student's process.
    """
    __tracebackhide__ = True
    require_function(function, "watch_fits")
    sent = [*map(_sent, args)], {name: _sent(value) for name, value in kwargs.items()}
    found = ESTIMATORS.load(function).watch_fits(function, *sent)
    match found:
        case (_, list(parts)):
            for tells in (_fitted, _rows, _means, _count):
                observe_weakly(derived(parts, tells))
    match found:
        case (answer, []):
            return answer, []
        case (answer, [list(names), list(shapes), list(means)]):
            return answer, [_fit(*one) for one in zip(names, shapes, means, strict=False)]
    raise InvalidResponse("what was fitted is not a list")


def _fitted(parts: list[Any]) -> list[str]:
    """Return the kinds of estimators that were fitted."""
    return sorted({*parts[0]}) if parts else []


def _rows(parts: list[Any]) -> list[Any]:
    """Return on how many rows each kind of estimator was fitted."""
    pairs = zip(*parts[:2], strict=False) if parts else ()
    return [part for pair in sorted({(name, shape[0]) for name, shape in pairs}) for part in pair]


def _means(parts: list[Any]) -> float:
    """Return the largest mean of a column on which an estimator was fitted."""
    means = parts[2] if parts else []
    return max((float(np.abs(_array(one)).max(initial=0.0)) for one in means), default=0.0)


def _count(parts: list[Any]) -> float:
    """Return how many estimators were fitted."""
    return float(len(parts[0])) if parts else 0.0


def _array(value: Any) -> Any:
    return contents(value) if isinstance(value, Tensor) else np.zeros(0)


def _fit(estimator: Any, shape: Any, means: Any) -> Fit:
    if type(estimator) is not str or not isinstance(shape, list) or {*map(type, shape)} - {int}:
        raise InvalidResponse("what an estimator was fitted on has no shape")
    return Fit(estimator, shape[0] if shape else 0, tuple(shape), means)


def _ask(function: str, estimator: Any, method: str, *arguments: Any) -> Any:
    __tracebackhide__ = True
    return ESTIMATORS.call(function, estimator, *arguments, wanted=ESTIMATOR.format(method))


def _predicted(estimator: Any, X: Any, method: str, dimensions: int) -> Any:
    __tracebackhide__ = True
    wanted = ESTIMATOR.format(method)
    answer = ESTIMATORS.call("predict", estimator, _sent(X), method, wanted=wanted)
    rows, shape = row_count(X), _shape(answer)
    if len(shape) != dimensions or rows not in (None, shape[0]):
        observe("values", answer)
        form = "one label" if dimensions == 1 else "a number for each class"
        came = f"an array of shape {shape}" if shape else describe(answer)
        each = "each row" if rows is None else f"each of {rows} rows"
        raise Mismatch(f"`{method}` should give {form} for {each}, but it gave {came}.")
    return answer


def _sent(value: Any) -> Any:
    """Return an array of numbers as one that arrives as an array; others as they are."""
    if not isinstance(value, np.ndarray) or value.dtype.name not in ITEMSIZE:
        return value
    data = np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes()
    return Tensor("numpy", value.dtype.name, value.shape, data)


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of an array, or of nested lists as long as each other; () of others."""
    if isinstance(value, Tensor | np.ndarray):
        return value.shape
    inner = {*map(_shape, value)} if isinstance(value, list | tuple) else set()
    return (len(value), *inner.pop()) if len(inner) == 1 else ()


def _labels(value: Any) -> list[Any]:
    """Return labels as plain Python values."""
    value = contents(value) if isinstance(value, Tensor) else plain(value)
    return list(np.asarray(value).tolist() if not isinstance(value, list | tuple) else value)
