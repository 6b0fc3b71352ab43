"""Returned and forgotten: nothing returned, another thing, in another order, or not kept."""

import ast
import re
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    called,
    fill,
    is_code,
    is_method,
    last_name,
    match,
    names,
    same,
    subject,
)
from autograder.diagnosis.mistakes.reading import RATES, function_of
from autograder.diagnosis.mistakes.sources import ALZAHRANI, ETTLES
from autograder.diagnosis.syntax_tree import Change, Site, with_fields

FUNCTION = f"{ALZAHRANI}: function errors"

IN_PLACE = names("append extend sort reverse shuffle update insert backward add")


def _last(site: Site) -> ast.expr | None:
    """Return what a return at the end of a function gives, if it gives anything."""
    function = function_of(site)
    if isinstance(site.node, ast.Return) and function is not None:
        last = function.body[-1]
        within = isinstance(last, ast.With) and last.body[-1] is site.node
        if last is site.node or within:
            return site.node.value
    return None


def _nothing(site: Site) -> Iterator[Change]:
    value = _last(site)
    if value is not None and not isinstance(value, ast.Constant):
        yield site.change(
            "nothing returned", [] if isinstance(value, ast.Name) else ast.Expr(value)
        )


def _pair(site: Site) -> list[ast.expr]:
    value = site.node.value if isinstance(site.node, ast.Return) else None
    return value.elts if isinstance(value, ast.Tuple) and len(value.elts) > 1 else []


def _swapped(site: Site) -> Iterator[Change]:
    if len(pair := _pair(site)) > 1 and not same(pair[0], pair[1]):
        swapped = [pair[1], pair[0], *pair[2:]]
        yield site.replace(ast.Return(ast.Tuple(swapped, ast.Load())))
    if len(values := _entries(site)) > 1 and not same(values[0], values[1]):
        yield site.replace(_with_entries(site, [values[1], values[0], *values[2:]]))


def _entries(site: Site) -> list[ast.expr]:
    """Return the values of a dictionary that is returned."""
    match site.node:
        case ast.Return(value=ast.Dict(values=values)):
            return values
    return []


def _with_entries(site: Site, values: list[ast.expr]) -> ast.Return:
    """Return the same with other values."""
    assert isinstance(site.node, ast.Return)
    assert isinstance(site.node.value, ast.Dict)
    return ast.Return(with_fields(site.node.value, values=values))


def _computed(value: ast.expr) -> bool:
    return isinstance(value, ast.Call | ast.BinOp)


def _one_of_several(site: Site) -> Iterator[Change]:
    for element in _pair(site):
        yield site.replace(ast.Return(element))


def _first_twice(site: Site) -> Iterator[Change]:
    if len(pair := _pair(site)) == 2 and not same(*pair):
        yield site.replace(ast.Return(ast.Tuple([pair[0], pair[0]], ast.Load())))


def _not_called(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute() as method, args=[], keywords=[]):
            if isinstance(site.parent, ast.Return | ast.Assign):
                yield site.replace(method)
    values = _entries(site)
    methods = [
        one.func
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and not one.args
        else one
        for one in values
    ]
    if methods != values:
        yield site.replace(_with_entries(site, methods))


def _last_step(site: Site) -> Iterator[Change]:
    value = site.node.value if isinstance(site.node, ast.Return) else None
    if isinstance(value, ast.Call) and last_name(value.func) != "super":
        inner = subject(value)
        if inner is not None and not isinstance(inner, ast.Name | ast.Constant):
            yield site.replace(ast.Return(inner))


def _input_returned(site: Site) -> Iterator[Change]:
    function, value = function_of(site), _last(site)
    if function is None or value is None or len(function.body) < 2:
        return
    for one in function.args.args[:3]:
        if one.arg not in ("self", *RATES) and not is_code(one.arg, value):
            yield site.replace(ast.Return(ast.Name(one.arg, ast.Load())))


def _nothing_assigned(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name() as owner, attr=name)) as call
        ) if name in IN_PLACE:
            target = call.args[0] if name == "shuffle" and call.args else owner
            if isinstance(target, ast.Name) and _read_later(site, target.id):
                stored = ast.Name(target.id, ast.Store())
                yield site.replace(ast.Assign([stored], call, lineno=site.line))


def _read_later(site: Site, name: str) -> bool:
    """Say whether a name is read after a site, or in a loop around it."""
    function = function_of(site)
    in_loop = any(isinstance(parent, ast.For | ast.While) for parent in site.parents)
    return any(
        isinstance(one, ast.Name) and one.id == name and (in_loop or one.lineno > site.line)
        for one in ast.walk(function or site.parents[0])
    )


