"""Tests of `mlp_classifier`: each uses the student's class or calls a function on hidden inputs.

`train` and `accuracy` get models of the suite's own, so a mistake in `MLP` costs nothing there.
Any optimizer will do, so the tests of `train` look at what they have in common.
"""

import numpy as np

from autograder.suites.mlp_classifier.losses import SUPPORT, cross_entropy, train_on_surprises
from autograder.suites.mlp_classifier.models import SHAPES, scaled, with_the_same_parameters
from autograder.testing import Tensor, assert_close, assert_equal, check, fixture, observe, task
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


@task("MLP", points=12, public=True)
def test_logits(student, reference, rng):
    """The outputs are the logits: W2 max(0, W1 x + b1) + b2."""
    models, X = with_the_same_parameters(student, reference, rng)
    for rows, message in ((X, ""), (X[:1], "Here, x has a single row.")):
        found, expected = (outputs(model, rows) for model in models)
        assert_close(found, expected, message)


@task("MLP", points=4)
def test_outputs_in_training(student, reference, rng):
    """The outputs are the same in training: nothing in the model is drawn at random."""
    models, X = with_the_same_parameters(student, reference, rng)
    found, expected = (seeded(model, tensor(X, "float32")) for model in models)
    assert_close(found, expected, "Does the model do something else while it is trained?")


@task("MLP", points=4)
def test_start(student):
    """The hidden units begin with weights that differ, so they can learn different things."""
    start = parameters(seeded(student.MLP, 6, 8, 4), "hidden.weight")["hidden.weight"]
    distinct = len(np.unique(np.asarray(start), axis=0))
    check(distinct == len(start), "Some hidden units begin with the same weights.")


@task("MLP", points=4)
def test_gradient_reaches_the_hidden_layer(student, reference, rng):
    """Gradients flow from the logits back to both layers."""
    slopes = vjp(seeded(student.MLP, 6, 8, 4), rng.normal(size=(9, 6)), rng.normal(size=(9, 4)))
    for name in ("hidden.weight", "out.weight"):
        flows = slopes[name] is not None and np.any(np.asarray(slopes[name]))
        check(flows, f"No gradient reaches `{name}`.")
    models, X = with_the_same_parameters(student, reference, rng)
    v = rng.normal(size=(7, 4))
    found, expected = (vjp(model, X, v)["hidden.weight"] for model in models)
    assert_close(found, expected, what="The gradient of `hidden.weight`")


@fixture(scope="submission")
def fixed(student, hidden):
    """Train for eight epochs where nothing can be learned; return the losses, and each row's loss.

    Of ten rows in batches of four, the last two are a smaller batch.
    """
    rng = hidden("ten rows")
    rows = np.column_stack([rng.normal(scale=2, size=(10, 2)), np.zeros(10)])
    y = rng.permutation(np.arange(10) % 2)
    model = student.load(SUPPORT).Given()
    losses = student.train(model, loader(student, rows, y, batch_size=4), 8)
    return losses, cross_entropy(rows, y)


@fixture(scope="submission")
def taught(student, hidden):
    """Train for 12 epochs with what can be learned; return model, parameters before, and losses."""
    y, rng = np.arange(60) % 3, hidden("three clusters")
    X = 1.5 * (rng.normal(size=(60, 8)) + 2 * np.eye(3, 8)[y])
    model = network(student, 8, 16, 3)
    before = parameters(model)
    losses = student.train(model, loader(student, X, y, batch_size=15, shuffle=True), 12)
    return model, before, losses


@task("train", points=12, public=True)
def test_mean_over_rows(fixed):
    """What train returns is the mean cross entropy over all rows, for each epoch."""
    losses = loss_curve(fixed[0], "What train returns", length=8)
    message = "The last batch has fewer rows than the others."
    assert_close(losses, np.full(8, fixed[1].mean()), message)


