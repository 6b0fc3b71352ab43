"""Finds hard-coded answers in a student's code, for a person to review."""

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

from autograder.diagnosis.misconception import suite_module

KNOWN = "known.py"
TOLERANCE = 0.01  # relative: 0.47 for 0.46772
MAX_NUMBER = 1e9
MAX_CODE = 50_000  # characters of code that are searched

Answers = tuple[tuple[float, ...], ...]


def known_answers(suite: Path) -> Answers:
    """Return the answers that the notebook of a suite reveals, each a few numbers."""
    return tuple(suite_module(suite, "known").ANSWERS) if (suite / KNOWN).exists() else ()


def review_reason(code: str, answers: Answers) -> str:
    """Return a message about known answers that are hard-coded, "" if none are.

    Numbers that are only compared, asserted or printed do not count.
    """
    numbers = list(_numbers(code)) if answers else []
    for answer in answers:
        if all(any(_close(number, value) for number in numbers) for value in answer):
            written = " and ".join(f"{value:g}" for value in answer)
            return f"Known answers, {written}, are hard-coded."
    return ""


def _numbers(code: str) -> Iterator[float]:
    """Yield the absolute value of each number that the code computes with."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting: list[ast.AST] = [ast.parse(code[:MAX_CODE])]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, int | float) and abs(node.value) < MAX_NUMBER:
                yield abs(float(node.value))
        elif not isinstance(node, ast.Assert | ast.Compare) and not _is_print(node):
            waiting += ast.iter_child_nodes(node)


def _is_print(node: ast.AST) -> bool:
    """Tell whether a node is a call of `print` or `display`."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in ("print", "display")


def _close(number: float, value: float) -> bool:
    return abs(number - abs(value)) <= TOLERANCE * abs(value)
