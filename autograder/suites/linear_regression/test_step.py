"""Task `step`: one step of gradient descent on the mean squared error.

Each test loads a correct model, so that a wrong `forward` costs nothing here, and each checks one
property, so that a mistake is charged once: with one row a sum is a mean; if the targets do not
depend on x, comparing each prediction with every target changes nothing; if `lr` is given as 0.1,
a hard-coded learning rate of 0.1 does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.testing import (
    Array,
    Remote,
    Student,
    StudentError,
    array,
    check,
    close,
    number,
    observe_weakly,
)

from . import reference

pytestmark = pytest.mark.spoiler


LR = 0.1
STILL = 1e-3  # a step moves b by at least 0.1


@dataclass
class Problem:
    """Hidden data X (n, 1), y (n,) and a model's parameters before the step."""

    X: Array
    y: Array
    w: Array
    b: Array

    @classmethod
    def draw(cls, rng: np.random.Generator, n: int) -> Problem:
        """Draw a problem in which every residual is far from zero."""
        X, w, b = rng.uniform(0.5, 1.5, (n, 1)), rng.normal(size=(1, 1)), rng.normal(size=1)
        X *= rng.choice([-1, 1], (n, 1))
        y = reference.forward(X, w, b)[:, 0] - rng.uniform(0.5, 2, n)
        return cls(X, y, w, b).rounded()

    def rounded(self) -> Problem:
        """Return it rounded to numbers that float32 can represent."""
        parts = (single(part).astype(np.float64) for part in (self.X, self.y, self.w, self.b))
        return Problem(*parts)

    def model(self, support: Any) -> Remote:
        """Return a correct model with the parameters of this problem."""
        model = support.Linear(single(self.w), single(self.b))
        assert isinstance(model, Remote)
        return model

    def step(self, student: Student, model: Remote, *args: Any, **kwargs: Any) -> Any:
        """Take a step with the student's code."""
        return student.step(single(self.X), single(self.y), model, *args, **kwargs)


def single(part: Array) -> NDArray[np.float32]:
    """Return an array as float32, which the assignment computes with."""
    return part.astype(np.float32)


def sixteenths(part: Array) -> Array:
    """Round to sixteenths: their products and sums are exact, and a residual of zero is zero."""
    rounded: Array = np.round(16 * part) / 16
    return rounded


def parameters(support: Any, model: Remote) -> tuple[Array, Array]:
    """Return w and b of a model, from its predictions at 0 and 1."""
    x = np.array([[0.0], [1.0]], np.float32)
    prediction = array(support.predict(model, x), (2, 1), "the model's prediction")
    return prediction[1:] - prediction[0], prediction[0]


def compare(
    support: Any, model: Remote, problem: Problem, expected: tuple[Array, Array], message: str
) -> None:
    """Check that the model has moved from its start to where it should be."""
    w, b = parameters(support, model)
    close(w, expected[0], f"{message} w is wrong.", start=problem.w)
    close(b, expected[1], f"{message} b is wrong.", start=problem.b)


@contextmanager
def marked(support: Any, model: Remote) -> Iterator[None]:
    """Observe what a step leaves behind, even if it raises an exception."""
    try:
        yield
    except StudentError:
        observe_weakly(support.marks(model))
        raise
    observe_weakly(support.marks(model))


