"""Lent to the student's process: looks at gradients and trains, knows no right answer."""

import torch


def gradients_through(model, x, upstream):
    """Return d(sum(upstream * forward(x)))/dw and /db; None where nothing flows."""
    out = model.forward(x)
    if not (isinstance(out, torch.Tensor) and out.requires_grad):
        return None
    if out.shape != upstream.shape:
        raise ValueError(f"forward returned shape {tuple(out.shape)}, not {tuple(upstream.shape)}")
    return torch.autograd.grad((upstream * out).sum(), [model.w, model.b], allow_unused=True)


def seeded(Linear, seed):
    """Return Linear(1, 1) as the notebook makes it."""
    torch.manual_seed(seed)
    return Linear(1, 1)


def train(step, X, y, model, steps, lr):
    for _ in range(steps):
        step(X, y, model, lr=lr)


def predict(model, x):
    with torch.no_grad():
        return model.forward(x)