@task("train", points=6)
def test_loss_of_each_batch_when_it_is_trained_on(student, hidden):
    """The loss of a batch is the one that its step is computed from."""
    _, found, (first, *rows) = train_on_surprises(student, hidden, epochs=2)
    losses = loss_curve(found, "What train returns", length=2)
    message, known = "Is each batch's loss the one before its step?", sum(rows) - first
    assert_close(losses, np.array([first + known, known]) / 7, message)
    model, X = scaled(student, 60.0), [[2.0, 1.97], [1.0, 3.0]]  # float32 has no exp(120)
    losses = loss_curve(student.train(model, loader(student, X, [1, 1], batch_size=2), 1), length=1)
    expected = np.logaddexp(*np.multiply(60, X[0])) - 60 * X[0][1]
    assert_close(losses, [expected / 2], "Here, the model comes with parameters of its own.")


@task("train", points=9, public=True)
def test_gradients_of_each_batch_alone(student, hidden):
    """A step uses the gradients of its own batch alone, in the first epoch and in later ones."""
    for epochs in (1, 2):
        assert_cleared(train_on_surprises(student, hidden, epochs)[0])


@task("train", points=3)
def test_every_epoch(student):
    """Each epoch goes through the loader, even if the loss rises, and gives a plain number."""
    X, y = [[5.0, -5.0, 20.0], [0.0, 0.0, 1.0]], [0, 1]  # to learn the second costs the first
    losses, loaded, recorded = student.load(SUPPORT).trained(student.train, X, y, 6)
    losses = loss_curve(losses, "What train returns")
    check(len(losses) == 6, f"What train returns should have 6 values, but it has {len(losses)}.")
    check(min(loaded) >= 6, "Go through the loader in every epoch: it may give other batches.")
    check(not recorded, "Return numbers without gradients, as from loss.item().")


@task("train", points=9, public=True)
def test_loss_falls(taught):
    """The loss falls from the first epoch to the last."""
    losses = loss_curve(taught[2], "What train returns")
    check(losses.max() < 50, "The loss becomes very large. Are the steps too long?")
    assert_falls(losses, "The loss", by=0.05)


@task("train", points=6)
def test_every_parameter_is_trained(taught):
    """All parameters of the model have moved."""
    assert_trained(*taught[:2])


@task("accuracy", points=11, public=True)
def test_share(student, rng):
    """The accuracy is the share of rows whose largest logit is that of the right label."""
    X = rng.normal(size=(307, 4)) * rng.uniform(0.2, 5, size=(307, 1))
    for model, y in (
        (network(student, 4, 3), rng.choice(3, size=307, p=[0.2, 0.2, 0.6])),
        (network(student, 4, 12), rng.integers(12, size=307)),
    ):
        found = student.accuracy(model, tensor(X, "float32"), tensor(y))
        assert_close(found, share_of_right_labels(model, X, y), "The share is between 0 and 1.")


@fixture
def few(student):
    """Return a model whose logits are its inputs, and three rows of them."""
    return scaled(student, 1.0), tensor([[5.0, 1.0], [4.0, 3.0], [-2.0, -1.0]], "float32")


@task("accuracy", points=3)
def test_few_rows(student, few):
    """Two right labels of three are two thirds, and three are all of them; so is one of one.

    The model can be trained afterwards.
    """
    model, X = few
    assert_close(student.accuracy(model, X, tensor([0, 1, 1])), 2 / 3, "Two of three.", rtol=1e-6)
    assert_close(student.accuracy(model, X, tensor([0, 0, 1])), 1.0, "All rows are right here.")
    assert_close(student.accuracy(model, tensor([[30.0, 45.0]], "float32"), tensor([1])), 1.0)
    assert_close(student.accuracy(model, X, tensor([0, 0, 0])), 2 / 3, "All labels are 0 here.")
    flows = student.load(SUPPORT).flows_after(student.accuracy, model, X, tensor([0, 1, 0]))
    check(flows, "After accuracy, the model cannot be trained any more.")


@task("accuracy", points=1)
def test_float(student, few):
    """The accuracy is a number of Python's, and not a tensor."""
    found = student.accuracy(*few, tensor([0, 1, 0]))
    observe("array", found)
    check(not isinstance(found, Tensor), "Return a float, not a tensor.")
