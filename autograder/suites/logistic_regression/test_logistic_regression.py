"""Tests of `logistic_regression`: each calls a function of the student's on hidden inputs.

Where a function calls one of an earlier task, the reference's stands in for it.
"""

import numpy as np

from autograder.testing import assert_close, assert_kept, at_least, check, task


def draw(rng, n=9, d=4):
    """Return weights (d,), examples (n, d), and as many labels of both classes."""
    return rng.normal(size=d), rng.normal(size=(n, d)), rng.permutation(np.arange(n) % 2.0)


def whole(w, X, y):
    """Return them as integers."""
    return np.sign(w).astype(int), np.round(3 * X).astype(int), y.astype(int)


def examples_at(z, rng):
    """Return weights and examples with X w = z."""
    w, X = rng.uniform(0.5, 1.5, size=3), rng.normal(size=(len(z), 3))
    return w, X + np.outer(z - X @ w, w) / (w @ w)


@task("sigmoid", points=4, public=True)
def test_both_sides(student, reference, rng):
    """sigmoid(z) is 1 / (1 + exp(-z)), on both sides of 0."""
    z = np.append(3 * rng.normal(size=8), [6.5, 8.0])
    z = np.concatenate([z, -z])
    assert_close(student.sigmoid(z), reference.sigmoid(z))


@task("sigmoid", points=2, public=True)
def test_integers(student, reference, rng):
    """It takes integers, too, in an array of any shape."""
    z = rng.permutation(np.arange(-3, 3)).reshape(3, 1, 2)
    assert_close(student.sigmoid(z), reference.sigmoid(z), "z is an array of integers here.")


@task("sigmoid", points=3, public=True)
def test_large_numbers(student, reference):
    """sigmoid(z) is right where exp(z) is more than a computer can hold."""
    large = np.array([800.0, -2000.0, 30.0, -30.0, 0.7])
    for z in large, -large:
        assert_close(student.sigmoid(z), reference.sigmoid(z), "Look at exp(800).")


@task("sigmoid", points=1)
def test_z_is_kept(student, rng):
    """The array that sigmoid is given stays as it is."""
    assert_kept(student.sigmoid, {"z": np.append(rng.normal(size=5), [-800.0, 800.0])})


@task("loss", points=11, public=True)
def test_mean_cross_entropy(student, reference, rng):
    """The loss is the mean cross entropy."""
    given, (w, X, y) = student.using(reference.sigmoid), draw(rng)
    assert_close(given.loss(w, X, y), reference.loss(w, X, y))
    w, X = examples_at(np.array([-4.0, 4.0, -3.6, 3.8]), rng)
    y = np.array([0.0, 1.0, 0.0, 1.0])  # so small a loss is another one when it is rounded
    assert_close(given.loss(w, X, y), reference.loss(w, X, y), "Here, all labels are likely.")


@task("loss", points=3)
def test_unlikely_labels(student, reference, rng):
    """A label that is hardly likely costs as much as it should, in a single row and in many."""
    given, y = student.using(reference.sigmoid), np.array([0.0, 1.0, 0.0, 1.0])
    message = "Are the probabilities kept too far away from 0 and 1?"
    for z, rtol in ((10.0, 1e-3), (20.0, 0.03)):  # here, 1e-9 is a part of p that can be seen
        w, X = examples_at(z * np.array([1, -1, 0.9, -0.95]), rng)
        assert_close(given.loss(w, X, y), reference.loss(w, X, y), message, rtol=rtol)
    for rows, message in ((1, "Here, X has a single row."), (400, "Here, X has 400 rows.")):
        some = w, np.resize(X, (rows, 3)), np.resize(y, rows)
        assert_close(given.loss(*some), reference.loss(*some), message, rtol=0.03)


@task("loss", points=5, public=True)
def test_sure_predictions(student, reference):
    """The loss is finite where the model is sure: about 0 if it is right, large if it is wrong."""
    given, X, y = student.using(reference.sigmoid), np.diag([2e4, -2e4]), np.array([1.0, 0.0])
    assert_close(given.loss(np.ones(2), X, y), 0.0, "Look at log(0).")
    X, y = np.vstack([X, [0.0, 0.0]]), np.append(y, 1.0)
    least, what = (40 + np.log(2)) / 3, "The loss of sure and wrong predictions"
    at_least(given.loss(-np.ones(2), X, y), least, what)
    wrong, all_rows = (X[:1], y[:1]), (np.vstack([X[:1], -X[:1]]), np.repeat(y[:1], 2))
    one, half = (given.loss(-np.ones(2), *rows) for rows in (wrong, all_rows))
    at_least(one, 20.0, what)
    at_least(half, 10.0, what)
    message = "Where the model is sure of two rows, and wrong about one, the loss is not the mean."
    check(np.allclose(2 * np.asarray(half), one), message)
    assert_close(given.loss(np.ones(2), X, y), np.log(2) / 3, "Here, z is 0 in one row of three.")


