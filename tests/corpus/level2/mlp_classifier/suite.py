import numpy as np

from autograder.testing import assert_close, assert_equal, check, task, torch

SIZES = {"hidden.weight": (5, 3), "hidden.bias": 5, "out.weight": (4, 5), "out.bias": 4}


@task("MLP", points=15)
def test_layers(student):
    """The layers are called hidden and out, and are as large as they should be."""
    torch.set_parameters(student.MLP(3, 5, 4), {name: np.zeros(SIZES[name]) for name in SIZES})
    assert_equal(torch.count_parameters(student.MLP()), 4810, what="The number of parameters")


@task("MLP", points=25)
def test_forward(student, rng):
    """The outputs are logits: W2 relu(W1 x + b1) + b2."""
    model, X = student.MLP(3, 5, 4), rng.normal(size=(6, 3))
    drawn = {name: rng.normal(size=size) for name, size in SIZES.items()}
    torch.set_parameters(model, drawn)
    W1, b1, W2, b2 = drawn.values()
    assert_close(torch.outputs(model, X), np.maximum(X @ W1.T + b1, 0) @ W2.T + b2)


def trained(student):
    """Train a model that is sure and right, except for the first of 7 rows, with a loss of 10."""
    model = torch.network(student, 2, 2)
    torch.set_parameters(model, {"0.weight": [[5, 200], [-5, -200]], "0.bias": [0, 0]})
    X, y = [[1.0, 0.0]] + 6 * [[0.0, 1.0]], [1] + 6 * [0]
    return model, student.train(model, torch.loader(student, X, y, batch_size=2), 1)


@task("train", points=20)
def test_mean(student):
    """train returns the mean loss over all rows of each epoch, as a list."""
    history = torch.loss_curve(trained(student)[1], length=1)
    assert_close(history, [10 / 7], "Is it a mean over rows?", rtol=0.05)


@task("train", points=10)
def test_zero_grad(student):
    """A step uses the gradient of its own batch alone."""
    slopes = torch.gradients(trained(student)[0]).values()
    check(not any(map(np.any, slopes)), "Is anything left of the batch before?")


@task("train", points=15)
def test_learning(student, rng):
    """The loss falls, epoch by epoch."""
    y = np.arange(120) % 3
    model, X = torch.network(student, 8, 16, 3), rng.normal(size=(120, 8)) + 2 * np.eye(3, 8)[y]
    losses = student.train(model, torch.loader(student, X, y, batch_size=10, shuffle=True), 15)
    torch.assert_falls(torch.loss_curve(losses, length=15), by=0.2)


@task("accuracy", points=15)
def test_accuracy(student, rng):
    """accuracy is the share of right labels, between 0 and 1."""
    model, X, y = torch.network(student, 4, 3), rng.normal(size=(97, 4)), rng.integers(0, 3, 97)
    received = student.accuracy(model, torch.tensor(X, "float32"), torch.tensor(y))
    assert_close(received, torch.accuracy(model, X, y), "The share is between 0 and 1.")