@pytest.mark.task("step", points=4)
def test_weight_is_updated(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """With one row and the default learning rate, w becomes w - 0.1 dL/dw."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(correct_model)
    with marked(correct_model, model):
        problem.step(student, model)
    expected, _, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    w, _ = parameters(correct_model, model)
    message = "After one step with one row, w is not w - lr * dL/dw."
    close(w, expected, message, start=problem.w)


@pytest.mark.task("step", points=4)
def test_bias_is_updated(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """With one row and the default learning rate, b becomes b - 0.1 dL/db."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(correct_model)
    problem.step(student, model)
    _, expected, _ = reference.step(problem.X, problem.y, problem.w, problem.b)
    _, b = parameters(correct_model, model)
    message = "After one step with one row, b is not b - lr * dL/db."
    close(b, expected, message, start=problem.b)


@pytest.mark.task("step", points=6)
def test_mean_of_all_rows(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """With many rows the gradient is that of the mean over all of them."""
    problem = Problem.draw(rng, n=40)
    centred = problem.X[:, 0] - problem.X.mean()
    problem.y -= centred * (centred @ problem.y) / (centred @ centred)  # y does not depend on x
    problem = problem.rounded()
    model = problem.model(correct_model)
    problem.step(student, model, lr=LR)
    w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b, LR)
    compare(
        correct_model,
        model,
        problem,
        (w, b),
        "After one step with 40 rows the model is not where gradient descent on the mean "
        "squared error puts it.",
    )


@pytest.mark.task("step", points=6)
def test_target_row_by_row(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """Each prediction is compared with its own target: a perfect model stays where it is."""
    perfect = Problem.draw(rng, n=6)
    perfect.w = rng.uniform(0.5, 1.5, (1, 1))
    perfect.X, perfect.w, perfect.b = map(sixteenths, (perfect.X, perfect.w, perfect.b))
    perfect.y = reference.forward(perfect.X, perfect.w, perfect.b)[:, 0]
    model = perfect.model(correct_model)
    observe_weakly(perfect.step(student, model, lr=LR))
    compare(
        correct_model,
        model,
        perfect,
        (perfect.w, perfect.b),
        "A model that predicts every target exactly should stay where it is, but it moved. "
        "Is each prediction compared with its own target?",
    )
    single_row = Problem.draw(rng, n=1)
    model = single_row.model(correct_model)
    single_row.step(student, model, lr=LR)
    w, b = parameters(correct_model, model)
    moved = max(abs(w - single_row.w).max(), abs(b - single_row.b).max())
    check(moved > STILL, "step does not move the model at all.")


@pytest.mark.task("step", points=4)
def test_learning_rate(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """The step is as long as the argument lr says."""
    problem = Problem.draw(rng, n=1)
    for lr in (0.02, 0.3):
        model = problem.model(correct_model)
        problem.step(student, model, lr=lr)
        w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b, lr)
        message = f"With lr={lr} the model does not move by {lr} times the gradient."
        compare(correct_model, model, problem, (w, b), message)


@pytest.mark.task("step", points=4)
def test_steps_in_a_row(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """Each step starts over: no gradient is left from the step before."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(correct_model)
    w, b = problem.w, problem.b
    for count in range(1, 4):
        problem.step(student, model, lr=LR)
        w, b, _ = reference.step(problem.X, problem.y, w, b, LR)
        message = (
            f"Of three steps in a row, number {count} does not take the model where it should be."
        )
        if count > 1:
            message += (
                " The steps before it did. Gradients add up from one backward() to the next "
                "unless they are set to zero in between."
            )
        compare(correct_model, model, problem, (w, b), message)


@pytest.mark.task("step", points=2)
def test_in_place(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """The tensors in model.params themselves change; they are not replaced by new ones."""
    problem = Problem.draw(rng, n=1)
    model = problem.model(correct_model)
    twin = correct_model.twin(model)
    problem.step(student, model, lr=LR)
    w, b, _ = reference.step(problem.X, problem.y, problem.w, problem.b, LR)
    message = "The tensors that were in model.params are not where they should be after one step."
    compare(correct_model, twin, problem, (w, b), message)


@pytest.mark.task("step", points=3)
def test_loss(student: Student, correct_model: Any, rng: np.random.Generator) -> None:
    """It returns the mean squared error of all rows."""
    problem = Problem.draw(rng, n=9)
    problem.y = np.full(9, problem.y.mean())  # so that only the mean of the squares matters
    problem = problem.rounded()
    answer = problem.step(student, problem.model(correct_model), lr=0.0)
    expected = reference.loss(problem.X, problem.y, problem.w, problem.b)
    message = "The returned loss is not the mean of the squared errors of all rows."
    close(number(answer, "The returned loss"), expected, message)


@pytest.mark.task("step", points=2)
def test_loss_before_the_update(
    student: Student, correct_model: Any, rng: np.random.Generator
) -> None:
    """The loss it returns is the one before the update."""
    problem = Problem.draw(rng, n=1)
    answer = problem.step(student, problem.model(correct_model), lr=LR)
    expected = reference.loss(problem.X, problem.y, problem.w, problem.b)
    message = "With one row, the returned loss is not the squared error before the update."
    close(number(answer, "The returned loss"), expected, message)
