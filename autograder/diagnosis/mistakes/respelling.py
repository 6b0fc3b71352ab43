"""Writes a change to a syntax tree as a change to the text, and keeps the rest as it is."""

import ast
from collections.abc import Iterator
from textwrap import indent

from autograder.diagnosis.syntax_tree import Edits, Path, Statements, edited


def respelled(source: str, tree: ast.Module, edits: Edits, wanted: Statements) -> str | None:
    """Return a source with edits; None where they cannot be put into the text one by one.

    Args:
        source: the code.
        tree: the same code, parsed.
        edits: the edits of the tree.
        wanted: the normal text of each statement of the edited tree.
    """
    for text in _spliced(source, tree, edits):
        try:
            if tuple(map(ast.unparse, ast.parse(text).body)) == wanted:
                return text
        except SyntaxError:
            continue
    return None


def _spliced(source: str, tree: ast.Module, edits: Edits) -> Iterator[str]:
    """Yield the source with the changed nodes written anew, without and with parentheses."""
    anchors = {_anchor(tree, path, edits) for path in edits}
    outermost = sorted(
        (a for a in anchors if not any(a != b and a[: len(b)] == b for b in anchors)),
        key=lambda path: _place(_at(tree, path)),
        reverse=True,
    )
    if () in outermost:
        return
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for template in ("{}", "({})"):
        text = source.encode()
        for path in outermost:
            node = _at(tree, path)
            row, column, end_row, end_column = _place(node)
            start, end = starts[row - 1] + column, starts[end_row - 1] + end_column
            written = _written(edited(node, edits, path), template, column, starts, end_row)
            if not written and isinstance(node, ast.stmt):
                start, end = starts[row - 1], starts[end_row]
            text = text[:start] + written.encode() + text[end:]
        yield text.decode()


def _written(
    new: ast.AST | list[ast.AST], template: str, column: int, starts: list[int], end_row: int
) -> str:
    if isinstance(new, list):
        text = "\n".join(ast.unparse(statement) for statement in new)
        return indent(text, " " * column).lstrip(" ")
    if isinstance(new, ast.stmt):
        return indent(ast.unparse(new), " " * column).lstrip(" ")
    return template.format(ast.unparse(new)) if isinstance(new, ast.expr) else ast.unparse(new)


def _at(tree: ast.AST, path: Path) -> ast.AST:
    node: ast.AST = tree
    for field, index in path:
        value = getattr(node, field)
        node = value if index is None else value[index]
    return node


def _anchor(tree: ast.Module, path: Path, edits: Edits) -> Path:
    """Return the path of the smallest node with a place in the text that holds an edit."""
    while path:
        node = _at(tree, path)
        alone = not isinstance(edits.get(path), list) or isinstance(node, ast.stmt)
        if hasattr(node, "lineno") and alone:
            return path
        path = path[:-1]
    return path


def _place(node: ast.AST) -> tuple[int, int, int, int]:
    """Return where a node begins and ends: lines from 1, columns in bytes from 0."""
    place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    decorators = getattr(node, "decorator_list", [])
    if decorators:
        first = min(decorators, key=lambda one: one.lineno)
        return (first.lineno, first.col_offset - 1, *place[2:])
    return place


def replacement(source: str, text: str) -> tuple[str, str]:
    """Return what to replace in a source by what, to get a text.

    Both are whole words; the old one occurs once in the source.
    """
    start = _shared(source, text)
    tail = _shared(source[start:][::-1], text[start:][::-1])
    while True:
        end = len(source) - tail
        left, right = _in_a_word(source, start), _in_a_word(source, end)
        old, new = source[start:end], text[start : len(text) - tail]
        once = source.count(old) == 1 and source.index(old) == start  # `))` is twice in `)))`
        if not left and not right and once:
            return old, new
        start = max(start - (left or not right), 0)
        tail = max(tail - (right or not left), 0)


def _shared(one: str, other: str) -> int:
    """Return how many letters two texts share at their beginning."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[:middle] == other[:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _in_a_word(text: str, place: int) -> bool:
    """Say whether a place lies between two letters of a word."""
    return 0 < place < len(text) and all(
        one.isalnum() or one == "_" for one in text[place - 1 : place + 1]
    )
