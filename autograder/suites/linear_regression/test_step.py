"""Task `step`: one step of gradient descent on the mean squared error.

Each test loads a correct model, so that a wrong `forward` costs nothing here, and each looks at one
property, so that a mistake is charged once. It compares the student's steps with each other where
it can: with several rows a step is the mean of the steps for each row, with ten times the learning
rate it is ten times as long, a second step is a first one from where it starts. How long a step is
altogether, and which number the loss is, is judged for one row only, by one test each.

A step that has nothing to do with the gradient could agree with itself too, so each test of the
update first looks at that.
"""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from autograder.testing import StudentError, array, check, close, number, observe_weakly, task
from autograder.testing.torch import tensor

from .conftest import SUPPORT
from .problem import SAME_TARGETS, SMALL_LR, Problem, goes_along

pytestmark = pytest.mark.spoiler

LR = 0.1
RATES = 0.05, 0.1, 0.2  # of steps in a row
STILL = 1e-3  # a step moves b by at least 0.05
MANY = np.repeat([1, 0, 1, 2], [1, 699, 799, 1])  # more rows than anyone takes for all


def draw(rng, n=1):
    """Draw a problem in which every row is below the line, and w and b far from fitting it."""
    X, sign = rng.uniform(0.5, 0.8, (n, 1)), rng.choice([-1, 1], 2)
    X *= sign[0]
    w = sign[1] * rng.uniform(1.5, 2, (1, 1))
    b = -w[0] * X[0] * rng.uniform(0.2, 0.8)
    return Problem(X, (X @ w + b)[:, 0] - rng.uniform(0.5, 1, n), w, b)


def mirrored(problem, times=1):
    """Return it with each row as far on the other side of the line, or so many times as far."""
    return replace(problem, y=problem.y + (1 + times) * problem.residual)


def farther(problem, times):
    """Return it with each row so many times as far from the line, on the same side."""
    return mirrored(problem, -times)


def rows_of(problem, rows):
    """Return it with these of its rows, some of them perhaps many times."""
    return replace(problem, X=problem.X[rows], y=problem.y[rows])


def three_rows(rng):
    """Return three rows with the same target, which are to occur many times.

    Which row is compared with which target does not matter then, but that every row counts does:
    they lie on both sides of the line, in blocks, and the last one is far off.
    """
    w, b = rng.choice([-1, 1]) * rng.uniform(0.5, 1, (1, 1)), rng.normal(size=1)
    X = np.array([[1.0], [-1.0], [4.0]]) * rng.uniform(0.9, 1.1, (3, 1))
    return Problem(X, np.repeat(b + 2 * w[0], 3), w, b)


class Steps:
    """Takes steps with a notebook's code on correct models, and sees how far they move."""

    def __init__(self, notebook):
        self.support = notebook.load(SUPPORT / "model.py")
        self.training = notebook.load(SUPPORT / "training.py")
        self.take = self.training.taking_lr(notebook.step)

    def model(self, problem):
        """Return a correct model with the parameters of a problem."""
        return self.support.Linear(tensor(problem.w, "float32"), tensor(problem.b, "float32"))

    def where(self, model):
        """Return w and b of a model, from its predictions at 0 and 1."""
        answer = self.support.predict(model, tensor([[0.0], [1.0]], "float32"))
        at_zero, at_one = array(answer, (2, 1), "the model's prediction")[:, 0]
        return np.array([at_one - at_zero, at_zero])

    def move(self, problem, lr=LR):
        """Return how far w and b move in one step."""
        model = self.model(problem)
        self.take(*problem.data, model, lr=lr)
        return self.where(model) - problem.start

    def loss(self, problem, lr=LR):
        """Return the loss that a step returns."""
        return number(self.take(*problem.data, self.model(problem), lr=lr), "The returned loss")

    def follow_the_gradient(self, problem):
        """Return how far w and b move in one step, if it has to do with the gradient at all.

        New models move the same way each time, back for the mirrored row, and along the gradient
        for rows with the same target.
        """
        one, again, other = map(self.move, (problem, problem, mirrored(problem)))
        check(bool(np.abs(one).max() > STILL), "step does not move the model at all.")
        message = "With the same data and a new model, step does not do the same a second time: "
        close(again, one, f"{message}is something random, or kept from an earlier call?")
        check(
            bool((one * other <= STILL**2).all() and np.abs(other).max() > STILL),
            "step moves the model the same way for a row above the line as for one below it: it "
            "does not follow the gradient of the squared error.",
        )
        model = self.model(SAME_TARGETS)
        succeeds = self.training.succeeds(self.take, *SAME_TARGETS.data, model, SMALL_LR) is True
        along = goes_along(self.where(model) - SAME_TARGETS.start)
        message = "With several rows, step does not move the model along the gradient."
        check(along or not succeeds, message)  # other tests charge an exception
        return one

    @contextmanager
    def marked(self, model):
        """Observe what a step leaves behind, even if it raises an exception."""
        self.support.watch()
        try:
            yield
        except StudentError:
            observe_weakly(self.support.marks(model))
            raise
        observe_weakly(self.support.marks(model))


@pytest.fixture
def steps(student):
    """Return what takes steps with the student's code; if it knows no lr, it is called without."""
    return Steps(student)


@pytest.fixture
def right(reference):
    """Return what takes steps with the reference solution."""
    return Steps(reference)


@task("step", points=4)
def test_weight_is_updated(steps, right, rng):
    """The weight moves by its own gradient: with one row, x times as far as the bias."""
    problem = draw(rng)
    model = steps.model(problem)
    with steps.marked(model):
        steps.take(*problem.data, model, lr=LR)
    w, b = steps.where(model) - problem.start
    steps.follow_the_gradient(problem)
    expected, _ = right.move(problem)
    if abs(b) > STILL:
        expected = problem.X[0, 0] * b
        message = "After one step with one row, w has not moved x times as far as b, but dL/dw is "
        message += "x times as large as dL/db."
    else:
        message = "After one step with one row, w has not moved by lr * dL/dw."
    close(w, expected, message)


