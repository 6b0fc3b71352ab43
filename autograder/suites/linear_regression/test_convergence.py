"""Task `convergence`: thirty steps with the student's own `Linear` and `step`.

What was learned is read off the model's predictions, on the assignment's data and on a hidden
data set with a different line. The loss is computed here: a wrong return value of `step` is
charged in its own task, not again. So is a `step` that knows no lr, and a wrong prediction: where
thirty steps with the student's `Linear` go wrong, they are taken with a correct `forward` in it,
provided that its own computes something from x and its parameters.

What a wrong update leads to in thirty steps counts, and only by gradient descent: whatever else
leads to the same line, such as a formula for it, moves in another direction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.testing import (
    Array,
    Mismatch,
    Student,
    StudentError,
    Tensor,
    check,
    close,
    elements,
    number,
    values,
    waits_for,
)
from autograder.testing.torch import tensor

from . import direction, reference
from .conftest import SUPPORT

pytestmark = pytest.mark.spoiler

Record = Callable[[str, object], None]
Keep = Callable[[str, Array], None]

PREDICTION = "The model's prediction"
PARAMETER = "model.{} is not the {} that the model computes with. Check forward."
CHECKPOINTS = 3  # the loss is checked after each third of the steps
NEARLY = 0.02  # on hidden data: close enough to have converged, however fast
ENDS = tensor([[0.0], [1.0]], "float32")
FIRST = np.array([-1.6052763, 0.2324857])  # w and b that torch.randn draws after the seed 4
LEARNED_COEFFICIENT, LEARNED_BIAS = 0.46772, 1.99827


@dataclass
class Data:
    """A data set, X (n, 1) and y (n,), and the w (1, 1) and b (1,) that training starts from."""

    X: NDArray[np.float32]
    y: NDArray[np.float32]
    w: NDArray[np.float32]
    b: NDArray[np.float32]
    is_lesson: bool = False

    @classmethod
    def single(cls, *parts: NDArray[Any], is_lesson: bool = False) -> Data:
        """Return data in float32, which the assignment computes with."""
        X, y, w, b = (part.astype(np.float32) for part in parts)
        return cls(X, y, w, b, is_lesson)

    @property
    def parts(self) -> tuple[Array, Array, Array, Array]:
        """X, y, w and b as float64."""
        X, y, w, b = (part.astype(float) for part in (self.X, self.y, self.w, self.b))
        return X, y, w, b


@dataclass
class Training:
    """The result of thirty steps: w, b, the loss at the start and at each checkpoint.

    `w` and `b` are what the model computes with; its parameters must hold the same numbers.
    """

    w: float
    b: float
    losses: list[float]
    parameters: tuple[float, float]


@dataclass
class Learned:
    """What one kind of model learned: on the lesson's data, on hidden data, in one step."""

    lesson: Training
    fresh: Training
    data: Data
    by_descent: bool

    def coefficient(self) -> None:
        """Check the learned coefficient."""
        self.by_gradient_descent()
        what = "After thirty steps the coefficient should be 0.47 (the true one is 0.48)"
        w = self.lesson.w
        close(w, LEARNED_COEFFICIENT, f"{what}, but it is {w:.2f}.", atol=0.005)
        close(self.lesson.parameters[0], w, PARAMETER.format("w", "coefficient"), atol=1e-3)
        expected, _ = reference.train(*self.data.parts)
        message = "On another data set, thirty steps do not learn its coefficient."
        close(self.fresh.w, expected[0, 0], message, atol=NEARLY)

    def bias(self) -> None:
        """Check the learned bias."""
        self.by_gradient_descent()
        what = "After thirty steps the bias should be 2.00 (the true one is 2)"
        b = self.lesson.b
        close(b, LEARNED_BIAS, f"{what}, but it is {b:.2f}.", atol=0.005)
        close(self.lesson.parameters[1], b, PARAMETER.format("b", "bias"), atol=1e-3)
        _, expected = reference.train(*self.data.parts)
        message = "On another data set, thirty steps do not learn its bias."
        close(self.fresh.b, expected[0], message, atol=NEARLY)

    def falling_loss(self) -> None:
        """Check that the loss falls all the way."""
        self.by_gradient_descent()
        for losses in (self.lesson.losses, self.fresh.losses):
            check(
                all(later < earlier for earlier, later in pairwise(losses)),
                "The mean squared error should fall from step to step, but after 0, 10, 20 and 30 "
                f"steps it is {', '.join(f'{loss:.3g}' for loss in losses)}.",
            )

    def by_gradient_descent(self) -> None:
        """Check the direction of a step."""
        check(
            self.by_descent,
            "What moves the model is not gradient descent: a step does not go against the "
            "gradient of the mean squared error.",
        )


