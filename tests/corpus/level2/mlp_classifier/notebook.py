# %% [markdown]
# # A classifier with one hidden layer
#
# You write a small network in PyTorch, train it, and measure how often it is right.

# %%
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

# %% [markdown]
# ## The model
#
# Two linear layers, `hidden` and `out`, with a ReLU between them. What comes out are logits: no softmax.


# %% solution MLP
class MLP(nn.Module):
    """A network with one hidden layer: from n_in numbers to a logit for each of n_out classes."""

    def __init__(self, n_in=64, n_hidden=64, n_out=10):
        ### BEGIN SOLUTION
        super().__init__()
        self.hidden = nn.Linear(n_in, n_hidden)
        self.out = nn.Linear(n_hidden, n_out)
        ### END SOLUTION

    def forward(self, x):
        """Return the logits (n, n_out) of inputs (n, n_in)."""
        ### BEGIN SOLUTION
        return self.out(torch.relu(self.hidden(x)))
        ### END SOLUTION


# %% tests test_MLP 40
assert MLP(4, 8, 3)(torch.zeros(2, 4)).shape == (2, 3)

# %% [markdown]
# ## Training
#
# Minimize the cross entropy with an optimizer of your choice, batch by batch. Return a list with the loss of each epoch: the mean over all its *rows*, as each was when its batch was trained on. The last batch may have fewer rows than the others.


# %% solution train
def train(model, loader, epochs):
    """Train a model; return the mean cross entropy over all rows of each epoch, as a list."""
    ### BEGIN SOLUTION
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += len(x) * loss.item()
        losses.append(total / len(loader.dataset))
    return losses
    ### END SOLUTION


# %% tests test_train 45
data = TensorDataset(torch.eye(4).repeat(5, 1), torch.arange(20) % 4)
history = train(nn.Linear(4, 4), DataLoader(data, batch_size=6), epochs=3)
assert len(history) == 3


# %% solution accuracy
def accuracy(model, X, y):
    """Return the share of rows of X whose largest logit is that of the right label in y."""
    ### BEGIN SOLUTION
    with torch.no_grad():
        return (model(X).argmax(dim=1) == y).float().mean().item()
    ### END SOLUTION


# %% tests test_accuracy 15
assert accuracy(nn.Identity(), torch.eye(3), torch.tensor([0, 1, 1])) > 0.6
