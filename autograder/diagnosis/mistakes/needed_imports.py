"""The imports that a changed solution needs, as a notebook has more than its reference uses."""

import ast
import re
from functools import lru_cache

SKLEARN = {
    "ensemble": "GradientBoostingRegressor RandomForestClassifier RandomForestRegressor",
    "linear_model": "LinearRegression LogisticRegression Ridge SGDRegressor",
    "metrics": "precision_score recall_score",
    "model_selection": "KFold ShuffleSplit StratifiedKFold cross_val_predict "
    "cross_validate train_test_split",
    "neighbors": "KNeighborsClassifier KNeighborsRegressor",
    "preprocessing": "MaxAbsScaler MinMaxScaler Normalizer RobustScaler StandardScaler",
    "svm": "LinearSVR SVC SVR",
    "tree": "DecisionTreeClassifier DecisionTreeRegressor",
}
IMPORTS = {
    "copy": "import copy",
    "F": "from torch.nn import functional as F",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "nn": "from torch import nn",
    "torch": "import torch",
} | {
    name: f"from sklearn.{module} import {name}"
    for module, names in SKLEARN.items()
    for name in names.split()
}
"""The imports of what rules put into a solution, by name."""


def needed_imports(before: ast.AST, after: ast.AST, text: str) -> str:
    """Return the lines that import what a changed solution uses and did not bind before.

    Args:
        before: the solution.
        after: the changed part of it.
        text: the same part, as text.
    """
    unknown = IMPORTS.keys() & set(WORD.findall(text)) - _known(before)
    if not unknown:
        return ""
    used = {node.id for node in ast.walk(after) if isinstance(node, ast.Name)}
    return "".join(f"{IMPORTS[name]}\n" for name in sorted(unknown & used))


WORD = re.compile(r"\w+")


@lru_cache(maxsize=64)
def _known(tree: ast.AST) -> frozenset[str]:
    """Return the names that code uses or imports."""
    nodes = list(ast.walk(tree))
    imported = {
        (node.asname or node.name).partition(".")[0]
        for node in nodes
        if isinstance(node, ast.alias)
    }
    return frozenset({node.id for node in nodes if isinstance(node, ast.Name)} | imported)


@lru_cache(maxsize=64)
def is_of_torch(tree: ast.AST) -> bool:
    """Say whether code uses PyTorch, by the names that its modules usually have."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return not names.isdisjoint(("torch", "nn", "F", "optim"))
