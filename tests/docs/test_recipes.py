"""Every recipe for authors is a test that right answers pass and wrong ones fail."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from autograder.record import TestResult
from tests.docs.pages import blocks
from tests.testing.own_suite import grade_with

RECIPES = [block.text for block in blocks("python", "docs/author/recipes.md")]
RIGHT = """
import math
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

class Linear(nn.Linear):
    pass

def train(model, loader, epochs, lr=0.1):
    losses = []
    for _ in range(epochs):
        for x, y in loader:
            model.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
        losses.append(loss.detach())
    return losses

def evaluate(model, loader):
    model.eval()
    right = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    model.train()
    return right / len(loader.dataset)

def scale(X, X_test):
    scaler = StandardScaler().fit(X)
    return scaler.transform(X), scaler.transform(X_test)

def fitted(X, y):
    return Pipeline([("scale", StandardScaler()), ("classify", LogisticRegression())]).fit(X, y)

def clusters(X, k):
    return KMeans(k, n_init=3).fit_predict(X)

def summary(frame):
    frame = frame.copy()
    return frame.groupby("town")["price"].agg(["mean", "count"])

def plot_losses(losses):
    plt.plot(losses)
    plt.title("Training")
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.show()

def log_price(price):
    return math.log(price)
"""
MISTAKES = {
    "    pass\n": "    def forward(self, x):\n        return x @ self.weight.T\n",
    "            model.zero_grad()\n": "",
    "p -= lr": "p += lr",
    "    model.train()\n": "",
    "right / len(loader.dataset)": "right / len(loader) / 5",
    "fit(X)\n": "fit(np.concatenate([X, X_test]))\n",
    "]).fit(X, y)": "]).fit(X[:20], y[:20])",
    "fit_predict(X)": "fit_predict(X[:, :1])",
    "    frame = frame.copy()\n": "    frame['price'] *= 2\n",
    '    plt.xlabel("epoch")\n': "",
    "return math.log(price)": "return np.log(price)",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[TestResult]]:
    marks = re.findall(r'@task\("(\w+)", points=(\d+)\)', "\n".join(RECIPES))
    tasks = Counter[str]()
    for task, points in marks:
        tasks[task] += int(points)
    wrong = {f"wrong{n}": RIGHT.replace(*one) for n, one in enumerate(MISTAKES.items())}
    records = grade_with(
        tmp_path_factory.mktemp("recipes"),
        {f"test_{number}.py": text for number, text in enumerate(RECIPES)},
        {"right": RIGHT, **wrong},
        tasks=tasks,
        preload=["torch", "sklearn.pipeline", "sklearn.cluster", "matplotlib.pyplot", "pandas"],
    )
    return {
        name: [test for task in record.tasks for test in task.tests]
        for name, record in records.items()
    }


@pytest.mark.slow
def test_a_right_notebook_passes_every_recipe(results: dict[str, list[TestResult]]) -> None:
    assert len(results["right"]) == sum(text.count("\ndef test_") for text in RECIPES)
    assert [test for test in results["right"] if test.outcome != "passed"] == []


@pytest.mark.slow
def test_every_recipe_fails_for_a_mistake(results: dict[str, list[TestResult]]) -> None:
    failed = {
        test.name
        for name, tests in results.items()
        for test in tests
        if name != "right" and test.outcome == "failed"
    }
    assert failed == {test.name for test in results["right"]}
    assert not any(test.outcome == "error" for tests in results.values() for test in tests)


def test_recipes_import_nothing_else_of_ours() -> None:
    for text in RECIPES:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("autograder"):
                assert str(node.module).startswith("autograder.testing")
