"""The calls of the suite of `model_selection`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.checks import Limit, Names, close, results

rows: Any = import_module("autograder.suites.model_selection.rows")
RNG = np.random.default_rng(0)
SETS = RNG.normal(3, [1, 50, 0.1], (9, 3)), RNG.normal(4, [2, 90, 0.3], (6, 3))
SCALED = tuple((one - SETS[0].mean(axis=0)) / SETS[0].std(axis=0) for one in SETS)
FITTED, NEW = rows.overlapping(RNG), rows.overlapping(RNG)[0]
FRAME = pd.DataFrame({"model": [*"dbacabdbcda"], "fold": np.arange(11) // 4})
FRAME["accuracy"] = RNG.uniform(0.3, 1, size=11)
FRAME.loc[[2, 5], "accuracy"] = np.nan
TABLE = FRAME.groupby("model")["accuracy"].agg(["mean", "count"])


def pipeline(model: Any) -> Any:
    """Return a pipeline of a scaler and a model."""
    return make_pipeline(StandardScaler(), model)


def scores(X: Any, y: Any, cv: int) -> Any:
    """Return the accuracies of a logistic regression in folds."""
    return cross_val_score(pipeline(LogisticRegression()), X, y, cv=cv)


def right_k(X: Any, y: Any, ks: list[int]) -> int:
    """Return the best number of neighbours."""
    return max(
        ks, key=lambda k: cross_val_score(pipeline(KNeighborsClassifier(k)), X, y, cv=5).mean()
    )


PROBABILITIES = pipeline(LogisticRegression()).fit(*FITTED).predict_proba(NEW)
REPORTS = tuple(
    ((X, y), cv, scores(X, y, cv))
    for draw, folds in (
        (rows.sensitive, (5, 5)),
        (rows.mislabelled, (10, 5, 3, 5)),
        (rows.with_outlier, (5,)),
    )
    for cv in folds
    for X, y in [draw(RNG)]
)
CHOICES = (
    *rows.contested(RNG),
    (*rows.in_other_units(RNG), [25, 5]),
    (*rows.by_folds(RNG), [25, 5]),
    (*rows.neighbours_with_outlier(RNG), [11, 3]),
    (*rows.apart(RNG), [4, 3, 9, 7]),
    (*rows.by_folds(RNG), [25, 5]),  # once more, with its fits watched
)
BEST = tuple(((X, y), ks, right_k(X, y, ks)) for X, y, ks in CHOICES)


def check(names: Names, limit: Limit) -> list[bool]:
    """Return whether each of the five tasks is right."""
    return results(names, limit, (scale, fitted_pipeline, report, best_k, summary))


def scale(names: Names) -> None:
    """Standardise two sets, three times."""
    for _ in range(3):
        for found, expected in zip(names["scale"](*SETS), SCALED, strict=True):
            close(found, expected)


def fitted_pipeline(names: Names) -> None:
    """Fit four pipelines."""
    for _ in range(3):
        assert len(names["fitted_pipeline"](*FITTED).steps) == 2
    close(names["fitted_pipeline"](*FITTED).predict_proba(NEW), PROBABILITIES, 0.01)


def report(names: Names) -> None:
    """Cross-validate six times."""
    for given, cv, expected in REPORTS:
        found = names["report"](*given, cv=cv)
        close([found["mean"], found["std"]], [expected.mean(), expected.std()])


def best_k(names: Names) -> None:
    """Choose among numbers of neighbours, as often as the suite does."""
    for given, ks, expected in BEST:
        assert names["best_k"](*given, ks) == expected


def summary(names: Names) -> None:
    """Make the table, and draw the bars, four times."""
    for _ in range(4):
        table = names["summary"](FRAME.copy())
        close(table, TABLE)
    plt.close("all")
