"""Support code: a model whose inputs say what its logits are, and how a step moves them."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

STEEP = 1e8


class Given(nn.Module):
    """Gives two logits for a row (a, b, c): a and b, and c more or less after the first step.

    So whatever the optimizer, the loss of a row is known: if c = 0, nothing changes it, and its
    gradients are zero; otherwise any step moves the logits by c, towards its label if it goes down.
    """

    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.ones(2))
        self.second = nn.Parameter(-torch.ones(2))

    def forward(self, x):
        return x[:, :2] + x[:, 2:] * torch.tanh(STEEP * (self.first + self.second))


class Rows(Dataset):
    """Rows and their labels, which counts how often each is loaded."""

    def __init__(self, X, y):
        self.X, self.y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
        self.loaded = [0] * len(y)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, row):
        self.loaded[row] += 1
        return self.X[row], self.y[row]


def trained(train, X, y, epochs):
    """Return losses, how often each row was loaded, and whether losses require gradients."""
    rows = Rows(X, y)
    losses = train(Given(), DataLoader(rows, batch_size=len(y)), epochs)
    parts = losses if isinstance(losses, list | tuple) else [losses]
    return losses, rows.loaded, any(torch.is_tensor(one) and one.requires_grad for one in parts)


def flows_after(accuracy, model, X, y):
    """Tell whether gradients flow to all parameters after the accuracy of a model was computed."""
    accuracy(model, X, y)
    return model(X).requires_grad and all(p.requires_grad for p in model.parameters())
