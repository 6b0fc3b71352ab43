"""Cross-validations that variants of a reference repeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sklearn.model_selection as selection
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import KFold, _validation
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from autograder.sandbox.worker.cross_validations import CrossValidations
from autograder.testing.support.estimators import watch_fits

X = np.random.default_rng(0).normal(size=(30, 2))
Y = np.arange(30) % 2


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Return a list that grows with each fold that is fitted, while results are remembered."""
    own, calls = _validation._fit_and_score, list[Any]()

    def fit_and_score(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return own(*args, **kwargs)

    monkeypatch.setattr(_validation, "_fit_and_score", fit_and_score)
    with CrossValidations().remembered():
        yield calls


def model(k: int = 3) -> Any:
    return make_pipeline(StandardScaler(), KNeighborsClassifier(k))


def test_the_same_cross_validation_is_made_once(fits: list[Any]) -> None:
    first = selection.cross_val_score(model(), X, Y, cv=KFold(3), scoring="f1")
    expected = first.copy()
    first[:] = 0.0
    assert (
        selection.cross_val_score(model(), X.copy(), Y, cv=KFold(3), scoring="f1") == expected
    ).all()
    assert len(fits) == 3


@pytest.mark.parametrize(
    ("estimator", "data", "options"),
    [
        (model(5), X, {"cv": 3}),
        (model(), X + 1, {"cv": 3}),
        (model(), X, {"cv": KFold(3)}),
        (model(), X, {"cv": 3, "scoring": "f1"}),
    ],
)
def test_another_one_is_made_by_itself(
    fits: list[Any], estimator: Any, data: Any, options: dict[str, Any]
) -> None:
    selection.cross_val_score(model(), X, Y, cv=3)
    selection.cross_val_score(estimator, data, Y, **options)
    assert len(fits) == 6


def test_what_is_watched_is_fitted_again(fits: list[Any]) -> None:
    def choose() -> float:
        return float(selection.cross_val_score(model(), X, Y, cv=3).mean())

    alone = choose()
    for _ in range(2):
        score, (names, shapes, _) = watch_fits(choose, (), {})  # type: ignore[no-untyped-call]
        assert score == alone
        assert names == ["Pipeline", "StandardScaler", "KNeighborsClassifier"] * 3
        assert shapes == [[20, 2]] * 9
    assert choose() == alone
    assert len(fits) == 9


class Own(ClassifierMixin, BaseEstimator):
    """Predicts 0."""

    def fit(self, X: Any, y: Any) -> Own:
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


@pytest.mark.parametrize(
    ("estimator", "options"),
    [
        (Own(), {}),
        (make_pipeline(FunctionTransformer(np.exp), model()), {}),
        (model(), {"scoring": lambda fitted, X, y: 1.0}),
        (model(), {"cv": KFold(3, shuffle=True)}),  # by NumPy's random state
        (model(), {"cv": KFold(3, shuffle=True, random_state=np.random.RandomState(0))}),
    ],
)
def test_what_may_depend_on_more_than_its_arguments_is_made_again(
    fits: list[Any], estimator: Any, options: dict[str, Any]
) -> None:
    for _ in range(2):
        selection.cross_val_score(estimator, X, Y, **{"cv": 3} | options)
    assert len(fits) == 6


def test_models_are_no_numbers(fits: list[Any]) -> None:
    for _ in range(2):
        found = selection.cross_validate(model(), X, Y, cv=3, return_estimator=True)
        assert len(found["estimator"]) == 3
    assert len(fits) == 6


def test_nothing_is_remembered_afterwards() -> None:
    own = selection.cross_validate
    with CrossValidations().remembered():
        assert selection.cross_validate is _validation.cross_validate is not own
    assert selection.cross_validate is _validation.cross_validate is own
