import numpy as np
import pandas as pd

from autograder.testing import assert_close, assert_equal, at_least, check, fixture, sklearn, task


@fixture
def examples(rng):
    y = np.arange(120) % 2
    X = np.stack([rng.normal(8 * y), 1000 * (np.arange(120) % 60)], axis=1)
    return X, y ^ (rng.random(120) < 0.1)


@task("scale", points=25)
def test_scale(student, reference, examples):
    """Both sets are standardised with the mean and deviation of the training set."""
    parts = np.split(examples[0], [80])
    assert_close(student.scale(*parts), reference.scale(*parts), "What is learned, and from what?")


@task("fitted_pipeline", points=20)
def test_pipeline(student, examples):
    """It is a fitted pipeline of a StandardScaler and a LogisticRegression."""
    model = student.fitted_pipeline(*examples)
    assert_equal([*dict(sklearn.steps(model)).values()], ["StandardScaler", "LogisticRegression"])
    at_least(sklearn.accuracy(model, *examples), 0.8, "The accuracy")


@task("report", points=15)
def test_report(student, reference, examples):
    """The mean and deviation are those of the accuracy in cv folds."""
    m = sklearn.pipeline(student, "preprocessing.StandardScaler", "linear_model.LogisticRegression")
    received = student.using(fitted_pipeline=m.fit).report(*examples, cv=7)
    assert_close(received, reference.report(*examples, cv=7))


@task("best_k", points=20)
def test_best_k(student, reference, examples):
    """The best k is found, in whichever order they are given."""
    assert_equal(student.best_k(*examples, [95, 1, 15]), reference.best_k(*examples, [95, 1, 15]))


@task("summary", points=10)
def test_summary(student, reference):
    """Each model has the mean and count of its scores; what is missing does not count."""
    frame = pd.DataFrame({"model": [*"babcab"], "score": [0.5, 0.25, 1, 0.75, 0.5, None]})
    assert_close(student.summary(frame), reference.summary(frame))


@task("summary", points=10)
def test_plot(student):
    """The scores are plotted over k, with labelled axes."""
    axes = student.figures(student.plot, [1, 5, 9], [0.5, 0.75, 0.625])[0].axes[0]
    assert_close([axes.lines[0].x, axes.lines[0].y], np.array([[1, 5, 9], [0.5, 0.75, 0.625]]))
    check(bool(axes.xlabel and axes.ylabel), "Label both axes.")
