"""Axes and shapes: along the wrong axis, transposed, flattened, stacked the wrong way."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    arguments,
    called,
    drop_keyword,
    fill,
    is_method,
    is_value,
    keyword,
    last_name,
    match,
    names,
    rename,
    rewrite,
    same,
    statements,
    subject,
)
from autograder.diagnosis.mistakes.reading import (
    AXES,
    begun_with,
    body_start,
    forward_result,
    function_of,
    parameters,
    whole_number,
)
from autograder.diagnosis.mistakes.sources import HUMBATOVA, ISLAM
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    number,
    sites,
    with_fields,
)

ALONG = names(
    "mean sum max min std var median argmax argmin prod average norm softmax log_softmax "
    "cumsum amax amin any all sort argsort logsumexp nanmean nansum concatenate cat stack "
    "unique count_nonzero quantile percentile diff"
)
"""Functions and methods that work along an axis, with it in the second place."""
OTHER = {0: 1, 1: 0, -1: 0}
DIMENSION = f"{ISLAM}: data bug"


def _axis(site: Site) -> bool:
    """Say whether a site is an axis, as a keyword or in its place."""
    if isinstance(site.parent, ast.keyword):
        return site.parent.arg in AXES
    call = site.parent
    if not isinstance(call, ast.Call) or not called(call, *ALONG) or site.field != "args":
        return False
    given = arguments(call)
    return bool(given) and given[0] is site.node and not (is_method(call) and called(call, "norm"))


def _other_axis(site: Site) -> Iterator[Change]:
    if is_value(site) and _axis(site):
        old = whole_number(site.node)
        if old in OTHER:
            yield site.replace(number(OTHER[old]))


def _no_axis(site: Site) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Call) or not called(
        node, *(ALONG - {"concatenate", "cat", "stack"})
    ):
        return
    kept = [k for k in node.keywords if k.arg not in (*AXES, "keepdims", "keepdim")]
    place = arguments(node)
    in_place = bool(place) and whole_number(place[0]) is not None and not called(node, "norm")
    if in_place or keyword(node, *AXES):
        args = [a for a in node.args if not (in_place and a is place[0])]
        yield site.replace(with_fields(node, args=args, keywords=kept))


def _no_axis_anywhere(site: Site) -> Iterator[Change]:
    """Forget the axis of every reduction of a function."""
    if isinstance(site.node, ast.FunctionDef):
        edits: Edits = {}
        for one in sites(site.node, site.path, site.parents):
            for change in _no_axis(one):
                edits |= change.edits
        if len(edits) > 1:
            yield Change(f"line {site.line}: without any axis", edits)


TRANSPOSED = (
    "_x.T",
    "_x.t()",
    "_x.mT",
    "np.transpose(_x)",
    "_x.transpose()",
    "_x.transpose(0, 1)",
    "torch.t(_x)",
    "_x.transpose(-1, -2)",
)


def transposed(node: ast.AST) -> ast.AST | None:
    """Return what a node transposes; None if it does not."""
    for pattern in TRANSPOSED:
        if found := match(pattern, node):
            return found["_x"]
    return None


def _reshaped(site: Site) -> Iterator[Change]:
    inner = transposed(site.node) if is_value(site) else None
    if inner is not None:
        yield site.replace(fill("_x.reshape(_x.shape[1], _x.shape[0])", {"_x": inner}))


def product(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return the factors of a matrix product; None if a node is none."""
    for pattern in (
        "_a @ _b", "np.dot(_a, _b)", "_a.dot(_b)", "np.matmul(_a, _b)", "torch.matmul(_a, _b)",
        "torch.mm(_a, _b)", "_a.mm(_b)", "_a.matmul(_b)",
    ):  # fmt: skip
        found = match(pattern, node)
        if found is not None:
            one, other = found["_a"], found["_b"]
            assert isinstance(one, ast.expr)
            assert isinstance(other, ast.expr)
            return one, other
    return None


