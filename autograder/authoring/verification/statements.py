"""Mutation operators that change a statement: left out, moved, without its block."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.verification.syntax_tree import (
    Change,
    Site,
    number,
    part,
    replaced,
    text,
)


def removed(site: Site) -> Iterator[Change]:
    """A statement left out."""
    if isinstance(site.node, ast.stmt):
        yield site.left_out()


def moved(site: Site) -> Iterator[Change]:
    """Two neighbouring statements swapped; the order of definitions does not matter."""
    neighbour = site.next()
    if isinstance(site.node, ast.stmt) and neighbour:
        definition = ast.FunctionDef | ast.ClassDef
        if not isinstance(site.node, definition) and not isinstance(neighbour.node, definition):
            yield from site.swapped()


def indented(site: Site) -> Iterator[Change]:
    """The statement after a block moved into it or a block at its end, the last moved out."""
    match site.node:
        case ast.With(body=[*first, last]) | ast.For(body=[*first, last]):
            shorter = replaced(site.node, body=first or [ast.Pass()])
            yield site.change(f"{text(last)} moved out of the block", [shorter, last])
            if neighbour := site.next():
                for longer in _appended(site.node, neighbour.node):
                    what = f"line {neighbour.line}: {text(neighbour.node)} moved into the block"
                    yield Change(what, {site.path: longer, neighbour.path: []})


def _appended(block: ast.AST, statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the block with a statement more, in itself and in the block that it ends with."""
    if isinstance(block, ast.With | ast.For):
        yield replaced(block, body=[*block.body, statement])
        for inner in _appended(block.body[-1], statement):
            yield replaced(block, body=[*block.body[:-1], inner])


def unwrapped(site: Site) -> Iterator[Change]:
    """The body of a `with`, a loop or a condition without it."""
    match site.node:
        case ast.With(body=body) | ast.For(body=body) | ast.If(body=body):
            yield site.change(f"only the body of {text(site.node)}", body)


def loop_part(site: Site) -> Iterator[Change]:
    """A loop over a part: the first, all but the first, all but the last."""
    if isinstance(site.node, ast.expr) and site.field == "iter":
        yield site.become(part(site.node, upper=ast.Constant(1)))
        yield site.become(part(site.node, lower=ast.Constant(1)))
        yield site.become(part(site.node, upper=number(-1)))


def not_in_place(site: Site) -> Iterator[Change]:
    """An assignment for an update in place: `p = p - x` and `p = x` for `p -= x`."""
    match site.node:
        case ast.AugAssign(target=target, op=op, value=value):
            for new in (ast.BinOp(target, op, value), value):
                yield site.become(ast.Assign([target], new, lineno=site.line))


def returned(site: Site) -> Iterator[Change]:
    """None for the returned value, or one element for a tuple."""
    match site.node:
        case ast.Return(value=ast.expr() as value):
            yield site.become(ast.Return(ast.Constant(None)))
            for element in value.elts if isinstance(value, ast.Tuple) else ():
                yield site.become(ast.Return(element))
