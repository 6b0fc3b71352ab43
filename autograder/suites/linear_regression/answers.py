"""The parts of accepted answers and attacks: the three answers and the cells around them."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

IMPORTS = dedent("""\
    import time

    import matplotlib.pyplot as plt
    import torch
    from IPython.display import clear_output
    from sklearn.datasets import make_regression
    """)

GRADIENTS = dedent("""\
    def polynomial_gradients(a, b):
        a = torch.tensor(float(a), requires_grad=True)
        b = torch.tensor(float(b), requires_grad=True)
        y = a**3 - b**2 + 3
        y.backward()
        return a.grad, b.grad
    """)

FORWARD = dedent("""\
    class Linear:
        def __init__(self, n_in, n_out):
            self.w = torch.randn(n_in, n_out, requires_grad=True)
            self.b = torch.randn(n_out, requires_grad=True)
            self.params = [self.w, self.b]

        def forward(self, x):
            return x @ self.w + self.b
    """)

STEP = dedent("""\
    def step(X, y, model, lr=0.1):
        loss = ((model.forward(X).squeeze(1) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in model.params:
                p -= lr * p.grad
                p.grad.zero_()
        return loss.item()
    """)


@dataclass(frozen=True)
class Answer:
    """A submission: its three answers, other cells around them, and the tasks it fails."""

    name: str
    gradients: str = GRADIENTS
    forward: str = FORWARD
    step: str = STEP
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    loses: frozenset[str] = frozenset()

    def cells(self) -> list[str]:
        """Return the sources of its cells."""
        parts = (*self.before, self.gradients, self.forward, self.step, *self.after)
        return [IMPORTS, *(dedent(part) for part in parts)]


def forward(expression: str) -> str:
    """Return the class with another body of `forward`."""
    return FORWARD.replace("return x @ self.w + self.b", expression)


def step(loss: str = "((model.forward(X).squeeze(1) - y) ** 2).mean()", **parts: str) -> str:
    """Return `step` with another loss, backward, update, clearing or return value."""
    parts = {
        "first": "",
        "backward": "loss.backward()",
        "update": "p -= lr * p.grad",
        "clear": "p.grad.zero_()",
        "returns": "return loss.item()",
    } | parts
    lines = [
        "def step(X, y, model, lr=0.1):",
        f"    {parts['first']}",
        f"    loss = {loss}",
        f"    {parts['backward']}",
        "    with torch.no_grad():",
        "        for p in model.params:",
        f"            {parts['update']}",
        f"            {parts['clear']}",
        f"    {parts['returns']}",
    ]
    return "\n".join(line for line in lines if line.strip()) + "\n"
