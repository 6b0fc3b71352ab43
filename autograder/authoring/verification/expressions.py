"""Mutation operators that change an expression: a number, a name, a call, an argument.

They are those of Offutt (1992), and some that are typical of PyTorch.
"""

import ast
from collections.abc import Iterator
from typing import Any

from autograder.authoring.verification.syntax_tree import (
    Change,
    Site,
    number,
    slice_of,
    with_fields,
)

ALIKE: tuple[dict[Any, str], ...] = (
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
    | {ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.MatMult: "@"},
    {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    {ast.Is: "is", ast.IsNot: "is not"},
    {ast.In: "in", ast.NotIn: "not in"},
    {ast.And: "and", ast.Or: "or"},
    {ast.USub: "-", ast.UAdd: "+"},
)
"""Groups of operators that replace one another."""
# Names that are alike in PyTorch, or that students confuse.
SISTERS = (
    ("mean", "sum", "max", "median", "std"),
    ("squeeze", "unsqueeze"),
    ("randn", "rand", "zeros", "ones"),
    ("no_grad", "enable_grad"),
    ("grad", "data"),
    ("exp", "log", "abs", "sqrt", "square"),
    ("zero_", "detach_", "zero"),
)


def replace_operator(site: Site) -> Iterator[Change]:
    """Another operator: `-` for `+`, `+=` for `-=`, `<` for `<=`, `or` for `and`."""
    old = type(site.node)
    for symbols in (group for group in ALIKE if old in group):
        for other in (operator for operator in symbols if operator is not old):
            yield site.change(f"{symbols[other]} for {symbols[old]}", other())


def drop_or_swap_operands(site: Site) -> Iterator[Change]:
    """Operands swapped, or one of them left out."""
    match site.node:
        case ast.BinOp(left=left, right=right):
            yield site.replace(left)
            yield site.replace(right)
            yield site.replace(with_fields(site.node, left=right, right=left))
        case ast.UnaryOp(operand=operand):
            yield site.replace(operand)
        case ast.BoolOp(values=values):
            for value in values:
                yield site.replace(value)


def change_constant(site: Site) -> Iterator[Change]:
    """Another number, the other truth value."""
    match site.node:
        case ast.Constant(value=bool(value)):
            yield site.replace(ast.Constant(not value))
        case ast.Constant(value=int(value) | float(value)):
            for other in (0, 1, -1, 2 * value, value + 1):
                yield site.replace(number(other))


def negate_condition(site: Site) -> Iterator[Change]:
    """A condition negated."""
    if isinstance(site.node, ast.expr) and site.field in {"test", "ifs"}:
        yield site.replace(ast.UnaryOp(ast.Not(), site.node))


def change_value(site: Site) -> Iterator[Change]:
    """A minus in front of a value; its first part, or all but the first; the value detached."""
    if value := _value_of(site):
        yield site.replace(ast.UnaryOp(ast.USub(), value))
        yield site.replace(slice_of(value, upper=ast.Constant(1)))
        yield site.replace(slice_of(value, lower=ast.Constant(1)))
        yield site.replace(ast.Call(ast.Attribute(value, "detach", ast.Load()), [], []))


def drop_call(site: Site) -> Iterator[Change]:
    """A call left out: `x` for `f(x)`, `a` for `a.m(x)`, `f` for `f(x)`."""
    match site.node:
        case ast.Call(func=function, args=args):
            yield site.replace(function)
            if isinstance(function, ast.Attribute):
                yield site.replace(function.value)
            for arg in args:
                yield site.replace(arg)


def drop_or_swap_items(site: Site) -> Iterator[Change]:
    """An argument of a call or an element of a tuple left out, or swapped with the next."""
    match (site.parent, site.field):
        case (ast.Call(), "args") | (ast.Tuple() | ast.List(), "elts"):
            yield site.drop()
            yield from site.swap()
        case (ast.Call(), "keywords"):
            yield site.drop()


def change_parameters(site: Site) -> Iterator[Change]:
    """Two parameters of a function swapped, or a default left out."""
    match site.node:
        case ast.arg():
            yield from site.swap()
        case ast.arguments(defaults=[_, *rest]):
            yield site.change("without a default", with_fields(site.node, defaults=rest))


def replace_name(site: Site) -> Iterator[Change]:
    """Another name of the same function."""
    match site.node:
        case ast.Name(id=name) if name in (names := _scope(site)):
            for other in sorted(names - {name}):
                yield site.replace(with_fields(site.node, id=other))


def replace_attribute(site: Site) -> Iterator[Change]:
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
                yield site.replace(with_fields(site.node, attr=other))
            yield site.replace(base)


def _value_of(site: Site) -> ast.expr | None:
    """Return the node if it is a computed value that is used: an operand, an argument, a result.

    A function that is called and an object whose attribute is read do not count.
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
    """Return the arguments and variables of the innermost function around a site."""
    functions = [p for p in site.parents if isinstance(p, ast.FunctionDef | ast.Lambda)]
    nodes = ast.walk(functions[-1]) if functions else ()
    return frozenset(
        node.arg if isinstance(node, ast.arg) else node.id
        for node in nodes
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )


OPERATORS = (
    replace_operator,
    drop_or_swap_operands,
    change_constant,
    negate_condition,
    change_value,
    drop_call,
    drop_or_swap_items,
    change_parameters,
    replace_name,
    replace_attribute,
)
