"""Fits every estimator of scikit-learn on small data; prints what each has learned as JSON."""

from __future__ import annotations

import inspect
import json
import warnings
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators

warnings.simplefilter("ignore")
IN_A_NOTEBOOK = "get_ipython" in globals()
VALUES = 40  # of each array

random = np.random.default_rng(0)
X = random.uniform(0.1, 1, (60, 4))
CLASSES = np.arange(60) % 3
X[CLASSES == 1, 0] += 1
X[CLASSES == 2, 1] += 1
NUMBERS = X @ [1.0, -2.0, 3.0, 0.5] + 4
TWO_NUMBERS = np.column_stack([NUMBERS, X[:, 0]])
TWO_LABELS = np.column_stack([CLASSES > 0, CLASSES > 1]).astype(int)
TEXTS = ["the cat sat", "the dog ran", "a cat and a dog"] * 4
RECORDS = [{"city": "Lima", "age": 3}, {"city": "Oslo", "age": 5}] * 3

SIGN = LogisticRegression()
LINE = Ridge()
ARGUMENTS: dict[str, dict[str, Any]] = {
    "ClassifierChain": {"estimator": SIGN},
    "ColumnTransformer": {"transformers": [("scaled", StandardScaler(), [0, 1])]},
    "FeatureUnion": {"transformer_list": [("scaled", StandardScaler())]},
    "FixedThresholdClassifier": {"estimator": SIGN},
    "FrozenEstimator": {"estimator": LogisticRegression().fit(X, CLASSES)},
    "GridSearchCV": {"estimator": LINE, "param_grid": {"alpha": [0.1, 1]}},
    "HalvingGridSearchCV": {"estimator": LINE, "param_grid": {"alpha": [0.1, 1]}},
    "HalvingRandomSearchCV": {"estimator": LINE, "param_distributions": {"alpha": [0.1, 1]}},
    "MultiOutputClassifier": {"estimator": SIGN},
    "MultiOutputRegressor": {"estimator": LINE},
    "OneVsOneClassifier": {"estimator": SIGN},
    "OneVsRestClassifier": {"estimator": SIGN},
    "OutputCodeClassifier": {"estimator": SIGN},
    "Pipeline": {"steps": [("scaled", StandardScaler()), ("clusters", KMeans(3, random_state=0))]},
    "RFE": {"estimator": LINE},
    "RFECV": {"estimator": LINE},
    "RandomizedSearchCV": {
        "estimator": LINE,
        "param_distributions": {"alpha": [0.1, 1]},
        "n_iter": 2,
    },
    "RegressorChain": {"estimator": LINE},
    "SelectFromModel": {"estimator": LINE},
    "SequentialFeatureSelector": {"estimator": LINE},
    "SparseCoder": {"dictionary": np.eye(4)},
    "StackingClassifier": {"estimators": [("sign", SIGN), ("dummy", DummyClassifier())]},
    "StackingRegressor": {"estimators": [("line", LINE)]},
    "TunedThresholdClassifierCV": {"estimator": SIGN},
    "VotingClassifier": {"estimators": [("sign", SIGN)]},
    "VotingRegressor": {"estimators": [("line", LINE)]},
    # Not needed, but what fits the data.
    "OrthogonalMatchingPursuitCV": {"max_iter": 4},
    "PatchExtractor": {"patch_size": (2, 2)},
    "SelectKBest": {"k": 2},
    "SelfTrainingClassifier": {"estimator": SIGN},
    "SpectralBiclustering": {"n_components": 3},
    "TSNE": {"max_iter": 250},
}
SMALL = {"n_estimators": 5, "n_components": 2, "max_iter": 100, "n_init": 1}  # quick
DATA: dict[str, tuple[Any, Any]] = {
    "CCA": (X, TWO_NUMBERS),
    "ClassifierChain": (X, TWO_LABELS),
    "CountVectorizer": (TEXTS, None),
    "DictVectorizer": (RECORDS, None),
    "FeatureHasher": (RECORDS, None),
    "FixedThresholdClassifier": (X, TWO_LABELS[:, 0]),
    "HashingVectorizer": (TEXTS, None),
    "IsotonicRegression": (X[:, 0], NUMBERS),
    "KernelCenterer": (X @ X.T, None),
    "LabelBinarizer": (CLASSES, None),
    "LabelEncoder": (CLASSES, None),
    "MultiLabelBinarizer": ([{0, 1}, {1, 2}], None),
    "MultiOutputClassifier": (X, TWO_LABELS),
    "MultiOutputRegressor": (X, TWO_NUMBERS),
    "MultiTaskElasticNet": (X, TWO_NUMBERS),
    "MultiTaskElasticNetCV": (X, TWO_NUMBERS),
    "MultiTaskLasso": (X, TWO_NUMBERS),
    "MultiTaskLassoCV": (X, TWO_NUMBERS),
    "NeighborhoodComponentsAnalysis": (X, CLASSES),
    "PLSCanonical": (X, TWO_NUMBERS),
    "PLSSVD": (X, TWO_NUMBERS),
    "PatchExtractor": (X.reshape(3, 8, 10), None),
    "RegressorChain": (X, TWO_NUMBERS),
    "TfidfTransformer": (CountVectorizer().fit_transform(TEXTS), None),
    "TfidfVectorizer": (TEXTS, None),
    "TunedThresholdClassifierCV": (X, TWO_LABELS[:, 0]),
}


def build(name: str, kind: Any) -> Any:
    """Return an estimator, with a fixed seed; in a notebook it may use two jobs."""
    parameters = inspect.signature(kind).parameters
    arguments = {key: value for key, value in SMALL.items() if key in parameters}
    arguments |= ARGUMENTS.get(name, {})
    if "random_state" in parameters:
        arguments["random_state"] = 0
    if "n_jobs" in parameters and IN_A_NOTEBOOK:
        arguments["n_jobs"] = 2
    return kind(**arguments)


def learned(estimator: Any, name: str) -> dict[str, Any]:
    """Fit an estimator; return its answers and what it has learned, as shapes and numbers."""
    x, y = DATA.get(name, (X, CLASSES if is_classifier(estimator) else NUMBERS))
    found: dict[str, Any] = {}
    if hasattr(estimator, "fit_predict"):
        found["fit_predict"] = estimator.fit_predict(x)
    else:
        estimator.fit(x) if y is None else estimator.fit(x, y)
    for method in ("predict", "predict_proba", "transform"):
        if hasattr(estimator, method):
            found[method] = getattr(estimator, method)(x)
    fitted = {key: value for key, value in vars(estimator).items() if key.endswith("_")}
    found |= {key: value for key, value in fitted.items() if "time" not in key}
    return {key: numbers for key, value in found.items() if (numbers := plain(value)) is not None}


def plain(value: Any) -> tuple[list[int], list[float]] | None:
    """Return the shape of an array of numbers and its first values, None for anything else."""
    if hasattr(value, "toarray"):
        value = value.toarray()
    if not isinstance(value, np.ndarray | float | int | np.number):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return None
    return list(array.shape), [float(number) for number in array.ravel()[:VALUES]]


results: dict[str, Any] = {}
for name, kind in all_estimators():
    try:
        results[name] = learned(build(name, kind), name)
    except Exception as error:
        results[name] = f"{type(error).__name__}: {error}"
print(json.dumps(results))