def _not_kept(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if is_method(
            call
        ) and ast.unparse(call.func).startswith(f"{name}."):
            yield site.replace(ast.Expr(call))


def _as_number(site: Site) -> ast.Call | None:
    """Return a reduction to one number that is returned, or an entry of a returned dict."""
    value = site.node
    if (
        isinstance(value, ast.Call)
        and called(value, "mean", "std", "item", "float", "sum", "score")
        and isinstance(site.parent, ast.Return | ast.Dict)
        and not value.keywords
    ):
        return value
    return None


def _rounded(site: Site) -> Iterator[Change]:
    value = _as_number(site)
    if value is not None:
        for digits in (2, 3, 4):
            yield site.replace(fill(f"round(_x, {digits})", {"_x": value}))
    match site.node:
        case ast.Return(value=ast.BinOp() as result) if "np." in ast.unparse(result):
            for digits in (2, 3, 4):
                yield site.replace(ast.Return(fill(f"np.round(_x, {digits})", {"_x": result})))
    values = _entries(site)
    for digits in (2, 3, 1) if any(map(_computed, values)) else ():
        rounded = [fill(f"round(_x, {digits})", {"_x": v}) if _computed(v) else v for v in values]
        yield site.replace(_with_entries(site, rounded))


def _as_text(site: Site) -> Iterator[Change]:
    value = _as_number(site)
    if value is not None:
        yield site.replace(fill("f'{_x:.4f}'", {"_x": value}))


def _in_a_list(site: Site) -> Iterator[Change]:
    value = _last(site)
    if value is not None and isinstance(value, ast.Call | ast.BinOp):
        yield site.replace(ast.Return(ast.List([value], ast.Load())))


def _added_up(site: Site) -> Iterator[Change]:
    if len(pair := _pair(site)) == 2 and not any(isinstance(one, ast.Constant) for one in pair):
        yield site.replace(ast.Return(ast.BinOp(pair[0], ast.Add(), pair[1])))


def _entry_forgotten(site: Site) -> Iterator[Change]:
    """Leave an entry out of a dict that is returned."""
    value = site.node.value if isinstance(site.node, ast.Return) else None
    if isinstance(value, ast.Dict) and len(value.keys) > 1:
        for index in range(len(value.keys)):
            kept = [place for place in range(len(value.keys)) if place != index]
            new = with_fields(
                value,
                keys=[value.keys[place] for place in kept],
                values=[value.values[place] for place in kept],
            )
            yield site.replace(ast.Return(new))
    match site.node:
        case ast.Expr():
            return
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(), slice=ast.Constant(value=str()))]):
            yield site.drop()


def _without_names(site: Site) -> Iterator[Change]:
    value = site.node.value if isinstance(site.node, ast.Return) else None
    if isinstance(value, ast.Dict) and len(value.keys) > 1:
        yield site.replace(ast.Return(ast.Tuple(value.values, ast.Load())))
        numbers = [one for one in value.values if not isinstance(one, ast.Constant)]
        if 1 < len(numbers) < len(value.values):
            yield site.replace(ast.Return(ast.Tuple(numbers, ast.Load())))
    if isinstance(value, ast.Call) and called(value, "dict") and len(value.keywords) > 1:
        values = [one.value for one in value.keywords]
        yield site.replace(ast.Return(ast.Tuple(values, ast.Load())))


def _other_text(site: Site) -> Iterator[Change]:
    """Return another text in an entry of a dict."""
    if not isinstance(site.parent, ast.Dict) or site.field != "values":
        return
    match site.node:
        case ast.Constant(value=str(text)):
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
            for other in (text.lower(), words, words.lower(), words.lower().replace(" ", "_")):
                if other != text:
                    yield site.replace(ast.Constant(other))
            for one in ast.walk(function_of(site) or ast.Pass()):
                match one:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as made) if (
                        last_name(made.func)[:1].isupper() or called(made, "make_pipeline")
                    ):
                        yield site.replace(fill(f"type({name}).__name__", {}))


def _with_the_loss(site: Site) -> Iterator[Change]:
    """Return what another function makes of the result, too."""
    value, function = _last(site), function_of(site)
    tree = site.parents[0]
    if function is None or not isinstance(value, ast.Name) or not isinstance(tree, ast.Module):
        return
    own = {p.arg for p in function.args.args} | {value.id}
    for other in tree.body:
        if isinstance(other, ast.FunctionDef) and other is not function:
            names = [p.arg for p in other.args.args]
            if len(names) > 1 and value.id in names and own >= {*names} and "loss" in other.name:
                further = fill(f"{other.name}({', '.join(names)})", {})
                yield site.replace(ast.Return(ast.Tuple([value, further], ast.Load())))


def _averaged(site: Site) -> Iterator[Change]:
    """Return the mean of a list that a loop has filled."""
    function, value = function_of(site), _last(site)
    if function is not None and isinstance(value, ast.Name):
        filled = any(match(f"{value.id}.append(_x)", one) is not None for one in ast.walk(function))
        if filled:
            yield site.replace(ast.Return(fill("sum(_x) / len(_x)", {"_x": value})))