@dataclass
class Trainer:
    """Trains models with the student's step, and then reads off what they have become.

    All that is asked is asked first, the same of every submission, before an answer is judged.
    """

    probe: Any
    step: Any

    def learned(self, make: Callable[[Data], Any], data: tuple[Data, Data], keep: Keep) -> Learned:
        """Train new models on the lesson's data and on hidden data, and take one step."""
        lesson, fresh = (self.trained(make(one), one, keep) for one in data)
        by_descent = self.descends(make)
        return Learned(lesson(), fresh(), data[1], by_descent())

    def trained(self, model: Any, data: Data, keep: Keep) -> Callable[[], Training]:
        """Take the thirty steps, and return what reads off the result."""
        parts = self.parts(model)
        path = [line_of(self.probe.predict(model, ENDS))]
        X, y, lr = tensor(data.X), tensor(data.y), reference.LEARNING_RATE
        predictions = [self.probe.predict(model, X)]
        for _ in range(CHECKPOINTS):
            if data.is_lesson:
                keep("path", np.array(path))
            steps = reference.STEPS // CHECKPOINTS
            path += map(line_of, self.probe.train(self.step, X, y, model, steps, lr))
            predictions.append(self.probe.predict(model, X))
        if data.is_lesson:
            keep("path", np.array(path))
        ends, parts = self.probe.predict(model, ENDS), self.parts(model)

        def read() -> Training:
            losses = [loss_of(prediction, data.y) for prediction in predictions]
            w, b = line_through(ends)
            held = number(parts[0], "model.w"), number(parts[1], "model.b")
            return Training(w, b, losses, held)

        return read

    def parts(self, model: Any) -> Any:
        """Return the w and b that a model holds."""
        parts: Any = self.probe.parts(model)
        what = "Linear(1, 1) has no tensors w and b. Leave __init__ as it was."
        check(isinstance(parts, list), what)
        return parts

    def descends(self, make: Callable[[Data], Any]) -> Callable[[], bool]:
        """Take a step, and return what says whether it is one of gradient descent, however long."""
        data = Data.single(*direction.SAME_TARGETS)
        model = make(data)
        before = self.probe.predict(model, ENDS)
        self.step(tensor(data.X), tensor(data.y), model, lr=direction.LR)
        after = self.probe.predict(model, ENDS)
        return lambda: direction.goes_along(
            np.array(line_through(after)) - np.array(line_through(before))
        )


def line_through(ends: Any) -> tuple[float, float]:
    """Return w and b from the predictions at 0 and 1."""
    at_zero, at_one = values(ends, (2,), PREDICTION)
    return float(at_one - at_zero), float(at_zero)


def loss_of(prediction: Any, y: NDArray[np.float32]) -> float:
    """Return the mean squared error of predictions."""
    return float(np.mean((values(prediction, y.shape, PREDICTION) - y) ** 2))


def line_of(prediction: Any) -> tuple[float, float]:
    """Return w and b of a line from its values at 0 and 1, for the pictures; NaN if it has none."""
    if isinstance(prediction, Tensor) and math.prod(prediction.shape) == 2:
        at_zero, at_one = elements(prediction).ravel()
        with np.errstate(invalid="ignore"):  # a step too long ends in infinity
            return float(at_one - at_zero), float(at_zero)
    return math.nan, math.nan


def fresh_data(rng: np.random.Generator) -> Data:
    """Draw a hidden data set, and parameters from which the loss falls for a long time."""
    x = rng.normal(size=800)
    x = 0.1 + 1.2 * (x - x.mean()) / x.std()  # so that thirty steps converge, whatever is drawn
    y = rng.uniform(1, 2) * x + rng.uniform(1, 2) + rng.normal(0, 0.1, 800)
    w, b = -rng.uniform(0.5, 1, (1, 1)), rng.uniform(2.5, 3, 1)
    return Data.single(x[:, None], y, w, b)


