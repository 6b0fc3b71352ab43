"""The calls of the suite of `linear_regression`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import torch

from autograder.suites.linear_regression import lesson
from bench import by_hand
from bench.checks import Limit, Names, close

SUITE = "autograder.suites.linear_regression.support"
support: Any = import_module(f"{SUITE}.model")
training: Any = import_module(f"{SUITE}.training")
models: Any = import_module("autograder.testing.support.models")
randomness: Any = import_module("autograder.testing.support.randomness")

LR = 0.1
SHAPES = ((5, 3, 2), (5, 3, 2), (4, 2, 6), (1, 3, 2), (4, 3, 1), (1, 1, 1))  # test_shape
PRODUCTS = ((5, 3, 2), (1, 2, 4), (6, 1, 1))
BIAS = (4, 3, 2)
ROWS = (*[1] * 44, *[40] * 8, 6, 1500, 1500)  # of the data that step gets, each with a new model


def check(names: Names, limit: Limit) -> list[bool]:
    """Return whether each of the four tasks is right. `limit` wraps what may never end."""
    rng = np.random.default_rng(0)
    found = []
    for task in (gradients, forward, step, convergence):
        try:
            task(names, rng, limit)
            found.append(True)
        except Exception:
            found.append(False)
    return found


def gradients(names: Names, rng: np.random.Generator, limit: Limit) -> None:
    """Check the gradients at eleven points."""
    for a, b in [(5.0, 6.0), *rng.uniform(-4, 4, (9, 2)), (5.0, 6.0)]:
        with limit():
            answer = names["polynomial_gradients"](float(a), float(b))
        close([number(g) for g in answer], by_hand.polynomial_gradients(a, b))


def forward(names: Names, rng: np.random.Generator, limit: Limit) -> None:
    """Check predictions of several shapes, and the gradient through one."""
    with limit():
        for n, n_in, n_out in (*SHAPES, *PRODUCTS, BIAS):
            predict(names, rng, n, n_in, n_out)
        for _ in range(2):
            gradient_through(names, rng)


def gradient_through(names: Names, rng: np.random.Generator) -> None:
    """Compare the gradient with the effect of changing the parameters."""
    model, x, w, b = predict(names, rng, *BIAS)
    upstream, to_w, to_b = rng.normal(size=(4, 2)), rng.normal(size=(3, 2)), rng.normal(size=2)
    recorded, _, flowed = models.vjp(model, single(x), single(upstream), ["w", "b"])
    assert recorded
    said = sum(float((g.numpy() * to).sum()) for g, to in zip(flowed, (to_w, to_b), strict=True))
    before = model.forward(single(x)).detach().numpy()
    fill(model, w + to_w, b + to_b)
    after = model.forward(single(x)).detach().numpy()
    close(said, float((upstream * (after - before)).sum()), 1e-3)


def predict(
    names: Names, rng: np.random.Generator, n: int, n_in: int, n_out: int
) -> tuple[Any, Any, Any, Any]:
    """Compare a prediction; return the model, x, w and b."""
    w, b, x = rng.normal(size=(n_in, n_out)), rng.normal(size=n_out), rng.normal(size=(n, n_in))
    model = names["Linear"](n_in, n_out)
    fill(model, w, b)
    answer = model.forward(single(x))
    assert (answer.dtype, tuple(answer.shape)) == (torch.float32, (n, n_out))
    close(answer.detach().numpy(), by_hand.forward(x, w, b))
    return model, x, w, b


def step(names: Names, rng: np.random.Generator, limit: Limit) -> None:
    """Check single steps of a given model, and three in a row."""
    for rows in ROWS:
        X, w, b = rng.uniform(0.5, 1.5, (rows, 1)), rng.normal(size=(1, 1)), rng.normal(size=1)
        y = by_hand.forward(X, w, b)[:, 0] - rng.uniform(0.5, 2, rows)
        model = support.Linear(single(w), single(b))
        with limit():
            one_step(names, model, X, y, w, b)
    X, y, w, b = rng.uniform(0.5, 1.5, (1, 1)), rng.normal(size=1), np.ones((1, 1)), np.ones(1)
    model = support.Linear(single(w), single(b))
    for _ in range(3):
        with limit():
            w, b = one_step(names, model, X, y, w, b)


def one_step(names: Names, model: Any, X: Any, y: Any, w: Any, b: Any) -> tuple[Any, Any]:
    """Take a step and compare its result and effects; return the new w and b."""
    loss = number(names["step"](single(X), single(y), model, lr=LR))
    w, b, expected = by_hand.step(X, y, w, b, LR)
    at_zero, at_one = support.predict(model, torch.tensor([[0.0], [1.0]]))[:, 0].tolist()
    close([loss, at_one - at_zero, at_zero], [expected, w[0, 0], b[0]])
    return w, b


def convergence(names: Names, rng: np.random.Generator, limit: Limit) -> None:
    """Take thirty steps on the lesson's data and on other data."""
    model = randomness.seeded(names["Linear"], lesson.SEED, [1, 1], {})
    thirty_steps(names, model, lesson.X, lesson.y, limit)
    x = rng.normal(size=(800, 1))
    y = (1.5 * x[:, 0] + 1.5 + rng.normal(0, 0.1, 800)).astype(np.float32)
    model = names["Linear"](1, 1)
    fill(model, np.full((1, 1), -0.7), np.full(1, 2.7))
    thirty_steps(names, model, x.astype(np.float32), y, limit)


def thirty_steps(names: Names, model: Any, X: Any, y: Any, limit: Limit) -> None:
    """Train in three parts, check the loss after each, and compare the end."""
    ends = torch.tensor([[0.0], [1.0]])
    start = model.w.detach().numpy().astype(float), model.b.detach().numpy().astype(float)
    data, targets = torch.from_numpy(X), torch.from_numpy(y)
    losses = [np.mean((training.predict(model, data)[:, 0].numpy() - y) ** 2)]
    for _ in range(3):
        with limit():
            training.train(names["step"], data, targets, model, lesson.STEPS // 3, LR)
        losses.append(np.mean((training.predict(model, data)[:, 0].numpy() - y) ** 2))
    assert sorted(losses, reverse=True) == losses
    at_zero, at_one = training.predict(model, ends)[:, 0].tolist()
    w, b = by_hand.train(X.astype(float), y.astype(float), *start)
    close([at_one - at_zero, at_zero], [w[0, 0], b[0]], 0.005)
    close([at_one - at_zero, at_zero], [model.w.item(), model.b.item()], 1e-3)


def fill(model: Any, w: Any, b: Any) -> None:
    """Give a model its parameters, in place."""
    with torch.no_grad():
        model.w.copy_(single(w))
        model.b.copy_(single(b))


def single(values: Any) -> torch.Tensor:
    """Return an array as the tensor of float32 that the assignment computes with."""
    return torch.from_numpy(np.asarray(values, np.float32))


def number(answer: Any) -> float:
    """Return an answer as a number; text is not one."""
    assert not isinstance(answer, str)
    return float(answer)
