"""Task `step`: one step of gradient descent on the mean squared error.

Each test loads a correct model, so that a wrong `forward` costs nothing here, and each looks at one
property, so that a mistake is charged once. It compares the student's steps with each other where
it can: with several rows a step is the mean of the steps for each row, with ten times the learning
rate it is ten times as long, a second step is a first one from where it starts. How long a step is
altogether, and which number the loss is, is judged for one row only, by one test each.

A step that has nothing to do with the gradient could agree with itself too, so each test of the
update first looks at that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from autograder.testing import (
    Array,
    Remote,
    Student,
    StudentError,
    Tensor,
    array,
    check,
    close,
    number,
    observe_weakly,
)
from autograder.testing.torch import tensor

from . import direction, reference

pytestmark = pytest.mark.spoiler


LR = 0.1
STILL = 1e-3  # a step moves b by at least 0.05
MANY = np.repeat([1, 0, 1, 2], [1, 699, 799, 1])  # more rows than anyone takes for all


@dataclass
class Problem:
    """Hidden data X (n, 1), y (n,) and a model's parameters before the step."""

    X: Array
    y: Array
    w: Array
    b: Array

    @classmethod
    def draw(cls, rng: np.random.Generator, n: int = 1) -> Problem:
        """Draw a problem in which every row is below the line, and w and b far from fitting it."""
        X, sign = rng.uniform(0.5, 0.8, (n, 1)), rng.choice([-1, 1], 2)
        X *= sign[0]
        w = sign[1] * rng.uniform(1.5, 2, (1, 1))
        b = -w[0] * X[0] * rng.uniform(0.2, 0.8)
        y = reference.forward(X, w, b)[:, 0] - rng.uniform(0.5, 1, n)
        return cls(X, y, w, b).rounded()

    def rounded(self) -> Problem:
        """Return it rounded to numbers that float32 can represent."""
        parts = (part.astype("f4").astype("f8") for part in (self.X, self.y, self.w, self.b))
        return Problem(*parts)

    def mirrored(self, times: float = 1) -> Problem:
        """Return it with each row as far on the other side of the line, or so many times as far."""
        residual = reference.residual(self.X, self.y, self.w, self.b)
        return replace(self, y=self.y + (1 + times) * residual).rounded()

    def row(self, index: int) -> Problem:
        """Return it with one of its rows only."""
        return replace(self, X=self.X[[index]], y=self.y[[index]])


@dataclass
class Steps:
    """Takes steps with the student's code on correct models, and sees how far they move."""

    take: Any
    support: Any
    probe: Any

    def model(self, problem: Problem) -> Remote:
        """Return a correct model with the parameters of a problem."""
        model = self.support.Linear(single(problem.w), single(problem.b))
        assert isinstance(model, Remote)
        return model

    def step(self, problem: Problem, model: Remote, lr: float = LR) -> Any:
        """Take a step and return its answer."""
        return self.take(single(problem.X), single(problem.y), model, lr=lr)

    def where(self, model: Remote) -> Array:
        """Return w and b of a model, from its predictions at 0 and 1."""
        ends = single(np.array([[0.0], [1.0]]))
        at_zero, at_one = array(self.support.predict(model, ends), (2, 1), "the model's prediction")
        return np.array([at_one[0] - at_zero[0], at_zero[0]])

    def move(self, problem: Problem, lr: float = LR) -> Array:
        """Return how far w and b move in one step."""
        model = self.model(problem)
        self.step(problem, model, lr)
        return self.where(model) - start(problem)

    def follow_the_gradient(self, problem: Problem) -> Array:
        """Return how far w and b move in one step, if it has to do with the gradient at all.

        New models move the same way each time, back for the mirrored row, and along the gradient
        for rows with the same target.
        """
        one, again, other = map(self.move, (problem, problem, problem.mirrored()))
        check(bool(np.abs(one).max() > STILL), "step does not move the model at all.")
        message = "With the same data and a new model, step does not do the same a second time: "
        close(again, one, f"{message}is something random, or kept from an earlier call?")
        check(
            bool((one * other <= STILL**2).all() and np.abs(other).max() > STILL),
            "step moves the model the same way for a row above the line as for one below it: it "
            "does not follow the gradient of the squared error.",
        )
        rows = Problem(*direction.SAME_TARGETS)
        model = self.model(rows)
        X, y, lr = single(rows.X), single(rows.y), direction.LR
        succeeds = self.probe.succeeds(self.take, X, y, model, lr) is True
        along = direction.goes_along(self.where(model) - start(rows))
        message = "With several rows, step does not move the model along the gradient."
        check(along or not succeeds, message)  # other tests charge an exception
        return one


