"""The public tests of all tasks: the inputs and expectations of the notebook's visible asserts.

A student runs them with `check(...)`. They carry no points and hide nothing: a submission that
passes the visible cell of a task passes its tests here, and vice versa.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.suites.linear_regression.conftest import SUPPORT
from autograder.suites.linear_regression.lesson import LEARNING_RATE, STEPS, lesson
from autograder.testing import (
    Array,
    Remote,
    Student,
    Tensor,
    array,
    check,
    close,
    number,
    numbers,
    values,
    waits_for,
)
from autograder.testing.torch import tensor


def check_gradients(student: Student, a: float, b: float, expected: tuple[float, float]) -> None:
    """Check both gradients at a point."""
    answer: Any = student.polynomial_gradients(a, b)
    received = numbers(answer, "polynomial_gradients(a, b)", "dy/da", "dy/db")
    for name, got, right in zip(("dy/da", "dy/db"), received, expected, strict=True):
        message = f"At a = {a:g} and b = {b:g}, {name} is {right:g}, but you returned {got:g}."
        close(got, right, message, rtol=0, atol=1e-3)


@pytest.mark.task("gradients")
def test_gradients_at_5_and_6(student: Student) -> None:
    """At a = 5 and b = 6, dy/da is 75 and dy/db is -12."""
    check_gradients(student, 5.0, 6.0, (75, -12))


@pytest.mark.task("gradients")
def test_gradients_at_1_and_a_half(student: Student) -> None:
    """At a = 1 and b = 0.5, dy/da is 3 and dy/db is -1."""
    check_gradients(student, 1.0, 0.5, (3, -1))


W = tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]], "float32")
B = tensor([10.0, 20.0], "float32")
TWO_ROWS = tensor([[1.0, 1.0, 1.0], [2.0, 0.0, -1.0]], "float32")
ONE_ROW = tensor(np.ones((1, 3)), "float32")


@pytest.fixture
def layer(student: Student) -> Any:
    """Return the student's Linear(3, 2) with w and b of the visible cell."""
    layer: Any = student.Linear(3, 2)
    layer.w, layer.b = W, B
    return layer


@pytest.mark.task("forward")
def test_shape_of_the_prediction(layer: Any) -> None:
    """For x of shape (2, 3), forward returns shape (2, 2)."""
    array(layer.forward(TWO_ROWS), (2, 2), "For x of shape (2, 3), forward(x)")


@pytest.mark.task("forward")
def test_values_of_the_prediction(layer: Any) -> None:
    """The prediction is x W + b: its first row is 14 and 21.5."""
    received = values(layer.forward(TWO_ROWS), (2, 2), "forward(x)")
    message = (
        f"forward returned {received.tolist()}. Work out the first row by hand: it is 14 and 21.5."
    )
    close(received, np.array([[14, 21.5], [9, 23.5]]), message, rtol=1e-5, atol=1e-6)


@pytest.mark.task("forward")
def test_one_row(layer: Any) -> None:
    """It works for a single row too: x of shape (1, 3) gives shape (1, 2)."""
    array(layer.forward(ONE_ROW), (1, 2), "For x of shape (1, 3), forward(x)")


@pytest.mark.task("forward")
def test_gradient_can_flow(layer: Any, probe: Any) -> None:
    """A gradient can flow from the prediction back to w and b."""
    values(layer.forward(TWO_ROWS), (2, 2), "forward(x)")
    check(
        probe.gradients_through(layer, TWO_ROWS, tensor(np.ones((2, 2)), "float32")) is not None,
        "No gradient can flow back: the prediction is cut off from w and b. "
        "Look for .detach(), .data, .item(), .numpy() or torch.no_grad() in forward.",
    )


X_SMALL = tensor([[0.0], [1.0], [2.0]], "float32")
Y_SMALL = tensor([1.0, 3.0, 2.0], "float32")
ENDS = tensor([[0.0], [1.0]], "float32")


@pytest.fixture
def line(correct_model: Any) -> Remote:
    """Return a correct model with w = 0 and b = 0, so that only `step` is checked."""
    line = correct_model.Linear(tensor([[0.0]], "float32"), tensor([0.0], "float32"))
    assert isinstance(line, Remote)
    return line


