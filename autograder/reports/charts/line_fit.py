"""A line fitted to data by gradient descent, and its loss as a quadratic.

Around its minimum θ* = (w*, b*) the mean squared error of y = w x + b is

    L(θ) = L* + (θ - θ*)ᵀ H (θ - θ*),    H = 1/m Σ (xᵢ, 1)(xᵢ, 1)ᵀ
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from autograder.reports.charts.axis import Array
from autograder.testing.pictures import LineFit


@dataclass(frozen=True, eq=False)
class Fit:
    """The data (m, 2), the loss around its minimum, and the path of every right step.

    `least` is L*, `minimum` θ*, `curvature` H, and `path` (steps + 1, 2) holds (w, b).
    """

    data: Array
    least: float
    minimum: Array
    curvature: Array
    path: Array

    @property
    def steps(self) -> int:
        """How many steps the right path has."""
        return len(self.path) - 1

    @property
    def span(self) -> float:
        """How far it is from the first parameters to the minimum."""
        return float(np.linalg.norm(self.minimum - self.path[0])) or 1.0

    def losses(self, path: Array) -> Array:
        """Return the loss at each row (w, b)."""
        with np.errstate(all="ignore"):
            away = path - self.minimum
            losses: Array = self.least + np.einsum("ni,ij,nj->n", away, self.curvature, away)
        return losses


@cache
def fit(given: LineFit) -> Fit:
    """Return what is known of a fit: θ* = H⁻¹ 1/m Σ (xᵢ, 1) yᵢ, and the path from `first`."""
    x, y = (np.asarray(part, float).ravel() for part in (given.x, given.y))
    rows = np.column_stack([x, np.ones(len(x))])
    curvature: Array = rows.T @ rows / len(y)
    minimum: Array = np.linalg.solve(curvature, rows.T @ y / len(y))
    least = float(np.mean((rows @ minimum - y) ** 2))
    path = [np.array(given.first, float)]
    for _ in range(given.steps):
        path.append(path[-1] - given.lr * 2 * curvature @ (path[-1] - minimum))
    return Fit(np.column_stack([x, y]), least, minimum, curvature, np.array(path))
