"""The names of a notebook that a statement binds, and those that it looks up."""

import ast
from collections.abc import Iterator
from symtable import SymbolTable, symtable


def bound_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds or changes in the notebook, "*" for any."""
    return set(_bound(statement))


def used_names(source: str) -> set[str]:
    """Return the names of the notebook that a statement, or a function in it, may look up.

    What a function binds for itself, as its parameters, is none of them.
    """
    return _used(symtable(source, "statement", "exec"))


def _used(table: SymbolTable) -> set[str]:
    symbols = table.get_symbols()
    is_top = table.get_type() == "module"
    names = {s.get_name() for s in symbols if s.is_referenced() and (is_top or s.is_global())}
    return names.union(*map(_used, table.get_children()))


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".")[0]
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(
        node.ctx, ast.Store
    ):
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name):
            yield node.id
        return
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)
