"""State that accumulates: not reset, reset too often, overwritten, kept between calls."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import called, fill, last_name, match
from autograder.diagnosis.mistakes.reading import (
    body_start,
    hoist,
    is_rate,
    lower,
    names_in,
    targets,
    uses,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI
from autograder.diagnosis.syntax_tree import Change, Edits, Site, edited, sites, with_fields

LOOP = f"{ALZAHRANI}: loop errors"


def accumulated(node: ast.AST) -> frozenset[str]:
    """Return the names that something in a node adds to, or appends to."""
    found = set()
    for one in ast.walk(node):
        match one:
            case ast.AugAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend")):
                found.add(name)
    return frozenset(found)


def _starts(node: ast.AST) -> frozenset[str]:
    """Return the names that a statement sets to zero or to something empty."""
    match node:
        case ast.Assign(value=ast.Constant(value=0) | ast.List(elts=[]) | ast.Dict(keys=[])):
            return targets(node)
        case ast.Assign(value=ast.Tuple(elts=elements)) if all(
            isinstance(one, ast.Constant) and one.value == 0 for one in elements
        ):
            return targets(node)
    return frozenset()


def _not_reset(site: Site) -> Iterator[Change]:
    if isinstance(site.node, ast.For | ast.While):
        for index, statement in enumerate(site.node.body):
            if _starts(statement) & accumulated(site.node):
                yield hoist(site, index)
                yield from _one_not_reset(site, index)


def _one_not_reset(loop: Site, index: int) -> Iterator[Change]:
    """Leave one of several totals as it is, where a line of the loop resets all of them."""
    assert isinstance(loop.node, ast.For | ast.While)
    match loop.node.body[index]:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            resets: list[ast.stmt] = [
                ast.Assign([name], value, lineno=loop.line)
                for name, value in zip(names, values, strict=True)
            ]
            for place, once in enumerate(resets):
                others = [*resets[:place], *resets[place + 1 :]]
                body = [*loop.node.body[:index], *others, *loop.node.body[index + 1 :]]
                new = [once, with_fields(loop.node, body=body)]
                yield loop.change(f"{ast.unparse(once)} before the loop", new)


def _reset_too_often(site: Site) -> Iterator[Change]:
    if _starts(site.node):
        for change in lower(site):
            loop = next(
                new for new in change.edits.values() if isinstance(new, ast.For | ast.While)
            )
            if _starts(site.node) & accumulated(loop):
                yield change


def _overwritten(site: Site) -> Iterator[Change]:
    in_loop = any(isinstance(parent, ast.For | ast.While) for parent in site.parents)
    match site.node:
        case ast.AugAssign(target=ast.Name() as target, op=ast.Add(), value=value) if in_loop:
            yield site.replace(ast.Assign([target], value, lineno=site.line))


def _kept_between_calls(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[]) | ast.Dict(keys=[])):
            pass
        case _:
            return
    function = site.parent
    if (
        len(site.parents) == 2
        and isinstance(function, ast.FunctionDef)
        and (name in accumulated(function))
    ):
        body = [statement for statement in function.body if statement is not site.node]
        shorter = with_fields(function, body=body)
        yield Change(f"line {site.line}: {name} kept", {site.path[:-1]: [site.node, shorter]})


def batch_losses(site: Site) -> tuple[Site, Site, ast.expr, ast.expr] | None:
    """Return the line that adds to a total, the line that appends its mean, and both values."""
    if not isinstance(site.node, ast.For):
        return None
    added, appended = None, None
    for one in sites(site.node, site.path, site.parents):
        match one.node:
            case ast.AugAssign(target=ast.Name(), op=ast.Add(), value=value):
                number = _number_of(value)
                if number is not None and isinstance(one.parent, ast.For):
                    added = (one, number)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[value])):
                if one.parent is site.node:
                    appended = (one, value)
    if added is None or appended is None or added[0].parent is site.node:
        return None
    return added[0], appended[0], added[1], appended[1]


def _number_of(value: ast.expr) -> ast.expr | None:
    """Return the loss of a batch in what is added to a total."""
    parts = [value.left, value.right] if isinstance(value, ast.BinOp) else [value]
    for part in parts:
        for pattern in ("_x.item()", "float(_x)", "_x.detach()"):
            if match(pattern, part):
                return part
    return None


def _last_batch(site: Site) -> Iterator[Change]:
    found = batch_losses(site)
    if found is not None:
        _, appended, number, _ = found
        assert isinstance(appended.node, ast.Expr)
        call = with_fields(appended.node.value, args=[number])
        yield appended.replace(ast.Expr(call))


def _every_batch(site: Site) -> Iterator[Change]:
    found = batch_losses(site)
    if found is not None:
        added, appended, number, _ = found
        assert isinstance(appended.node, ast.Expr)
        call = ast.Expr(with_fields(appended.node.value, args=[number]))
        edits: Edits = {added.path: call, appended.path: []}
        yield Change(f"line {added.line}: the loss of each batch", edits)


def _slope(site: Site) -> Site | None:
    """Return the call in a loop that computes a gradient, where a step in the loop uses it."""
    if not isinstance(site.node, ast.For):
        return None
    for one in sites(site.node, site.path, site.parents):
        match one.node, one.parent:
            case ast.Call(func=function, args=[_, _, *_]), ast.Assign() | ast.BinOp():
                if "grad" in last_name(function):
                    return one
    return None


def _computed_once(site: Site) -> Iterator[Change]:
    """Compute a gradient before the loop, and go on with it."""
    call = _slope(site)
    if call is None:
        return
    kept = ast.Assign([ast.Name("once", ast.Store())], call.node, lineno=site.line)  # type: ignore[arg-type]
    loop = edited(site.node, {call.path: ast.Name("once", ast.Load())}, site.path)
    yield site.change("computed once", [kept, loop])


def _one_by_one(site: Site) -> Iterator[Change]:
    """Change the parameters one after the other, each by a gradient of its own."""
    call = _slope(site)
    if call is None or not isinstance(site.node, ast.For):
        return
    for statement in site.node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(op=ast.Sub())):
                pass
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Sub()):
                pass
            case _:
                continue
        rates = [ast.unparse(one) for one in ast.walk(statement) if is_rate(one)]
        if rates and uses(call.node, name):
            step = ast.parse(
                f"for j in range(len({name})):\n"
                f"    {name}[j] -= {rates[0]} * {ast.unparse(call.node)}[j]"
            ).body
            yield site.change("one by one", with_fields(site.node, body=step))


def _bias_added(site: Site) -> Iterator[Change]:
    """Add a column of ones to the data, and learn a weight for it."""
    function = site.node
    if not isinstance(function, ast.FunctionDef) or not isinstance(function.body[-1], ast.Return):
        return
    value = function.body[-1].value
    data = [a.arg for a in function.args.args if a.arg[:1].isupper()]
    learns = any(isinstance(one, ast.For | ast.While) for one in function.body)
    if not data or not learns or not isinstance(value, ast.Name):
        return
    start = body_start(function)
    for columns, kept in (
        ("np.ones(len(_x)), _x", "_w[1:]"),
        ("np.ones(len(_x)), _x", "_w"),
        ("_x, np.ones(len(_x))", "_w"),
    ):
        table = fill(f"np.column_stack([{columns}])", {"_x": ast.Name(data[0], ast.Load())})
        wider = ast.Assign([ast.Name(data[0], ast.Store())], table, lineno=site.line)
        body = [*function.body[:start], wider, *function.body[start:-1]]
        body.append(ast.Return(fill(kept, {"_w": value})))
        yield site.change("with ones", with_fields(function, body=body))


def _aliases(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.ListComp(
            elt=ast.List() | ast.BinOp(left=ast.List()) as row,
            generators=[ast.comprehension(iter=ast.Call(args=[count]) as rounds, ifs=[])],
        ) if called(rounds, "range") and not targets(site.node) & names_in(row):
            yield site.replace(ast.BinOp(ast.List([row], ast.Load()), ast.Mult(), count))


MISTAKES = (
    Mistake(
        "not_reset",
        1,
        _not_reset,
        "A total or list is not reset: each round also contains what the rounds before it added.",
        "It is set up once, before the loop, and then grows from round to round.",
        "Look at where it is set up, and how often that line runs.",
        LOOP,
    ),
    Mistake(
        "reset_in_every_round",
        1,
        _reset_too_often,
        "A total or list is reset in every round: only the last one is left.",
        "It is set up inside the loop, and what was added before is lost.",
        "Look at where it is set up, and how often that line runs.",
        LOOP,
    ),
    Mistake(
        "overwritten",
        2,
        _overwritten,
        "A total is overwritten in every round, not added to.",
        "After the loop it holds the last value only.",
        "Look at the line in the loop that changes it.",
        LOOP,
    ),
    Mistake(
        "kept_between_calls",
        2,
        _kept_between_calls,
        "The first call is right; further ones also contain what the calls before them left.",
        "Something is made once, outside the function, and every call adds to it.",
        "Look at where it is made, and how often that line runs.",
        "pylint: dangerous-default-value (W0102)",
    ),
    Mistake(
        "last_batch_only",
        2,
        _last_batch,
        "What is kept of each epoch is the loss of its last batch.",
        "One batch says little about all of them.",
        "Look at what you append after the loop over the batches.",
        "udacity/deep-learning-v2-pytorch#74",
    ),
    Mistake(
        "every_batch_kept",
        2,
        _every_batch,
        "The loss of every batch is kept, not one for each epoch.",
        "The list is longer than the number of epochs.",
        "Look at the indentation of the line that appends.",
        LOOP,
    ),
    Mistake(
        "computed_once",
        2,
        _computed_once,
        "The gradient is computed once, before the loop, and not in every round.",
        "It changes with every step: after the first one it is that of another place.",
        "Look at which lines run in every round.",
        LOOP,
    ),
    Mistake(
        "changed_one_by_one",
        3,
        _one_by_one,
        "The parameters are changed one after the other, not all at once.",
        "The gradient of each then already sees the new values of those before it.",
        "Look at when the gradient is computed, and when the parameters change.",
        "Ng, Machine Learning (2012), gradient descent: simultaneous update",
    ),
    Mistake(
        "bias_too_many",
        2,
        _bias_added,
        "A bias is learned that the model does not have.",
        "The other weights then come out different, too.",
        "Look at the columns of the data: is there one of ones?",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "rows_shared",
        3,
        _aliases,
        "All rows of a table are the same list: changing one changes all of them.",
        "Multiplying a list repeats references to its items; it makes no copies.",
        "Change one entry of an empty table, and print the table.",
        "Python documentation, Programming FAQ: how do I create a multidimensional list",
    ),
)