@task("step", points=4)
def test_bias_is_updated(steps, right, rng):
    """With one row and lr=0.1, b becomes b - 0.1 dL/db."""
    problem = draw(rng)
    _, b = steps.follow_the_gradient(problem)
    _, expected = right.move(problem)
    close(b, expected, "After one step with one row, b is not b - lr * dL/db.", start=0)
    for times, is_far in ((100, "far from"), (0.02, "close to")):
        other = farther(problem, times)
        (_, b), (_, expected) = steps.move(other), right.move(other)
        message = f"After one step with one row that is {is_far} the line, b is not b - lr * dL/db."
        close(b, expected, message, start=0)


@task("step", points=6)
def test_mean_of_all_rows(steps, rng):
    """With many rows the step is the mean of the steps for each of them."""
    steps.follow_the_gradient(draw(rng))
    three = three_rows(rng)
    for_each = np.array([steps.move(rows_of(three, [row])) for row in range(3)])
    close(
        steps.move(rows_of(three, MANY)),
        for_each[MANY].mean(axis=0),
        f"With {len(MANY)} rows the step is not the mean of the steps for each row, as it is for "
        "the mean of the squared errors.",
    )


@task("step", points=6)
def test_target_row_by_row(steps, rng):
    """Each prediction is compared with its own target: a perfect model stays where it is."""
    steps.follow_the_gradient(draw(rng))
    drawn = draw(rng, n=6)
    # In sixteenths products and sums are exact, and a residual of zero is zero.
    X, w, b = (
        np.round(16 * part) / 16 for part in (drawn.X, rng.uniform(0.5, 1.5, (1, 1)), drawn.b)
    )
    perfect = Problem(X, (X @ w + b)[:, 0], w, b)
    model = steps.model(perfect)
    observe_weakly(steps.take(*perfect.data, model, lr=LR))
    close(
        steps.where(model),
        perfect.start,
        "A model that predicts every target exactly should stay where it is, but it moved. "
        "Is each prediction compared with its own target?",
    )


@task("step", points=4)
def test_learning_rate(student, steps, rng):
    """The step is as many times as long as the argument lr says, which is 0.1 if none is given."""
    problem = draw(rng)
    steps.follow_the_gradient(problem)

    def move(**lr):
        model = steps.model(problem)
        student.step(*problem.data, model, **lr)
        return steps.where(model) - problem.start

    short, long = move(lr=0.03), move(lr=0.3)
    message = "With lr=0.3 the step is not ten times as long as with lr=0.03."
    close(long, 10 * short, message, rtol=1e-3)
    usual, default = move(lr=0.1), move()
    close(default, usual, "Without lr the step is not the one with lr=0.1.")


@task("step", points=4)
def test_steps_in_a_row(steps, rng):
    """Each step starts over: nothing is left from the step before."""
    problem = draw(rng)
    steps.follow_the_gradient(problem)
    model = steps.model(problem)
    position, before = problem.start, np.zeros(2)
    for count, lr in enumerate(RATES, start=1):
        fresh = steps.support.copy(model)
        for one in (model, fresh):
            steps.take(*problem.data, one, lr=lr)
        reached = steps.where(model)
        more = (reached - steps.where(fresh)) / lr
        message = (
            f"Of three steps in a row, number {count} does not do what a first step from the same "
            f"place does. {_left_over(more, before)}"
        )
        close(lr * more, np.zeros(2), message.strip())
        position, before = reached, (reached - position) / lr


def _left_over(more, before):
    """Say what a step has in it besides itself, if it comes from the step before.

    Both are moves per learning rate.
    """
    share = float(more @ before) / max(float(before @ before), STILL**2)
    if not np.allclose(more, share * before, atol=STILL) or share < STILL:
        return ""
    if abs(share - 1) > STILL:
        return "It goes on with a part of the step before, as momentum does."
    return (
        "It takes the step before once more. Gradients add up from one backward() to the next "
        "unless they are set to zero in between."
    )


@task("step", points=2)
def test_in_place(steps, rng):
    """The tensors in model.params themselves change; they are not replaced by new ones."""
    problem = draw(rng)
    steps.follow_the_gradient(problem)
    model = steps.model(problem)
    twin = steps.support.twin(model)
    steps.take(*problem.data, model, lr=LR)
    message = "After one step, the tensors that were in model.params are not where the model is."
    close(steps.where(twin), steps.where(model), message)


@task("step", points=3)
def test_loss(steps, rng):
    """The loss that it returns is the mean over all rows."""
    problem = draw(rng)
    other_side, farther = mirrored(problem), mirrored(problem, 2)
    one, again, larger = (steps.loss(some, lr=0.0) for some in (problem, other_side, farther))
    message = "The returned loss is not the same for an error of the same size in both directions."
    close(one, again, message)
    check(larger > one + STILL, "The returned loss does not grow with the error.")
    three = three_rows(rng)
    for_each = np.array([steps.loss(rows_of(three, [row]), lr=0.0) for row in range(3)])
    message = f"With {len(MANY)} rows, the returned loss is not the mean of the losses of each row."
    close(steps.loss(rows_of(three, MANY), lr=0.0), for_each[MANY].mean(), message)


@task("step", points=2)
def test_loss_before_the_update(steps, right, rng):
    """With one row it returns the squared error, the one before the update."""
    problem = draw(rng)
    message = "With one row, the returned loss is not the squared error before the update."
    close(steps.loss(problem), right.loss(problem), message)
