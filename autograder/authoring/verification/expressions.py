"""Mutation operators that change an expression: a number, a name, a call, an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.verification.syntax_tree import Change, Site, number, part, replaced

SYMBOLS: dict[type[ast.AST], str] = (
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//"}
    | {ast.Mod: "%", ast.Pow: "**", ast.MatMult: "@", ast.And: "and", ast.Or: "or"}
    | {ast.USub: "-", ast.UAdd: "+", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<="}
    | {ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not"}
    | {ast.In: "in", ast.NotIn: "not in"}
)
ALIKE: tuple[tuple[type[ast.AST], ...], ...] = (
    (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
    (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.USub, ast.UAdd),
)
# What PyTorch names alike, or students mistake for one another.
SISTERS = (
    ("mean", "sum", "max", "median", "std"),
    ("squeeze", "unsqueeze"),
    ("randn", "rand", "zeros", "ones"),
    ("no_grad", "enable_grad"),
    ("grad", "data"),
    ("exp", "log", "abs", "sqrt", "square"),
    ("zero_", "detach_", "zero"),
)


def other_operator(site: Site) -> Iterator[Change]:
    """Another operator: `-` for `+`, `+=` for `-=`, `<` for `<=`, `or` for `and`."""
    old = type(site.node)
    for other in (other for group in ALIKE if old in group for other in group if other != old):
        yield site.change(f"{SYMBOLS[other]} for {SYMBOLS[old]}", other())


def operands(site: Site) -> Iterator[Change]:
    """Operands swapped, or one of them left out."""
    match site.node:
        case ast.BinOp(left=left, right=right):
            yield site.become(left)
            yield site.become(right)
            yield site.become(replaced(site.node, left=right, right=left))
        case ast.UnaryOp(operand=operand):
            yield site.become(operand)
        case ast.BoolOp(values=values):
            for value in values:
                yield site.become(value)


def constants(site: Site) -> Iterator[Change]:
    """Another number, the other truth value."""
    match site.node:
        case ast.Constant(value=bool(value)):
            yield site.become(ast.Constant(not value))
        case ast.Constant(value=int(value) | float(value)):
            for other in (0, 1, -1, 2 * value, value + 1):
                yield site.become(number(other))


def negation(site: Site) -> Iterator[Change]:
    """A minus in front of a value."""
    if value := _value_of(site):
        yield site.become(ast.UnaryOp(ast.USub(), value))


def condition(site: Site) -> Iterator[Change]:
    """A condition negated."""
    if isinstance(site.node, ast.expr) and site.field in {"test", "ifs"}:
        yield site.become(ast.UnaryOp(ast.Not(), site.node))


def sliced(site: Site) -> Iterator[Change]:
    """A part of the data: the first, or all but the first."""
    if value := _value_of(site):
        yield site.become(part(value, upper=ast.Constant(1)))
        yield site.become(part(value, lower=ast.Constant(1)))


def detached(site: Site) -> Iterator[Change]:
    """A value cut off from its gradient."""
    if value := _value_of(site):
        method = ast.Attribute(value, "detach", ast.Load())
        yield site.become(ast.Call(method, [], []))


def call_dropped(site: Site) -> Iterator[Change]:
    """A call left out: `x` for `f(x)`, `a` for `a.m(x)`, `f` for `f(x)`."""
    match site.node:
        case ast.Call(func=function, args=args):
            yield site.become(function)
            if isinstance(function, ast.Attribute):
                yield site.become(function.value)
            for arg in args:
                yield site.become(arg)


def items(site: Site) -> Iterator[Change]:
    """An argument of a call or an element of a tuple left out, or swapped with the next."""
    match (site.parent, site.field):
        case (ast.Call(), "args") | (ast.Tuple() | ast.List(), "elts"):
            yield site.left_out()
            yield from site.swapped()
        case (ast.Call(), "keywords"):
            yield site.left_out()


def parameters(site: Site) -> Iterator[Change]:
    """Two parameters of a function swapped, or a default left out."""
    match site.node:
        case ast.arg():
            yield from site.swapped()
        case ast.arguments(defaults=[_, *rest]):
            yield site.change("without a default", replaced(site.node, defaults=rest))


def other_name(site: Site) -> Iterator[Change]:
    """Another name of the same function."""
    match site.node:
        case ast.Name(id=name) if name in (names := _scope(site)):
            for other in sorted(names - {name}):
                yield site.become(replaced(site.node, id=other))


def other_attribute(site: Site) -> Iterator[Change]:
    """Another attribute that the same object has elsewhere, a sister of it, or none."""
    match site.node:
        case ast.Attribute(value=base, attr=name):
            owner = ast.unparse(base)
            used = {
                node.attr
                for node in ast.walk(site.parents[0])
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == owner
            }
            sisters = {sister for group in SISTERS if name in group for sister in group}
            for other in sorted((used | sisters) - {name}):
                yield site.become(replaced(site.node, attr=other))
            yield site.become(base)


def _value_of(site: Site) -> ast.expr | None:
    """Return the node if it is a computed value that is used: an operand, an argument, a result.

    A function that is called and an object whose attribute is taken are no such values.
    """
    node = site.node
    used = site.field in {"left", "right", "args", "elts", "comparators"} or (
        site.field == "value"
        and isinstance(site.parent, ast.Assign | ast.AugAssign | ast.Return | ast.keyword)
    )
    computed = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.BinOp | ast.Subscript)
    stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return node if used and computed and not stored and isinstance(node, ast.expr) else None


def _scope(site: Site) -> frozenset[str]:
    """Return the names of the innermost function around a place: its arguments and variables."""
    functions = [p for p in site.parents if isinstance(p, ast.FunctionDef | ast.Lambda)]
    nodes = ast.walk(functions[-1]) if functions else ()
    return frozenset(
        node.arg if isinstance(node, ast.arg) else node.id
        for node in nodes
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )
