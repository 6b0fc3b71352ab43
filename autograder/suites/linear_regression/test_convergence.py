"""Task `convergence`: thirty steps with the student's own `Linear` and `step`.

What was learned is read off the model's predictions, on the assignment's data and on a hidden
data set with a different line. The loss is computed here: a wrong return value of `step` is
charged in its own task, not again.
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
    Student,
    Tensor,
    array,
    check,
    close,
    elements,
    number,
    waits_for,
)

from . import reference
from .conftest import SUPPORT

Record = Callable[[str, object], None]
Keep = Callable[[str, Array], None]

PARAMETER = "model.{} is not the {} that the model computes with. Check forward."
CHECKPOINTS = 3  # the loss is checked after each third of the steps
NEARLY = 0.02  # on hidden data: close enough to have converged, however fast
ENDS = np.array([[0.0], [1.0]], np.float32)
FIRST = np.array([-1.6052763, 0.2324857])  # w and b that torch.randn draws after the seed 4
LEARNED_COEFFICIENT, LEARNED_BIAS = 0.46772, 1.99827


@dataclass
class Training:
    """The result of thirty steps: w, b, the loss at the start and at each checkpoint.

    `w` and `b` are what the model computes with; its parameters must hold the same numbers.
    `first` holds their values at the start.
    """

    w: float
    b: float
    losses: list[float]
    parameters: tuple[float, float]
    first: tuple[float, float]


@pytest.fixture(scope="session")
def lesson(student: Student, record_array: Keep) -> Training:
    """Train on the assignment's data from the notebook's seed."""
    X, y, _ = reference.lesson()
    probe: Any = student.load(SUPPORT / "probe.py")
    with waits_for("Linear.forward and step"):
        return trained(student, probe, probe.seeded(student.Linear, 4), X, y, record_array)


@dataclass
class Fresh:
    """A hidden data set, the parameters that training starts from, and its result."""

    X: Array
    y: Array
    w: Array
    b: Array
    training: Training


@pytest.fixture(scope="session")
def fresh(student: Student, hidden: Any) -> Fresh:
    """Train on a hidden data set from hidden parameters."""
    rng = hidden("convergence")
    x = rng.normal(size=800)
    x = 0.1 + 1.2 * (x - x.mean()) / x.std()  # so that thirty steps converge, whatever is drawn
    X = x[:, None].astype(np.float32)
    y = rng.uniform(1, 2) * x + rng.uniform(1, 2) + rng.normal(0, 0.1, 800)
    y = y.astype(np.float32)
    w = -rng.uniform(0.5, 1, (1, 1)).astype(np.float32)  # from there the loss falls for a long time
    b = rng.uniform(2.5, 3, 1).astype(np.float32)
    with waits_for("Linear.forward and step"):
        probe: Any = student.load(SUPPORT / "probe.py")
        model = student.Linear(1, 1)
        model.w, model.b = w, b
        training = trained(student, probe, model, X, y)
    return Fresh(X.astype(float), y.astype(float), w.astype(float), b.astype(float), training)


def trained(
    student: Student,
    probe: Any,
    model: Any,
    X: NDArray[np.float32],
    y: NDArray[np.float32],
    record_array: Keep | None = None,
) -> Training:
    """Take the thirty steps and read off what the model has become."""
    step, first = student.step, (number(model.w, "model.w"), number(model.b, "model.b"))
    path = [line_of(probe.predict(model, ENDS))]
    losses = [loss_of(probe, model, X, y)]
    for _ in range(CHECKPOINTS):
        if record_array is not None:
            record_array("path", np.array(path))
        steps = reference.STEPS // CHECKPOINTS
        path += map(line_of, probe.train(step, X, y, model, steps, reference.LEARNING_RATE))
        losses.append(loss_of(probe, model, X, y))
    if record_array is not None:
        record_array("path", np.array(path))
    at_zero, at_one = array(probe.predict(model, ENDS), (2, 1), "the model's prediction")[:, 0]
    w, b = number(model.w, "model.w"), number(model.b, "model.b")
    return Training(float(at_one - at_zero), float(at_zero), losses, (w, b), first)


def line_of(prediction: Any) -> tuple[float, float]:
    """Return w and b of a line from its values at 0 and 1, for the pictures; NaN if it has none."""
    if isinstance(prediction, Tensor) and prediction.shape == (2, 1):
        at_zero, at_one = elements(prediction)[:, 0]
        with np.errstate(invalid="ignore"):  # a step too long ends in infinity
            return float(at_one - at_zero), float(at_zero)
    return math.nan, math.nan


def loss_of(probe: Any, model: Any, X: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    """Return the mean squared error of the model's predictions."""
    prediction = array(probe.predict(model, X), (len(y), 1), "the model's prediction")
    return float(np.mean((prediction[:, 0] - y) ** 2))


@pytest.mark.task("convergence", points=7)
def test_learned_coefficient(lesson: Training, fresh: Fresh, record_property: Record) -> None:
    """Thirty steps learn the coefficient: 0.47, where the true one is 0.48."""
    record_property("coefficient", f"{lesson.w:.2f}, true {reference.lesson()[2]:.2f}")
    close(
        lesson.w,
        LEARNED_COEFFICIENT,
        f"After thirty steps the coefficient should be 0.47 (the true one is 0.48), "
        f"but it is {lesson.w:.2f}.",
        atol=0.005,
    )
    close(lesson.parameters[0], lesson.w, PARAMETER.format("w", "coefficient"), atol=1e-3)
    w, _ = reference.train(fresh.X, fresh.y, fresh.w, fresh.b)
    message = "On another data set, thirty steps do not learn its coefficient."
    close(fresh.training.w, w[0, 0], message, atol=NEARLY)


@pytest.mark.task("convergence", points=7)
def test_learned_bias(lesson: Training, fresh: Fresh, record_property: Record) -> None:
    """Thirty steps learn the bias: 2.00, where the true one is 2."""
    record_property("bias", f"{lesson.b:.2f}, true 2")
    close(
        lesson.b,
        LEARNED_BIAS,
        f"After thirty steps the bias should be 2.00 (the true one is 2), "
        f"but it is {lesson.b:.2f}.",
        atol=0.005,
    )
    close(lesson.parameters[1], lesson.b, PARAMETER.format("b", "bias"), atol=1e-3)
    _, b = reference.train(fresh.X, fresh.y, fresh.w, fresh.b)
    message = "On another data set, thirty steps do not learn its bias."
    close(fresh.training.b, b[0], message, atol=NEARLY)


@pytest.mark.task("convergence", points=6)
def test_loss_falls(lesson: Training, fresh: Fresh, record_property: Record) -> None:
    """The loss falls all the way."""
    record_property("last loss", f"{lesson.losses[-1]:.4f}")
    start = "After torch.manual_seed(4), Linear(1, 1) does not start with its original parameters. "
    close(np.array(lesson.first), FIRST, start + "Leave __init__ as it was.")
    for losses in (lesson.losses, fresh.training.losses):
        falling = all(later < earlier for earlier, later in pairwise(losses))
        check(
            falling,
            "The mean squared error should fall from step to step, but after 0, 10, 20 and 30 "
            f"steps it is {', '.join(f'{loss:.3g}' for loss in losses)}.",
        )
