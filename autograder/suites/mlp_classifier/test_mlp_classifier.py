"""Tests of `mlp_classifier`: each uses the student's class or calls a function on hidden inputs.

`train` and `accuracy` get models of the suite's own, so a mistake in `MLP` costs nothing there.
Any optimizer will do, so the tests of `train` look at what they have in common.
"""

import numpy as np

from autograder.testing import assert_close, assert_equal, check, fixture, task
from autograder.testing.torch import accuracy as share_of_right_labels
from autograder.testing.torch import (
    assert_cleared,
    assert_falls,
    assert_trained,
    count_parameters,
    loader,
    loss_curve,
    network,
    outputs,
    parameters,
    seeded,
    set_parameters,
    tensor,
    vjp,
)

SHAPES = {"hidden.weight": (5, 3), "hidden.bias": (5,), "out.weight": (4, 5), "out.bias": (4,)}


@task("MLP", points=8, public=True)
def test_layers(student):
    """The layers are called hidden and out, and are as large as they are asked to be."""
    set_parameters(student.MLP(3, 5, 4), {name: np.zeros(shape) for name, shape in SHAPES.items()})


@task("MLP", points=4, public=True)
def test_number_of_parameters(student):
    """There is nothing to learn besides these two layers."""
    assert_equal(count_parameters(student.MLP(3, 5, 4)), 44, what="The number of parameters")


@task("MLP", points=4, public=True)
def test_sizes(student):
    """Without arguments, 64 numbers come in, the hidden layer has 64, and 10 go out."""
    message = "Look at the defaults of n_in, n_hidden and n_out."
    assert_equal(count_parameters(student.MLP()), 4810, message, what="The number of parameters")


@task("MLP", points=16, public=True)
def test_logits(student, reference, rng):
    """The outputs are the logits: W2 max(0, W1 x + b1) + b2."""
    X, drawn = rng.normal(size=(7, 3)), {name: rng.normal(size=s) for name, s in SHAPES.items()}
    models = student.MLP(3, 5, 4), reference.MLP(3, 5, 4)
    for model in models:
        set_parameters(model, drawn)
    found, expected = (outputs(model, X) for model in models)
    assert_close(found, expected)


@task("MLP", points=4)
def test_start(student):
    """The hidden units begin with weights that differ, so they can learn different things."""
    start = parameters(seeded(student.MLP, 6, 8, 4), "hidden.weight")["hidden.weight"]
    distinct = len(np.unique(np.asarray(start), axis=0))
    check(distinct == len(start), "Some hidden units begin with the same weights.")


@task("MLP", points=4)
def test_gradient_reaches_the_hidden_layer(student, rng):
    """Gradients flow from the logits back to both layers."""
    slopes = vjp(seeded(student.MLP, 6, 8, 4), rng.normal(size=(9, 6)), rng.normal(size=(9, 4)))
    for name in ("hidden.weight", "out.weight"):
        flows = slopes[name] is not None and np.any(np.asarray(slopes[name]))
        check(flows, f"No gradient reaches `{name}`.")


@fixture(scope="submission")
def contradicted(student):
    """Train for three epochs where nothing can be learned: the losses are known, and stay.

    Of ten rows in batches of four, the last two contradict each other: they are alike, and have
    both labels. The others are sure and right. So all gradients are zero.
    """
    model = network(student, 2, 2)
    set_parameters(model, {"0.weight": [[0.0, 100.0], [0.0, -100.0]], "0.bias": [0.0, 0.0]})
    X, y = 8 * [[0.0, 1.0]] + 2 * [[0.0, 0.0]], 8 * [0] + [0, 1]
    return student.train(model, loader(student, X, y, batch_size=4), 3)


@fixture(scope="submission")
def surprised(student):
    """Train for an epoch with a model that is sure and right, but for the first of seven rows."""
    model = network(student, 2, 2)
    set_parameters(model, {"0.weight": [[5.0, 200.0], [-5.0, -200.0]], "0.bias": [0.0, 0.0]})
    X, y = [[1.0, 0.0]] + 6 * [[0.0, 1.0]], [1] + 6 * [0]
    return model, student.train(model, loader(student, X, y, batch_size=2), 1)


@fixture(scope="submission")
def taught(student, hidden):
    """Train for 12 epochs with what can be learned; return model, parameters before, and losses."""
    y, rng = np.arange(60) % 3, hidden("three clusters")
    X = 1.5 * (rng.normal(size=(60, 8)) + 2 * np.eye(3, 8)[y])
    model = network(student, 8, 16, 3)
    before = parameters(model)
    return (
        model,
        before,
        student.train(model, loader(student, X, y, batch_size=15, shuffle=True), 12),
    )


@task("train", points=12, public=True)
def test_mean_over_rows(contradicted):
    """What train returns is the mean cross entropy over all rows, for each epoch."""
    losses = loss_curve(contradicted, "What train returns", length=3)
    message = "The last batch has fewer rows than the others."
    assert_close(losses, np.full(3, 2 / 10 * np.log(2)), message, rtol=0.01)


@task("train", points=6)
def test_loss_of_a_surprise(surprised):
    """One row with a large loss counts as one row."""
    losses = loss_curve(surprised[1], "What train returns", length=1)
    assert_close(losses, [10 / 7], "Is it the mean over all rows?", rtol=0.05)


@task("train", points=9, public=True)
def test_gradients_of_each_batch_alone(surprised):
    """A step uses the gradients of its own batch alone."""
    assert_cleared(surprised[0])


@task("train", points=12, public=True)
def test_loss_falls(taught):
    """The loss falls from the first epoch to the last."""
    assert_falls(loss_curve(taught[2], "What train returns", length=12), "The loss", by=0.05)


@task("train", points=6)
def test_every_parameter_is_trained(taught):
    """All parameters of the model have moved."""
    model, before, _ = taught
    assert_trained(model, before)


@task("accuracy", points=12, public=True)
def test_share(student, rng):
    """The accuracy is the share of rows whose largest logit is that of the right label."""
    model, X = network(student, 4, 3), rng.normal(size=(97, 4)) * rng.uniform(0.2, 5, size=(97, 1))
    y = rng.integers(0, 3, size=97)
    found = student.accuracy(model, tensor(X, "float32"), tensor(y))
    assert_close(found, share_of_right_labels(model, X, y), "The share is between 0 and 1.")


@task("accuracy", points=3)
def test_few_rows(student):
    """One right label of three is a third."""
    model = network(student, 2, 2)
    set_parameters(model, {"0.weight": [[1.0, 0.0], [0.0, 1.0]], "0.bias": [0.0, 0.0]})
    X, y = tensor([[5.0, 1.0], [4.0, 3.0], [-2.0, -1.0]], "float32"), tensor([0, 1, 0])
    assert_close(student.accuracy(model, X, y), 1 / 3, "One of three rows is right here.")