@pytest.fixture
def steps(student: Student, correct_model: Any, probe: Any) -> Steps:
    """Return what takes steps; if the student's step knows no lr, it is called without."""
    return Steps(probe.taking_lr(student.step), correct_model, probe)


def start(problem: Problem) -> Array:
    """Return w and b before the step."""
    return np.array([problem.w[0, 0], problem.b[0]])


def single(part: Array) -> Tensor:
    """Return an array as a tensor of float32, which the assignment computes with."""
    return tensor(part, "float32")


def sixteenths(part: Array) -> Array:
    """Round to sixteenths: their products and sums are exact, and a residual of zero is zero."""
    rounded: Array = np.round(16 * part) / 16
    return rounded


def many_rows(rng: np.random.Generator) -> tuple[Problem, Problem]:
    """Return three rows with the same target, and a problem in which they occur many times.

    Which row is compared with which target does not matter then, but that every row counts does:
    they lie on both sides of the line, in blocks, and the last one is far off.
    """
    w, b = rng.choice([-1, 1]) * rng.uniform(0.5, 1, (1, 1)), rng.normal(size=1)
    X = np.array([[1.0], [-1.0], [4.0]]) * rng.uniform(0.9, 1.1, (3, 1))
    three = Problem(X, np.repeat(b + 2 * w[0], 3), w, b).rounded()
    return three, replace(three, X=three.X[MANY], y=three.y[MANY])


@contextmanager
def marked(steps: Steps, model: Remote) -> Iterator[None]:
    """Observe what a step leaves behind, even if it raises an exception."""
    steps.support.watch()
    try:
        yield
    except StudentError:
        observe_weakly(steps.support.marks(model))
        raise
    observe_weakly(steps.support.marks(model))


@pytest.mark.task("step", points=4)
def test_weight_is_updated(steps: Steps, rng: np.random.Generator) -> None:
    """The weight moves by its own gradient: with one row, x times as far as the bias."""
    problem = Problem.draw(rng)
    model = steps.model(problem)
    with marked(steps, model):
        steps.step(problem, model)
    w, b = steps.where(model) - start(problem)
    steps.follow_the_gradient(problem)
    message = "After one step with one row, w has not moved by lr * dL/dw."
    if abs(b) > STILL:
        expected = problem.X[0, 0] * b
        message = "After one step with one row, w has not moved x times as far as b, but dL/dw is "
        message += "x times as large as dL/db."
    else:
        dw, _ = reference.loss_gradients(problem.X, problem.y, problem.w, problem.b)
        expected = -LR * dw[0, 0]
    close(w, expected, message)


@pytest.mark.task("step", points=4)
def test_bias_is_updated(steps: Steps, rng: np.random.Generator) -> None:
    """With one row and lr=0.1, b becomes b - 0.1 dL/db."""
    problem = Problem.draw(rng)
    _, db = reference.loss_gradients(problem.X, problem.y, problem.w, problem.b)
    _, b = steps.follow_the_gradient(problem)
    close(b, -LR * db[0], "After one step with one row, b is not b - lr * dL/db.", start=0)


@pytest.mark.task("step", points=6)
def test_mean_of_all_rows(steps: Steps, rng: np.random.Generator) -> None:
    """With many rows the step is the mean of the steps for each of them."""
    steps.follow_the_gradient(Problem.draw(rng))
    three, many = many_rows(rng)
    single_rows = np.array([steps.move(three.row(index)) for index in range(3)])
    close(
        steps.move(many),
        single_rows[MANY].mean(axis=0),
        f"With {len(MANY)} rows the step is not the mean of the steps for each row, as it is for "
        "the mean of the squared errors.",
    )


@pytest.mark.task("step", points=6)
def test_target_row_by_row(steps: Steps, rng: np.random.Generator) -> None:
    """Each prediction is compared with its own target: a perfect model stays where it is."""
    steps.follow_the_gradient(Problem.draw(rng))
    perfect = Problem.draw(rng, n=6)
    perfect.w = rng.uniform(0.5, 1.5, (1, 1))
    perfect.X, perfect.w, perfect.b = map(sixteenths, (perfect.X, perfect.w, perfect.b))
    perfect.y = reference.forward(perfect.X, perfect.w, perfect.b)[:, 0]
    model = steps.model(perfect)
    observe_weakly(steps.step(perfect, model))
    close(
        steps.where(model),
        start(perfect),
        "A model that predicts every target exactly should stay where it is, but it moved. "
        "Is each prediction compared with its own target?",
    )


