"""The expressions of GitHub's workflows, as far as ours use them: `${{ a.b == 'c' && 'd' || '' }}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HOLE = re.compile(r"\$\{\{(.*?)\}\}")


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """Return text with its expressions replaced by their values."""
    return _HOLE.sub(lambda hole: _as_text(value(hole[1], contexts)), text)


def holds(condition: str, contexts: Mapping[str, Any]) -> bool:
    """Return whether a step's `if` is true."""
    return bool(value(condition.removeprefix("${{").removesuffix("}}"), contexts))


def value(expression: str, contexts: Mapping[str, Any]) -> Any:
    """Return an expression's value; what is not there is empty."""
    if "||" in expression:
        first, rest = expression.split("||", 1)
        return value(first, contexts) or value(rest, contexts)
    if "&&" in expression:
        first, rest = expression.split("&&", 1)
        condition = value(first, contexts)
        return value(rest, contexts) if condition else condition
    for sign in ("==", "!="):
        if sign in expression:
            first, rest = expression.split(sign)
            return (value(first, contexts) == value(rest, contexts)) == (sign == "==")
    expression = expression.strip()
    if expression.startswith("'"):
        return expression[1:-1]
    found: Any = contexts
    assert expression.split(".")[0] in contexts, f"unknown context: {expression}"
    for key in expression.split("."):
        found = found.get(key, "") if isinstance(found, Mapping) else ""
    return found


def _as_text(found: Any) -> str:
    return str(found).lower() if isinstance(found, bool) else str(found)
