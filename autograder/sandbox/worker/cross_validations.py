"""Remembers cross-validations while a recording is replayed: most variants make the same ones.

Only what is made of scikit-learn's own classes, numbers and texts is remembered, and only where it
leaves NumPy's random state as it was: then a result depends on nothing but the arguments. Where a
test watches what is fitted, everything is fitted again. What is missing is that warnings are shown
again. No student's code runs meanwhile.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

MODULES = ("sklearn.model_selection._validation", "sklearn.model_selection")
OWN = "sklearn."
PLAIN = (bool, int, float, str, type(None))


class CrossValidations:
    """The results of scikit-learn's `cross_validate`, also for `cross_val_score`, by arguments."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Any], dict[str, Any]] = {}

    @contextmanager
    def remembered(self) -> Iterator[None]:
        """Remember results as long as the context lasts, if scikit-learn has been imported."""
        modules = [sys.modules[name] for name in MODULES if name in sys.modules]
        if len(modules) < len(MODULES):
            yield
            return
        own = modules[0].cross_validate

        def cross_validate(*args: Any, **kwargs: Any) -> Any:
            return self._result(own, args, kwargs)

        for module in modules:
            module.cross_validate = cross_validate  # type: ignore[attr-defined]
        try:
            yield
        finally:
            for module in modules:
                module.cross_validate = own  # type: ignore[attr-defined]

    def _result(self, own: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        import numpy as np

        if not _is_known([*args, *kwargs.values()]):
            return own(*args, **kwargs)
        joblib = sys.modules["joblib"]  # scikit-learn stands on it
        estimator = args[0] if args else kwargs.get("estimator")
        fit = getattr(type(estimator), "fit", None)  # another one each time that it is watched
        key = joblib.hash((args, sorted(kwargs.items()))), fit
        if key not in self._known:
            before = joblib.hash(np.random.get_state())
            found = own(*args, **kwargs)
            of_numbers = all(_is_known(one) for one in found.values())
            if joblib.hash(np.random.get_state()) != before or not of_numbers:
                return found
            self._known[key] = found
        return {name: value.copy() for name, value in self._known[key].items()}


def _is_known(value: Any) -> bool:
    """Say whether a value is made of numbers, texts and scikit-learn's classes alone."""
    import numpy as np

    if type(value) in (list, tuple):
        return all(map(_is_known, value))
    if type(value) is dict:
        return all(map(_is_known, (*value, *value.values())))
    if type(value) is np.ndarray:
        return value.dtype.kind in "biuf"
    if isinstance(value, FunctionType):  # a metric
        return value.__module__.startswith(OWN) and value.__qualname__.isidentifier()
    if type(value).__module__.startswith(OWN):
        return hasattr(value, "__dict__") and all(map(_is_known, vars(value).values()))
    return type(value) in PLAIN
