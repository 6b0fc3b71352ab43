"""Task `forward`: Linear.forward(x) = x W + b."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.testing import (
    Mismatch,
    Student,
    array,
    check,
    close,
    observe,
    observe_weakly,
    values,
)
from autograder.testing.torch import tensor

from . import reference

Floats = NDArray[np.float32]


def normal(rng: np.random.Generator, *shape: int) -> Floats:
    """Return hidden numbers of this shape, none of them close to zero."""
    numbers = rng.normal(size=shape)
    return (numbers + 0.3 * np.sign(numbers)).astype(np.float32)


def model_with(student: Student, probe: Any, w: Floats, b: Floats) -> Any:
    """Return the student's model with these parameters, whatever it calls them."""
    model = student.Linear(*w.shape)
    fill(probe, model, w, b)
    return model


def fill(probe: Any, model: Any, w: Floats, b: Floats) -> None:
    """Put numbers into a model's w and b."""
    what = f"Linear({w.shape[0]}, {w.shape[1]}) has no tensors w and b of shapes {w.shape} and "
    check(
        probe.fill(model, tensor(w), tensor(b)) is True,
        f"{what}{b.shape}. Leave __init__ as it was.",
    )


@pytest.mark.task("forward", points=7)
def test_shape(student: Student, probe: Any, rng: np.random.Generator) -> None:
    """The prediction is a float32 table: (n, n_in) becomes (n, n_out), even if a size is 1."""
    for n, n_in, n_out in ((5, 3, 2), (4, 2, 6), (1, 3, 2), (4, 3, 1), (1, 1, 1)):
        model = model_with(student, probe, normal(rng, n_in, n_out), normal(rng, n_out))
        what = f"Linear({n_in}, {n_out}).forward(x) for x of shape ({n}, {n_in})"
        first = array(model.forward(tensor(normal(rng, n, n_in))), (n, n_out), what)
        if n == 5:
            second = array(model.forward(tensor(normal(rng, n, n_in))), (n, n_out), what)
            check(not np.array_equal(first, second), f"{what} is the same for every x.")


@pytest.mark.task("forward", points=8)
def test_product(student: Student, probe: Any, rng: np.random.Generator) -> None:
    """With a bias of zero the prediction is the matrix product x W."""
    for n, n_in, n_out in ((5, 3, 2), (1, 2, 4), (6, 1, 1)):
        w, b, x = normal(rng, n_in, n_out), np.zeros(n_out, np.float32), normal(rng, n, n_in)
        close(
            values(model_with(student, probe, w, b).forward(tensor(x)), (n, n_out), "forward(x)"),
            reference.forward(x.astype(float), w.astype(float), b.astype(float)),
            "With b = 0, forward(x) is not the matrix product of x and w. "
            "Each row of x should be multiplied by the whole of w.",
        )


@pytest.mark.task("forward", points=5)
def test_bias(student: Student, probe: Any, rng: np.random.Generator) -> None:
    """The bias is added once to every row."""
    w, b, x = normal(rng, 3, 2), normal(rng, 2), tensor(normal(rng, 2, 3))  # n = n_out
    without = values(model_with(student, probe, w, 0 * b).forward(x), (2, 2), "forward(x)")
    with_bias = values(model_with(student, probe, w, b).forward(x), (2, 2), "forward(x)")
    close(
        with_bias - without,
        np.tile(b.astype(float), (2, 1)),
        "The bias b should be added once to every row of the prediction, and it is not.",
    )


@pytest.mark.task("forward", points=5)
def test_gradients_flow(student: Student, probe: Any, rng: np.random.Generator) -> None:
    """A gradient flows from the prediction back to w and to b.

    It must be the gradient of what `forward` computes, right or wrong: a small change of w and b
    changes Σ upstream · forward(x) by what the gradient says. Adding w and b for show, times zero
    or without x, is not enough: the gradient to w depends on x, and the one to b is not zero.
    """
    w, b, x, upstream = (normal(rng, *s) for s in ((3, 2), (2,), (4, 3), (4, 2)))
    to_w, to_b = normal(rng, 3, 2), normal(rng, 2)
    model = model_with(student, probe, w, b)
    rows, weights = tensor(x), tensor(upstream)
    lacking: Any = probe.names(model)
    check(
        lacking == [],
        f"Linear has no attribute {' and no '.join(map(str, lacking))}: keep the names that "
        "__init__ gives to its tensors, other code uses them.",
    )
    observe_weakly(probe.records(model, rows))
    flowed = probe.gradients_through(model, rows, weights)
    observe("values", flowed)
    if flowed is None:
        raise Mismatch(
            "The prediction is cut off from w and b: no gradient can flow back. "
            "Look for .detach(), .data, .item(), .numpy() or torch.no_grad() in forward."
        )
    check(isinstance(flowed, list | tuple) and len(flowed) == 2, "No gradients came back.")
    dw, db = flowed
    cut = "No gradient flows back to {0}: forward does not use self.{0}, or cuts it off."
    check(dw is not None, cut.format("w"))
    check(db is not None, cut.format("b"))
    to_w_of_x, to_b_of_x = array(dw, (3, 2), "dL/dw"), array(db, (2,), "dL/db")
    elsewhere: Any = probe.gradients_through(model, tensor(normal(rng, 4, 3)), weights)
    to_w_elsewhere = array(elsewhere and elsewhere[0], (3, 2), "dL/dw")
    depends = not np.allclose(to_w_elsewhere, to_w_of_x, rtol=1e-3, atol=1e-3)
    check(depends, "The gradient of w is the same for every x: forward does not multiply the two.")
    check(bool(np.abs(to_b_of_x).max() > 1e-3), cut.format("b"))
    said = np.sum(to_w_of_x * to_w) + np.sum(to_b_of_x * to_b)
    before = values(model.forward(rows), (4, 2), "forward(x)")
    fill(probe, model, w + to_w, b + to_b)
    after = values(model.forward(rows), (4, 2), "forward(x)")
    close(
        said,
        np.sum(upstream * (after - before)),
        "The gradient that flows back to w and b is not the derivative of what forward computes. "
        "Look for .detach(), .data or a new torch.tensor on the way.",
        rtol=1e-3,
        atol=1e-3,
    )
