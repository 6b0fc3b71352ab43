"""Mutation operators: small functions that yield the changes that can be made at a site.

They are those of Offutt (1992), and some that are typical of PyTorch. The first ones change an
expression: a number, a name, a call, an argument. The last ones change a statement: they drop it,
move it, or unwrap its block.
"""

import ast
from collections.abc import Iterator
from typing import Any

from autograder.diagnosis.syntax_tree import (
    Change,
    Operator,
    Site,
    number,
    slice_of,
    text,
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


def drop_or_swap_statements(site: Site) -> Iterator[Change]:
    """A statement dropped, or swapped with the next; the order of definitions does not matter."""
    if isinstance(site.node, ast.stmt):
        yield site.drop()
        nodes = (one.node for one in (site, site.next()) if one)
        if not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in nodes):
            yield from site.swap()


def move_across_block(site: Site) -> Iterator[Change]:
    """The statement after a block moved to the end of it, or the last one moved out of it."""
    match site.node:
        case ast.With(body=[*first, last]) | ast.For(body=[*first, last]):
            shorter = with_fields(site.node, body=first or [ast.Pass()])
            yield site.change(f"{text(last)} moved out of the block", [shorter, last])
            if neighbour := site.next():
                for longer in _appended(site.node, neighbour.node):
                    what = f"line {neighbour.line}: {text(neighbour.node)} moved into the block"
                    yield Change(what, {site.path: longer, neighbour.path: []})


def _appended(block: ast.AST, statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the block with a statement appended to it, or to the block that it ends with."""
    if isinstance(block, ast.With | ast.For):
        yield with_fields(block, body=[*block.body, statement])
        for inner in _appended(block.body[-1], statement):
            yield with_fields(block, body=[*block.body[:-1], inner])


def unwrap_block(site: Site) -> Iterator[Change]:
    """The body of a `with`, a loop or a condition alone."""
    match site.node:
        case ast.With(body=body) | ast.For(body=body) | ast.If(body=body):
            yield site.change(f"only the body of {text(site.node)}", body)


def shorten_loop(site: Site) -> Iterator[Change]:
    """A loop over the first item, all but the first, or all but the last."""
    if isinstance(site.node, ast.expr) and site.field == "iter":
        yield site.replace(slice_of(site.node, upper=ast.Constant(1)))
        yield site.replace(slice_of(site.node, lower=ast.Constant(1)))
        yield site.replace(slice_of(site.node, upper=number(-1)))


def rebind_instead_of_update(site: Site) -> Iterator[Change]:
    """An assignment instead of an update in place: `p = p - x` and `p = x` for `p -= x`."""
    match site.node:
        case ast.AugAssign(target=target, op=op, value=value):
            for new in (ast.BinOp(target, op, value), value):
                yield site.replace(ast.Assign([target], new, lineno=site.line))


def change_return(site: Site) -> Iterator[Change]:
    """None instead of the returned value, or one element instead of a tuple."""
    match site.node:
        case ast.Return(value=ast.expr() as value):
            yield site.replace(ast.Return(ast.Constant(None)))
            for element in value.elts if isinstance(value, ast.Tuple) else ():
                yield site.replace(ast.Return(element))


OPERATORS: tuple[Operator, ...] = (
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
    drop_or_swap_statements,
    move_across_block,
    unwrap_block,
    shorten_loop,
    rebind_instead_of_update,
    change_return,
)
