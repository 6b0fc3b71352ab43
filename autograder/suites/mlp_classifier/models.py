"""Makes models whose parameters are known."""

import numpy as np

from autograder.testing.torch import network, set_parameters

SHAPES = {"hidden.weight": (5, 3), "hidden.bias": (5,), "out.weight": (4, 5), "out.bias": (4,)}
"""Of the parameters of `MLP(3, 5, 4)`."""


def with_the_same_parameters(student, reference, rng):
    """Return the student's model and the reference's, and rows for them."""
    X, drawn = 6 * rng.normal(size=(7, 3)), {name: rng.normal(size=s) for name, s in SHAPES.items()}
    models = student.MLP(3, 5, 4), reference.MLP(3, 5, 4)
    for model in models:
        set_parameters(model, drawn)
    return models, X


def scaled(student, times):
    """Return a model with two logits, which are so many times its inputs."""
    model = network(student, 2, 2)
    set_parameters(model, {"0.weight": np.diag([times, times]), "0.bias": [0.0, 0.0]})
    return model
