"""Support code: trains a model with the student's step; it knows no right answer."""

import inspect

import torch


def taking_lr(step):
    """Return step as a function that takes lr, as only one test is about whether it does."""
    try:
        signature = inspect.signature(step)
    except (TypeError, ValueError):
        return step
    for by_name, by_position in (({"lr": 0.1}, ()), ({}, ()), ({}, (0.1,))):
        try:
            signature.bind("X", "y", "model", *by_position, **by_name)
        except TypeError:
            continue
        if by_name:
            return step
        return lambda X, y, model, lr: step(X, y, model, *([lr] if by_position else []))
    return step


def succeeds(step, X, y, model, lr):
    """Take a step; return whether it raises nothing."""
    try:
        step(X, y, model, lr=lr)
    except Exception:
        return False
    return True


def train(step, X, y, model, steps, lr):
    """Take steps; return what the model predicts at 0 and at 1 after each of them."""
    ends, path = torch.tensor([[0.0], [1.0]]), []
    for _ in range(steps):
        step(X, y, model, lr=lr)
        path.append(predict(model, ends))
    return path


def predict(model, x):
    with torch.no_grad():
        return model.forward(x)


def lists_both(model):
    """Return whether a model's params are its w and b, and collect gradients."""
    own = [getattr(model, name, None) for name in ("w", "b")]
    try:
        listed = list(model.params)
        learn = len(listed) == 2 and all(p.requires_grad and p.is_leaf for p in listed)
    except (AttributeError, TypeError):
        return False
    named = all(isinstance(p, torch.Tensor) for p in own)
    return learn and (not named or {*map(id, listed)} == {*map(id, own)})
