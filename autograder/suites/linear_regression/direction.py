"""Tells gradient descent from whatever else leads to the same line, by the direction of one step.

The data are such that what is wrong with a loss or an update changes how far the model moves, and
hardly where to: the targets are all the same, the errors nearly so, and x is 1 on average. A
formula for the best line moves almost only b.
"""

from __future__ import annotations

import numpy as np

from autograder.testing import Array

from . import reference

__all__ = ["LR", "SAME_TARGETS", "goes_along"]

LR = 0.01
ALONG = 0.9  # the least cosine between a step and the gradient; that of the formula is 0.74
MOVED = 1e-6
SAME_TARGETS = (
    np.tile(np.array([[1.0], [0.5], [1.5], [1.0]]), (10, 1)),
    np.full(40, 1.0),
    np.array([[0.0625]]),
    np.array([1.9375]),
)
"""X (n, 1), y (n,), w (1, 1) and b (1,)."""


def goes_along(move: Array) -> bool:
    """Say whether a step on these data, the way that w and b move, goes along the gradient.

    If only one of them moves, there is no direction to judge.
    """
    moved = np.abs(move) > MOVED
    gradient = np.concatenate([g.ravel() for g in reference.loss_gradients(*SAME_TARGETS)])
    gradient *= moved
    length = float(np.linalg.norm(move) * np.linalg.norm(gradient))
    return length > 0 and abs(float(move @ gradient)) > ALONG * length
