"""Task `convergence`: thirty steps with the student's own `Linear` and `step`.

What was learned is read off the model's predictions, on the assignment's data and on a hidden
data set with a different line. The loss is computed here: a wrong return value of `step` is
charged in its own task, not again. So is a `step` that knows no lr, and a wrong prediction: where
thirty steps with the student's `Linear` go wrong, they are taken with a correct `forward` in it,
provided that its own computes something from x and its parameters.

What a wrong update leads to in thirty steps counts, and only by gradient descent: whatever else
leads to the same line, such as a formula for it, moves in another direction.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from autograder.testing import (
    Mismatch,
    StudentError,
    Tensor,
    check,
    close,
    elements,
    fixture,
    number,
    task,
    values,
    waits_for,
)
from autograder.testing.torch import parameters, seeded, set_parameters, tensor

from . import lesson
from .conftest import SUPPORT
from .problem import SAME_TARGETS, SMALL_LR, Problem, goes_along

pytestmark = pytest.mark.spoiler

PREDICTION = "The model's prediction"
CHECKPOINTS = 3  # the loss is checked after each third of the steps
NEARLY = 0.02  # on hidden data: close enough to have converged, however fast
ENDS = tensor([[0.0], [1.0]], "float32")
LESSON = Problem(lesson.X, lesson.y, lesson.FIRST[:1, None], lesson.FIRST[1:])


@dataclass
class Training:
    """The result of thirty steps: w and b, the loss at the start and at each checkpoint.

    `line` is the w and b that the model computes with; its parameters must hold the same numbers.
    """

    line: tuple[float, float]
    losses: list[float]
    held: tuple[float, float]


class Trainer:
    """Trains models with a notebook's step, and then reads off what they have become.

    All that is asked is asked first, the same of every submission, before an answer is judged.
    """

    def __init__(self, notebook):
        self.Linear = notebook.Linear
        self.support = notebook.load(SUPPORT / "training.py")
        self.step = self.support.taking_lr(notebook.step)

    def model(self, problem):
        """Return a new model: for the lesson as the notebook makes it."""
        if problem is LESSON:
            return seeded(self.Linear, 1, 1, seed=lesson.SEED)
        model = self.Linear(1, 1)
        set_parameters(model, {"w": problem.w, "b": problem.b})
        return model

    def trained(self, model, problem, keep=lambda path: None):
        """Take the thirty steps, and return what reads off the result."""
        parameters(model, "w", "b")
        predict, (X, y) = self.support.predict, problem.data
        path, predictions = [_line(predict(model, ENDS))], [predict(model, X)]
        for _ in range(CHECKPOINTS):
            keep(path)
            steps = lesson.STEPS // CHECKPOINTS
            path += map(_line, self.support.train(self.step, X, y, model, steps, lesson.LR))
            predictions.append(predict(model, X))
        keep(path)
        ends, held = predict(model, ENDS), parameters(model, "w", "b")

        def read():
            losses = [_mean_squared_error(prediction, problem.y) for prediction in predictions]
            names = ("w", "b")
            return Training(
                _line_through(ends), losses, tuple(number(held[n], f"model.{n}") for n in names)
            )

        return read

    def moved(self, model):
        """Take a step that shows its direction, and return what tells how far w and b moved."""
        before = self.support.predict(model, ENDS)
        self.step(*SAME_TARGETS.data, model, lr=SMALL_LR)
        after = self.support.predict(model, ENDS)
        return lambda: np.subtract(_line_through(after), _line_through(before))


def _line_through(ends):
    """Return w and b from the predictions at 0 and 1."""
    at_zero, at_one = values(ends, (2,), PREDICTION)
    return at_one - at_zero, at_zero


def _line(ends):
    """Return w and b from the predictions at 0 and 1, for the pictures; NaN if there are none."""
    if isinstance(ends, Tensor) and math.prod(ends.shape) == 2:
        at_zero, at_one = elements(ends).ravel()
        with np.errstate(invalid="ignore"):  # a step too long ends in infinity
            return at_one - at_zero, at_zero
    return math.nan, math.nan


def _mean_squared_error(prediction, y):
    return float(np.mean((values(prediction, y.shape, PREDICTION) - y) ** 2))


@dataclass
class Learned:
    """What one kind of model learned: on the lesson's data, on hidden data, in one step."""

    lesson: Training
    fresh: Training
    move: np.ndarray
    right: tuple[float, float]

    def check_coefficient(self):
        """Check the learned coefficient."""
        what = "After thirty steps the coefficient should be 0.47 (the true one is 0.48)"
        self._check(0, "w", "coefficient", 0.46772, what)

    def check_bias(self):
        """Check the learned bias."""
        what = "After thirty steps the bias should be 2.00 (the true one is 2)"
        self._check(1, "b", "bias", 1.99827, what)

    def _check(self, index, name, called, learned, what):
        self.check_direction()
        found, held = self.lesson.line[index], self.lesson.held[index]
        close(found, learned, f"{what}, but it is {found:.2f}.", atol=0.005)
        message = f"model.{name} is not the {called} that the model computes with. Check forward."
        close(held, found, message, atol=1e-3)
        message = f"On another data set, thirty steps do not learn its {called}."
        close(self.fresh.line[index], self.right[index], message, atol=NEARLY)

    def check_losses(self):
        """Check that the loss falls all the way."""
        self.check_direction()
        for losses in (self.lesson.losses, self.fresh.losses):
            check(
                all(later < earlier for earlier, later in pairwise(losses)),
                "The mean squared error should fall from step to step, but after 0, 10, 20 and 30 "
                f"steps it is {', '.join(f'{loss:.3g}' for loss in losses)}.",
            )

    def check_direction(self):
        """Check the direction of a step."""
        check(
            goes_along(self.move),
            "What moves the model is not gradient descent: a step does not go against the "
            "gradient of the mean squared error.",
        )


