"""The names of a notebook that its code binds and looks up, and what outlives a call."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
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


def outliving_a_call(source: str) -> set[str]:
    """Return the code that makes what one call of a function may leave to the next.

    That is a variable outside of functions, one that is declared global, an attribute of a function
    or class, or a default that is no constant.
    """
    body, lines = ast.parse(source).body, re.split(r"\r\n?|\n", source)
    defined = frozenset(one.name for one in body if isinstance(one, DEFINITIONS))
    texts = ("\n".join(lines[first - 1 : last]) for first, last in _spans(body))
    return set[str]().union(*(_outliving_in(text, defined) for text in texts))


def only_read(source: str) -> set[str]:
    """Return the assignments, outside of functions, of variables that no function changes.

    Functions loop over such a variable, calculate with it, or pass it on to one that is defined
    elsewhere.
    """
    body = ast.parse(source).body
    functions = [one for one in body if isinstance(one, DEFINITIONS)]
    defined = frozenset(one.name for one in functions)
    looked_up = set[str]().union(*(used_names(ast.unparse(one)) for one in functions))
    reads = {name for one in functions for name in _read_in(one, defined)}
    loads = [n for one in functions for n in ast.walk(one) if isinstance(n, ast.Name)]
    touched = {n.id for n in loads if n not in reads} & looked_up
    return {
        ast.unparse(one)
        for one in body
        if isinstance(one, ast.Assign) and not bound_names(one) & touched
    }


def _read_in(function: ast.AST, defined: frozenset[str]) -> Iterator[ast.Name]:
    """Yield the names in a function whose values stay as they are there."""
    for node in ast.walk(function):
        match node:
            case ast.For(iter=one) | ast.comprehension(iter=one):
                found = [one]
            case ast.BinOp(left=one, right=other):
                found = [one, other]
            case ast.Call(func=ast.Name(id=name)) if name in defined:
                continue
            case ast.Call(args=args, keywords=keywords):
                found = [*args, *(keyword.value for keyword in keywords)]
            case _:
                continue
        yield from (one for one in found if isinstance(one, ast.Name))


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _spans(body: Sequence[ast.stmt]) -> list[tuple[int, int]]:
    """Return the first and the last line of each statement, of those that share one together."""
    spans: list[tuple[int, int]] = []
    for one in body:
        decorators: list[ast.expr] = getattr(one, "decorator_list", [])
        first, last = min([one.lineno, *(d.lineno for d in decorators)]), one.end_lineno or 0
        if spans and first <= spans[-1][1]:
            first, _ = spans.pop()
        spans.append((first, last))
    return spans


@lru_cache(maxsize=4096)  # two changes of a solution have most statements in common
def _outliving_in(statements: str, defined: frozenset[str]) -> set[str]:
    return {ast.unparse(node) for node in _outliving(ast.parse(statements), defined)}


def _outliving(tree: ast.Module, defined: frozenset[str]) -> Iterator[ast.AST]:
    no_variables = (*DEFINITIONS, ast.Import, ast.ImportFrom, ast.Expr)
    for node in ast.walk(tree):
        match node:
            case ast.Module(body=body) | ast.ClassDef(body=body):
                yield from (one for one in body if not isinstance(one, no_variables))
            case ast.arguments(defaults=some, kw_defaults=others):
                given = filter(None, (*some, *others))
                yield from (one for one in given if not isinstance(one, ast.Constant))
            case ast.Global():
                yield node
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store()) if name in defined:
                yield node