def _last_item(site: Site) -> Iterator[Change]:
    if any(True for _ in _averaged(site)) and isinstance(site.node, ast.Return):
        assert site.node.value is not None
        yield site.replace(ast.Return(fill("_x[-1]", {"_x": site.node.value})))


MISTAKES = (
    Mistake(
        "nothing_returned",
        1,
        _nothing,
        "The function returns None.",
        "What a function computes or prints is lost to its caller unless it is returned.",
        "Look at the last line of the function.",
        ETTLES,
    ),
    Mistake(
        "returned_in_the_wrong_order",
        1,
        _swapped,
        "Several values are returned in the wrong order.",
        "The caller takes them apart by their places.",
        "Compare the `return` line with what the task asks for.",
        FUNCTION,
    ),
    Mistake(
        "one_of_several_returned",
        1,
        _one_of_several,
        "One value is returned where several are asked for.",
        "The others are computed, and lost.",
        "Compare the `return` line with what the task asks for.",
        FUNCTION,
    ),
    Mistake(
        "entry_forgotten",
        1,
        _entry_forgotten,
        "An entry is missing in what is returned.",
        "Whoever looks for it by its name does not find it.",
        "Compare the names of the entries with the task, one by one.",
        FUNCTION,
    ),
    Mistake(
        "values_without_names",
        2,
        _without_names,
        "The values are returned without their names.",
        "The task asks for a dict, in which each value has a name.",
        "Look at the `return` line.",
        FUNCTION,
    ),
    Mistake(
        "other_text",
        2,
        _other_text,
        "A text in what is returned is not the one that the task asks for.",
        "Whoever compares it looks for exactly that text.",
        "Compare the text with the task, letter by letter.",
        FUNCTION,
    ),
    Mistake(
        "more_than_asked",
        2,
        _with_the_loss,
        "More than one value is returned where the task asks for one.",
        "Whoever calls the function gets a tuple, and not the value in it.",
        "Compare the `return` line with what the task asks for.",
        FUNCTION,
    ),
    Mistake(
        "mean_for_list",
        2,
        _averaged,
        "The mean of a list is returned, not the list.",
        "The task asks for a value for each round.",
        "Look at the `return` line.",
        FUNCTION,
    ),
    Mistake(
        "last_item_for_list",
        2,
        _last_item,
        "Only the last item of a list is returned.",
        "The task asks for a value for each round.",
        "Look at the `return` line.",
        FUNCTION,
    ),
    Mistake(
        "returned_twice",
        3,
        _first_twice,
        "The first value is returned twice.",
        "The second one is lost.",
        "Read the `return` line once more, value by value.",
        FUNCTION,
    ),
    Mistake(
        "not_called",
        2,
        _not_called,
        "A method is named, but not called.",
        "Without parentheses behind its name, a method does not run.",
        "Look for a method whose name ends a line or an expression.",
        FUNCTION,
    ),
    Mistake(
        "last_step_left_out",
        2,
        _last_step,
        "The last operation is left out: what is returned is the value before it.",
        "The result is not what the task asks for, although everything before it may be right.",
        "Look at the `return` line: what is still to be done with this value?",
        FUNCTION,
    ),
    Mistake(
        "input_returned",
        2,
        _input_returned,
        "The function returns what it was given.",
        "The result of the computation has another name, and is lost.",
        "Look at the name in the `return` line.",
        FUNCTION,
    ),
    Mistake(
        "result_of_a_change_in_place",
        1,
        _nothing_assigned,
        "The return value of a method that changes things in place is used, and it is None.",
        "Such methods change the object itself and give nothing back.",
        "Look for an assignment whose right side is such a method.",
        "Python documentation, Design FAQ: why does list.sort() not return the sorted list",
    ),
    Mistake(
        "result_not_kept",
        1,
        _not_kept,
        "The result of a method is not kept, so that nothing changes.",
        "Most methods give back something new and leave the object as it was.",
        "Look for a line that calls a method and does nothing with what it gives.",
        "pylint: expression-not-assigned (W0106)",
    ),
    Mistake(
        "rounded",
        2,
        _rounded,
        "The result is rounded.",
        "Whoever computes with it needs all of its digits.",
        "Leave the rounding to the code that prints the number.",
        FUNCTION,
    ),
    Mistake(
        "number_as_text",
        3,
        _as_text,
        "A number is returned as text.",
        "Nobody can compute with text.",
        "Leave the formatting to the code that prints the number.",
        FUNCTION,
    ),
    Mistake(
        "wrapped_in_a_list",
        3,
        _in_a_list,
        "The result is wrapped in a list.",
        "The caller expects the value itself.",
        "Look for brackets in the `return` line.",
        FUNCTION,
    ),
    Mistake(
        "values_added_up",
        3,
        _added_up,
        "Two values are added up and returned as one.",
        "The task asks for both, each in its place.",
        "Compare the `return` line with what the task asks for.",
        FUNCTION,
    ),
)
