"""Patterns of expressions: Python in which names that begin with `_` stand for anything."""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    sites,
    with_fields,
)

Found = dict[str, ast.AST]
"""What the names of a pattern stand for."""
Node = TypeVar("Node", bound=ast.AST)


def names(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def match(pattern: str, node: ast.AST) -> Found | None:
    """Return what the names of a pattern stand for in a node; None if it does not match.

    A name that occurs twice stands for the same both times.
    """
    parsed, found = _parsed(pattern), Found()
    if type(parsed) is not type(node) and not isinstance(parsed, ast.Name):
        return None
    return found if _matches(parsed, node, found) else None


def is_code(text: str, node: ast.AST) -> bool:
    """Say whether a node is just this code."""
    return match(text, node) is not None


def _matches(pattern: Any, node: Any, found: Found) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id.startswith("_"):
        before = found.setdefault(pattern.id, node)
        return isinstance(node, ast.expr) and (before is node or same(before, node))
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.AST):
        return all(
            _matches(getattr(pattern, field), getattr(node, field), found)
            for field in pattern._fields
            if field not in ("ctx", "kind")
        )
    if isinstance(pattern, list):
        return len(pattern) == len(node) and all(
            _matches(one, other, found) for one, other in zip(pattern, node, strict=True)
        )
    return bool(pattern == node)


def same(one: ast.AST, other: ast.AST) -> bool:
    """Say whether two nodes are the same code."""
    return ast.unparse(one) == ast.unparse(other)


def filled(node: Node, found: Mapping[str, ast.AST]) -> Node:
    """Return a copy of a node with other nodes in the place of some names."""
    copied: Node = _filled(node, found)
    return copied


def _filled(value: Any, found: Mapping[str, ast.AST]) -> Any:
    if isinstance(value, list):
        return [_filled(one, found) for one in value]
    if not isinstance(value, ast.AST):
        return value
    if isinstance(value, ast.Name) and value.id in found:
        return found[value.id]
    fields = {name: _filled(part, found) for name, part in ast.iter_fields(value)}
    return type(value)(**(vars(value) | fields))


def fill(template: str, found: Mapping[str, ast.AST]) -> ast.expr:
    """Return the expression that a template makes of what its names stand for."""
    return filled(_parsed(template), found)


def statements(template: str, **found: ast.AST) -> list[ast.stmt]:
    """Return the statements that a template makes of what its names stand for."""
    return [filled(statement, found) for statement in ast.parse(template).body]


def is_value(site: Site) -> bool:
    """Say whether a site is an expression that is read, not one that is assigned to."""
    stored = isinstance(getattr(site.node, "ctx", None), ast.Store | ast.Del)
    return isinstance(site.node, ast.expr) and not stored


def rewrite(
    *pairs: tuple[str, str], where: Callable[[Site, Found], bool] = lambda site, found: True
) -> Operator:
    """Return the rule that puts templates in the places of the patterns that match.

    Args:
        pairs: patterns, each with a template.
        where: says for which matches.
    """

    def rule(site: Site) -> Iterator[Change]:
        for pattern, template in pairs if is_value(site) else ():
            found = match(pattern, site.node)
            if found is not None and where(site, found):
                yield site.replace(fill(template, found))

    return rule


def everywhere(*pairs: tuple[str, str]) -> Operator:
    """Return the rule that puts a template in the places of a pattern all over a function.

    It is for mistakes that are made each time; there have to be two places at least.
    """

    def rule(site: Site) -> Iterator[Change]:
        for pattern, template in pairs if isinstance(site.node, ast.FunctionDef) else ():
            edits: Edits = {
                one.path: fill(template, found)
                for one in sites(site.node, site.path, site.parents)
                if is_value(one) and (found := match(pattern, one.node)) is not None
            }
            if len(edits) > 1:
                yield Change(f"line {site.line}: {template} each time", edits)

    return rule


def rename(names: Mapping[str, str], *, attributes: bool = False) -> Operator:
    """Return the rule that calls another function or method, by the last part of its name.

    Args:
        names: what is called, and what is called instead.
        attributes: whether attributes change that are not called, too.
    """

    def rule(site: Site) -> Iterator[Change]:
        function = site.node.func if isinstance(site.node, ast.Call) else None
        if attributes and isinstance(site.node, ast.Attribute) and site.field != "func":
            function = site.node
        other = names.get(last_name(function)) if function is not None else None
        if other is not None and function is not None:
            new = renamed(function, other)
            yield site.replace(new if function is site.node else with_fields(site.node, func=new))

    return rule


def renamed(function: ast.AST, name: str) -> Any:
    """Return a name or an attribute with another last part."""
    field = "attr" if isinstance(function, ast.Attribute) else "id"
    return with_fields(function, **{field: name})


def last_name(node: ast.AST | None) -> str:
    """Return a name, or the last part of a dotted one; "" for anything else."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def called(node: ast.AST, *names: str) -> bool:
    """Say whether a node calls one of these functions or methods, by the last part of its name."""
    return isinstance(node, ast.Call) and last_name(node.func) in names


def any_of(*rules: Operator) -> Operator:
    """Return the rule that does what each of some rules does."""

    def rule(site: Site) -> Iterator[Change]:
        for one in rules:
            yield from one(site)

    return rule


def drop_call(*names: str) -> Operator:
    """Return the rule that leaves a call out: `x` for `f(x)` and for `x.m()`.

    Args:
        names: the last parts of the names of functions and methods.
    """

    def rule(site: Site) -> Iterator[Change]:
        if isinstance(site.node, ast.Call) and called(site.node, *names):
            value = subject(site.node)
            if value is not None:
                yield site.replace(value)

    return rule


def drop_keyword(*names: str) -> Operator:
    """Return the rule that leaves out a keyword argument of one of these names."""

    def rule(site: Site) -> Iterator[Change]:
        if isinstance(site.node, ast.keyword) and site.node.arg in names:
            yield site.drop()

    return rule


LIBRARIES = names("np numpy torch F nn math scipy special sp plt pd random metrics")
"""The names under which modules are imported, as far as calls of their functions matter."""


def root(node: ast.AST) -> str:
    """Return the first part of a dotted name; "" for anything else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_method(call: ast.Call) -> bool:
    """Say whether a call is one of a method, as far as names tell, not of a module's function."""
    return isinstance(call.func, ast.Attribute) and root(call.func) not in LIBRARIES


def subject(call: ast.Call) -> ast.expr | None:
    """Return what a call works on: the object of a method, the first argument of a function."""
    if is_method(call):
        assert isinstance(call.func, ast.Attribute)
        return call.func.value
    return call.args[0] if call.args and not isinstance(call.args[0], ast.Starred) else None


def arguments(call: ast.Call) -> list[ast.expr]:
    """Return the positional arguments of a call beside its subject."""
    return call.args if is_method(call) else call.args[1:]


def keyword(call: ast.Call, *names: str) -> ast.keyword | None:
    """Return the first keyword argument of one of these names, if there is one."""
    return next((k for k in call.keywords if k.arg in names), None)
