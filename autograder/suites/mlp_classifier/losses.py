"""Says what the losses of rows are, whose logits are known."""

import numpy as np


def cross_entropy(rows, y):
    """Return the cross entropy of each row (a, b, …) whose logits are a and b."""
    logits = rows[:, :2]
    return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]
