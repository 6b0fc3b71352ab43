"""Mutation operators that change an expression: a number, a name, a call, an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.verification.syntax_tree import Change, Place, number, part, replaced

__all__ = [
    "call_dropped",
    "condition",
    "constants",
    "detached",
    "items",
    "negation",
    "operands",
    "other_attribute",
    "other_name",
    "other_operator",
    "parameters",
    "sliced",
]

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


def other_operator(place: Place) -> Iterator[Change]:
    """Another operator: `-` for `+`, `+=` for `-=`, `<` for `<=`, `or` for `and`."""
    old = type(place.node)
    for other in (other for group in ALIKE if old in group for other in group if other != old):
        yield place.change(f"{SYMBOLS[other]} for {SYMBOLS[old]}", other())


def operands(place: Place) -> Iterator[Change]:
    """Operands swapped, or one of them left out."""
    match place.node:
        case ast.BinOp(left=left, right=right):
            yield place.become(left)
            yield place.become(right)
            yield place.become(replaced(place.node, left=right, right=left))
        case ast.UnaryOp(operand=operand):
            yield place.become(operand)
        case ast.BoolOp(values=values):
            for value in values:
                yield place.become(value)


def constants(place: Place) -> Iterator[Change]:
    """Another number, the other truth value."""
    match place.node:
        case ast.Constant(value=bool(value)):
            yield place.become(ast.Constant(not value))
        case ast.Constant(value=int(value) | float(value)):
            for other in (0, 1, -1, 2 * value, value + 1):
                yield place.become(number(other))


def negation(place: Place) -> Iterator[Change]:
    """A minus in front of a value."""
    if value := _value_of(place):
        yield place.become(ast.UnaryOp(ast.USub(), value))


def condition(place: Place) -> Iterator[Change]:
    """A condition negated."""
    if isinstance(place.node, ast.expr) and place.field in {"test", "ifs"}:
        yield place.become(ast.UnaryOp(ast.Not(), place.node))


def sliced(place: Place) -> Iterator[Change]:
    """A part of the data: the first, or all but the first."""
    if value := _value_of(place):
        yield place.become(part(value, upper=ast.Constant(1)))
        yield place.become(part(value, lower=ast.Constant(1)))


def detached(place: Place) -> Iterator[Change]:
    """A value cut off from its gradient."""
    if value := _value_of(place):
        method = ast.Attribute(value, "detach", ast.Load())
        yield place.become(ast.Call(method, [], []))


def call_dropped(place: Place) -> Iterator[Change]:
    """A call left out: `x` for `f(x)`, `a` for `a.m(x)`, `f` for `f(x)`."""
    match place.node:
        case ast.Call(func=function, args=args):
            yield place.become(function)
            if isinstance(function, ast.Attribute):
                yield place.become(function.value)
            for arg in args:
                yield place.become(arg)


def items(place: Place) -> Iterator[Change]:
    """An argument of a call or an element of a tuple left out, or swapped with the next."""
    match (place.parent, place.field):
        case (ast.Call(), "args") | (ast.Tuple() | ast.List(), "elts"):
            yield place.left_out()
            yield from place.swapped()
        case (ast.Call(), "keywords"):
            yield place.left_out()


def parameters(place: Place) -> Iterator[Change]:
    """Two parameters of a function swapped, or a default left out."""
    match place.node:
        case ast.arg():
            yield from place.swapped()
        case ast.arguments(defaults=[_, *rest]):
            yield place.change("without a default", replaced(place.node, defaults=rest))


def other_name(place: Place) -> Iterator[Change]:
    """Another name of the same function."""
    match place.node:
        case ast.Name(id=name) if name in (names := _scope(place)):
            for other in sorted(names - {name}):
                yield place.become(replaced(place.node, id=other))


def other_attribute(place: Place) -> Iterator[Change]:
    """Another attribute that the same object has elsewhere, a sister of it, or none."""
    match place.node:
        case ast.Attribute(value=base, attr=name):
            owner = ast.unparse(base)
            used = {
                node.attr
                for node in ast.walk(place.parents[0])
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == owner
            }
            sisters = {sister for group in SISTERS if name in group for sister in group}
            for other in sorted((used | sisters) - {name}):
                yield place.become(replaced(place.node, attr=other))
            yield place.become(base)


def _value_of(place: Place) -> ast.expr | None:
    """Return the node if it is a computed value that is used: an operand, an argument, a result.

    A function that is called and an object whose attribute is taken are no such values.
    """
    node = place.node
    used = place.field in {"left", "right", "args", "elts", "comparators"} or (
        place.field == "value"
        and isinstance(place.parent, ast.Assign | ast.AugAssign | ast.Return | ast.keyword)
    )
    computed = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.BinOp | ast.Subscript)
    stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return node if used and computed and not stored and isinstance(node, ast.expr) else None


def _scope(place: Place) -> frozenset[str]:
    """Return the names of the innermost function around a place: its arguments and variables."""
    functions = [p for p in place.parents if isinstance(p, ast.FunctionDef | ast.Lambda)]
    nodes = ast.walk(functions[-1]) if functions else ()
    return frozenset(
        node.arg if isinstance(node, ast.arg) else node.id
        for node in nodes
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )
