"""Support code of `autograder.testing.sklearn`: works with estimators in the student's process."""

import functools
import importlib
import inspect
import warnings
from types import FunctionType

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

FITS = frozenset({"fit", "fit_transform", "fit_predict", "partial_fit"})
MOST = 5000  # fits that are noted


class WrongObject(TypeError):
    """Something is not what it should be; the message is for the student."""


def is_fitted(estimator):
    """Return whether an estimator has learned something."""
    _require(estimator, "fit")
    if not isinstance(estimator, BaseEstimator):
        return bool(_learned(estimator))
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True


def pipeline(classes):
    """Return a pipeline of estimators of scikit-learn's classes, by their module and name."""
    steps = []
    for path in classes:
        module, _, name = path.rpartition(".")
        steps.append(getattr(importlib.import_module(f"sklearn.{module}"), name)())
    return make_pipeline(*steps)


def steps(pipeline):
    """Return the name of each step of a pipeline, and the name of its type."""
    _require(pipeline, "steps", "The pipeline should be a `sklearn.pipeline.Pipeline`")
    return [
        (name, str(step) if step is None or isinstance(step, str) else type(step).__name__)
        for name, step in pipeline.steps
    ]


def params(estimator):
    """Return the names and values of the parameters that are plain data."""
    _require(estimator, "get_params")
    found = {name: value for name, value in estimator.get_params().items() if _is_plain(value)}
    return list(found), list(found.values())


def learned(estimator):
    """Return the names and values of what an estimator has learned, as far as it is plain data."""
    if not is_fitted(estimator):
        raise WrongObject(f"The {type(estimator).__name__} is not fitted: it has learned nothing.")
    found = _learned(estimator)
    return list(found), list(found.values())


def predict(estimator, X, method):
    """Return what a method of an estimator says of rows."""
    _require(estimator, method)
    return getattr(estimator, method)(X)


def watch_fits(function, args, kwargs):
    """Return what a call gives, and what estimators were fitted on meanwhile.

    That is, for each: the name of its type, the shape of the data, and the means of its columns,
    None if they are not all numbers.
    """
    seen, fitting, replaced = [], [], []

    def watched(method):
        @functools.wraps(method)
        def fit(self, *args, **kwargs):
            inner = any(other is self for other in fitting)  # of its own: `fit` in `fit_transform`
            if not inner and len(seen) <= MOST:
                data = args[0] if args else next(iter(kwargs.values()), None)
                seen.append((type(self).__name__, _shape(data), _means(data)))
            fitting.append(self)
            try:
                return method(self, *args, **kwargs)
            finally:
                fitting.pop()

        return fit

    try:
        for owner, name, method in list(_fits()):
            setattr(owner, name, watched(method))
            replaced.append((owner, name, method))
        if inspect.ismethod(function):  # it was looked up before
            function = getattr(function.__self__, function.__name__, function)
        answer = function(*args, **kwargs)
    finally:
        for owner, name, method in replaced:
            setattr(owner, name, method)
    if len(seen) > MOST:
        raise RuntimeError(f"more than {MOST:,} estimators are fitted in one call")
    return answer, [list(part) for part in zip(*seen, strict=True)]


def _require(estimator, method, what="The estimator should have a method `{}`"):
    if isinstance(estimator, type) or not hasattr(estimator, method):
        name = type(estimator).__name__
        kind = f"an {name}" if name[:1].lower() in tuple("aeiou") else f"a {name}"
        if estimator is None:
            kind = "None (is a `return` missing?)"
        if isinstance(estimator, type):
            kind = f"the class {estimator.__name__} itself, not an object of it"
        raise WrongObject(f"{what.format(method)}, but it is {kind}.")


def _learned(estimator):
    """Return the attributes that end in an underscore; those of a step come after its name."""
    found = {}
    for name, step in getattr(estimator, "steps", ()):
        if hasattr(step, "fit"):
            found |= {f"{name}__{inner}": value for inner, value in _learned(step).items()}
    for name, value in getattr(estimator, "__dict__", {}).items():
        if name.endswith("_") and not name.startswith("_") and _is_plain(value):
            found[name] = value
    return found


def _is_plain(value):
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufcSU"
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(map(_is_plain, (*value, *value.values())))
    return value is None or isinstance(value, bool | int | float | str | np.generic)


def _fits():
    """Yield where functions that fit an estimator are stored: an owner, a name, the function."""
    known, waiting = set(), [object]
    while waiting:
        kind = waiting.pop()
        own = vars(kind)
        for name in () if FITS.isdisjoint(own) else FITS:
            method = own.get(name)
            if isinstance(method, FunctionType):
                yield kind, name, method
            elif isinstance(getattr(method, "fn", None), FunctionType):  # sklearn's available_if
                yield method, "fn", method.fn
        new = [inner for inner in type.__subclasses__(kind) if inner not in known]
        known.update(new)
        waiting += new


def _shape(data):
    shape = getattr(data, "shape", None)
    if isinstance(shape, tuple):
        return [int(length) for length in shape]
    return [len(data)] if hasattr(data, "__len__") else []


def _means(data):
    try:
        if hasattr(data, "tocsr"):
            return np.asarray(data.mean(axis=0), float).ravel()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a column without any value
            return np.nanmean(np.asarray(data, float), axis=0)
    except Exception:
        return None
