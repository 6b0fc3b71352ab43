"""Dtypes and integer division: whole numbers for decimals, and the wrong precision."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    drop_call,
    fill,
    is_value,
    keyword,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import (
    LOG_LIKELIHOOD,
    function_of,
    own_functions,
    parameters,
)
from autograder.diagnosis.mistakes.signs import _operator
from autograder.diagnosis.mistakes.sources import HUMBATOVA, ISLAM
from autograder.diagnosis.syntax_tree import Change, Site, with_fields

WRONG_TYPE = f"{HUMBATOVA}: tensors and inputs"
DIVISION = "Python documentation, Programming FAQ: why does -22 // 10 return -3"

FLOATS = ("float", "np.float64", "np.float32", "torch.float32", "torch.float", "torch.float64")


def _is_float(node: ast.AST) -> bool:
    return ast.unparse(node) in FLOATS


def _whole(site: Site) -> Iterator[Change]:
    node = site.node
    match node:
        case ast.Call() if called(node, "zeros", "empty", "zeros_like") and not keyword(
            node, "dtype"
        ):
            if len(node.args) == 1 and "np." in ast.unparse(node.func):
                whole = ast.keyword("dtype", ast.Name("int", ast.Load()))
                yield site.replace(with_fields(node, keywords=[*node.keywords, whole]))
        case ast.Call(func=ast.Attribute(attr="astype"), args=[kind]) if _is_float(kind):
            yield site.replace(with_fields(node, args=[ast.Name("int", ast.Load())]))
        case ast.Call(func=ast.Attribute(attr="float") as method, args=[]):
            yield site.replace(with_fields(node, func=with_fields(method, attr="int")))
        case ast.Call(func=ast.Name(id="float"), args=[value]):
            yield site.replace(with_fields(node, func=ast.Name("int", ast.Load())))
            yield site.replace(fill("float(int(_x))", {"_x": value}))
        case ast.keyword(arg="dtype", value=value) if _is_float(value):
            whole_kind = "torch.int64" if "torch" in ast.unparse(value) else "int"
            yield site.replace(with_fields(node, value=fill(whole_kind, {})))
        case ast.Call(args=[data, kind]) if called(node, "array", "asarray") and _is_float(kind):
            yield site.replace(with_fields(node, args=[data, ast.Name("int", ast.Load())]))


def _not_cast(site: Site) -> Iterator[Change]:
    node = site.node
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="float" | "double"), args=[]):
            yield site.replace(owner)
        case ast.Call(func=ast.Attribute(value=owner, attr="astype" | "to"), args=[kind]) if (
            _is_float(kind)
        ):
            yield site.replace(owner)
        case ast.keyword(arg="dtype", value=value) if _is_float(value):
            yield site.drop()
        case ast.Call(args=[data, kind]) if called(node, "array", "asarray") and _is_float(kind):
            yield site.replace(with_fields(node, args=[data]))
        case ast.Call(func=ast.Name(id="float"), args=[argument]):
            if isinstance(site.parent, (ast.Call, ast.BinOp)):
                yield site.replace(argument)


def _in_forward(site: Site) -> bool:
    function = function_of(site)
    return function is not None and function.name == "forward"


def _double(site: Site) -> Iterator[Change]:
    node = site.node
    match node:
        case ast.Call(func=ast.Attribute(attr="float") as method, args=[]):
            yield site.replace(with_fields(node, func=with_fields(method, attr="double")))
        case ast.Attribute(attr="float32" | "float") if (
            is_value(site) and not isinstance(site.parent, ast.Call)
        ) or (isinstance(node, ast.Attribute) and node.attr == "float32" and is_value(site)):
            yield site.replace(with_fields(node, attr="float64"))
        case ast.Call() if called(node, "from_numpy"):
            yield site.replace(fill("_x.double()", {"_x": node}))
        case ast.Return(value=ast.expr() as value) if _in_forward(site):
            yield site.replace(ast.Return(fill("_x.double()", {"_x": value})))


def _like_integers(site: Site) -> Iterator[Change]:
    yield from rewrite(
        ("np.zeros(_x.shape)", "np.zeros_like(_x)"),
        ("np.ones(_x.shape)", "np.ones_like(_x)"),
        ("np.empty(_x.shape)", "np.empty_like(_x)"),
        ("np.zeros(_x.shape[1])", "np.zeros_like(_x[0])"),
        ("np.zeros(len(_x))", "np.zeros_like(_x)"),
        ("np.zeros(_x.shape[0])", "np.zeros_like(_x)"),
        (
            f"-np.mean({LOG_LIKELIHOOD})",
            f"np.mean((-({LOG_LIKELIHOOD})).astype(np.asarray(_y).dtype))",
        ),
    )(site)


IN_ITS_TYPE = "np.asarray(_v).astype(np.asarray(_p).dtype)"


def _in_the_type_of_an_argument(site: Site) -> Iterator[Change]:
    """Keep a result, or what another function gives, in an array made like an argument."""
    match site.node:
        case ast.Return(value=ast.expr() as value):
            pass
        case ast.Call(func=ast.Name(id=name)) if name in own_functions(site):
            value = site.node
        case _:
            return
    if is_of_torch(site.parents[0]):
        return
    for parameter in parameters(function_of(site)):
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        argument = ast.Name(parameter.arg, ast.Load())
        some = [fill(IN_ITS_TYPE, {"_v": part, "_p": argument}) for part in parts]
        kept = some[0] if value is parts[0] else ast.Tuple(some, ast.Load())
        yield site.replace(ast.Return(kept) if isinstance(site.node, ast.Return) else kept)


def _float_labels(site: Site) -> Iterator[Change]:
    node = site.node
    match node:
        case ast.Call(func=ast.Attribute(attr="long") as method, args=[]):
            yield site.replace(with_fields(node, func=with_fields(method, attr="float")))
        case ast.Attribute(attr="long" | "int64") if is_value(site) and site.field != "func":
            yield site.replace(with_fields(node, attr="float32"))
        case ast.Call(func=ast.Attribute(attr="astype"), args=[ast.Name(id="int")]):
            yield site.replace(with_fields(node, args=[ast.Name("float", ast.Load())]))


def _tensor_for_number(site: Site) -> Iterator[Change]:
    if isinstance(site.parent, ast.Return | ast.Dict | ast.Tuple):
        yield from drop_call("item", "tolist")(site)
        match site.node:
            case ast.Call(func=ast.Name(id="float" | "int"), args=[argument]):
                yield site.replace(argument)


MISTAKES = (
    Mistake(
        "whole_number_division",
        1,
        any_of(
            _operator(ast.Div, ast.FloorDiv),
            rewrite(
                ("(_x == _y).float().mean()", "((_x == _y).sum() // len(_y)).float()"),
                ("(_x == _y).mean()", "((_x == _y).sum() // len(_y))"),
                ("np.mean(_x == _y)", "float(np.sum(_x == _y) // len(_y))"),
            ),
        ),
        "A division gives whole numbers only: what comes after the decimal point is lost.",
        "In Python two slashes round down; one slash does not.",
        "Look at each division.",
        DIVISION,
    ),
    Mistake(
        "true_division",
        2,
        _operator(ast.FloorDiv, ast.Div),
        "A division gives a decimal number where a whole one is needed.",
        "Counts and indices are whole numbers, also where the division leaves no rest.",
        "Look at each division, and print the type of its result.",
        DIVISION,
    ),
    Mistake(
        "decimals_cut_off",
        1,
        _whole,
        "Decimals are cut off: something that should hold any number holds whole ones only.",
        "An integer array, and a conversion to an integer, drop what comes after the point.",
        "Print the dtype of your arrays, one after the other.",
        WRONG_TYPE,
    ),
    Mistake(
        "not_converted_to_float",
        1,
        _not_cast,
        "A value is not converted to a floating-point number.",
        "Whole numbers and truth values cannot do everything that floats can.",
        "Print the dtype before and after each step.",
        WRONG_TYPE,
    ),
    Mistake(
        "double_precision",
        2,
        _double,
        "A tensor has double precision.",
        "The data and the parameters have single precision, and they do not mix.",
        "Print the dtype of each tensor.",
        WRONG_TYPE,
    ),
    Mistake(
        "made_like_integers",
        2,
        any_of(_like_integers, _in_the_type_of_an_argument),
        "An array takes its dtype from another one, which may hold whole numbers.",
        "What is then written into it loses its decimals.",
        "Try your function with an array of whole numbers.",
        f"{ISLAM}: data bug",
    ),
    Mistake(
        "labels_as_floats",
        2,
        _float_labels,
        "Class labels or indices are floating-point numbers.",
        "Labels that say which class it is must be whole numbers.",
        "Print the dtype of the labels.",
        WRONG_TYPE,
    ),
    Mistake(
        "tensor_for_number",
        2,
        _tensor_for_number,
        "A tensor or an array is returned where a plain number or list is asked for.",
        "They print alike, but they are not of the same type.",
        "Print the type of the result.",
        WRONG_TYPE,
    ),
)