def _of_factors(template: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        factors = product(site.node) if is_value(site) else None
        if factors:
            yield site.replace(fill(template, {"_a": factors[0], "_b": factors[1]}))

    return rule


def _transposed_factor(site: Site) -> Iterator[Change]:
    above = product(site.parent)
    if above and is_value(site) and any(site.node is one for one in above):
        inner = site.node
        # By convention a second factor in lower case is a vector, which has no other transpose.
        matrix = isinstance(inner, ast.Attribute) or (
            isinstance(inner, ast.Name) and (inner.id[:1].isupper() or inner is above[0])
        )
        if matrix and transposed(inner) is None:
            yield site.replace(fill("_x.T", {"_x": inner}))


def is_table(node: ast.AST | None) -> bool:
    """Say whether a node computes something with axes: a product, or a reduction along one."""
    match node:
        case ast.BinOp(left=left, right=right):
            return product(node) is not None or is_table(left) or is_table(right)
        case ast.UnaryOp(operand=operand):
            return is_table(operand)
        case ast.Call() if product(node) is not None:
            return True
        case ast.Call() if called(node, *ALONG):
            return keyword(node, *AXES) is not None
        case ast.Call() if not called(node, "item", "float", "int", "len", "tolist", "numpy"):
            return is_table(subject(node))
    return False


def _on_returned_tables(template: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        value = site.node.value if isinstance(site.node, ast.Return) else None
        if isinstance(value, ast.Tuple):
            return
        if value is not None and (is_table(value) or isinstance(forward_result(site), ast.Call)):
            yield site.replace(ast.Return(fill(template, {"_x": value})))

    return rule


def _paired_with(name: str, site: Site) -> Iterator[str]:
    """Yield the names that a loop around a site gives values together with another one."""
    for loop in site.parents:
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Tuple):
            pair = [one.id for one in loop.target.elts if isinstance(one, ast.Name)]
            if name in pair:
                yield from (other for other in pair if other != name)


def _columns_for_rows(site: Site) -> Iterator[Change]:
    """Count the columns instead of the rows, or the reverse; rows may be counted in the labels."""
    if is_value(site) and (found := match("len(_x)", site.node)):
        for name in _paired_with(last_name(found["_x"]), site):
            yield site.replace(fill(f"{name}.shape[1]", {}))
    for pattern, template in (
        ("_x.shape[0]", "_x.shape[1]"), ("_x.shape[1]", "_x.shape[0]"),
        ("_x.shape[-1]", "_x.shape[0]"), ("_x.size(0)", "_x.size(1)"), ("_x.size(1)", "_x.size(0)"),
    ):  # fmt: skip
        if is_value(site) and (found := match(pattern, site.node)):
            yield site.replace(fill(template, found))
    match site.node:
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name() as one, ast.Name() as other])]) if (
            match("_x.shape", site.node.value)
        ):
            swapped = ast.Tuple([other, one], ast.Store())
            yield site.replace(with_fields(site.node, targets=[swapped]))
        case ast.FunctionDef(body=body):
            fits = (match("StandardScaler().fit(_t)", one) for one in ast.walk(site.node))
            given = parameters(site.node)
            if any(fit is not None for fit in fits) and len(given) == 2:
                train, test = (ast.Name(one.arg, ast.Load()) for one in given)
                scaled = statements(SCALED_COLUMN_BY_COLUMN, _t=train, _e=test)
                new = with_fields(site.node, body=[*body[: body_start(site.node)], *scaled])
                yield site.change("columns counted as rows", new)


SCALED_COLUMN_BY_COLUMN = """
train, test = np.zeros(_t.shape), np.zeros(_e.shape)
for j in range(len(_t)):
    m, s = _t[:, j].mean(), _t[:, j].std()
    train[:, j], test[:, j] = (_t[:, j] - m) / s, (_e[:, j] - m) / s
return train, test
"""
SHAPED = names("zeros ones randn rand reshape normal empty full uniform view standard_normal")
SIZED = names("Linear Embedding randn rand zeros ones")


def _sizes_swapped(site: Site) -> Iterator[Change]:
    node = site.node
    shape = site.parent
    in_call = site.field == "args" or (isinstance(shape, ast.keyword) and shape.arg == "size")
    match node:
        case ast.Tuple(elts=[one, other]) if in_call and not same(one, other):
            if isinstance(shape, ast.keyword) or called(shape, *SHAPED):
                yield site.replace(with_fields(node, elts=[other, one]))
        case ast.Call(args=[one, other]) if called(node, *SIZED) and not same(one, other):
            if not isinstance(one, ast.Tuple | ast.Attribute):
                yield site.replace(with_fields(node, args=[other, one]))


STACKS = {
    "hstack": "vstack",
    "vstack": "hstack",
    "column_stack": "vstack",
    "row_stack": "hstack",
}


def _vectors_only(site: Site) -> Iterator[Change]:
    """Multiply tensors by what takes vectors only; in NumPy it takes matrices too."""
    found = match("_a @ _b", site.node)
    if found is not None and is_of_torch(site.parents[0]):
        yield site.replace(fill("_a.dot(_b)", found))


