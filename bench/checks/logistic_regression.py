"""The calls of the suite of `logistic_regression`."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.checks import Limit, Names, close, results

RNG = np.random.default_rng(0)
Z = 3 * RNG.normal(size=8)
# Rows, columns, learning rate, steps, factor of X.
FITS: tuple[tuple[int, int, float, int, int], ...] = (
    (300, 4, 0.5, 7, 1), (300, 4, 0.5, 7, 3), (12, 3, 0.1, 100, 1), (24, 2, 2.0, 60, 1),
    (100, 2, 10.0, 8, 1), (12, 2, 0.5, 4, 1000), (9, 4, 0.1, 3, 1),
)  # fmt: skip


def draw(rows: int, columns: int) -> tuple[Any, Any, Any]:
    """Return weights (d,), examples (n, d), and labels of both classes."""
    labels = RNG.permutation(np.arange(rows) % 2.0)
    return RNG.normal(size=columns), RNG.normal(size=(rows, columns)), labels


def right_sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z))."""
    return 0.5 + 0.5 * np.tanh(np.asarray(z) / 2)


def right_loss(w: Any, X: Any, y: Any) -> Any:
    """Return the mean cross entropy, log(1 + exp(z)) - y z."""
    return np.mean(np.logaddexp(0, X @ w) - y * (X @ w))


def right_gradient(w: Any, X: Any, y: Any) -> Any:
    """Return Xᵀ (p - y) / n."""
    return X.T @ (right_sigmoid(X @ w) - y) / len(y)


def right_fit(X: Any, y: Any, lr: float, steps: int) -> Any:
    """Return the weights after gradient descent from zeros."""
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * right_gradient(w, X, y)
    return w


SIGMOIDS = tuple(
    (z, right_sigmoid(z))
    for z in (
        np.concatenate([Z, -Z]), np.arange(-3, 3).reshape(3, 2), Z,
        *2 * [np.array([800.0, -800, 30, -30])]
    )
)  # fmt: skip
LOSSES = tuple(
    (one, right_loss(*one))
    for size in (
        *((9, 4), (9, 4), (4, 3), (4, 3), (4, 3), (1, 3)),
        *((400, 3), (2, 2), (3, 2), (1, 2), (2, 2), (3, 2), (9, 4)),
    )
    for one in [draw(*size)]
)
GRADIENTS = tuple(
    (one, right_gradient(*one))
    for size in ((9, 4), (1, 4), (9, 4), (4, 3), (9, 4), (9, 1), (9, 4))
    for one in [draw(*size)]
)
FITTED = tuple(
    ((factor * X, y), {"lr": lr, "steps": steps}, right_fit(factor * X, y, lr, steps))
    for rows, columns, lr, steps, factor in FITS
    for _, X, y in [draw(rows, columns)]
)


def check(names: Names, limit: Limit) -> list[bool]:
    """Return whether each of the four tasks is right."""
    return results(names, limit, (sigmoid, loss, gradient, fit))


def sigmoid(names: Names) -> None:
    """Check the sigmoid of arrays."""
    for z, expected in SIGMOIDS:
        close(names["sigmoid"](z.copy()), expected)


def loss(names: Names) -> None:
    """Check losses."""
    for given, expected in LOSSES:
        close(names["loss"](*given), expected)


def gradient(names: Names) -> None:
    """Check gradients."""
    for given, expected in GRADIENTS:
        close(names["gradient"](*given), expected)


def fit(names: Names) -> None:
    """Check the weights after descents of several lengths."""
    for given, options, expected in FITTED:
        close(names["fit"](*given, **options), expected)
