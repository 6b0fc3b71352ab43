"""Mutation operators: every one makes something, and these mutants are among what they make."""

from __future__ import annotations

import ast
from functools import cache
from textwrap import dedent, indent

import pytest

from autograder.authoring.verification.mutants import single_mutants
from autograder.authoring.verification.operators import OPERATORS
from autograder.diagnosis.syntax_tree import Operator, sites
from autograder.suites.linear_regression.answers import STEP
from tests.corpus.reference import SOLUTION as REFERENCE

# What the reference has no place for.
SAMPLE = '''
"""A module."""

import math


def clipped(x, low=0, flag=True):
    """Return x, but no less than low."""
    if x < low and not math.isnan(x):
        return low
    y = abs(x)
    return -y
'''


@cache
def sources(source: str) -> set[str]:
    return {mutant.source for mutant in single_mutants(source)}


def normal(source: str) -> str:
    return ast.unparse(ast.parse(source)) + "\n"


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.__name__)
def test_every_operator_makes_something(operator: Operator) -> None:
    source = SAMPLE if operator.__name__ == "negate_condition" else REFERENCE
    assert [change for site in sites(ast.parse(source)) for change in operator(site)]
    assert operator.__doc__


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y = a**3 - b**2 + 3", "y = a**3 + b**2 + 3"),
        ("y = a**3 - b**2 + 3", "y = b**2 - a**3 + 3"),
        ("y = a**3 - b**2 + 3", "y = a**3 - b**2 + 6"),
        ("y = a**3 - b**2 + 3", "y = (-a)**3 - b**2 + 3"),
        ("a = torch.tensor(float(a), requires_grad=True)", "a = torch.tensor(float(a))"),
        ("a = torch.tensor(float(a), requires_grad=True)", "a = float(a)"),
        ("return a.grad, b.grad", "return b.grad, a.grad"),
        ("return a.grad, b.grad", "return a.grad"),
        ("return a.grad, b.grad", "return (a.grad,)"),
        ("return a.grad, b.grad", "return a.data, b.grad"),
        ("return a.grad, b.grad", "return a.grad, b"),
        ("return a.grad, b.grad", "return a.grad, a.grad"),
        ("self.params = [self.w, self.b]", "self.params = [self.w]"),
        ("self.params = [self.w, self.b]", "self.params = [self.w, self.w]"),
        ("return x @ self.w + self.b", "return x @ self.w"),
        ("return x @ self.w + self.b", "return x[:1] @ self.w + self.b"),
        ("return x @ self.w + self.b", "return x @ self.w.detach() + self.b"),
        ("return x @ self.w + self.b", "return None"),
        ("def step(X, y, model, lr=0.1):", "def step(X, y, model, lr=0.2):"),
        ("def step(X, y, model, lr=0.1):", "def step(X, y, model, lr):"),
        ("def step(X, y, model, lr=0.1):", "def step(y, X, model, lr=0.1):"),
        (".mean()", ".sum()"),
        (".squeeze(1)", ""),
        ("    loss.backward()\n", ""),
        ("for p in model.params:", "for p in model.params[1:]:"),
        ("p -= lr * p.grad", "p = p - lr * p.grad"),
        ("p -= lr * p.grad", "p -= p.grad"),
        ("            p.grad.zero_()\n", ""),
        ("            p.grad.zero_()\n", "        p.grad.zero_()\n"),
        ("    return loss.item()\n", ""),
        ("    return loss.item()", "            return loss.item()"),
        ("return loss.item()", "return -loss.item()"),
    ],
)
def test_this_is_among_the_mutants(before: str, after: str) -> None:
    assert before in REFERENCE
    assert normal(REFERENCE.replace(before, after)) in sources(REFERENCE)


def test_a_block_is_unwrapped() -> None:
    head, tail = STEP.split("    with torch.no_grad():\n")
    body, returned = tail.split("    return")
    without = head + indent(dedent(body), "    ") + "    return" + returned
    assert normal(without) in sources(STEP)


def test_neighbouring_statements_change_places() -> None:
    update, clear = "            p -= lr * p.grad\n", "            p.grad.zero_()\n"
    assert normal(STEP.replace(update + clear, clear + update)) in sources(STEP)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x < low", "x >= low"),
        ("and", "or"),
        ("x < low and not math.isnan(x)", "not (x < low and not math.isnan(x))"),
        ("not math", "math"),
        (" and not math.isnan(x)", ""),
        ("return -y", "return y"),
        ("return -y", "return +y"),
        ("flag=True", "flag=False"),
    ],
)
def test_conditions_comparisons_signs_and_flags_change(before: str, after: str) -> None:
    assert before in SAMPLE
    assert normal(SAMPLE.replace(before, after)) in sources(SAMPLE)


def test_the_body_of_a_function_is_never_empty() -> None:
    (mutant,) = [
        m for m in single_mutants("def f():\n    g()\n") if m.name == "line 2: without g()"
    ]
    assert mutant.source == "def f():\n    pass\n"