def _first_column(site: Site) -> Iterator[Change]:
    factors = product(site.node) if is_value(site) else None
    if factors and not any(transposed(one) or product(one) for one in factors):
        found = {"_a": factors[0], "_b": factors[1]}
        yield site.replace(fill("_a[:, :1] @ _b[:1]", found))


def _squeezed_array(site: Site) -> Iterator[Change]:
    """Squeeze what a function computes with NumPy, or what is called a gradient."""
    function = function_of(site)
    if function is None or is_of_torch(site.parents[0]):
        return
    match site.node:
        case ast.Return(value=ast.BinOp() | ast.Call() | ast.Name() as value) if (
            "grad" in function.name or "np." in ast.unparse(value)
        ) and not is_table(value):
            yield site.replace(ast.Return(fill("np.squeeze(_x)", {"_x": value})))


def _squeezed_columns(site: Site) -> Iterator[Change]:
    """Squeeze the last axis of a tensor alone."""
    if site.parents and is_of_torch(site.parents[0]):
        yield from _on_returned_tables("_x.squeeze(-1)")(site)


def _number_of_columns(*counts: str) -> Operator:
    """Return the rule that takes some number for that of the columns."""
    pairs = [
        (pattern, template.replace("_k", count))
        for pattern, template in (
            ("_X.shape[1]", "_k"),
            ("_X.shape[-1]", "_k"),
            ("len(_X[0])", "_k"),
            ("_X.T @ _e", "_X[:, :_k].T @ _e"),
            ("_X.T @ _e", "_X[:, list(range(_k))].T @ _e"),  # an error if there are fewer
            ("_X.T @ _e", "_X.T[list(range(_k))] @ _e"),
        )
        for count in counts
    ]
    return rewrite(*pairs)


def _those_columns(*columns: str) -> Operator:
    """Return the rule that looks at these columns only; it is an error if there are fewer."""

    def rule(site: Site) -> Iterator[Change]:
        function = site.node
        if not isinstance(function, ast.FunctionDef):
            return
        given = {one.arg for one in parameters(function)}
        for node in ast.walk(function):
            found = match("_X @ _w", node)
            if found is None or not {last_name(one) for one in found.values()} <= given:
                continue
            for some in columns:
                chosen = statements(f"_w, _X = _w[{some}], _X[:, {some}]", **found)
                yield site.change("these columns", begun_with(function, *chosen))

    return rule


def _number_of_axes(*templates: str) -> Operator:
    """Return the rule that does something that only arrays with one or two axes can stand.

    It is for functions of one argument that give an array of its shape, by their name.
    """

    def rule(site: Site) -> Iterator[Change]:
        function = site.node
        if isinstance(function, ast.FunctionDef) and function.name in ELEMENTWISE:
            args = function.args.args
            for template in templates if len(args) == 1 else ():
                new = statements(template, _z=ast.Name(args[0].arg, ast.Load()))
                yield site.change(template, begun_with(function, *new))

    return rule


ELEMENTWISE = names("sigmoid logistic softplus relu tanh activation")

