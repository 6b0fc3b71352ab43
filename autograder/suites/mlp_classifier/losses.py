"""Says what the losses of rows are, whose logits are known, and trains on them."""

from pathlib import Path

import numpy as np

from autograder.testing.torch import loader

SUPPORT = Path(__file__).parent / "support" / "given.py"


def cross_entropy(rows, y):
    """Return the cross entropy of each row (a, b, …) whose logits are a and b."""
    logits = rows[:, :2]
    return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]


def train_on_surprises(student, hidden, epochs):
    """Train on seven rows, of which two surprise the model until the first step.

    They are in the first two batches. Return model, losses, and each row's loss at the start.
    """
    rows = np.column_stack([hidden("seven rows").normal(size=(7, 2)), np.zeros(7)])
    rows[[0, 2]], y = [5.0, -5.0, 20.0], np.array([1, 0, 1, 1, 0, 0, 1])
    model = student.load(SUPPORT).Given()
    losses = student.train(model, loader(student, rows, y, batch_size=2), epochs)
    return model, losses, cross_entropy(rows, y)
