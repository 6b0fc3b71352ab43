"""Tests of `model_selection`: each calls a function of the student's on hidden data.

Where a function may call one of an earlier task, the reference's or the suite's stands in for it.
"""

import numpy as np
import pytest

from autograder.suites.model_selection import rows
from autograder.testing import (
    assert_bars,
    assert_close,
    assert_equal,
    assert_kept,
    assert_labelled,
    check,
    observe,
    task,
)
from autograder.testing.sklearn import kinds, pipeline, predictions, probabilities, watch_fits

SCALER, LOGISTIC = "preprocessing.StandardScaler", "linear_model.LogisticRegression"
EXACT = {"rtol": 1e-6, "atol": 1e-6}  # shares of a few rows: no rounding hides in them


def draw_sets(rng):
    """Return a training set and a test set of other means and deviations."""
    return rng.normal(3, [1, 50, 0.1], (9, 3)), rng.normal(4, [2, 90, 0.3], (6, 3))


@task("scale", points=20, public=True)
def test_both_sets(student, reference, rng):
    """Both sets are standardised with the means and deviations of the training set."""
    sets = draw_sets(rng)
    assert_close(student.scale(*sets), reference.scale(*sets), "What is learned, and from what?")


@task("scale", points=5)
def test_sets_are_kept(student, reference, rng):
    """The arrays that scale is given stay as they are, and may be integers."""
    X_train, X_test = draw_sets(rng)
    assert_kept(student.scale, {"X_train": X_train, "X_test": X_test})
    whole = [np.round(100 * X).astype(int) for X in (X_train, X_test)]
    assert_close(student.scale(*whole), reference.scale(*whole), "Here, both sets have integers.")


@task("fitted_pipeline", points=8, public=True)
def test_steps(student, rng):
    """It is a pipeline of a StandardScaler and a LogisticRegression."""
    fitted, _ = watch_fits(student.fitted_pipeline, *rows.overlapping(rng))
    found = kinds(fitted)
    observe("values", found)
    message = f"The steps of your pipeline are {', '.join(found)}."
    check(found == ["StandardScaler", "LogisticRegression"], message)


@task("fitted_pipeline", points=12, public=True)
def test_probabilities(student, reference, rng):
    """The pipeline is fitted on all rows, as they were measured."""
    message = "On what is it fitted, and with which settings?"
    for drawn, atol in ({}, 0.02), ({"n": 120, "every": 3}, 0.08):  # solvers differ a little
        (X, y), (X_new, _) = rows.overlapping(rng, **drawn), rows.overlapping(rng, **drawn)
        expected = probabilities(reference.fitted_pipeline(X, y), X_new)
        found = probabilities(student.fitted_pipeline(X, y), X_new)
        assert_close(found, expected, message, what="The probability of each class", atol=atol)
    X, y = rows.apart(rng)
    fitted = student.fitted_pipeline(X, names_of(y))
    assert_equal(predictions(fitted, X), names_of(y), what="The predicted class of each row")


def names_of(y):
    """Return the classes as text."""
    return np.where(y, "red", "white")


@pytest.fixture
def report(student, reference):
    """Return the student's `report`, with a pipeline that is right."""
    model = pipeline(student, SCALER, LOGISTIC)
    return student.using(reference.scale, fitted_pipeline=model.fit).report


def entry(answer, key):
    """Return an entry of what `report` returns."""
    found = isinstance(answer, dict) and key in answer
    check(found, f"report should return a dictionary with the key {key!r}.")
    return answer[key]


@task("report", points=4, public=True)
def test_mean_of_folds(report, reference, rng):
    """The mean is that of the accuracies in the folds: five, if no number is given."""
    X, y = rows.sensitive(rng)
    found, expected = report(X, y), reference.report(X, y)
    assert_close(entry(found, "mean"), expected["mean"], what="The mean in five folds", **EXACT)
    X, y = rows.mislabelled(rng)
    y = names_of(y)
    found, expected = report(X, y, cv=10), reference.report(X, y, cv=10)
    assert_close(entry(found, "mean"), expected["mean"], what="The mean in ten folds", **EXACT)