@pytest.mark.task("step", points=4)
def test_learning_rate(student: Student, steps: Steps, rng: np.random.Generator) -> None:
    """The step is as many times as long as the argument lr says, which is 0.1 if none is given."""
    problem = Problem.draw(rng)
    steps.follow_the_gradient(problem)
    model, longer = steps.model(problem), steps.model(problem)
    X, y = single(problem.X), single(problem.y)
    student.step(X, y, model, lr=0.03)
    student.step(X, y, longer, lr=0.3)
    close(
        steps.where(longer) - start(problem),
        10 * (steps.where(model) - start(problem)),
        "With lr=0.3 the step is not ten times as long as with lr=0.03.",
        rtol=1e-3,
    )
    model, default = steps.model(problem), steps.model(problem)
    student.step(X, y, model, lr=0.1)
    student.step(X, y, default)
    message = "Without lr the step is not the one with lr=0.1."
    close(steps.where(default), steps.where(model), message)


@pytest.mark.task("step", points=4)
def test_steps_in_a_row(steps: Steps, rng: np.random.Generator) -> None:
    """Each step starts over: nothing is left from the step before."""
    problem = Problem.draw(rng)
    steps.follow_the_gradient(problem)
    model = steps.model(problem)
    position = start(problem)
    before = np.zeros(2)
    for count in range(1, 4):
        fresh = steps.support.copy(model)
        steps.step(problem, model)
        steps.step(problem, fresh)
        reached = steps.where(model)
        more = reached - steps.where(fresh)
        message = (
            f"Of three steps in a row, number {count} does not do what a first step from the same "
            f"place does. {_left_over(more, before)}"
        )
        close(more, np.zeros(2), message.strip())
        position, before = reached, reached - position


def _left_over(more: Array, before: Array) -> str:
    """Say what a step has in it besides itself, if it comes from the step before."""
    share = float(more @ before) / max(float(before @ before), STILL**2)
    if not np.allclose(more, share * before, atol=STILL) or share < STILL:
        return ""
    if abs(share - 1) > STILL:
        return "It goes on with a part of the step before, as momentum does."
    return (
        "It takes the step before once more. Gradients add up from one backward() to the next "
        "unless they are set to zero in between."
    )


@pytest.mark.task("step", points=2)
def test_in_place(steps: Steps, rng: np.random.Generator) -> None:
    """The tensors in model.params themselves change; they are not replaced by new ones."""
    problem = Problem.draw(rng)
    steps.follow_the_gradient(problem)
    model = steps.model(problem)
    twin = steps.support.twin(model)
    steps.step(problem, model)
    message = "After one step, the tensors that were in model.params are not where the model is."
    close(steps.where(twin), steps.where(model), message)


@pytest.mark.task("step", points=3)
def test_loss(steps: Steps, rng: np.random.Generator) -> None:
    """The loss that it returns is the mean over all rows."""

    def loss(problem: Problem) -> float:
        return number(steps.step(problem, steps.model(problem), lr=0.0), "The returned loss")

    problem = Problem.draw(rng)
    one, mirrored, farther = map(loss, (problem, problem.mirrored(), problem.mirrored(2)))
    message = "The returned loss is not the same for an error of the same size in both directions."
    close(one, mirrored, message)
    check(farther > one + STILL, "The returned loss does not grow with the error.")
    three, many = many_rows(rng)
    single_rows = np.array([loss(three.row(index)) for index in range(3)])
    message = f"With {len(MANY)} rows, the returned loss is not the mean of the losses of each row."
    close(loss(many), single_rows[MANY].mean(), message)


@pytest.mark.task("step", points=2)
def test_loss_before_the_update(steps: Steps, rng: np.random.Generator) -> None:
    """With one row it returns the squared error, the one before the update."""
    problem = Problem.draw(rng)
    answer = steps.step(problem, steps.model(problem))
    expected = reference.loss(problem.X, problem.y, problem.w, problem.b)
    message = "With one row, the returned loss is not the squared error before the update."
    close(number(answer, "The returned loss"), expected, message)
