"""Support code for the tests of `step`: a correct model, which is no secret.

Its `forward` is written as in the visible cell that checks `step`.
"""

import contextlib

import torch

_notes = {}  # beside the models, so that they look like the student's own


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


def twin(model):
    """Return a model with the very tensors that `model.params` holds now."""
    other = Linear.__new__(Linear)
    other.params = list(model.params)
    other.w, other.b = other.params
    return other


def marks(model):
    """Return what distinguishes mistakes that leave the model in the same place.

    For each parameter: whether anything wrote to it, and its gradient (0 None, 1 zeros, 2 other);
    whether autograd recorded each prediction; how often backward() ran.
    """
    given, recorded, passes = _notes[id(model)]
    found = []
    for p in given:
        left = 0 if p.grad is None else 1 + int(p.grad.any())
        found.append([float(p._version > 0), float(left)])
    return [*found, [float(flag) for flag in recorded[:4]] + [float(len(passes))]]


def predict(model, x):
    with torch.no_grad():
        return model.forward(x)
