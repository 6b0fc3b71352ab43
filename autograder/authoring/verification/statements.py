"""Mutation operators that change a statement: left out, moved, without its block."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.verification.syntax_tree import (
    Change,
    Place,
    number,
    part,
    replaced,
    text,
)

__all__ = ["indented", "loop_part", "moved", "not_in_place", "removed", "returned", "unwrapped"]


def removed(place: Place) -> Iterator[Change]:
    """A statement left out."""
    if isinstance(place.node, ast.stmt):
        yield place.left_out()


def moved(place: Place) -> Iterator[Change]:
    """Two neighbouring statements swapped; the order of definitions does not matter."""
    neighbour = place.next()
    if isinstance(place.node, ast.stmt) and neighbour:
        definition = ast.FunctionDef | ast.ClassDef
        if not isinstance(place.node, definition) and not isinstance(neighbour.node, definition):
            yield from place.swapped()


def indented(place: Place) -> Iterator[Change]:
    """The statement after a block moved into it or a block at its end, the last moved out."""
    match place.node:
        case ast.With(body=[*first, last]) | ast.For(body=[*first, last]):
            shorter = replaced(place.node, body=first or [ast.Pass()])
            yield place.change(f"{text(last)} moved out of the block", [shorter, last])
            if neighbour := place.next():
                for longer in _appended(place.node, neighbour.node):
                    what = f"line {neighbour.line}: {text(neighbour.node)} moved into the block"
                    yield Change(what, {place.path: longer, neighbour.path: []})


def _appended(block: ast.AST, statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the block with a statement more, in itself and in the block that it ends with."""
    if isinstance(block, ast.With | ast.For):
        yield replaced(block, body=[*block.body, statement])
        for inner in _appended(block.body[-1], statement):
            yield replaced(block, body=[*block.body[:-1], inner])


def unwrapped(place: Place) -> Iterator[Change]:
    """The body of a `with`, a loop or a condition without it."""
    match place.node:
        case ast.With(body=body) | ast.For(body=body) | ast.If(body=body):
            yield place.change(f"only the body of {text(place.node)}", body)


def loop_part(place: Place) -> Iterator[Change]:
    """A loop over a part: the first, all but the first, all but the last."""
    if isinstance(place.node, ast.expr) and place.field == "iter":
        yield place.become(part(place.node, upper=ast.Constant(1)))
        yield place.become(part(place.node, lower=ast.Constant(1)))
        yield place.become(part(place.node, upper=number(-1)))


def not_in_place(place: Place) -> Iterator[Change]:
    """An assignment for an update in place: `p = p - x` and `p = x` for `p -= x`."""
    match place.node:
        case ast.AugAssign(target=target, op=op, value=value):
            for new in (ast.BinOp(target, op, value), value):
                yield place.become(ast.Assign([target], new, lineno=place.line))


def returned(place: Place) -> Iterator[Change]:
    """None for the returned value, or one element for a tuple."""
    match place.node:
        case ast.Return(value=ast.expr() as value):
            yield place.become(ast.Return(ast.Constant(None)))
            for element in value.elts if isinstance(value, ast.Tuple) else ():
                yield place.become(ast.Return(element))
