"""Inputs changed in place: copies that are missing, and updates of what belongs to the caller."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    is_code,
    is_value,
    last_name,
    match,
    statements,
)
from autograder.diagnosis.mistakes.reading import parameter_names, parameters
from autograder.diagnosis.syntax_tree import Change, Site, edited, sites, with_fields

ALIASING = "Python documentation, Programming FAQ: why did changing list y also change list x"

COPIES = (
    "_x.copy()", "_x.clone()", "copy.copy(_x)", "copy.deepcopy(_x)", "deepcopy(_x)", "np.copy(_x)",
    "np.array(_x)", "list(_x)", "dict(_x)", "_x[:]", "_x.copy(deep=True)",
    "np.array(_x, copy=True)", "np.array(_x, float)", "np.array(_x, dtype=float)",
    "_x.astype(float)",
)  # fmt: skip


def _copied(site: Site) -> ast.expr | None:
    """Return what a site makes a copy of; None if it makes none."""
    for pattern in COPIES:
        found = match(pattern, site.node) if is_value(site) else None
        if found:
            inner = found["_x"]
            return inner if isinstance(inner, ast.expr) else None
    return None


def _input(site: Site) -> Iterator[Change]:
    inner = _copied(site)
    if isinstance(inner, ast.Name) and inner.id in parameter_names(site):
        yield site.replace(inner)


def _overwritten(site: Site) -> Iterator[Change]:
    """Overwrite one or two arguments, whatever with, and compute the result all the same."""
    function = site.node
    if not isinstance(function, ast.FunctionDef) or len(site.parents) > 2:
        return
    given = [one.arg for one in parameters(function) if _is_data(one.arg, function)]
    for names in (*zip(given, strict=True), given[-2:]) if given else ():
        new = [one for name in names for one in _given_up(name, function, site)]
        yield site.change("overwritten", with_fields(function, body=[*new, *function.body]))


def _is_data(name: str, function: ast.FunctionDef) -> bool:
    """Tell whether a function computes with what a parameter holds."""
    used = list[ast.AST]()
    for node in ast.walk(function):
        match node:
            case ast.Subscript(value=value) | ast.Attribute(value=value, attr="T" | "shape"):
                used.append(value)
            case ast.BinOp(op=ast.MatMult(), left=left, right=right):
                used += [left, right]
            case ast.Call(args=arguments) if not called(node, "range", "isinstance"):
                used += arguments
    return _is_table(name, function) or any(is_code(name, one) for one in used)


def _is_table(name: str, function: ast.FunctionDef) -> bool:
    return any(is_code(f"{name}.groupby", node) for node in ast.walk(function))


def _given_up(name: str, function: ast.FunctionDef, site: Site) -> list[ast.stmt]:
    """Return statements that go on with a copy of an argument, and change the argument itself."""
    copied = "clone" if is_of_torch(site.parents[0]) else "copy"
    change = (
        "given.drop(given.index[:1], inplace=True)" if _is_table(name, function) else "given *= -1"
    )
    return statements(f"given, _x = _x, _x.{copied}()\n{change}", _x=ast.Name(name, ast.Load()))


def _alias(site: Site) -> Iterator[Change]:
    inner = _copied(site)
    given = isinstance(inner, ast.Name) and inner.id in parameter_names(site)
    kept = isinstance(site.parent, ast.Call | ast.Assign | ast.Return | ast.Dict | ast.Tuple)
    if inner is not None and not given and kept and not called(site.node, "list", "dict"):
        yield site.replace(inner)


def _updated(site: Site) -> Iterator[Change]:
    """Update a parameter where the reference makes a new value of it."""
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.BinOp() as value) if (
            name in parameter_names(site)
        ):
            if isinstance(value.left, ast.Name) and value.left.id == name:
                new = ast.AugAssign(target, value.op, value.right)
                yield site.replace(new)
        case ast.Return(value=ast.BinOp(left=ast.Name(id=name), op=op, right=right)) if (
            name in parameter_names(site) and isinstance(op, ast.Add | ast.Sub)
        ):
            stored = ast.Name(name, ast.Store())
            update = ast.AugAssign(stored, op, right)
            yield site.change("updated in place", [update, ast.Return(ast.Name(name, ast.Load()))])
        case ast.Assign(
            targets=[ast.Name() as target],
            value=ast.BinOp(left=ast.Name(id=name), op=op, right=right),
        ) if name in parameter_names(site) and isinstance(
            op, ast.Add | ast.Sub | ast.Mult | ast.Div
        ):
            update = ast.AugAssign(ast.Name(name, ast.Store()), op, right)
            named = ast.Assign([target], ast.Name(name, ast.Load()), lineno=site.line)
            yield site.change("updated in place", [update, named])


def _errors_multiplied_in(site: Site) -> Iterator[Change]:
    """Multiply each row by its error in the table that was given."""
    result = site.node.value if isinstance(site.node, ast.Return) else None
    found = match("_X.T @ _e / len(_y)", result) if result is not None else None
    if found is not None and last_name(found["_X"]) in parameter_names(site):
        new = statements("_X *= (_e)[:, None]\nreturn _X.mean(axis=0)", **found)
        yield site.change("multiplied in place", new)


def _sorted(site: Site) -> Iterator[Change]:
    """Sort a parameter itself where the reference sorts a copy of it."""
    if not isinstance(site.node, ast.Assign | ast.Return):
        return
    for one in sites(site.node):
        match one.node:
            case ast.Call(args=[ast.Name(id=name) as given, *_]) if called(
                one.node, "sorted", "sort"
            ) and name in parameter_names(site):
                sort = ast.Attribute(given, "sort", ast.Load())
                first = ast.Expr(ast.Call(sort, [], one.node.keywords))
                yield site.change("sorted in place", [first, edited(site.node, {one.path: given})])


MISTAKES = (
    Mistake(
        "input_changed",
        1,
        any_of(_input, _overwritten),
        "The function changes what it was given.",
        "A second name for an array, list or table is no copy; the caller's own data change.",
        "Print the argument before and after a call.",
        ALIASING,
    ),
    Mistake(
        "input_updated",
        2,
        any_of(_updated, _errors_multiplied_in),
        "An argument is updated in place, and so the caller's own array changes.",
        "For arrays and lists, an update is not the same as making a new one.",
        "Print the argument before and after a call.",
        ALIASING,
    ),
    Mistake(
        "input_sorted",
        2,
        _sorted,
        "The function sorts what it was given.",
        "The caller's own list or array is in another order afterwards.",
        "Print the argument before and after a call.",
        ALIASING,
    ),
    Mistake(
        "no_copy_kept",
        2,
        _alias,
        "What is kept is not a copy: it changes along with what it was taken from.",
        "A name, or an entry of a list, refers to the same object until a copy is made.",
        "Print what you kept, right away and at the end.",
        ALIASING,
    ),
)
