"""Task `forward`: Linear.forward(x) = x W + b."""

import numpy as np

from autograder.testing import array, check, close, task, values
from autograder.testing.torch import set_parameters, tensor, vjp


def normal(rng, *shape):
    """Return hidden numbers of this shape, none of them close to zero."""
    numbers = rng.normal(size=shape)
    return (numbers + 0.3 * np.sign(numbers)).astype(np.float32)


def model_with(notebook, w, b):
    """Return the notebook's model with these parameters."""
    model = notebook.Linear(*w.shape)
    set_parameters(model, {"w": w, "b": b})
    return model


@task("forward", points=7)
def test_shape(student, rng):
    """The prediction is a float32 table: (n, n_in) becomes (n, n_out), even if a size is 1."""
    for n, n_in, n_out in ((5, 3, 2), (4, 2, 6), (1, 3, 2), (4, 3, 1), (1, 1, 1)):
        model = model_with(student, normal(rng, n_in, n_out), normal(rng, n_out))
        what = f"Linear({n_in}, {n_out}).forward(x) for x of shape ({n}, {n_in})"
        first = array(model.forward(tensor(normal(rng, n, n_in))), (n, n_out), what)
        if n == 5:
            second = array(model.forward(tensor(normal(rng, n, n_in))), (n, n_out), what)
            check(not np.array_equal(first, second), f"{what} is the same for every x.")


@task("forward", points=8)
def test_product(student, reference, rng):
    """With a bias of zero the prediction is the matrix product x W."""
    for n, n_in, n_out in ((5, 3, 2), (1, 2, 4), (6, 1, 1)):
        w, b = normal(rng, n_in, n_out), np.zeros(n_out)
        x = tensor(normal(rng, n, n_in))
        received, expected = (
            values(model_with(notebook, w, b).forward(x), (n, n_out), "forward(x)")
            for notebook in (student, reference)
        )
        close(
            received,
            expected,
            "With b = 0, forward(x) is not the matrix product of x and w. "
            "Each row of x should be multiplied by the whole of w.",
        )


@task("forward", points=5)
def test_bias(student, rng):
    """The bias is added once to every row."""
    w, b, x = normal(rng, 3, 2), normal(rng, 2), tensor(normal(rng, 2, 3))  # n = n_out
    without = values(model_with(student, w, 0 * b).forward(x), (2, 2), "forward(x)")
    with_bias = values(model_with(student, w, b).forward(x), (2, 2), "forward(x)")
    close(
        with_bias - without,
        np.tile(b.astype(float), (2, 1)),
        "The bias b should be added once to every row of the prediction, and it is not.",
    )


@task("forward", points=5)
def test_gradients_flow(student, rng):
    """A gradient flows from the prediction back to w and to b.

    It must be the gradient of what `forward` computes, right or wrong: a small change of w and b
    changes Σ upstream · forward(x) by what the gradient says. Adding w and b for show, times zero
    or without x, is not enough: the gradient to w depends on x, and the one to b is not zero.
    """
    w, b, x, upstream = (normal(rng, *s) for s in ((3, 2), (2,), (4, 3), (4, 2)))
    to_w, to_b = normal(rng, 3, 2), normal(rng, 2)
    model = model_with(student, w, b)
    if lacking := [name for name in ("w", "b") if not hasattr(model, name)]:
        check(
            False,
            f"Linear has no attribute {' and no '.join(lacking)}: keep the names that __init__ "
            "gives to its tensors, other code uses them.",
        )
    dw, db = vjp(model, x, upstream, "w", "b").values()
    cut = "No gradient flows back to {0}: forward does not use self.{0}, or cuts it off."
    check(dw is not None, cut.format("w"))
    check(db is not None, cut.format("b"))
    dw, db = array(dw, (3, 2), "dL/dw"), array(db, (2,), "dL/db")
    elsewhere = array(vjp(model, normal(rng, 4, 3), upstream, "w", "b")["w"], (3, 2), "dL/dw")
    check(
        not np.allclose(elsewhere, dw, rtol=1e-3, atol=1e-3),
        "The gradient of w is the same for every x: forward does not multiply the two.",
    )
    check(bool(np.abs(db).max() > 1e-3), cut.format("b"))
    before = values(model.forward(tensor(x)), (4, 2), "forward(x)")
    set_parameters(model, {"w": w + to_w, "b": b + to_b})
    after = values(model.forward(tensor(x)), (4, 2), "forward(x)")
    close(
        np.sum(dw * to_w) + np.sum(db * to_b),
        np.sum(upstream * (after - before)),
        "The gradient that flows back to w and b is not the derivative of what forward computes. "
        "Look for .detach(), .data or a new torch.tensor on the way.",
        rtol=1e-3,
        atol=1e-3,
    )