@task("report", points=4, public=True)
def test_deviation_of_folds(report, reference, rng):
    """The deviation is that of the accuracies in the folds, of the population."""
    X, y = rows.mislabelled(rng)
    found, expected = report(X, y), reference.report(X, y)
    assert_close(entry(found, "std"), expected["std"], what="The deviation in five folds", **EXACT)
    (found, _), expected = watch_fits(report, X, y, cv=3), reference.report(X, y, cv=3)
    assert_close(entry(found, "std"), expected["std"], what="The deviation in three folds", **EXACT)


@task("report", points=4)
def test_scaler_of_each_fold(report, reference, rng):
    """Nothing is learned from the rows of a fold, not even how to scale."""
    X, y = rows.with_outlier(rng)
    found, expected = report(X, y), reference.report(X, y)
    assert_close(entry(found, "mean"), expected["mean"], "Which rows does the scaler see?")


@task("report", points=3, public=True)
def test_name_and_keys(report, rng):
    """The name is there too, and nothing else."""
    found = report(*rows.mislabelled(rng))
    assert_equal(entry(found, "name"), "LogisticRegression", what="The name")
    check(len(found) == 3, "report should return a dictionary with three keys.")


def choose(student, reference, X, y, ks, message=""):
    """Compare the student's choice with the reference's."""
    chosen = student.using(reference.scale).best_k(X, y, ks)
    assert_equal(chosen, reference.best_k(X, y, ks), message)


@task("best_k", points=6, public=True)
def test_best_mean(student, reference, rng):
    """The number with the best mean accuracy is found, wherever it is in the list."""
    questions = rows.contested(rng)
    chosen = []
    for question in questions:
        chosen.append(student.using(reference.scale).best_k(*question))
        observe("values", chosen[-1])
    assert_equal(chosen, [reference.best_k(*question) for question in questions])


@task("best_k", points=4)
def test_standardised(student, reference, rng):
    """Distances are those of standardised columns."""
    X, y = rows.in_other_units(rng)
    found, _ = watch_fits(student.using(reference.scale).best_k, X, y, [25, 5])
    assert_equal(found, reference.best_k(X, y, [25, 5]), "In which units are distances measured?")


@task("best_k", points=4)
def test_five_folds(student, reference, rng):
    """The folds are the five that cross_val_score makes."""
    choose(student, reference, *rows.by_folds(rng), [25, 5], "Which rows are in which fold?")


@task("best_k", points=3)
def test_scaling_in_each_fold(student, reference, rng):
    """Nothing is learned from the rows of a fold, not even how to scale."""
    message = "Which rows does the scaler see?"
    choose(student, reference, *rows.neighbours_with_outlier(rng), [11, 3], message)


@task("best_k", points=3, public=True)
def test_first_of_the_best(student, reference, rng):
    """Of those that are equally good, the first one in the list is the best."""
    choose(student, reference, *rows.apart(rng), [4, 3, 9, 7], "All are equally good here.")


@pytest.fixture
def frame(rng):
    """Return the accuracies of seven models, in no order; some are missing, and some are alike."""
    return rows.accuracies(rng)


@task("summary", points=9, public=True)
def test_table(student, reference, frame):
    """The table has each model's mean accuracy, and how many accuracies there are."""
    assert_close(student.summary(frame), reference.summary(frame))


@task("summary", points=1)
def test_frame_is_kept(student, frame):
    """The table that summary is given stays as it is."""
    assert_kept(student.summary, {"frame": frame})


def picture(student, frame):
    """Return the axes that `summary` draws in."""
    return student.figures(student.summary, frame)[0].axes[0]


@task("summary", points=6, public=True)
def test_bars(student, reference, frame):
    """The picture has a bar for each model, as high as its mean accuracy."""
    names, means = sorted({*frame["model"]}), reference.summary(frame)["mean"].to_numpy()
    message = "Compare the bars with the table."
    assert_bars(picture(student, frame), means, message, names=names, upright=True)


@task("summary", points=4, public=True)
def test_labels(student, frame):
    """Both axes say what they show, and there is a title."""
    axes = picture(student, frame)
    assert_labelled(axes, xlabel="model", ylabel="accuracy", title="")
    assert_labelled(axes, ylabel="mean")
