"""The calls of the suite of `mlp_classifier`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from bench.checks import Limit, Names, close, results

RNG = np.random.default_rng(0)
X, UPSTREAM = (torch.from_numpy(RNG.normal(size=s).astype(np.float32)) for s in ((9, 6), (9, 4)))
LABELS = torch.arange(60) % 3
CLUSTERS = 1.5 * (torch.from_numpy(RNG.normal(size=(60, 8))).float() + 2 * torch.eye(3, 8)[LABELS])
MANY = torch.from_numpy(RNG.normal(size=(307, 6)).astype(np.float32)), torch.arange(307) % 4
SURE = [[0.0, 100.0], [0.0, -100.0]]
SURER = [[5.0, 200.0], [-5.0, -200.0]]


def check(names: Names, limit: Limit) -> list[bool]:
    """Return whether each of the three tasks is right."""
    return results(names, limit, (mlp, train, accuracy))


def mlp(names: Names) -> None:
    """Check layers, logits and gradients."""
    kind = names["MLP"]
    shapes = {name: tuple(one.shape) for name, one in kind(3, 5, 4).named_parameters()}
    assert shapes["hidden.weight"] == (5, 3)
    assert shapes["out.bias"] == (4,)
    assert sum(one.numel() for one in kind(3, 5, 4).parameters()) == 44
    assert sum(one.numel() for one in kind().parameters()) == 4810
    model = kind(6, 8, 4)
    first, second = model.hidden, model.out
    for _ in range(2):
        kind(3, 5, 4)(X[:, :3])
    logits = model(X)
    hidden = np.maximum(X.numpy() @ array(first.weight).T + array(first.bias), 0)
    close(array(logits), hidden @ array(second.weight).T + array(second.bias))
    logits.backward(UPSTREAM)
    assert first.weight.grad.any()
    assert len(np.unique(array(first.weight), axis=0)) == 8


def train(names: Names) -> None:
    """Train for as many epochs as the suite does."""
    x, y = torch.tensor(8 * [[0.0, 1.0]] + 2 * [[0.0, 0.0]]), torch.tensor(8 * [0] + [0, 1])
    close(names["train"](linear(SURE), loader(x, y, 4), 8), np.full(8, 0.2 * np.log(2)), 0.01)
    x, y = torch.tensor([[1.0, 0.0]] + 6 * [[0.0, 1.0]]), torch.tensor([1] + 6 * [0])
    for epochs in (1, 2, 2, 6):
        found = names["train"](linear(SURER), loader(x, y, 2), epochs)
        close(found[0], 10 / 7, 0.05)
    close(names["train"](linear(SURE), loader(x[:2], y[:2], 2), 1)[0], np.log(2) / 2, 0.01)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    before = [array(one).copy() for one in model.parameters()]
    losses = names["train"](model, loader(CLUSTERS, LABELS, 15, shuffle=True), 12)
    assert losses[-1] < losses[0] - 0.05
    assert all((array(p) != b).any() for p, b in zip(model.parameters(), before, strict=True))


def accuracy(names: Names) -> None:
    """Check seven accuracies."""
    for _ in range(2):
        model, (x, y) = nn.Linear(6, 4), MANY
        close(names["accuracy"](model, x, y), (array(model(x)).argmax(axis=1) == y.numpy()).mean())
    x, y = torch.tensor([[5.0, 1.0], [4.0, 3.0], [-2.0, -1.0]]), torch.tensor([0, 1, 0])
    for _ in range(5):
        close(names["accuracy"](nn.Identity(), x, y), 1 / 3)


def linear(weight: list[list[float]]) -> nn.Linear:
    """Return a linear layer with a weight, without a bias."""
    layer = nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.zero_()
    return layer


def loader(x: Any, y: Any, size: int, *, shuffle: bool = False) -> Any:
    """Return a loader of batches."""
    return DataLoader(TensorDataset(x, y), batch_size=size, shuffle=shuffle)


def array(values: Any) -> Any:
    """Return the values of a tensor."""
    return values.detach().numpy()