def check_line(correct_model: Any, line: Remote, when: str, w: float, b: float, more: str) -> None:
    """Check where the model is, read off its predictions at 0 and 1."""
    at_zero, at_one = array(correct_model.predict(line, ENDS), (2, 1), "The model's prediction")[
        :, 0
    ]
    slope = at_one - at_zero
    message = (
        f"{when} w should be {w:.4g} and b {b:.4g}, but w = {slope:.4f}, b = {at_zero:.4f}.{more}"
    )
    close(slope, w, message, rtol=0, atol=1e-4, start=0)
    close(at_zero, b, message, rtol=0, atol=1e-4, start=0)


@pytest.mark.task("step")
def test_loss_before_the_update(student: Student, line: Remote) -> None:
    """It returns the loss before the update: 14/3 = 4.667."""
    answer = student.step(X_SMALL, Y_SMALL, line, lr=0.1)
    loss = number(answer, "The loss that step returns")
    message = f"The loss before the update is 14/3 = 4.667, but step returned {loss:.3f}."
    close(loss, 14 / 3, message, rtol=0, atol=1e-3)


@pytest.mark.task("step")
def test_one_update(student: Student, line: Remote, correct_model: Any) -> None:
    """One step from w = 0 and b = 0 leads to w = 0.4667 and b = 0.4."""
    student.step(X_SMALL, Y_SMALL, line, lr=0.1)
    check_line(correct_model, line, "After one step,", 0.4667, 0.4, "")


@pytest.mark.task("step")
def test_second_update(student: Student, line: Remote, correct_model: Any) -> None:
    """A second step leads on to w = 0.6978 and b = 0.6267."""
    for _ in range(2):
        student.step(X_SMALL, Y_SMALL, line, lr=0.1)
    hint = " If one step is right, did a gradient of it stay behind?"
    check_line(correct_model, line, "After a second step,", 0.6978, 0.6267, hint)


@pytest.mark.task("step")
def test_other_learning_rate(student: Student, line: Remote, correct_model: Any) -> None:
    """With lr=0.01 the step is a tenth as long: w = 0.0467 and b = 0.04."""
    student.step(X_SMALL, Y_SMALL, line, lr=0.01)
    check_line(correct_model, line, "With lr=0.01,", 0.0467, 0.04, "")


@dataclass(frozen=True)
class Learned:
    """The result of thirty steps: the line, and the mean squared error of its predictions."""

    coefficient: float
    bias: float
    error: float


def column(prediction: Any, rows: int) -> Array:
    """Return the numbers of a prediction of shape (rows, 1), of any dtype."""
    what = "The model's prediction"
    found = values(prediction, (rows, 1), what)[:, 0]
    shape = prediction.shape if isinstance(prediction, Tensor) else ()
    check(shape == (rows, 1), f"{what} should have shape {(rows, 1)}, but it has shape {shape}.")
    return found


@pytest.fixture(scope="session")
def learned(student: Student) -> Learned:
    """Take thirty steps on the assignment's data, from the notebook's seed."""
    X, y, _ = lesson()
    with waits_for("Linear.forward and step"):
        probe: Any = student.load(SUPPORT / "probe.py")
        learner = probe.seeded(student.Linear, 4)
        rows = tensor(X)
        probe.train(student.step, rows, tensor(y), learner, STEPS, LEARNING_RATE)
        at_zero, at_one = column(probe.predict(learner, ENDS), 2)
        error = float(np.mean((column(probe.predict(learner, rows), len(y)) - y) ** 2))
    return Learned(float(at_one - at_zero), float(at_zero), error)


@pytest.mark.task("convergence")
def test_learned_coefficient(learned: Learned) -> None:
    """After thirty steps the coefficient is 0.47."""
    message = f"The coefficient should come to 0.47, but it is {learned.coefficient:.2f}."
    check(abs(learned.coefficient - 0.4677) < 0.005, message)


@pytest.mark.task("convergence")
def test_learned_bias(learned: Learned) -> None:
    """After thirty steps the bias is 2.00."""
    message = f"The bias should come to 2.00, but it is {learned.bias:.2f}."
    check(abs(learned.bias - 1.9983) < 0.005, message)


@pytest.mark.task("convergence")
def test_error_in_the_end(learned: Learned) -> None:
    """After thirty steps the mean squared error is 0.0877."""
    message = f"The mean squared error should fall to 0.0877, but it is {learned.error:.4f}."
    check(abs(learned.error - 0.0877) < 0.001, message)
