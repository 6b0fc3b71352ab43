# %% [markdown]
# # Logistic regression
#
# `X` has shape (n, d), a row for each example, `y` has shape (n,) and holds 0 and 1, and the weights `w` have shape (d,). There is no bias.

# %%
import numpy as np

# %% [markdown]
# ## The sigmoid
#
# It is 1 / (1 + exp(-z)). It should also be right where |z| is large, as exp(1000) is more than a float can hold.


# %% solution sigmoid
def sigmoid(z):
    """Return 1 / (1 + exp(-z)) for each element of an array of any shape."""
    ### BEGIN SOLUTION
    z = np.asarray(z, float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)
    ### END SOLUTION


# %% tests test_sigmoid 10
assert np.isclose(sigmoid(0), 0.5)
assert sigmoid(np.array([-1000, 1000])).tolist() == [0, 1]

# %% [markdown]
# ## The loss
#
# The mean cross entropy of the predictions sigmoid(X w). It should be finite for every w: log(0) is not.


# %% solution loss
def loss(w, X, y):
    """Return the mean cross entropy, a number."""
    ### BEGIN SOLUTION
    z = X @ w
    return np.mean(np.logaddexp(0, z) - y * z)
    ### END SOLUTION


# %% tests test_loss 20
assert np.isclose(loss(np.zeros(2), np.ones((3, 2)), np.array([0, 1, 1])), np.log(2))


# %% solution gradient
def gradient(w, X, y):
    """Return the derivative of the loss by w, an array of shape (d,)."""
    ### BEGIN SOLUTION
    return X.T @ (sigmoid(X @ w) - y) / len(y)
    ### END SOLUTION


# %% tests test_gradient 30
assert gradient(np.zeros(2), np.ones((3, 2)), np.array([0, 1, 1])).shape == (2,)


# %% solution fit
def fit(X, y, lr=0.1, steps=100):
    """Return the weights after so many steps of gradient descent from zeros."""
    ### BEGIN SOLUTION
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * gradient(w, X, y)
    return w
    ### END SOLUTION


# %% tests test_fit 40
assert fit(np.ones((3, 2)), np.array([0, 1, 1])).shape == (2,)