@task("loss", points=1)
def test_arguments_of_loss_are_kept(student, reference, rng):
    """The arrays that loss is given stay as they are; they may hold integers."""
    loss, given = student.using(reference.sigmoid).loss, draw(rng)
    assert_kept(loss, dict(zip("wXy", given, strict=True)))
    assert_close(loss(*whole(*given)), reference.loss(*whole(*given)), "Here, all are integers.")


@task("gradient", points=22, public=True)
def test_derivative(student, reference, rng):
    """The gradient is the derivative of the loss by each weight."""
    w, X, y = draw(rng)
    given = student.using(reference.sigmoid, reference.loss)
    assert_close(given.gradient(w, X, y), reference.gradient(w, X, y))
    row = rng.uniform(25, 50, size=(1, 4)) / [1, 1, 50, 100]
    one = w / 25, row, np.where(row @ w > 0, 0.0, 1.0)  # a wrong label makes the slope steep
    message = "Here, X has a single row, with large numbers."
    assert_close(given.gradient(*one), reference.gradient(*one), message)
    _, X, _ = whole(w, X, y)
    assert_close(given.gradient(w, X, y), reference.gradient(w, X, y), "Here, X has integers.")


@task("gradient", points=5)
def test_where_the_model_is_sure(student, reference, rng):
    """Examples of which the model is sure, and right, do not disturb the gradient."""
    w, X = examples_at(np.array([800.0, -800.0, 0.5, -0.7]), rng)
    given, y = student.using(reference.sigmoid, reference.loss), np.array([1.0, 0, 0, 1])
    assert_close(given.gradient(w, X, y), reference.gradient(w, X, y), "Here, |z| is large.")


@task("gradient", points=3)
def test_w_and_data_are_kept(student, reference, rng):
    """The arrays that gradient is given stay as they are; they may hold integers, X one column."""
    gradient, (w, X, y) = student.using(reference.sigmoid, reference.loss).gradient, draw(rng)
    assert_kept(gradient, {"w": w, "X": X, "y": y})
    one = w[:1], X[:, :1], y
    assert_close(gradient(*one), reference.gradient(*one), "Here, X has a single column.")
    given = whole(w, X, y)
    assert_close(gradient(*given), reference.gradient(*given), "Here, all are integers.")


def fit(student, reference):
    """Return the student's `fit`, which calls the reference's other functions."""
    return student.using(reference.sigmoid, reference.loss, reference.gradient).fit


@task("fit", points=20, public=True)
def test_steps(student, reference, rng):
    """There are so many steps against the gradient, each as long as lr says, from zeros."""
    (w, X, _), lr = draw(rng, n=300), float(rng.uniform(0.3, 0.8))
    y = (X @ w + rng.normal(size=300) > 0).astype(float)  # so there is something to learn
    for data in (X, y), whole(w, X, y)[1:]:
        found = fit(student, reference)(*data, lr=lr, steps=7)
        assert_close(found, reference.fit(*data, lr=lr, steps=7))


@task("fit", points=8, public=True)
def test_defaults(student, reference, rng):
    """Without further arguments, there are 100 steps with a learning rate of 0.1."""
    _, X, y = draw(rng, n=12, d=3)
    message = "Look at the defaults of lr and steps."
    assert_close(fit(student, reference)(X, y), reference.fit(X, y), message)


@task("fit", points=4)
def test_many_steps(student, reference, rng):
    """There are as many steps as fit is told, where hardly anything changes or the loss rises."""
    _, X, y = draw(rng, n=8, d=2)
    X, little = X / 1e6, {"lr": 0.01, "steps": 12}
    found, expected = fit(student, reference)(X, y, **little), reference.fit(X, y, **little)
    assert_close(found, expected, "Here, a step changes hardly anything.", atol=0)
    X, y = np.repeat(np.eye(2), [10, 90], axis=0), np.repeat([1.0, 0, 1, 0], [7, 3, 47, 43])
    far = {"lr": 10.0, "steps": 8}
    found, expected = fit(student, reference)(X, y, **far), reference.fit(X, y, **far)
    assert_close(found, expected, "Here, the later steps go too far.")


@task("fit", points=4)
def test_large_features(student, reference, rng):
    """The weights are finite and right where the first step makes the model sure."""
    _, X, y = draw(rng, n=12, d=2)
    X = 1000 * X + 9000 * (2 * y[:, None] - 1)
    found = fit(student, reference)(X, y, lr=0.5, steps=4)
    assert_close(found, reference.fit(X, y, lr=0.5, steps=4), "Here, |z| becomes large.")


@task("fit", points=4)
def test_data_are_kept(student, reference, rng):
    """The arrays that fit is given stay as they are."""
    _, X, y = draw(rng)
    assert_kept(fit(student, reference), {"X": X, "y": y}, steps=3)
