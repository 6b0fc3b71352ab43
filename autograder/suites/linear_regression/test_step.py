"""Task `step`: one step of gradient descent on the mean squared error.

Each test lends a correct model, so that a wrong `forward` costs nothing here. Where the number
of rows does not matter there is one row: a target that is broadcast, or a sum instead of a
mean, then costs only the tests with more rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.exam.judge import Array, array, close, number
from autograder.exam.student import Remote, Student

from . import reference

pytestmark = pytest.mark.spoiler


@dataclass
class Problem:
    """Hidden data X (n, k), y (n,) and a model's parameters before the step."""

    X: Array
    y: Array
    w: Array
    b: Array

    @classmethod
    def draw(cls, rng: np.random.Generator, n: int, k: int = 1) -> Problem:
        """Draw a problem in which every residual is far from zero."""
        X, w, b = rng.uniform(0.5, 1.5, (n, k)), rng.normal(size=(k, 1)), rng.normal(size=1)
        X *= rng.choice([-1, 1], (n, k))
        y = reference.forward(X, w, b)[:, 0] - rng.uniform(0.5, 2, n)
        return cls(*(part.astype(np.float32).astype(np.float64) for part in (X, y, w, b)))

    def model(self, lent: Any) -> Remote:
        """Return the lent model with the parameters of this problem."""
        model = lent.Linear(single(self.w), single(self.b))
        assert isinstance(model, Remote)
        return model

    def step(self, student: Student, model: Remote, *args: Any, **kwargs: Any) -> Any:
        """Have the student take a step."""
        return student.step(single(self.X), single(self.y), model, *args, **kwargs)


def single(part: Array) -> NDArray[np.float32]:
    """Return an array as the float32 that the assignment computes with."""
    return part.astype(np.float32)


def parameters(lent: Any, model: Remote, k: int = 1) -> tuple[Array, Array]:
    """Return w and b of a model, from its predictions at the origin and along each axis."""
    x = np.vstack([np.zeros((1, k)), np.eye(k)])
    prediction = array(lent.predict(model, single(x)), (k + 1, 1), "the model's prediction")
    return prediction[1:] - prediction[0], prediction[0]


def compare(
    lent: Any, model: Remote, expected: tuple[Array, Array], message: str, k: int = 1
) -> None:
    """Check that the model now computes what it should."""
    w, b = parameters(lent, model, k)
    close(w, expected[0], message)
    close(b, expected[1], message)


@pytest.mark.task("step", points=6)
def test_one_update(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """One step moves the model by the learning rate 0.1 times the gradient."""
    problem = Problem.draw(rng, n=7)
    model = problem.model(lent_model)
    problem.step(student, model)
    w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    compare(
        lent_model,
        model,
        (w, b),
        "After one step with 7 rows the model is not where gradient descent on the mean "
        "squared error puts it. Check the loss (squared? mean? shapes (n, 1) and (n,)?) and the "
        "update p - lr * p.grad.",
    )


@pytest.mark.task("step", points=4)
def test_several_features(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """It works for more features and more rows."""
    problem = Problem.draw(rng, n=40, k=3)
    model = problem.model(lent_model)
    problem.step(student, model)
    w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    message = "With 3 features and 40 rows the model is not where one step should put it."
    compare(lent_model, model, (w, b), message, k=3)


@pytest.mark.task("step", points=4)
def test_target_row_by_row(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """Each prediction is compared with its own target: a perfect model stays where it is."""
    perfect = Problem.draw(rng, n=6)
    perfect.y = reference.forward(perfect.X, perfect.w, perfect.b)[:, 0]
    model = perfect.model(lent_model)
    perfect.step(student, model)
    compare(
        lent_model,
        model,
        (perfect.w, perfect.b),
        "A model that predicts every target exactly should stay where it is, but it moved. "
        "The prediction has shape (n, 1) and y has shape (n,): subtracting them gives n × n "
        "numbers, not n.",
    )
    single_row = Problem.draw(rng, n=1)
    model = single_row.model(lent_model)
    single_row.step(student, model)
    w, b = parameters(lent_model, model)
    if np.array_equal(w, single(single_row.w)) and np.array_equal(b, single(single_row.b)):
        close(0, 1, "step does not move the model at all.")


@pytest.mark.task("step", points=5)
def test_learning_rate(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """The step is as long as the argument lr says."""
    problem = Problem.draw(rng, n=1)
    for lr, given in ((0.02, {"lr": 0.02}), (0.3, {"lr": 0.3})):
        model = problem.model(lent_model)
        problem.step(student, model, **given)
        w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b, lr)
        message = f"With lr={lr} the model does not move by {lr} times the gradient."
        compare(lent_model, model, (w, b), message)


@pytest.mark.task("step", points=5)
def test_steps_in_a_row(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """The second and third step start afresh: no gradient is left from the step before."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(lent_model)
    for _ in range(3):
        problem.step(student, model, lr=0.05)
    expected = reference.train(problem.X, problem.y, problem.w, problem.b, steps=3, lr=0.05)
    compare(
        lent_model,
        model,
        expected,
        "After three steps in a row the model is not where it should be. Gradients add up from "
        "one backward() to the next unless they are set to zero in between.",
    )


@pytest.mark.task("step", points=2)
def test_weight_is_updated(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """The weight w is updated."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(lent_model)
    problem.step(student, model)
    expected, _, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    w, _ = parameters(lent_model, model)
    close(w, expected, "After one step with one row, w is not w - lr * dL/dw.")


@pytest.mark.task("step", points=2)
def test_bias_is_updated(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """The bias b is updated."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(lent_model)
    problem.step(student, model)
    _, expected, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    _, b = parameters(lent_model, model)
    close(b, expected, "After one step with one row, b is not b - lr * dL/db.")


@pytest.mark.task("step", points=2)
def test_in_place(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """The tensors in model.params themselves change; they are not replaced by new ones."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(lent_model)
    twin = lent_model.twin(model)
    problem.step(student, model)
    w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    message = "The tensors that were in model.params did not change: update them in place."
    compare(lent_model, twin, (w, b), message)


@pytest.mark.task("step", points=3)
def test_loss(student: Student, lent_model: Any, rng: np.random.Generator) -> None:
    """It returns the mean squared error of all rows."""
    problem = Problem.draw(rng, n=9, k=2)
    received = number(problem.step(student, problem.model(lent_model)), "The returned loss")
    expected = reference.loss(problem.X, problem.y, problem.w, problem.b)
    message = "The returned loss is not the mean of the squared errors of all rows."
    close(received, expected, message)


@pytest.mark.task("step", points=2)
def test_loss_before_the_update(
    student: Student, lent_model: Any, rng: np.random.Generator
) -> None:
    """The loss it returns is the one before the update."""
    problem = Problem.draw(rng, n=1)
    received = number(problem.step(student, problem.model(lent_model)), "The returned loss")
    expected = reference.loss(problem.X, problem.y, problem.w, problem.b)
    message = "With one row, the returned loss is not the squared error before the update."
    close(received, expected, message)
