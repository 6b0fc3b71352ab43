import numpy as np

from autograder.testing import assert_close, at_least, task


@task("sigmoid", points=10)
def test_sigmoid(student, reference, rng):
    """sigmoid(z) is 1 / (1 + exp(-z)), also where |z| is large."""
    z = np.array([[*rng.normal(size=3), 0], [*rng.normal(size=2), -1000, 1000]])
    assert_close(student.sigmoid(z), reference.sigmoid(z))


@task("loss", points=12)
def test_loss(student, reference, rng):
    """loss is the mean cross entropy."""
    w, X, y = rng.normal(size=3), rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
    assert_close(student.using(reference.sigmoid).loss(w, X, y), reference.loss(w, X, y))


@task("loss", points=8)
def test_stable_loss(student, reference):
    """loss is close to 0 for sure and right predictions, and large, but finite, for wrong ones."""
    given, X, y = student.using(reference.sigmoid), np.diag([1000.0, -1000.0]), np.array([1, 0])
    assert_close(given.loss(np.ones(2), X, y), 0.0, "Look at log(0).")
    at_least(given.loss(-np.ones(2), X, y), 5, "The loss of wrong predictions")


@task("gradient", points=30)
def test_gradient(student, reference, rng):
    """gradient is the derivative of the loss by w."""
    w, X, y = rng.normal(size=3), rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
    assert_close(student.using(reference.sigmoid).gradient(w, X, y), reference.gradient(w, X, y))


@task("fit", points=40)
def test_fit(student, reference, rng):
    """fit goes against the gradient, from zeros, as often and as far as it is told."""
    fit = student.using(reference.sigmoid, reference.loss, reference.gradient).fit
    X, y = rng.normal(size=(20, 3)), rng.integers(0, 2, 20)
    assert_close(fit(X, y, lr=0.5, steps=7), reference.fit(X, y, lr=0.5, steps=7))
    assert_close(fit(X, y), reference.fit(X, y), "Look at the defaults of lr and steps.")