@fixture(scope="submission")
def fresh(hidden):
    """Draw a hidden data set, and parameters from which the loss falls for a long time."""
    rng = hidden("convergence")
    x = rng.normal(size=800)
    x = 0.1 + 1.2 * (x - x.mean()) / x.std()  # so that thirty steps converge, whatever is drawn
    y = rng.uniform(1, 2) * x + rng.uniform(1, 2) + rng.normal(0, 0.1, 800)
    w, b = -rng.uniform(0.5, 1, (1, 1)), rng.uniform(2.5, 3, 1)
    return Problem(x[:, None], y, w, b)


@fixture(scope="submission")
def right(reference, fresh):
    """Return the w and b that the reference solution learns from the hidden data."""
    trainer = Trainer(reference)
    return trainer.trained(trainer.model(fresh), fresh)().line


@fixture(scope="submission")
def start(student):
    """Return w and b of Linear(1, 1) after the notebook's seed, and whether params lists them."""
    with waits_for("Linear.forward and step"):
        model = seeded(student.Linear, 1, 1, seed=lesson.SEED)
        listed = student.load(SUPPORT / "training.py").lists_both(model) is True
        held = parameters(model, "w", "b")
        return np.array([number(held["w"], "model.w"), number(held["b"], "model.b")]), listed


@fixture(scope="submission")
def learned(student, fresh, right, record_array):
    """Train the student's Linear, with a correct forward if its own goes wrong but does something.

    Nothing of that is in the student's process before the student's own was trained.
    """

    def keep(path):
        record_array("path", np.array(path))

    def learn(trainer, made=lambda model: model):
        lesson = trainer.trained(made(trainer.model(LESSON)), LESSON, keep)
        hidden = trainer.trained(made(trainer.model(fresh)), fresh)
        move = trainer.moved(made(trainer.model(SAME_TARGETS)))
        return Learned(lesson(), hidden(), move(), right)

    with waits_for("Linear.forward and step"):
        trainer, found = Trainer(student), None
        try:
            found = learn(trainer)
            for judge in (found.check_coefficient, found.check_bias, found.check_losses):
                judge()
        except (Mismatch, StudentError) as error:
            if isinstance(error, StudentError) and error.not_implemented:
                raise
            try:
                if _computes(trainer):
                    found = learn(trainer, student.load(SUPPORT / "model.py").corrected)
            except (Mismatch, StudentError):
                pass
            if found is None:
                raise
        return found


def _computes(trainer):
    """Say whether the student's Linear computes something from x and its parameters."""
    slopes = []
    for value in (1.0, 2.0):
        model = trainer.model(Problem([[0.0]], [0.0], [[value]], [value]))
        slope, _ = _line(trainer.support.predict(model, ENDS))
        slopes.append(slope)
    return all(map(math.isfinite, slopes)) and all(slopes) and abs(slopes[1] - slopes[0]) > 1e-3


@task("convergence", points=7)
def test_learned_coefficient(learned, record_property):
    """Thirty steps learn the coefficient: 0.47, where the true one is 0.48."""
    record_property("coefficient", f"{learned.lesson.line[0]:.2f}, true {lesson.COEFFICIENT:.2f}")
    learned.check_coefficient()


@task("convergence", points=7)
def test_learned_bias(learned, record_property):
    """Thirty steps learn the bias: 2.00, where the true one is 2."""
    record_property("bias", f"{learned.lesson.line[1]:.2f}, true 2")
    learned.check_bias()


@task("convergence", points=6)
def test_loss_falls(start, learned, record_property):
    """The loss falls all the way."""
    record_property("last loss", f"{learned.lesson.losses[-1]:.4f}")
    first, listed = start
    leave = "Leave __init__ as it was."
    what = "After torch.manual_seed(4), Linear(1, 1) does not start with its original parameters."
    close(first, lesson.FIRST, f"{what} {leave}")
    check(listed, f"The params of Linear(1, 1) are not its w and b, with gradients. {leave}")
    learned.check_losses()
