"""Finds parts of a solution in code that students get."""

import ast
from collections.abc import Iterable

LARGE = 6  # nodes: smaller expressions, such as `loss.backward()`, give nothing away


def spoilers(source: str, solution: str, shown: Iterable[str]) -> list[tuple[int, str]]:
    """Return the expressions of a solution that are in a source, with their lines, longest first.

    Args:
        source: code that students would get.
        solution: what they have to find out.
        shown: the cells of the notebook that they have; what these show is no secret.
    """
    secret = set(_expressions(solution)) - {e for cell in shown for e in _expressions(cell)}
    found = [(line, text) for text, line in _expressions(source).items() if text in secret]
    return sorted(found, key=lambda one: (one[0], -len(one[1])))


def _expressions(source: str) -> dict[str, int]:
    """Return the larger expressions in code, as Python would write them, with their lines."""
    plain = "\n".join(
        "" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()
    )
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        return {}
    return {
        ast.unparse(node): node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and _size(node) >= LARGE
    }


def _size(node: ast.AST) -> int:
    parts = (n for n in ast.walk(node) if not isinstance(n, ast.expr_context | ast.operator))
    return sum(1 for _ in parts)
