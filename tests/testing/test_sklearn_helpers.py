"""`autograder.testing.sklearn`: what the helpers return, and what watching sees of leakage."""

from __future__ import annotations

import pytest

from autograder.record import Record, TestResult
from tests.testing.own_suite import grade_with, results_of_cases

PRELOAD = [f"sklearn.{name}" for name in ("cluster", "ensemble", "pipeline", "model_selection")]
NOTEBOOK = """
import numpy as np
from sklearn.cluster import DBSCAN, KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

def build(): return Pipeline([("scale", StandardScaler()), ("classify", LogisticRegression(C=3.0))])
def fitted(X, y): return build().fit(X, y)
def text(X): return fitted(X, np.where(np.asarray(X)[:, 0] > 0, "yes", "no"))
def regression(X, y): return LinearRegression().fit(X, y)
def svc(X, y): return SVC().fit(X, y)
def none(): return None
def three(): return 3
def same(x): return x
def make_class(): return KMeans
def clusters(X, k): return KMeans(k, n_init=1).fit_predict(X)
def column(X): return np.zeros((len(X), 1))
def start(seed): np.random.seed(seed)
def draw(): return np.random.rand()

class Mean:
    def fit(self, X, y=None):
        self.mean_ = np.asarray(X).mean(axis=0)
        return self
    def predict(self, X):
        return np.asarray(X) @ self.mean_

class Columns(Mean):
    def predict(self, X):
        return np.zeros((len(X), 1))

def before_split(X, T): return StandardScaler().fit(np.concatenate([X, T])).transform(X)
def on_test(X, T): return StandardScaler().fit_transform(T)
def right(X, T): return StandardScaler().fit_transform(X)
def fails(X, T): StandardScaler().fit(X); raise ValueError("after the fit")
def own(X, T): return Mean().fit(X)
def partial(X, y): SGDClassifier().partial_fit(X, y, classes=[0, 1])
def words(texts): return CountVectorizer().fit_transform(texts)
def crossed(X, y): return cross_val_score(build(), X, y, cv=3).mean()
def searched(X, y): return GridSearchCV(build(), {"classify__C": [1, 2]}, cv=3).fit(X, y)
def forest(X, y): return RandomForestClassifier(n_estimators=3).fit(X, y)
def endless(X):
    for _ in range(5001): Mean().fit(X)
def replaced(): return StandardScaler.fit.__code__.co_filename
"""
XY = "X = rng.normal(size=(30, 2)); y = (X[:, 0] > 0).astype(int); "
XT = "X, T = rng.normal(size=(2, 30, 2)); "
CASES: dict[str, tuple[str, str, str]] = {
    # Estimators.
    "fitted": (XY + "assert is_fitted(student.fitted(X, y)) and not is_fitted(student.build())", "passed", ""),
    "fitted_by_hand": (XY + "model = student.Mean(); before = is_fitted(model); model.fit(X); assert is_fitted(model) and not before", "passed", ""),
    "none": ("is_fitted(student.none())", "failed", "The estimator should have a method `fit`, but it is None (is a `return` missing?)."),
    "number": ("is_fitted(student.three())", "failed", "but it is a number."),
    "a_class": ("is_fitted(student.make_class())", "failed", "but it is the class KMeans itself, not an object of it."),
    "not_called": ("is_fitted(student.KMeans)", "error", "not an answer: call it"),
    "own_text": ("is_fitted('KMeans')", "error", "the suite gave text"),
    "steps": ("assert steps(student.build()) == [('scale', 'StandardScaler'), ('classify', 'LogisticRegression')]", "passed", ""),
    "no_pipeline": ("steps(student.Mean())", "failed", "should be a `sklearn.pipeline.Pipeline`, but it is a Mean."),
    "params": ("found = params(student.build()); assert found['classify__C'] == 3.0 and found['scale__with_mean'] is True and 'scale' not in found", "passed", ""),
    "other_param": ("params(student.build())['svc__C']", "failed", "The estimator has no `svc__C`. It has "),
    "learned": (XY + "found = learned(student.fitted(X, y)); assert_close(found['scale__mean_'], X.mean(axis=0)); assert found['classify__coef_'].shape == (1, 2)", "passed", ""),
    "learned_nothing": ("learned(student.build())", "failed", "The Pipeline is not fitted: it has learned nothing."),
    "learned_else": (XY + "learned(student.regression(X, y))['mean_']", "failed", "What the estimator has learned has no `mean_`. It has "),
    # Predictions.
    "predictions": (XY + "assert (predictions(student.fitted(X, y), X) == y).mean() > 0.8", "passed", ""),
    "accuracy": (XY + "model = student.fitted(X, y); assert accuracy(model, X, y) > 0.8 and accuracy(model, X, 1 - y) == 1 - accuracy(model, X, y)", "passed", ""),
    "text": (XY + "assert accuracy(student.text(X), X, np.where(y, 'yes', 'no')) > 0.8", "passed", ""),
    "few_labels": (XY + "accuracy(student.fitted(X, y), X, y[:3])", "error", "there are 3 labels for 30 rows"),
    "columns": (XY + "predictions(student.Columns(), X)", "failed", "`predict` should give one label for each of 30 rows, but it gave an array of shape (30, 1)."),
    "unfitted": (XY + "predictions(student.build(), X)", "failed", "not fitted"),
    "probabilities": (XY + "found = probabilities(student.fitted(X, y), X); assert found.shape == (30, 2); assert_close(found.sum(axis=1), np.ones(30))", "passed", ""),
    "no_probabilities": (XY + "probabilities(student.svc(X, y), X)", "failed", "should have a method `predict_proba`, but it is a SVC."),
    # Random numbers and clusters.
    "seeded": (XY + "one, two = [seeded(student.clusters, X, 3, seed=1) for _ in range(2)]; assert_equal(one, two)", "passed", ""),
    "restored": ("student.start(5); first = student.draw(); student.start(5); seeded(student.draw); assert student.draw() == first", "passed", ""),
    "clusters": ("X = np.repeat([[0.0, 0], [9, 9], [0, 9]], 5, axis=0) + rng.normal(size=(15, 2)); assert_same_clusters(seeded(student.clusters, X, 3), np.repeat([0, 1, 2], 5))", "passed", ""),
    "other_names": ("assert_same_clusters(student.same([5, 5, 'b']), [0, 0, 1])", "passed", ""),
    "too_many": ("assert_same_clusters(student.same([0, 1, 2]), [0, 0, 1], 'Look.')", "failed", "Look. The clustering has 3 clusters, and should have 2."),
    "mixed": ("assert_same_clusters(student.same([0, 1, 1, 0]), [0, 0, 1, 1])", "failed", "puts rows together that do not belong together."),
    "noise": ("assert_same_clusters(student.same([-1, 0, 1]), [0, -1, 1])", "failed", "differs in which rows are noise."),
    "no_labels": ("assert_same_clusters(student.three(), [0, 1])", "failed", "a label for each of 2 rows, but it is a number."),
    "strange_labels": ("assert_same_clusters(student.same([{}, None]), [0, 1])", "failed", "a label for each of 2 rows"),
    "label_column": ("assert_same_clusters(student.column(np.ones((2, 1))), [0, 1])", "failed", "array of shape (2, 1)"),
    # What was fitted on what.
    "right": (XT + "_, (fit,) = watch_fits(student.right, X, T); assert (fit.estimator, fit.rows, fit.shape) == ('StandardScaler', 30, (30, 2)); assert_close(fit.means, X.mean(axis=0))", "passed", ""),
    "before_split": (XT + "_, fits = watch_fits(student.before_split, X, T); assert_equal(fits[0].rows, 30)", "failed", "is not right"),
    "on_test": (XT + "_, fits = watch_fits(student.on_test, X, T); assert_close(fits[0].means, X.mean(axis=0))", "failed", "is not right"),
    "answer": (XT + "found, _ = watch_fits(student.right, X, T); assert_close(found, (X - X.mean(0)) / X.std(0))", "passed", ""),
    "own": (XT + "_, (fit,) = watch_fits(student.own, X, T); assert fit.estimator == 'Mean'", "passed", ""),
    "nothing": (XT + "assert watch_fits(student.same, X)[1] == []", "passed", ""),
    "in_a_pipeline": (XY + "_, fits = watch_fits(student.fitted, X, y); assert [f.estimator for f in fits][:3] == ['Pipeline', 'StandardScaler', 'LogisticRegression']", "passed", ""),
    "a_method": (XY + "_, fits = watch_fits(student.build().fit, X, y); assert [f.rows for f in fits][:3] == [30] * 3", "passed", ""),
    "in_parts": (XY + "_, (fit,) = watch_fits(student.partial, X, y); assert fit.estimator == 'SGDClassifier'", "passed", ""),
    "of_texts": ("_, (fit,) = watch_fits(student.words, ['a bc', 'bc d']); assert fit.rows == 2 and fit.means is None", "passed", ""),
    "in_folds": (XY + "_, fits = watch_fits(student.crossed, X, y); assert {f.rows for f in fits if f.estimator == 'StandardScaler'} == {20}", "passed", ""),
    "in_a_search": (XY + "_, fits = watch_fits(student.searched, X, y); assert [f.rows for f in fits if f.estimator == 'StandardScaler'] == [20] * 6 + [30]", "passed", ""),
    "in_a_forest": (XY + "_, fits = watch_fits(student.forest, X, y); assert fits[0].estimator == 'RandomForestClassifier'", "passed", ""),
    "raises": (XT + "watch_fits(student.fails, X, T)", "failed", "Your code raised ValueError: after the fit"),
    "undone": (XT.rstrip("; ") + "\n    with raises('ValueError'):\n        watch_fits(student.fails, X, T)\n    assert 'support' not in student.replaced()", "passed", ""),
    "too_often": (XT + "watch_fits(student.endless, X)", "failed", "more than 5,000 estimators"),
    "own_function": ("watch_fits(lambda: 1)", "error", "should be a function or class of `student`"),
    # A pipeline of the kit's own.
    "pipeline": ("model = pipeline(student, 'preprocessing.StandardScaler', 'svm.SVC'); assert [kind for _, kind in steps(model)] == ['StandardScaler', 'SVC'] and not is_fitted(model)", "passed", ""),
    "kinds": ("model = pipeline(student, 'preprocessing.StandardScaler', 'svm.SVC'); assert kinds(model) == ['StandardScaler', 'SVC']", "passed", ""),
    "kinds_of_a_list": ("kinds(student.three())", "failed", "should be a `sklearn.pipeline.Pipeline`, but it is a number."),
    "pipeline_lent": ("X = rng.normal(size=(9, 2)); lent = pipeline(student, 'preprocessing.StandardScaler', 'svm.SVC'); text = student.using(fitted=lent.fit).text(X); assert [kind for _, kind in steps(text)] == ['StandardScaler', 'SVC'] and is_fitted(text)", "passed", ""),
    "pipeline_of_a_misspelt_class": ("pipeline(student, 'preprocessing.StandardScaller')", "error", "StandardScaller"),
    "pipeline_without_fixture": ("pipeline('svm.SVC')", "error", "the first argument should be the fixture `student`"),
}  # fmt: skip
HEAD = """\
import numpy as np
from autograder.testing import assert_close, assert_equal, raises, task
from autograder.testing.sklearn import *
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TestResult]:
    bodies = {name: body for name, (body, _, _) in CASES.items()}
    return results_of_cases(tmp_path_factory.mktemp("course"), HEAD, bodies, NOTEBOOK, PRELOAD)


@pytest.mark.parametrize("name", CASES)
def test_what_a_helper_says(results: dict[str, TestResult], name: str) -> None:
    _, outcome, fragment = CASES[name]
    found = results[name]
    assert (found.outcome, fragment in found.message) == (outcome, True), found.message


SUITE = '''\
"""Suite of `pipeline`."""

import numpy as np
import pytest

from autograder.testing import assert_close, assert_equal, at_least, check, task
from autograder.testing.sklearn import *


@pytest.fixture
def data(rng):
    """Training and test rows of two classes, on scales that differ a hundredfold."""
    y = np.arange(80) % 2
    X = rng.normal(size=(80, 2)) + 3 * y[:, None]
    X[:, 1] *= 100
    return X[:60], y[:60], X[60:] + 1, y[60:]


@task("build", points=5)
def test_steps(student):
    """The pipeline scales before it classifies."""
    kinds = [kind for _, kind in steps(student.build())]
    assert_equal(kinds, ["StandardScaler", "LogisticRegression"])


@task("fit", points=5)
def test_accuracy(student, data):
    """fit returns a fitted pipeline that is right for nine of ten rows."""
    model = student.fit(*data[:2])
    check(is_fitted(model), "fit should return a fitted pipeline.")
    at_least(accuracy(model, *data[2:]), 0.9, "The accuracy", margin=0.05)


@task("evaluate", points=10)
def test_leakage(student, data):
    """Nothing is learned from the test set."""
    _, fits = watch_fits(student.evaluate, *data)
    scaled = [fit for fit in fits if fit.estimator == "StandardScaler"]
    check(len(scaled) == 1, "evaluate should fit one StandardScaler.")
    assert_equal(scaled[0].rows, 60, "The scaler should see the training set only.")
    assert_close(scaled[0].means, data[0].mean(axis=0), "The scaler sees other rows.")
'''
SOLUTION = """\
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

def build():
    return Pipeline([("scale", StandardScaler()), ("classify", LogisticRegression())])

def fit(X, y):
    return build().fit(X, y)

def evaluate(X, y, X_test, y_test):
    scaler = StandardScaler().fit(X)
    model = LogisticRegression().fit(scaler.transform(X), y)
    return model.score(scaler.transform(X_test), y_test)
"""
MISCONCEPTIONS = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception(
        "leakage", "evaluate", ((("().fit(X)\\n", "().fit(np.concatenate([X, X_test]))\\n"),),),
        "The scaler knows the test set.", "It is fitted on all rows.", "Look at its fit.",
        loses="leakage",
    ),
)
"""
IN_A_PIPELINE = SOLUTION[: SOLUTION.index("def evaluate")] + (
    "def evaluate(X, y, X_test, y_test):\n    return fit(X, y).score(X_test, y_test)\n"
)
LEAKS = (
    SOLUTION[: SOLUTION.index("def evaluate")]
    + """\
def evaluate(X, y, X_test, y_test):
    scaler, n = StandardScaler(), len(X)
    scaled = scaler.fit_transform(np.vstack((X, X_test)))
    return LogisticRegression().fit(scaled[:n], y).score(scaled[n:], y_test)
"""
)


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    suite = {
        "test_pipeline.py": SUITE, "solution.py": SOLUTION, "misconceptions.py": MISCONCEPTIONS,
    }  # fmt: skip
    notebooks = {"right": SOLUTION, "pipeline": IN_A_PIPELINE, "leaks": LEAKS}
    folder = tmp_path_factory.mktemp("pipelines")
    tasks = {"build": 5, "fit": 5, "evaluate": 10}
    return grade_with(folder, suite, notebooks, tasks=tasks, preload=PRELOAD)


def test_a_suite_for_a_pipeline_takes_45_lines() -> None:
    assert len(SUITE.splitlines()) <= 45


@pytest.mark.parametrize("name", ["right", "pipeline"])
def test_a_right_pipeline_gets_full_points(pipelines: dict[str, Record], name: str) -> None:
    assert pipelines[name].score == 20, pipelines[name].as_json()


def test_leakage_is_seen_and_named(pipelines: dict[str, Record]) -> None:
    evaluate = pipelines["leaks"].tasks[2]
    assert pipelines["leaks"].score == 10
    assert evaluate.misconceptions == ("leakage",)
    assert evaluate.tests[0].message.startswith("The scaler should see the training set only.")
