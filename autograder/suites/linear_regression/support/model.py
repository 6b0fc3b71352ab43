"""Support code for the tests of `step`: a correct model, which is no secret.

Its `forward` is written as in the visible cell that checks `step`.
"""

import contextlib

import torch

_notes = {}  # beside the models, so that they look like the student's own
_optimized = []  # the tensors that optimizers were there to update, while they are watched


class Linear:
    """The assignment's model, with given parameters."""

    def __init__(self, w, b):
        self.w = w.clone().requires_grad_()
        self.b = b.clone().requires_grad_()
        self.params = [self.w, self.b]
        _notes[id(self)] = (self.w, self.b), [], []

    def forward(self, x):
        prediction = torch.nn.functional.linear(x, self.w.T, self.b)
        if id(self) in _notes:
            _, recorded, passes = _notes[id(self)]
            recorded.append(prediction.requires_grad)
            with contextlib.suppress(
                RuntimeError
            ):  # nothing flows back, so there is nothing to count
                prediction.register_hook(lambda _: passes.append(1))
        return prediction

    __call__ = forward

    def parameters(self):
        return iter(self.params)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


def corrected(model):
    """Give one of the student's models a correct forward, and return it."""

    def forward(x):
        w, b = (model.w, model.b) if hasattr(model, "w") and hasattr(model, "b") else model.params
        return x @ w + b

    model.forward = forward
    return model


def copy(model):
    """Return a new model with the numbers of `model`, and nothing else of it."""
    return Linear(model.w.detach(), model.b.detach())


def twin(model):
    """Return a model with the very tensors that `model.params` holds now."""
    other = Linear.__new__(Linear)
    other.params = list(model.params)
    other.w, other.b = other.params
    return other


def watch():
    """Note from now on what optimizers update."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    def note(optimizer, *_):
        _optimized.extend(p for group in optimizer.param_groups for p in group["params"])

    _notes["watch"] = register_optimizer_step_post_hook(note)


def marks(model):
    """Return what distinguishes mistakes that leave the model in the same place.

    For each parameter: whether anything wrote to it, and its gradient (0 None, 1 zeros, 2 other);
    whether autograd recorded each prediction; how often backward() ran; whether an optimizer
    updated tensors that are not the model's.
    """
    _notes.pop("watch").remove()
    given, recorded, passes = _notes[id(model)]
    found = []
    for p in given:
        left = 0 if p.grad is None else 1 + int(p.grad.any())
        found.append([float(p._version > 0), float(left)])
    others = any(all(p is not mine for mine in given) for p in _optimized)
    counts = [float(flag) for flag in recorded[:4]] + [float(len(passes)), float(others)]
    return [*found, counts]


def predict(model, x):
    with torch.no_grad():
        return model.forward(x)
