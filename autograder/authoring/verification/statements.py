"""Mutation operators that change a statement: they drop it, move it, or unwrap its block."""

import ast
from collections.abc import Iterator

from autograder.authoring.verification.syntax_tree import (
    Change,
    Site,
    number,
    slice_of,
    text,
    with_fields,
)


def drop_statement(site: Site) -> Iterator[Change]:
    """A statement dropped."""
    if isinstance(site.node, ast.stmt):
        yield site.drop()


def swap_statements(site: Site) -> Iterator[Change]:
    """Two neighbouring statements swapped; the order of definitions does not matter."""
    neighbour = site.next()
    if isinstance(site.node, ast.stmt) and neighbour:
        definition = ast.FunctionDef | ast.ClassDef
        if not isinstance(site.node, definition) and not isinstance(neighbour.node, definition):
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


OPERATORS = (
    drop_statement,
    swap_statements,
    move_across_block,
    unwrap_block,
    shorten_loop,
    rebind_instead_of_update,
    change_return,
)
