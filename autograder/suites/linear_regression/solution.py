"""The reference solution as a student would write it; misconceptions and mutants change it.

It is the code of the source notebook's solution cells; a test compares them. Answers are judged
by the numbers of `reference.py`, which is derived by hand.
"""

import torch


def polynomial_gradients(a, b):
    a = torch.tensor(float(a), requires_grad=True)
    b = torch.tensor(float(b), requires_grad=True)
    y = a**3 - b**2 + 3
    y.backward()
    return a.grad, b.grad


class Linear:
    def __init__(self, n_in, n_out):
        self.w = torch.randn(n_in, n_out, requires_grad=True)
        self.b = torch.randn(n_out, requires_grad=True)
        self.params = [self.w, self.b]

    def forward(self, x):
        return x @ self.w + self.b


def step(X, y, model, lr=0.1):
    loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in model.params:
            p -= lr * p.grad
            p.grad.zero_()
    return loss.item()
