"""Lent to the student's process for the tests of `step`: a correct model, nothing secret."""

import torch


class Linear:
    """The assignment's model, with given parameters."""

    def __init__(self, w, b):
        self.w = w.clone().requires_grad_()
        self.b = b.clone().requires_grad_()
        self.params = [self.w, self.b]

    def forward(self, x):
        return x @ self.w + self.b

    __call__ = forward

    def parameters(self):
        return iter(self.params)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


def twin(model):
    """Return a model that holds the very tensors that `model.params` holds now."""
    other = Linear.__new__(Linear)
    other.params = list(model.params)
    other.w, other.b = other.params
    return other


def predict(model, x):
    with torch.no_grad():
        return model.forward(x)
