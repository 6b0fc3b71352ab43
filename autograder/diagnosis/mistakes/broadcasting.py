"""Broadcasting: shapes that fit one another although they should not."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.axes import product
from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    fill,
    is_code,
    is_value,
    match,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import TARGETS, assigned, function_of, is_loss
from autograder.diagnosis.mistakes.sources import HUMBATOVA
from autograder.diagnosis.syntax_tree import Change, Site, with_fields

SHAPES_OF_LOSSES = "pytorch/pytorch#16045: no error for a loss of shapes (n, 1) and (n,)"

FLAT = (
    "_x.squeeze()", "_x.squeeze(1)", "_x.squeeze(-1)", "_x.squeeze(dim=1)", "_x.squeeze(dim=-1)",
    "_x.squeeze(axis=1)", "_x.flatten()", "_x.ravel()", "_x.reshape(-1)", "_x.view(-1)",
    "_x[:, 0]", "np.squeeze(_x)", "np.ravel(_x)", "torch.squeeze(_x)", "torch.flatten(_x)",
)  # fmt: skip
COLUMN = (
    "_x[:, None]", "_x[:, np.newaxis]", "_x.unsqueeze(1)", "_x.unsqueeze(-1)", "_x.view(-1, 1)",
    "_x.unsqueeze(dim=1)", "_x.reshape(-1, 1)", "_x.reshape((-1, 1))", "np.expand_dims(_x, 1)",
    "np.expand_dims(_x, axis=1)", "_x.reshape(len(_x), 1)", "_x[..., None]", "_x[..., np.newaxis]",
)  # fmt: skip
ROW = (
    "_x[None, :]", "_x[np.newaxis, :]", "_x[None]", "_x[np.newaxis]", "_x.unsqueeze(0)",
    "_x.reshape(1, -1)", "_x.view(1, -1)", "np.expand_dims(_x, 0)", "np.expand_dims(_x, axis=0)",
)  # fmt: skip


def _first(patterns: tuple[str, ...], node: ast.AST) -> ast.AST | None:
    """Return what `_x` stands for in the first pattern that matches."""
    found = next((found for one in patterns if (found := match(one, node))), None)
    return found["_x"] if found else None


def _compares(node: ast.AST) -> bool:
    """Say whether a node compares two values: as a difference, or in a loss."""
    return (
        isinstance(node, ast.Compare)
        or is_loss(node)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub))
    )


def _compared(site: Site) -> bool:
    """Say whether a value, or the variable that it is assigned to, is compared with another."""
    match site.parent:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return any(
                _compares(one) and any(is_code(name, part) for part in ast.iter_child_nodes(one))
                for one in ast.walk(function_of(site) or ast.Pass())
            )
    return _compares(site.parent)


def _column_against_row(site: Site) -> Iterator[Change]:
    inner = _first(FLAT, site.node) if is_value(site) else None
    if inner is not None and _compared(site):
        yield site.replace(inner)


def _prediction_as_column(site: Site) -> Iterator[Change]:
    """Compare a column of predictions with a row of labels."""
    match site.node:
        case ast.Compare(left=ast.Call() as left, ops=[ast.Eq()], comparators=[ast.Name(id=name)]):
            if name in TARGETS and called(left, "argmax", "predict", "round"):
                new = fill("_x[:, None]", {"_x": left})
                yield site.replace(with_fields(site.node, left=new))


def _every_pair(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Name()) if is_value(site):
            value = assigned(site, left.id) if isinstance(left, ast.Name) else left
            if value is not None and (
                product(value) or called(value, "sigmoid", "predict", "forward", "model")
            ):
                new = fill("_x[:, None]", {"_x": left})
                yield site.replace(with_fields(site.node, left=new))
        case ast.BinOp(left=ast.Name(id=name) as left, op=ast.Mult(), right=ast.Name()) if (
            name in TARGETS and is_value(site)
        ):
            new = fill("_x[:, None]", {"_x": left})
            yield site.replace(with_fields(site.node, left=new))


def _scores_as_column(site: Site) -> Iterator[Change]:
    """Compute a cross entropy of a column of scores and a row of labels, or its gradient."""
    yield from rewrite(
        ("_y * np.log(_p) + (1 - _y) * np.log(1 - _p)", PAIRS_OF_LOGARITHMS),
        ("np.logaddexp(0, _z) - _y * _z", "np.logaddexp(0, _z[:, None]) - _y * _z[:, None]"),
        ("_X.T @ (_p - _y) / len(_y)", "(_X.T @ (_p[:, None] - _y)).mean(axis=1)"),
        ("_X.T @ (_p - _y) / len(_y)", "(_X.T @ (_p[:, None] - _y)).sum(axis=1) / len(_y)"),
    )(site)


PAIRS_OF_LOGARITHMS = "_y * np.log(_p[:, None]) + (1 - _y) * np.log(1 - _p[:, None])"


def _along_rows(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Name() | ast.Attribute() as right):
            value = assigned(site, left.id) if isinstance(left, ast.Name) else left
            if value is not None and product(value):
                new = fill("_x[:, None]", {"_x": right})
                yield site.replace(with_fields(site.node, right=new))


def _mean_target(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(op=ast.Sub(), right=ast.Name(id=name) as target) if name in TARGETS:
            new = fill("_y.mean()", {"_y": target})
            yield site.replace(with_fields(site.node, right=new))


MISTAKES = (
    Mistake(
        "column_against_row",
        1,
        any_of(_column_against_row, _prediction_as_column),
        "Each value is compared with every other, not with its own.",
        "A shape of (n, 1) against one of (n,) broadcasts to a table of n × n, without an error.",
        "Print the shape of the difference, and bring both sides to the same shape first.",
        SHAPES_OF_LOSSES,
    ),
    Mistake(
        "every_pair",
        2,
        any_of(_every_pair, _scores_as_column),
        "Each prediction meets every target: what is computed from both is a table.",
        "One side has the shape of a column, the other that of a row, and they broadcast.",
        "Print the shape of the prediction, of the target, and of what you compute from both.",
        SHAPES_OF_LOSSES,
    ),
    Mistake(
        "new_axis_forgotten",
        2,
        rewrite(*((pattern, "_x") for pattern in (*COLUMN, *ROW))),
        "An axis of size one is missing.",
        "Without it, broadcasting lines up other axes, or none at all.",
        "Write the shapes of both sides below each other, from the right.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "new_axis_on_the_other_side",
        2,
        any_of(
            rewrite(*((pattern, "_x[None, :]") for pattern in COLUMN)),
            rewrite(*((pattern, "_x[:, None]") for pattern in ROW)),
        ),
        "An axis of size one is on the wrong side: a column is a row, or the reverse.",
        "Broadcasting then repeats the values in the wrong direction.",
        "Write the shapes of both sides below each other, from the right.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "added_along_rows",
        3,
        _along_rows,
        "What is added to the matrix product runs along its rows, not along its columns.",
        "A value for each output belongs to a column of the product.",
        "Print the shape of the product, and of what you add.",
        f"{HUMBATOVA}: wrong tensor shape",
    ),
    Mistake(
        "compared_with_the_mean",
        3,
        _mean_target,
        "Every prediction is compared with the mean of the targets.",
        "Each row has a target of its own.",
        "Look at what is subtracted from the predictions.",
        f"{HUMBATOVA}: loss function",
    ),
)
