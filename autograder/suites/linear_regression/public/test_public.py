"""The public tests of all tasks: the inputs and expectations of the notebook's visible asserts.

A student runs them with `check(...)`. They carry no points and hide nothing: a submission that
passes the visible cell of a task passes its tests here, and vice versa.
"""

import numpy as np

from autograder.suites.linear_regression import lesson
from autograder.suites.linear_regression.conftest import SUPPORT
from autograder.testing import (
    Tensor,
    array,
    check,
    close,
    fixture,
    number,
    numbers,
    task,
    values,
    waits_for,
)
from autograder.testing.torch import seeded, tensor, vjp


def check_gradients(student, a, b, *expected):
    """Check both gradients at a point."""
    names = ("dy/da", "dy/db")
    received = numbers(student.polynomial_gradients(a, b), "polynomial_gradients(a, b)", *names)
    for name, got, right in zip(names, received, expected, strict=True):
        message = f"At a = {a:g} and b = {b:g}, {name} is {right:g}, but you returned {got:g}."
        close(got, right, message, rtol=0, atol=1e-3)


@task("gradients")
def test_gradients_at_5_and_6(student):
    """At a = 5 and b = 6, dy/da is 75 and dy/db is -12."""
    check_gradients(student, 5.0, 6.0, 75, -12)


@task("gradients")
def test_gradients_at_1_and_a_half(student):
    """At a = 1 and b = 0.5, dy/da is 3 and dy/db is -1."""
    check_gradients(student, 1.0, 0.5, 3, -1)


TWO_ROWS = tensor([[1.0, 1.0, 1.0], [2.0, 0.0, -1.0]], "float32")
ONE_ROW = tensor(np.ones((1, 3)), "float32")


@fixture
def layer(student):
    """Return the student's Linear(3, 2) with w and b of the visible cell."""
    layer = student.Linear(3, 2)
    layer.w = tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]], "float32")
    layer.b = tensor([10.0, 20.0], "float32")
    return layer


@task("forward")
def test_shape_of_the_prediction(layer):
    """For x of shape (2, 3), forward returns shape (2, 2)."""
    array(layer.forward(TWO_ROWS), (2, 2), "For x of shape (2, 3), forward(x)")


@task("forward")
def test_values_of_the_prediction(layer):
    """The prediction is x W + b: its first row is 14 and 21.5."""
    received = values(layer.forward(TWO_ROWS), (2, 2), "forward(x)")
    message = (
        f"forward returned {received.tolist()}. Work out the first row by hand: it is 14 and 21.5."
    )
    close(received, [[14, 21.5], [9, 23.5]], message, rtol=1e-5, atol=1e-6)


@task("forward")
def test_one_row(layer):
    """It works for a single row too: x of shape (1, 3) gives shape (1, 2)."""
    array(layer.forward(ONE_ROW), (1, 2), "For x of shape (1, 3), forward(x)")


@task("forward")
def test_gradient_can_flow(layer):
    """A gradient can flow from the prediction back to w and b."""
    values(layer.forward(TWO_ROWS), (2, 2), "forward(x)")
    vjp(layer, TWO_ROWS, np.ones((2, 2)), "w", "b")


X_SMALL = tensor([[0.0], [1.0], [2.0]], "float32")
Y_SMALL = tensor([1.0, 3.0, 2.0], "float32")
ENDS = tensor([[0.0], [1.0]], "float32")


@fixture
def steps(student):
    """Return a function that takes steps with a correct model from w = 0, b = 0.

    It returns what the last step returned, and a function that returns the model's predictions at
    0 and at 1.
    """
    support = student.load(SUPPORT / "model.py")

    def take(count, lr):
        line = support.Linear(tensor([[0.0]], "float32"), tensor([0.0], "float32"))
        answers = [student.step(X_SMALL, Y_SMALL, line, lr=lr) for _ in range(count)]
        return answers[-1], lambda: support.predict(line, ENDS)

    return take


def check_line(taken, when, w, b, more=""):
    """Check where the model is."""
    _, predicted = taken
    at_zero, at_one = array(predicted(), (2, 1), "The model's prediction")[:, 0]
    slope = at_one - at_zero
    message = (
        f"{when} w should be {w:.4g} and b {b:.4g}, but w = {slope:.4f}, b = {at_zero:.4f}.{more}"
    )
    close(slope, w, message, rtol=0, atol=1e-4, start=0)
    close(at_zero, b, message, rtol=0, atol=1e-4, start=0)


@task("step")
def test_loss_before_the_update(steps):
    """It returns the loss before the update: 14/3 = 4.667."""
    loss = number(steps(1, lr=0.1)[0], "The loss that step returns")
    message = f"The loss before the update is 14/3 = 4.667, but step returned {loss:.3f}."
    close(loss, 14 / 3, message, rtol=0, atol=1e-3)


@task("step")
def test_one_update(steps):
    """One step from w = 0 and b = 0 leads to w = 0.4667 and b = 0.4."""
    check_line(steps(1, lr=0.1), "After one step,", 0.4667, 0.4)


@task("step")
def test_second_update(steps):
    """A second step leads on to w = 0.6978 and b = 0.6267."""
    hint = " If one step is right, did a gradient of it stay behind?"
    check_line(steps(2, lr=0.1), "After a second step,", 0.6978, 0.6267, hint)


@task("step")
def test_other_learning_rate(steps):
    """With lr=0.01 the step is a tenth as long: w = 0.0467 and b = 0.04."""
    check_line(steps(1, lr=0.01), "With lr=0.01,", 0.0467, 0.04)


def column(prediction, rows):
    """Return the numbers of a prediction of shape (rows, 1), of any dtype."""
    what = "The model's prediction"
    found = values(prediction, (rows, 1), what)[:, 0]
    shape = prediction.shape if isinstance(prediction, Tensor) else ()
    check(shape == (rows, 1), f"{what} should have shape {(rows, 1)}, but it has shape {shape}.")
    return found


@fixture(scope="submission")
def learned(student):
    """Take thirty steps on the assignment's data, from the notebook's seed.

    Return the coefficient, the bias and the mean squared error.
    """
    with waits_for("Linear.forward and step"):
        training = student.load(SUPPORT / "training.py")
        model = seeded(student.Linear, 1, 1, seed=lesson.SEED)
        X, y = tensor(lesson.X), tensor(lesson.y)
        training.train(student.step, X, y, model, lesson.STEPS, lesson.LR)
        at_zero, at_one = column(training.predict(model, ENDS), 2)
        error = np.mean((column(training.predict(model, X), len(lesson.y)) - lesson.y) ** 2)
    return at_one - at_zero, at_zero, float(error)


@task("convergence")
def test_learned_coefficient(learned):
    """After thirty steps the coefficient is 0.47."""
    message = f"The coefficient should come to 0.47, but it is {learned[0]:.2f}."
    check(abs(learned[0] - 0.4677) < 0.005, message)


@task("convergence")
def test_learned_bias(learned):
    """After thirty steps the bias is 2.00."""
    message = f"The bias should come to 2.00, but it is {learned[1]:.2f}."
    check(abs(learned[1] - 1.9983) < 0.005, message)


@task("convergence")
def test_error_in_the_end(learned):
    """After thirty steps the mean squared error is 0.0877."""
    message = f"The mean squared error should fall to 0.0877, but it is {learned[2]:.4f}."
    check(abs(learned[2] - 0.0877) < 0.001, message)
