"""Finds in a student's code what a person should look at: answers that are written down."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

from autograder.diagnosis.misconceptions import suite_module

KNOWN = "known.py"
CLOSE = 0.01  # relative: 0.47 for 0.46772
LARGEST = 1e9
LONGEST = 50_000  # characters of code that are looked at

Answers = tuple[tuple[float, ...], ...]


def known_answers(suite: Path) -> Answers:
    """Return the answers that a suite's notebook tells, each a few numbers."""
    return tuple(suite_module(suite, "known").ANSWERS) if (suite / KNOWN).exists() else ()


def review_reason(code: str, answers: Answers) -> str:
    """Say which known answer is written down in code, "" if none is.

    What is only compared, asserted or shown does not count.
    """
    numbers = list(_numbers(code)) if answers else []
    for answer in answers:
        if all(any(_close(number, value) for number in numbers) for value in answer):
            written = " and ".join(f"{value:g}" for value in answer)
            return f"Known answers, {written}, are written down in the code."
    return ""


def _numbers(code: str) -> Iterator[float]:
    """Yield the size of each number that code computes with."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting: list[ast.AST] = [ast.parse(code[:LONGEST])]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, int | float) and abs(node.value) < LARGEST:
                yield abs(float(node.value))
        elif not isinstance(node, ast.Assert | ast.Compare) and not _shows(node):
            waiting += ast.iter_child_nodes(node)


def _shows(node: ast.AST) -> bool:
    """Say whether something is only printed."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in ("print", "display")


def _close(number: float, value: float) -> bool:
    return abs(number - abs(value)) <= CLOSE * abs(value)