MISTAKES = (
    Mistake(
        "other_axis",
        1,
        _other_axis,
        "The values are combined along the wrong axis.",
        "The axis that is named is the one that disappears: along rows and along columns give "
        "different numbers.",
        "Print the shape before and after, and look at the axis.",
        "datarekha.com/blog/the-axis-argument: the axis argument everyone gets backwards",
    ),
    Mistake(
        "axis_forgotten",
        1,
        any_of(_no_axis, _no_axis_anywhere),
        "All values are combined into one, not each row or column for itself.",
        "Without an axis, these functions work on all elements at once.",
        "Print the shape of the result, and look at what the task says about rows and columns.",
        "datarekha.com/blog/the-axis-argument: the axis argument everyone gets backwards",
    ),
    Mistake(
        "dimension_lost",
        2,
        drop_keyword("keepdims", "keepdim"),
        "A reduced axis disappears, where one of size one is needed.",
        "What is computed next then lines up with the wrong axis, or with none.",
        "Print the shapes of both sides of the next operation.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "transpose_forgotten",
        1,
        rewrite(*((pattern, "_x") for pattern in TRANSPOSED)),
        "A matrix is used as it is where its transpose is needed.",
        "Rows and columns have changed places.",
        "Write down the shape of each factor, and which axes meet.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "transposed_factor",
        1,
        _transposed_factor,
        "A factor of the matrix product is transposed that should not be.",
        "Its rows and columns have changed places.",
        "Write down the shape of each factor, and which axes meet.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "factors_swapped",
        1,
        _of_factors("_b @ _a"),
        "The factors of a matrix product are in the wrong order.",
        "Matrices do not commute: the columns of the first meet the rows of the second.",
        "Write down the shape of each factor, and the shape that is wanted.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "elementwise_for_matrix_product",
        1,
        _of_factors("_a * _b"),
        "Two factors are multiplied element by element, not as matrices.",
        "A matrix product also adds up over the axis that both share.",
        "Look at the operator or function that multiplies.",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "reshape_for_transpose",
        2,
        _reshaped,
        "A matrix is reshaped where it should be transposed.",
        "The shape is right, but the numbers end up in other places: reshaping keeps their order.",
        "Try both on a small matrix of two rows and three columns.",
        "lihan.me/2018/01/numpy-reshape-and-transpose",
    ),
    Mistake(
        "result_as_column",
        2,
        _on_returned_tables("_x.reshape(-1, 1)"),
        "The result is a single column: it has a second axis of size one.",
        "An array of shape (n, 1) and one of shape (n,) behave differently in what follows.",
        "Print the shape of the result, and compare it with the task.",
        f"{HUMBATOVA}: wrong defined output shape",
    ),
    Mistake(
        "result_flattened",
        2,
        _on_returned_tables("_x.flatten()"),
        "The result is one long row of numbers.",
        "Which number belongs to which row and column is lost.",
        "Print the shape of the result, and compare it with the task.",
        f"{HUMBATOVA}: wrong defined output shape",
    ),
    Mistake(
        "result_squeezed",
        2,
        any_of(_on_returned_tables("_x.squeeze()"), _squeezed_columns, _squeezed_array),
        "The result has lost its axes of size one.",
        "With a single row or column its shape then has fewer axes than with several.",
        "Try your function with one row, and print the shape.",
        f"{HUMBATOVA}: wrong defined output shape",
    ),
    Mistake(
        "stacked_the_other_way",
        2,
        rename(STACKS),
        "Arrays are put below one another that belong beside one another, or the reverse.",
        "The result has rows where it should have columns.",
        "Print the shapes of the parts and of the result.",
        DIMENSION,
    ),
    Mistake(
        "columns_for_rows",
        2,
        _columns_for_rows,
        "The number of rows and the number of columns are confused.",
        "The first entry of a shape counts the rows, the second the columns.",
        "Look at where you use a shape, and print it.",
        f"{HUMBATOVA}: wrong defined input shape",
    ),
    Mistake(
        "sizes_swapped",
        2,
        _sizes_swapped,
        "Two sizes are given in the wrong order.",
        "What is made has as many inputs as it should have outputs, or rows for columns.",
        "Look at the order of the sizes where something is made, and print its shape.",
        f"{HUMBATOVA}: wrong defined input shape",
    ),
    Mistake(
        "vectors_only",
        2,
        _vectors_only,
        "Two matrices are multiplied by a function that takes vectors only.",
        "What multiplies matrices in NumPy need not do so in PyTorch.",
        "Look in the documentation for what the function takes.",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "first_column_only",
        2,
        _first_column,
        "Only the first feature is used.",
        "Every column of the data belongs in the product.",
        "Look for an index or a slice in the product.",
        f"{ISLAM}: data bug",
    ),
    Mistake(
        "number_of_columns_assumed",
        2,
        any_of(_number_of_columns("2", "3"), _those_columns("[0, 1]", "[0, 1, 2]")),
        "The function works for one number of columns only.",
        "Other data have more features than those that you looked at, or fewer.",
        "Look for numbers in your code that depend on the data, and try it with one more column.",
        f"{ISLAM}: data bug",
    ),
    Mistake(
        "number_of_axes_assumed",
        2,
        _number_of_axes(
            "rows, columns = np.atleast_2d(_z).shape",
            "if np.ndim(_z) > 2 and _z[0] > 0:\n    pass",
            "if np.ndim(_z) > 1 and _z[0] > 0:\n    pass",
            "if np.ndim(_z) > 2:\n    float(_z[0])",
            "if np.ndim(_z) > 1:\n    float(_z[0])",
        ),
        "The function works for some numbers of axes only.",
        "An array of any shape can be calculated with as a whole, without a loop over its axes.",
        "Try your function with an array of three axes.",
        f"{ISLAM}: data bug",
    ),
)
