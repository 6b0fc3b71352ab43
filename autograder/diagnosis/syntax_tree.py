"""Sites in a syntax tree, and changes to it: the vocabulary of mutations and known mistakes."""

import ast
import copy
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[tuple[str, int | None], ...]
"""The fields from the root down to a node; in a list, with the index."""
Edits = dict[Path, ast.AST | list[Any]]
"""New nodes by path; in a list, a node may become several or none."""
Statements = tuple[str, ...]
"""The normal text of each top-level statement of a program."""


@dataclass(frozen=True)
class Change:
    """Edits, their name, and the parameter that they are about, if they are about one."""

    name: str
    edits: Edits
    about: str = ""


@dataclass(frozen=True)
class Site:
    """A node of the tree, its path, and the nodes around it from the root inwards."""

    node: ast.AST
    path: Path
    parents: tuple[ast.AST, ...]

    @property
    def parent(self) -> ast.AST:
        """The node right above."""
        return self.parents[-1]

    @property
    def field(self) -> str:
        """The parent's field that holds the node."""
        return self.path[-1][0]

    @property
    def line(self) -> int:
        """Its line, or that of the nearest parent that has one."""
        nodes = (self.node, *reversed(self.parents))
        return next((node.lineno for node in nodes if hasattr(node, "lineno")), 1)

    def change(self, what: str, new: ast.AST | list[Any]) -> Change:
        """Return the change that puts something else here, named `what`."""
        return Change(f"line {self.line}: {what}", {self.path: new})

    def replace(self, new: ast.AST) -> Change:
        """Return the change that puts another node here."""
        return self.change(f"{text(new)} for {text(self.node)}", new)

    def drop(self) -> Change:
        """Return the change that drops the node from its list."""
        return self.change(f"without {text(self.node)}", [])

    def next(self) -> "Site | None":
        """Return the next site of the same list."""
        *above, (field, index) = self.path
        siblings = getattr(self.parent, field)
        if index is None or index + 1 >= len(siblings):
            return None
        return Site(siblings[index + 1], (*above, (field, index + 1)), self.parents)

    def swap(self) -> Iterator[Change]:
        """Yield the change that swaps the node with the next of its list, if there is one."""
        if neighbour := self.next():
            edits: Edits = {self.path: neighbour.node, neighbour.path: self.node}
            what = f"{text(self.node)} and {text(neighbour.node)} swapped"
            yield Change(f"line {self.line}: {what}", edits)


Operator = Callable[[Site], Iterator[Change]]
"""Yields the changes of one kind that can be made at a site."""


def sites(node: ast.AST, path: Path = (), parents: tuple[ast.AST, ...] = ()) -> Iterator[Site]:
    """Yield every site below a node, from the top, without imports and docstrings."""
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _unchanged(child, field, index):
                site = Site(child, (*path, (field, index)), (*parents, node))
                yield site
                yield from sites(child, site.path, site.parents)


def _unchanged(node: ast.AST, field: str, index: int | None) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return (field, index) == ("body", 0)
    return False


def edited(node: Any, edits: Edits, path: Path = ()) -> Any:
    """Return a copy of the tree with the edits applied; unchanged nodes are shared."""
    if path in edits:
        return edits[path]
    if not any(edit[: len(path)] == path for edit in edits):
        return node
    new = copy.copy(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            setattr(new, field, edited(value, edits, (*path, (field, None))))
        elif isinstance(value, list):
            items: list[Any] = []
            for index, item in enumerate(value):
                new_item = edited(item, edits, (*path, (field, index)))
                items += new_item if isinstance(new_item, list) else [new_item]
            setattr(new, field, items or ([ast.Pass()] if field == "body" else []))
    return new


def normal_text(tree: ast.AST) -> str | None:
    """Return a tree as text, the same for trees that mean the same; None if it is not Python."""
    parsed = _parsed_again(tree)
    return None if parsed is None else ast.unparse(parsed)


def normal_statements(tree: ast.Module) -> Statements | None:
    """Return the normal text of each statement of a module; None if it is not Python."""
    parsed = _parsed_again(tree)
    return None if parsed is None else tuple(map(ast.unparse, parsed.body))


def _parsed_again(tree: ast.AST) -> ast.Module | None:
    """Return the tree of a tree's text: two trees with the same text are one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `0(x)` compiles with a warning
            parsed = ast.parse(ast.unparse(tree))
            compile(parsed, "<changed>", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return parsed


def text(node: ast.AST, length: int = 40) -> str:
    """Return a node's source in one short line; a long one is cut in the middle."""
    first = ast.unparse(node).strip().splitlines()[0].removesuffix(":")
    half = length // 2
    return first if len(first) <= length else f"{first[:half]}…{first[1 - half :]}"


def number(value: float) -> ast.expr:
    """Return a number as the parser does: minus one is a minus and a one."""
    return ast.parse(ast.unparse(ast.Constant(value)), mode="eval").body


def slice_of(
    node: ast.expr, *, lower: ast.expr | None = None, upper: ast.expr | None = None
) -> ast.Subscript:
    """Return a slice of a value."""
    return ast.Subscript(node, ast.Slice(lower, upper), ast.Load())


def with_fields(node: ast.AST, **fields: Any) -> Any:
    """Return a copy of a node with other fields."""
    new = copy.copy(node)
    for field, value in fields.items():
        setattr(new, field, value)
    return new
