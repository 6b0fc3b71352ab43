"""Reads the references in the folder `references`: what each mistake makes of three of them.

A file has the mistakes of a module. Below `# name` stand references and what the mistake makes of
them: `before => after` for what a function returns, or whole functions in lines that begin with
`|`, `-` (before) and `+` (after). A line `? arguments :: words` calls the last function before and
after with these arguments, and says in Python what must hold of `right` and `wrong`.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "references"
SLOW = re.compile(
    r"\b(torch|nn|F|pd|plt|frame|SVC|KNeighbors\w+|\w*KFold|[A-Z][a-z]+[A-Z]\w+|\w+_score|\w+_split|cross_validate)\b"
)
SKLEARN = r"[A-Z][a-z]+[A-Z]\w|\b(SVC|KFold|\w+_score|confusion_matrix|train_test_split)\b"
IMPORTS = """
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.model_selection import cross_val_predict, cross_val_score, cross_validate
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, RobustScaler
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
"""
GIVEN = {"np", "torch", "F", "nn", "math", "plt", "pd", "copy", "random", "optim"}


@dataclass(frozen=True)
class Reference:
    """A reference, what a mistake makes of it, and what must hold of the two."""

    mistake: str
    before: str
    after: str
    holds: str = ""

    @property
    def is_slow(self) -> bool:
        """Whether it needs more than NumPy to run."""
        return SLOW.search(self.before + self.after + self.holds) is not None


@cache
def references() -> tuple[Reference, ...]:
    return tuple(
        one
        for file in sorted(FOLDER.glob("*.txt"))
        for one in read_references(file.read_text("utf-8"))
    )


def read_references(text: str) -> Iterator[Reference]:
    """Yield the references in a text, with what holds of them."""
    mistake, block = "", list[str]()
    found: list[Reference] = []
    for line in [*text.splitlines(), ""]:
        if block and line[:2] not in ("| ", "- ", "+ ", "|"):
            found.append(_from_block(mistake, block))
            block = []
        if line.startswith("# "):
            mistake = line[2:]
        elif line.startswith("? "):
            found[-1] = replace(found[-1], holds=line[2:])
        elif line[:2] in ("| ", "- ", "+ ", "|"):
            block.append(line)
        elif " => " in line:
            before, after = line.split(" => ")
            names = ", ".join(free_names(before))
            found.append(
                Reference(mistake, *(f"def f({names}):\n    return {x}\n" for x in (before, after)))
            )
        else:
            assert not line, line
    yield from found


def _from_block(mistake: str, block: list[str]) -> Reference:
    before, after = (
        "".join(f"{line[2:]}\n" for line in block if line[0] != other) for other in "+-"
    )
    return Reference(mistake, before, after)


def free_names(expression: str) -> list[str]:
    """Return the names that must be arguments, in the order of their first use."""
    tree = ast.parse(expression)
    nodes = list(ast.walk(tree))
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    names = sorted(
        (n for n in nodes if isinstance(n, ast.Name)), key=lambda n: (n.lineno, n.col_offset)
    )
    known = called | bound | GIVEN | set(dir(builtins))
    return list(dict.fromkeys(n.id for n in names if n.id not in known))


def holds(reference: Reference) -> bool:
    """Say whether the words after `?` hold."""
    arguments, _, words = reference.holds.partition(":: ")
    results, functions, given = [], [], {}
    for source in (reference.before, reference.after):
        names = _names(source + reference.holds)
        exec(compile(source, "<reference>", "exec"), names)
        own = [v for v in names.values() if isinstance(v, FunctionType) and v.__globals__ is names]
        given = eval(f"dict({arguments})", names)
        functions.append(own[-1] if own else None)
        results.append(_result(own[-1], given) if own else names)
    names |= {"right": results[0], "wrong": results[1], "given": given}
    return bool(eval(words, names | {"right_f": functions[0], "wrong_f": functions[1]}))


def _result(function: Any, given: dict[str, Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function(**given)
    except Exception as error:
        return error


def same(one: Any, other: Any) -> bool:
    """Say whether two answers are the same numbers in the same shape."""
    return np.shape(one) == np.shape(other) and bool(np.allclose(one, other))


def _names(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {
        "np": np,
        "math": math,
        "same": same,
        "raised": lambda value: isinstance(value, Exception),
        "raised_by": lambda function: isinstance(_result(function, {}), Exception),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    exec("import copy, random", names)
    if re.search(r"\b(torch|nn|F|optim)\b", source):
        exec(
            "import torch\nfrom torch import nn, optim\nfrom torch.nn import functional as F", names
        )
    if re.search(r"\b(pd|frame)\b", source):
        exec("import pandas as pd", names)
    if re.search(r"\bplt\b", source):
        exec("import matplotlib.pyplot as plt", names)
    if re.search(SKLEARN, source):
        exec(IMPORTS, names)
    return names
