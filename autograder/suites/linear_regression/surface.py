"""The lesson's loss, written as a quadratic around its minimum θ* = (w*, b*).

With k = 1 feature:

    L(θ) = L* + (θ - θ*)ᵀ H (θ - θ*),    H = 1/n Σ (xᵢ, 1)(xᵢ, 1)ᵀ
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from autograder.reports.charts.axis import Array

from . import reference

__all__ = ["FIRST_B", "FIRST_W", "Surface", "data", "reference_path", "surface"]

# What `Linear(1, 1)` holds after `torch.manual_seed(4)`, as the notebook makes it.
FIRST_W, FIRST_B = -1.605276346206665, 0.23248571157455444


@dataclass(frozen=True)
class Surface:
    """The loss over (w, b): its least value, where that is, and H, how steeply it rises."""

    least: float
    minimum: Array
    curvature: Array

    def losses(self, path: Array) -> Array:
        """Return the loss at each row (w, b)."""
        with np.errstate(all="ignore"):
            away = path - self.minimum
            losses: Array = self.least + np.einsum("ni,ij,nj->n", away, self.curvature, away)
        return losses


@cache
def surface() -> Surface:
    """Return the lesson's loss surface, with θ* = H⁻¹ 1/n Σ (xᵢ, 1) yᵢ."""
    X, y = data()
    rows = np.column_stack([X, np.ones(len(X))])
    curvature: Array = rows.T @ rows / len(y)
    minimum = np.linalg.solve(curvature, rows.T @ y / len(y)).astype(np.float64)
    return Surface(reference.loss(X, y, minimum[:1, None], minimum[1:]), minimum, curvature)


@cache
def reference_path() -> Array:
    """Return the reference's (w, b) before the first and after each step, (steps + 1, 2)."""
    X, y = data()
    w, b = np.array([[FIRST_W]]), np.array([FIRST_B])
    path = [(w[0, 0], b[0])]
    for _ in range(reference.STEPS):
        w, b, _ = reference.step(X, y, w, b)
        path.append((w[0, 0], b[0]))
    return np.array(path)


@cache
def data() -> tuple[Array, Array]:
    """Return the lesson's X (n, 1) and y (n,), as float64."""
    X, y, _ = reference.lesson()
    return X.astype(float), y.astype(float)
