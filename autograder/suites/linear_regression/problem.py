"""What a step of gradient descent starts from, and how to tell that it is one."""

from dataclasses import dataclass

import numpy as np

from autograder.testing import Array
from autograder.testing.torch import tensor


@dataclass(frozen=True)
class Problem:
    """Data X (n, 1), y (n,) and parameters w (1, 1), b (1,), in numbers that float32 has."""

    X: Array
    y: Array
    w: Array
    b: Array

    def __post_init__(self):
        for name, part in list(vars(self).items()):
            object.__setattr__(self, name, np.asarray(part, "f4").astype("f8"))

    @property
    def data(self):
        """X and y as tensors of float32, which the assignment computes with."""
        return tensor(self.X, "float32"), tensor(self.y, "float32")

    @property
    def start(self):
        """The numbers w and b."""
        return np.array([self.w[0, 0], self.b[0]])

    @property
    def residual(self):
        """Prediction minus target, of shape (n,)."""
        return (self.X @ self.w + self.b)[:, 0] - self.y


SAME_TARGETS = Problem(
    np.tile([[1.0], [0.5], [1.5], [1.0]], (10, 1)),
    np.full(40, 1.0),
    np.array([[0.0625]]),
    np.array([1.9375]),
)
"""Data that tell gradient descent from whatever else leads to the same line.

What is wrong with a loss or an update changes how far the model moves, and hardly where to: the
targets are all the same, the errors nearly so, and x is 1 on average. A formula for the best line
moves almost only b.
"""
GRADIENT = np.array([2.015625, 2.0])
"""2/n Σ xᵢ rᵢ and 2/n Σ rᵢ of these data."""
SMALL_LR = 0.01
ALONG = 0.9  # the least cosine between a step and the gradient; that of the formula is 0.74
MOVED = 1e-6


def goes_along(move):
    """Say whether a step on these data moves w and b along the gradient, however far.

    If only one of them moves, there is no direction to judge.
    """
    gradient = GRADIENT * (np.abs(move) > MOVED)
    length = np.linalg.norm(move) * np.linalg.norm(gradient)
    return bool(length > 0 and abs(move @ gradient) > ALONG * length)