def computes(student: Student, probe: Any) -> bool:
    """Say whether the student's Linear computes something from x and its parameters."""
    seen = []
    for value in (1, 2):
        model = student.Linear(1, 1)
        w, b = tensor([[value]], "float32"), tensor([value], "float32")
        if probe.fill(model, w, b) is not True:
            return False
        prediction: Any = probe.predict(model, ENDS)
        numbers = elements(prediction).ravel() if isinstance(prediction, Tensor) else np.zeros(0)
        if numbers.size != 2 or not np.isfinite(numbers).all():
            return False
        seen.append(numbers[1] - numbers[0])
    return all(seen) and abs(seen[1] - seen[0]) > 1e-3


@dataclass
class Start:
    """What Linear(1, 1) is after the notebook's seed: w and b, and whether params lists them."""

    parts: Array
    listed: bool


@pytest.fixture(scope="session")
def start(student: Student) -> Start:
    """Make a model as the notebook does."""
    with waits_for("Linear.forward and step"):
        probe: Any = student.load(SUPPORT / "probe.py")
        model = probe.seeded(student.Linear, 4)
        listed = probe.lists_both(model) is True
        w, b = Trainer(probe, None).parts(model)
        return Start(np.array([number(w, "model.w"), number(b, "model.b")]), listed)


@pytest.fixture(scope="session")
def learned(student: Student, hidden: Any, record_array: Keep) -> Learned:
    """Train the student's Linear, with a correct forward if its own goes wrong but does something.

    Nothing of that is in the student's process before the student's own was trained.
    """
    X, y, _ = reference.lesson()
    lesson = Data.single(X, y, FIRST[:1, None], FIRST[1:], is_lesson=True)
    data = lesson, fresh_data(hidden("convergence"))
    with waits_for("Linear.forward and step"):
        probe: Any = student.load(SUPPORT / "probe.py")
        trainer = Trainer(probe, probe.taking_lr(student.step))

        def own(data: Data) -> Any:
            if data.is_lesson:
                return probe.seeded(student.Linear, 4)
            model = student.Linear(1, 1)
            probe.fill(model, tensor(data.w), tensor(data.b))
            return model

        learned: Learned | None = None
        try:
            learned = trainer.learned(own, data, record_array)
            for judge in (learned.coefficient, learned.bias, learned.falling_loss):
                judge()
        except (Mismatch, StudentError) as error:
            if isinstance(error, StudentError) and error.not_implemented:
                raise
            other = _with_a_correct_forward(student, trainer, own, data, record_array)
            if other is None and learned is None:
                raise
            learned = other or learned
        assert learned is not None
        return learned


def _with_a_correct_forward(
    student: Student,
    trainer: Trainer,
    own: Callable[[Data], Any],
    data: tuple[Data, Data],
    keep: Keep,
) -> Learned | None:
    """Train the student's Linear with a correct forward; None if that cannot be done."""
    try:
        if not computes(student, trainer.probe):
            return None
        support: Any = student.load(SUPPORT / "model.py")
        return trainer.learned(lambda data: support.corrected(own(data)), data, keep)
    except (Mismatch, StudentError):
        return None


@pytest.mark.task("convergence", points=7)
def test_learned_coefficient(learned: Learned, record_property: Record) -> None:
    """Thirty steps learn the coefficient: 0.47, where the true one is 0.48."""
    record_property("coefficient", f"{learned.lesson.w:.2f}, true {reference.lesson()[2]:.2f}")
    learned.coefficient()


@pytest.mark.task("convergence", points=7)
def test_learned_bias(learned: Learned, record_property: Record) -> None:
    """Thirty steps learn the bias: 2.00, where the true one is 2."""
    record_property("bias", f"{learned.lesson.b:.2f}, true 2")
    learned.bias()


@pytest.mark.task("convergence", points=6)
def test_loss_falls(start: Start, learned: Learned, record_property: Record) -> None:
    """The loss falls all the way."""
    record_property("last loss", f"{learned.lesson.losses[-1]:.4f}")
    leave = "Leave __init__ as it was."
    what = "After torch.manual_seed(4), Linear(1, 1) does not start with its original parameters."
    close(start.parts, FIRST, f"{what} {leave}")
    check(start.listed, f"The params of Linear(1, 1) are not its w and b, with gradients. {leave}")
    learned.falling_loss()
