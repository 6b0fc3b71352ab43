"""Support code: inspects gradients, fills models and trains; it knows no right answer.

It raises nothing of its own: where an answer cannot be had, it returns None.
"""

import inspect
import sys
import threading

import torch

AUTOGRAD = ("autograd", "_functorch", "func", "_dynamo", "jax", "tensorflow")
"""The packages that differentiate: a call into one of them is seen by its path."""


def uses_autograd(function, *arguments):
    """Return whether a call of the function calls an automatic differentiation."""
    found = []

    def watch(frame, event, called):
        *folders, file = frame.f_code.co_filename.replace("\\", "/").split("/")
        differentiates = file != "grad_mode.py" and any(name in folders for name in AUTOGRAD)
        if differentiates or (event == "c_call" and called.__name__ == "run_backward"):
            found.append(file)

    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        function(*arguments)
    except Exception:
        return None
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return bool(found)


def parts(model):
    """Return a model's w and b by these names, or else as its params list them."""
    named = [getattr(model, "w", None), getattr(model, "b", None)]
    if all(isinstance(part, torch.Tensor) for part in named):
        return named
    try:
        listed = list(model.params)
    except (AttributeError, TypeError):
        return None
    tensors = all(isinstance(part, torch.Tensor) for part in listed)
    return listed if tensors and len(listed) == 2 else None


def lists_both(model):
    """Return whether a model's params are its w and b, and collect gradients."""
    try:
        listed = list(model.params)
    except (AttributeError, TypeError):
        return None
    mine = {id(part) for part in parts(model) or ()}
    collect = all(getattr(p, "requires_grad", False) and p.is_leaf for p in listed)
    return len(listed) == 2 and mine == {id(p) for p in listed} and collect


def fill(model, *values):
    """Put numbers into a model's w and b, in place; return whether that was possible."""
    found = parts(model)
    if found is None or any(p.shape != v.shape for p, v in zip(found, values, strict=True)):
        return None
    with torch.no_grad():
        for part, value in zip(found, values, strict=True):
            part.copy_(value)
    return True


def names(model):
    """Return which of w and b the model lacks."""
    return [name for name in ("w", "b") if not hasattr(model, name)]


def gradients_through(model, x, upstream):
    """Return d(sum(upstream * forward(x)))/dw and /db; None where nothing flows."""
    out = model.forward(x)
    if not (isinstance(out, torch.Tensor) and out.requires_grad):
        return None
    out = out.to_dense().reshape(upstream.shape)
    return torch.autograd.grad((upstream * out).sum(), parts(model), allow_unused=True)


def records(model, x):
    """Return whether autograd records anything in forward, even if it is cut off later."""
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        model.forward(x)
    return float(bool(kept))


def seeded(Linear, seed):
    """Return Linear(1, 1) as the notebook makes it."""
    torch.manual_seed(seed)
    return Linear(1, 1)


def taking_lr(step):
    """Return step as a function that takes lr, as only one test is about whether it does."""
    try:
        signature = inspect.signature(step)
    except (TypeError, ValueError):
        return step
    if _binds(signature, lr=0.1):
        return step
    given = () if _binds(signature) else (0.1,)
    if not _binds(signature, *given):
        return step
    return lambda X, y, model, lr: step(X, y, model, *([lr] if given else []))


def _binds(signature, *given, **named):
    try:
        signature.bind("X", "y", "model", *given, **named)
    except TypeError:
        return False
    return True


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
