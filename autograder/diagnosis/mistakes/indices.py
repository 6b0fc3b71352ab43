"""Indices, slices and loops: one too few, one too many, the wrong end, the wrong axis."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    drop_keyword,
    fill,
    is_code,
    is_value,
    last_name,
    match,
    names,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import parameter_names, whole_number
from autograder.diagnosis.mistakes.sources import ALZAHRANI, ETTLES
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    number,
    sites,
    slice_of,
    with_fields,
)

LOOP = f"{ALZAHRANI}: loop errors"
ARRAY = f"{ALZAHRANI}: array errors"


def _more(node: ast.expr, by: int) -> ast.expr:
    """Return a whole number that is larger by one, or smaller."""
    value = whole_number(node)
    if value is not None:
        return number(value + by)
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=1)) if by < 0:
            return left
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=1)) if by > 0:
            return left
    operator = ast.Add() if by > 0 else ast.Sub()
    return ast.BinOp(node, operator, ast.Constant(abs(by)))


def _rounds(by: int) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        node = site.node
        match node:
            case ast.Call(args=[*first, end]) if called(node, "range") and len(first) < 2:
                yield site.replace(with_fields(node, args=[*first, _more(end, by)]))
            case ast.Compare(ops=[ast.Lt()], comparators=[end]) if (
                isinstance(site.parent, ast.While) and site.field == "test"
            ):
                yield site.replace(with_fields(node, comparators=[_more(end, by)]))

    return rule


def _starts_at_one(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(args=[end]) if called(site.node, "range"):
            yield site.replace(with_fields(site.node, args=[ast.Constant(1), end]))
        case ast.Call(args=[ast.Constant(value=0), *rest]) if called(site.node, "range"):
            yield site.replace(with_fields(site.node, args=[ast.Constant(1), *rest]))


def _starts_at_zero(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(args=[ast.Constant(value=1), *rest]) if called(site.node, "range"):
            yield site.replace(with_fields(site.node, args=[ast.Constant(0), *rest]))
        case ast.Call(args=[items, ast.Constant(value=1)]) if called(site.node, "enumerate"):
            yield site.replace(with_fields(site.node, args=[items]))
        case ast.keyword(arg="start", value=ast.Constant(value=1)):
            yield site.drop()


def _returned_inside(site: Site) -> Iterator[Change]:
    """Move the return after a loop into the loop, to the end of its body."""
    after = site.next() if isinstance(site.node, ast.For | ast.While) else None
    if after is not None and isinstance(after.node, ast.Return):
        assert isinstance(site.node, ast.For | ast.While)
        longer = with_fields(site.node, body=[*site.node.body, after.node])
        yield Change(f"line {after.line}: return in the loop", {site.path: longer, after.path: []})


def _loop_forgotten(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.For(target=ast.Name(id=name), body=body, iter=rounds) if called(rounds, "range"):
            if not any(
                isinstance(one, ast.Name) and one.id == name for b in body for one in ast.walk(b)
            ):
                yield site.change("the body of the loop once", body)


def _slice_bounds(by: int) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Slice(lower=lower, upper=upper, step=None):
                if upper is not None and whole_number(upper) != -1:
                    yield site.replace(with_fields(site.node, upper=_more(upper, by)))
                if lower is not None:
                    yield site.replace(with_fields(site.node, lower=_more(lower, by)))

    return rule


def _row_for_column(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Subscript(slice=ast.Tuple(elts=[ast.Slice(None, None, None) as all_, index])) if (
            not isinstance(index, ast.Slice)
            and is_value(site)
            and not is_code("None", index)
            and not is_code("np.newaxis", index)
        ):
            yield site.replace(with_fields(site.node, slice=ast.Tuple([index, all_], ast.Load())))
        case ast.Subscript(slice=ast.Tuple(elts=[index, ast.Slice(None, None, None) as all_])) if (
            not isinstance(index, ast.Slice)
            and is_value(site)
            and not is_code("None", index)
            and not is_code("np.newaxis", index)
        ):
            yield site.replace(with_fields(site.node, slice=ast.Tuple([all_, index], ast.Load())))
        case ast.Subscript(
            slice=ast.Tuple(elts=[ast.Slice(None, None, None) as all_, ast.Slice() as part])
        ) if is_value(site):
            yield site.replace(with_fields(site.node, slice=part))


def _element(old: int, new: int) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Subscript(value=value, slice=index) if is_value(site):
                of_shape = isinstance(value, ast.Attribute) and value.attr == "shape"
                if whole_number(index) == old and not of_shape:
                    yield site.replace(with_fields(site.node, slice=number(new)))

    return rule


def _ends(site: Site) -> Iterator[Change]:
    yield from _element(-1, 0)(site)
    match site.node:
        case ast.Subscript(value=ast.Attribute(attr="iloc"), slice=index) if (
            is_value(site) and whole_number(index) == -1
        ):
            return


def _one_row(site: Site) -> Iterator[Change]:
    """Use the first row of an array that a function is called with."""
    match (site.parent, site.node):
        case (ast.Call(), ast.Name(id=name)) if site.field == "args":
            if (
                name[:1].isupper()
                and name in parameter_names(site)
                and not called(site.parent, "len", "range", "isinstance", "fit", "zeros_like")
            ):
                yield site.replace(slice_of(site.node, upper=ast.Constant(1)))
    yield from _rows(upper=ast.Constant(1))(site)


DATA = names("X x y Y target targets labels")


def _rows(*, upper: ast.expr) -> Operator:
    """Return the rule that uses the first rows of the data and their labels."""

    def rule(site: Site) -> Iterator[Change]:
        if not isinstance(site.node, ast.FunctionDef):
            return
        data = [
            one
            for one in sites(site.node, site.path, site.parents)
            if last_name(one.node) in DATA & parameter_names(one)
            and isinstance(one.node, ast.Name)
            and is_value(one)
        ]
        if len({last_name(one.node) for one in data}) > 1:
            edits: Edits = {one.path: slice_of(one.node, upper=upper) for one in data}  # type: ignore[arg-type]
            yield Change(f"line {site.line}: the first rows", edits)

    return rule


def _last_row(site: Site) -> Iterator[Change]:
    """Keep what the last row gives, as a loop does that assigns where it should add."""
    for pattern, template in (
        ("_x.T @ _e / _n", "_x[-1] * (_e)[-1] / _n"),
        ("_x.T @ _e / _n", "_x[-1] * (_e)[-1]"),
        ("_x.T.dot(_e) / _n", "_x[-1] * (_e)[-1] / _n"),
        ("np.mean(_v)", "(_v)[-1] / len(_v)"),
        ("np.mean(_v)", "(_v)[-1]"),
        ("(_v).mean()", "(_v)[-1]"),
        ("np.sum(_v)", "(_v)[-1]"),
    ):
        found = match(pattern, site.node) if is_value(site) else None
        values = found.get("_v", found.get("_e")) if found else None
        if found and isinstance(values, ast.BinOp) and DATA & parameter_names(site):
            yield site.replace(fill(template, found))


def _not_all(site: Site) -> Iterator[Change]:
    """Loop over some of the items only."""
    if site.field != "iter" or not isinstance(site.node, ast.expr) or not is_value(site):
        return
    items: ast.expr = site.node
    if called(items, "parameters", "items", "keys", "values"):
        items = ast.Call(ast.Name("list", ast.Load()), [items], [])
    elif not isinstance(items, ast.Name | ast.Attribute):
        return
    yield site.replace(slice_of(items, upper=ast.Constant(1)))
    yield site.replace(slice_of(items, lower=ast.Constant(1)))
    yield site.replace(slice_of(items, upper=number(-1)))


MISTAKES = (
    Mistake(
        "one_round_too_few",
        1,
        _rounds(-1),
        "A loop runs one round too few.",
        "A range stops before its end, so the end need not be made smaller.",
        "Try it with an end of one or two, and count the rounds.",
        LOOP,
    ),
    Mistake(
        "one_round_too_many",
        1,
        _rounds(1),
        "A loop runs one round too many.",
        "Counting from zero, the last round has a number that is one less than their count.",
        "Try it with an end of one or two, and count the rounds.",
        LOOP,
    ),
    Mistake(
        "starts_at_one",
        1,
        _starts_at_one,
        "A loop starts at one: its first item or round is left out.",
        "Python counts from zero.",
        "Look at where the loop begins, and print what it goes over.",
        LOOP,
    ),
    Mistake(
        "starts_at_zero",
        2,
        _starts_at_zero,
        "A count starts at zero that should start at one.",
        "Python counts from zero, unless it is told otherwise.",
        "Look at where the count begins, and print its first value.",
        LOOP,
    ),
    Mistake(
        "returned_in_the_loop",
        1,
        _returned_inside,
        "The function returns in the first round of the loop.",
        "A return ends the function at once; further rounds never run.",
        "Look at the indentation of the last line.",
        ETTLES,
    ),
    Mistake(
        "loop_forgotten",
        2,
        _loop_forgotten,
        "Something is done once that should be repeated.",
        "The result is the one after the first round.",
        "Look for the loop: how often should its body run?",
        LOOP,
    ),
    Mistake(
        "slice_too_short",
        2,
        _slice_bounds(-1),
        "A slice begins or ends one place too early.",
        "The end of a slice is not part of it.",
        "Print the slice, with a few numbers that you can count.",
        ARRAY,
    ),
    Mistake(
        "slice_too_long",
        2,
        _slice_bounds(1),
        "A slice begins or ends one place too late.",
        "The end of a slice is not part of it.",
        "Print the slice, with a few numbers that you can count.",
        ARRAY,
    ),
    Mistake(
        "row_for_column",
        1,
        _row_for_column,
        "A row is taken where a column is needed, or the reverse.",
        "The first index of a table counts its rows, the second its columns.",
        "Print the shape of what you take.",
        ARRAY,
    ),
    Mistake(
        "second_for_first",
        2,
        _element(0, 1),
        "The second item is taken, not the first.",
        "Python counts from zero.",
        "Look at the index, and print what it gives.",
        ARRAY,
    ),
    Mistake(
        "first_for_second",
        2,
        _element(1, 0),
        "The first item is taken, not the second.",
        "Python counts from zero.",
        "Look at the index, and print what it gives.",
        ARRAY,
    ),
    Mistake(
        "first_for_last",
        2,
        _ends,
        "The first item is taken, not the last.",
        "A negative index counts from the end.",
        "Look at the index, and print what it gives.",
        ARRAY,
    ),
    Mistake(
        "first_row_only",
        2,
        _one_row,
        "Only the first row of the data is used.",
        "The result should depend on all rows.",
        "Look for an index or a slice of the data.",
        ARRAY,
    ),
    Mistake(
        "last_row_only",
        2,
        _last_row,
        "Only the last row counts.",
        "What a loop assigns in one round, where it should add, is gone in the next.",
        "Look at what becomes of the earlier rows.",
        LOOP,
    ),
    Mistake(
        "order_not_reversed",
        2,
        any_of(
            rewrite(("_x[::-1]", "_x"), ("reversed(_x)", "_x"), ("np.flip(_x)", "_x")),
            drop_keyword("reverse", "ascending", "descending"),
        ),
        "The order is the opposite of what it should be.",
        "Sorting begins with the smallest value, unless it is told otherwise.",
        "Print the first few items: are they the largest or the smallest?",
        ARRAY,
    ),
    Mistake(
        "not_all_items",
        2,
        _not_all,
        "A loop does not go over all items.",
        "One at the beginning or the end is left out, or only one is taken.",
        "Print each item in the loop, and count them.",
        LOOP,
    ),
    Mistake(
        "last_row_left_out",
        3,
        _rows(upper=number(-1)),
        "The last row of the data is left out.",
        "A slice stops before its end.",
        "Look for a slice of the data, and print how many rows it has.",
        ARRAY,
    ),
)
