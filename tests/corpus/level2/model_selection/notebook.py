# %% [markdown]
# # Choosing a model
#
# You scale features, train a pipeline, and compare models by cross-validation, with scikit-learn and pandas. `X` has shape (n, d), a row for each example, and `y` has shape (n,).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %% [markdown]
# ## Scaling
#
# Subtract the mean of each column and divide by its (population) standard deviation. Both are learned from the training set alone.


# %% solution scale
def scale(X_train, X_test):
    """Return both sets standardised, as the training set says."""
    ### BEGIN SOLUTION
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test)
    ### END SOLUTION


# %% tests test_scale 25
assert np.allclose(scale(np.array([[1.0], [3.0]]), np.array([[5.0]]))[1], 3)


# %% solution fitted_pipeline
def fitted_pipeline(X, y):
    """Return a pipeline of a StandardScaler and a LogisticRegression, fitted on all rows."""
    ### BEGIN SOLUTION
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    ### END SOLUTION


# %% tests test_fitted_pipeline 20
assert fitted_pipeline(np.array([[1.0], [3.0]]), np.array([0, 1])).predict([[4.0]]) == 1

# %% [markdown]
# ## Cross-validation
#
# Use the folds that `cross_val_score` makes of its argument `cv`. The `std` is the population's, and the `name` is that of the classifier's class, `"LogisticRegression"`.


# %% solution report
def report(X, y, cv=5):
    """Return the mean and std of such a pipeline's accuracy in cv folds, and the name, as a dict."""
    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), LogisticRegression())
    scores = cross_val_score(model, X, y, cv=cv)
    return {"mean": scores.mean(), "std": scores.std(), "name": "LogisticRegression"}
    ### END SOLUTION


# %% tests test_report 15
assert set(report(np.arange(10.0).reshape(-1, 1), np.arange(10) % 2)) == {"mean", "std", "name"}


# %% solution best_k
def best_k(X, y, ks):
    """Return the k in ks with which standardised k-nearest neighbours are best in five folds."""

    ### BEGIN SOLUTION
    def score(k):
        model = make_pipeline(StandardScaler(), KNeighborsClassifier(k))
        return cross_val_score(model, X, y, cv=5).mean()

    return max(ks, key=score)
    ### END SOLUTION


# %% tests test_best_k 20
assert best_k(np.arange(20.0).reshape(-1, 1), np.arange(20) > 9, [1]) == 1

# %% [markdown]
# ## A table and a plot
#
# A frame has the columns `model` and `score`; some scores may be missing. The summary has a row for each model, with the model as its index, and the columns `mean` and `count`, of the scores that are there.


# %% solution summary
def summary(frame):
    """Return the mean and the count of each model's scores, as a DataFrame."""
    ### BEGIN SOLUTION
    return frame.groupby("model")["score"].agg(["mean", "count"])
    ### END SOLUTION


# %% solution plot
def plot(ks, scores):
    """Plot the scores over ks as a line; both axes have a label."""
    ### BEGIN SOLUTION
    plt.plot(ks, scores)
    plt.xlabel("k")
    plt.ylabel("accuracy")
    ### END SOLUTION


# %% tests test_summary 20
assert len(summary(pd.DataFrame({"model": ["a", "b", "a"], "score": [0.5, 0.5, 1]}))) == 2
plot([1, 3], [0.5, 0.75])
