"""Makes mutants of a reference solution: the same code with one or two small mistakes.

Pure functions over the syntax tree. An *operator* looks at one place of the tree and yields the
changes it can make there; a new one is a small function, listed in `OPERATORS`. Imports and
docstrings are left alone. Most mutants are wrong, a few behave like the reference (`y + x` for
`x + y`): to tell them apart takes an oracle of the assignment.

Mutation operators and pairs of them are those of Offutt, "Investigations of the software testing
coupling effect" (1992), with those that are typical of PyTorch added.
"""

from __future__ import annotations

import ast
import copy
import difflib
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

__all__ = ["OPERATORS", "Change", "Mutant", "Place", "mutants", "places", "single_mutants"]

Path = tuple[tuple[str, int | None], ...]  # fields from the root down; in a list, with the index
Edits = dict[Path, ast.AST | list[Any]]  # in a list, a node may become several, or none

SYMBOLS: dict[type[ast.AST], str] = (
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//"}
    | {ast.Mod: "%", ast.Pow: "**", ast.MatMult: "@", ast.And: "and", ast.Or: "or"}
    | {ast.USub: "-", ast.UAdd: "+", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<="}
    | {ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not"}
    | {ast.In: "in", ast.NotIn: "not in"}
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


@dataclass(frozen=True)
class Mutant:
    """A changed reference: what was changed and where, its source, and the difference.

    `diff` is a unified diff against `ast.unparse` of the reference.
    """

    name: str
    source: str
    diff: str


@dataclass(frozen=True)
class Place:
    """A node of the tree, the way to it, and the nodes around it from the root inwards."""

    node: ast.AST
    path: Path
    parents: tuple[ast.AST, ...]

    @property
    def parent(self) -> ast.AST:
        """Return the node right above."""
        return self.parents[-1]

    @property
    def field(self) -> str:
        """Name the parent's field that holds the node."""
        return self.path[-1][0]

    @property
    def line(self) -> int:
        """Return the line it is on; what has none is on its parent's."""
        nodes = (self.node, *reversed(self.parents))
        return next((node.lineno for node in nodes if hasattr(node, "lineno")), 1)

    def change(self, what: str, new: ast.AST | list[Any]) -> Change:
        """Return the change that puts something else here."""
        return Change(f"line {self.line}: {what}", {self.path: new})

    def become(self, new: ast.AST) -> Change:
        """Return the change that puts another node here, named after both."""
        return self.change(f"{_text(new)} for {_text(self.node)}", new)

    def left_out(self) -> Change:
        """Return the change that takes the node out of its list."""
        return self.change(f"without {_text(self.node)}", [])

    def next(self) -> Place | None:
        """Return the next place of the same list."""
        *above, (field, index) = self.path
        siblings = getattr(self.parent, field)
        if index is None or index + 1 >= len(siblings):
            return None
        return Place(siblings[index + 1], (*above, (field, index + 1)), self.parents)


@dataclass(frozen=True)
class Change:
    """What is put where, and how to say so."""

    name: str
    edits: Edits


Operator = Callable[[Place], Iterator[Change]]


def single_mutants(source: str) -> list[Mutant]:
    """Return every mutant with one change; no two of them, and none and the reference, are alike.

    Raises:
        SyntaxError: the source is no Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    return [_mutant(change.name, original, text) for change, text in _singles(tree, original)]


def mutants(source: str, count: int, seed: int) -> list[Mutant]:
    """Return `count` mutants, all different: those with one change, then pairs of changes.

    If there are more singles than that, they are a random sample; the pairs always are one. The
    two changes of a pair are at places of which none contains the other. The same seed gives the
    same mutants. There are fewer than `count` only if the source has no more.

    Raises:
        SyntaxError: the source is no Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    singles = _singles(tree, original)
    rng = random.Random(seed)
    if count <= len(singles):
        chosen = rng.sample(singles, count)
    else:
        chosen = singles + _pairs(tree, original, singles, count - len(singles), rng)
    return [_mutant(change.name, original, text) for change, text in chosen]


def _singles(tree: ast.Module, original: str) -> list[tuple[Change, str]]:
    """Return the single changes that make a difference to the text, each with its text."""
    found: dict[str, Change] = {}
    for place in places(tree):
        for operator in OPERATORS:
            for change in operator(place):
                text = _applied(tree, change.edits)
                if text not in (None, original):
                    found.setdefault(text, change)
    return [(change, text) for text, change in _numbered(found).items()]


def _numbered(found: Mapping[str, Change]) -> dict[str, Change]:
    """Tell changes of the same name apart: `b for a` may be said of two places in a line."""
    times = Counter[str]()
    numbered = {}
    for text, change in found.items():
        times[change.name] += 1
        again = f" ({times[change.name]})" if times[change.name] > 1 else ""
        numbered[text] = replace(change, name=change.name + again)
    return numbered


def _pairs(
    tree: ast.Module,
    original: str,
    singles: list[tuple[Change, str]],
    count: int,
    rng: random.Random,
) -> list[tuple[Change, str]]:
    """Return random pairs of changes whose text is new."""
    seen = {original} | {text for _, text in singles}
    candidates = list(combinations([change for change, _ in singles], 2))
    rng.shuffle(candidates)
    chosen: list[tuple[Change, str]] = []
    for first, second in candidates:
        if len(chosen) == count:
            break
        if _contained(first.edits, second.edits):
            continue
        both = Change(f"{first.name}; {second.name}", {**first.edits, **second.edits})
        text = _applied(tree, both.edits)
        if text is not None and text not in seen:
            seen.add(text)
            chosen.append((both, text))
    return chosen


def _contained(first: Edits, second: Edits) -> bool:
    """Say whether a place of one contains a place of the other."""
    return any(
        one[: len(other)] == other or other[: len(one)] == one for one in first for other in second
    )


def _applied(tree: ast.Module, edits: Edits) -> str | None:
    """Return the text of the changed tree, or None if that is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `0(x)` compiles with a warning, and is a mutant
            # Through the parser once more: two trees with the same text are one mutant.
            parsed = ast.parse(ast.unparse(_edited(tree, edits)))
            compile(parsed, "<mutant>", "exec")
    except SyntaxError:
        return None
    return ast.unparse(parsed)


def _edited(node: Any, edits: Edits, path: Path = ()) -> Any:
    """Return a copy of the tree with the edits made; what is not edited is shared."""
    if path in edits:
        return edits[path]
    if not any(edit[: len(path)] == path for edit in edits):
        return node
    new = copy.copy(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            setattr(new, field, _edited(value, edits, (*path, (field, None))))
        elif isinstance(value, list):
            items: list[Any] = []
            for index, item in enumerate(value):
                edited = _edited(item, edits, (*path, (field, index)))
                items += edited if isinstance(edited, list) else [edited]
            setattr(new, field, items or ([ast.Pass()] if field == "body" else []))
    return new


def _mutant(name: str, original: str, text: str) -> Mutant:
    lines = difflib.unified_diff(
        original.splitlines(), text.splitlines(), "reference", "mutant", lineterm="", n=1
    )
    return Mutant(name, text + "\n", "\n".join(lines) + "\n")


def places(node: ast.AST, path: Path = (), parents: tuple[ast.AST, ...] = ()) -> Iterator[Place]:
    """Yield every place below a node, from the top, without imports and docstrings."""
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _left_alone(child, field, index):
                place = Place(child, (*path, (field, index)), (*parents, node))
                yield place
                yield from places(child, place.path, place.parents)


def _left_alone(node: ast.AST, field: str, index: int | None) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return (field, index) == ("body", 0)
    return False


def _text(node: ast.AST, length: int = 40) -> str:
    """Return a node's source in one short line, without the middle of a long one."""
    first = ast.unparse(node).strip().splitlines()[0].removesuffix(":")
    half = length // 2
    return first if len(first) <= length else f"{first[:half]}…{first[1 - half :]}"


def _number(value: complex) -> ast.expr:
    """Return a number as the parser would: minus one is a minus and a one."""
    if isinstance(value, int | float) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _method(node: ast.expr, name: str) -> ast.Call:
    return ast.Call(ast.Attribute(node, name, ast.Load()), [], [])


def _part(
    node: ast.expr, *, lower: ast.expr | None = None, upper: ast.expr | None = None
) -> ast.Subscript:
    """Return a slice of a value."""
    return ast.Subscript(node, ast.Slice(lower, upper), ast.Load())


def _with(node: ast.AST, **fields: Any) -> Any:
    """Return a copy of a node with other fields."""
    new = copy.copy(node)
    for field, value in fields.items():
        setattr(new, field, value)
    return new


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


ALIKE: tuple[tuple[type[ast.AST], ...], ...] = (
    (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
    (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.USub, ast.UAdd),
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
            yield place.become(_with(place.node, left=right, right=left))
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
                yield place.become(_number(other))


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
        yield place.become(_part(value, upper=ast.Constant(1)))
        yield place.become(_part(value, lower=ast.Constant(1)))


def detached(place: Place) -> Iterator[Change]:
    """A value cut off from its gradient."""
    if value := _value_of(place):
        yield place.become(_method(value, "detach"))


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
            yield from _swapped(place)
        case (ast.Call(), "keywords"):
            yield place.left_out()


def parameters(place: Place) -> Iterator[Change]:
    """Two parameters of a function swapped, or a default left out."""
    match place.node:
        case ast.arg():
            yield from _swapped(place)
        case ast.arguments(defaults=[_, *rest]):
            yield place.change("without a default", _with(place.node, defaults=rest))


def _swapped(place: Place) -> Iterator[Change]:
    """Swap a node with the next of its list."""
    if neighbour := place.next():
        edits: Edits = {place.path: neighbour.node, neighbour.path: place.node}
        what = f"{_text(place.node)} and {_text(neighbour.node)} swapped"
        yield Change(f"line {place.line}: {what}", edits)


def other_name(place: Place) -> Iterator[Change]:
    """Another name of the same function."""
    match place.node:
        case ast.Name(id=name) if name in (names := _scope(place)):
            for other in sorted(names - {name}):
                yield place.become(_with(place.node, id=other))


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
                yield place.become(_with(place.node, attr=other))
            yield place.become(base)


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
            yield from _swapped(place)


def indented(place: Place) -> Iterator[Change]:
    """The statement after a block moved into it or a block at its end, the last moved out."""
    match place.node:
        case ast.With(body=[*first, last]) | ast.For(body=[*first, last]):
            shorter = _with(place.node, body=first or [ast.Pass()])
            yield place.change(f"{_text(last)} moved out of the block", [shorter, last])
            if neighbour := place.next():
                for longer in _appended(place.node, neighbour.node):
                    what = f"line {neighbour.line}: {_text(neighbour.node)} moved into the block"
                    yield Change(what, {place.path: longer, neighbour.path: []})


def _appended(block: ast.AST, statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the block with a statement more, in itself and in the block that it ends with."""
    if isinstance(block, ast.With | ast.For):
        yield _with(block, body=[*block.body, statement])
        for inner in _appended(block.body[-1], statement):
            yield _with(block, body=[*block.body[:-1], inner])


def unwrapped(place: Place) -> Iterator[Change]:
    """The body of a `with`, a loop or a condition without it."""
    match place.node:
        case ast.With(body=body) | ast.For(body=body) | ast.If(body=body):
            yield place.change(f"only the body of {_text(place.node)}", body)


def loop_part(place: Place) -> Iterator[Change]:
    """A loop over a part: the first, all but the first, all but the last."""
    if isinstance(place.node, ast.expr) and place.field == "iter":
        yield place.become(_part(place.node, upper=ast.Constant(1)))
        yield place.become(_part(place.node, lower=ast.Constant(1)))
        yield place.become(_part(place.node, upper=_number(-1)))


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


OPERATORS: tuple[Operator, ...] = (
    *(other_operator, operands, constants, negation, condition, sliced, detached),
    *(call_dropped, items, parameters, other_name, other_attribute),
    *(removed, moved, indented, unwrapped, loop_part, not_in_place, returned),
)
