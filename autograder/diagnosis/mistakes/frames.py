"""Tables and plots: groups, missing values, indices, labels and axes of figures."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    called,
    drop_call,
    drop_keyword,
    fill,
    is_code,
    is_value,
    rename,
)
from autograder.diagnosis.mistakes.reductions import aggregated, in_aggregation
from autograder.diagnosis.syntax_tree import Change, Site, with_fields

MISSING = "openillumi.com/pandas-groupby-size-count-diff-nan: size and count differ by NaN"
GROUPS = "pandas user guide, Group by: split-apply-combine"
PLOTS = "matplotlib, Quick start guide: parts of a figure"


def _grouped(node: ast.AST) -> bool:
    return any(called(one, "groupby") for one in ast.walk(node))


def _outermost(site: Site) -> ast.expr | None:
    """Return a table of groups that is returned."""
    value = site.node.value if isinstance(site.node, ast.Return) else None
    return value if value is not None and _grouped(value) else None


def _key_as_column(site: Site) -> Iterator[Change]:
    value = _outermost(site)
    if value is not None and not called(value, "reset_index"):
        yield site.replace(ast.Return(fill("_x.reset_index()", {"_x": value})))


def _key_as_index(site: Site) -> Iterator[Change]:
    yield from drop_call("reset_index")(site)
    yield from drop_keyword("as_index")(site)


def _missing_counted(site: Site) -> Iterator[Change]:
    yield from aggregated("count", "size")(site)
    match site.node:
        case ast.Call(func=ast.Attribute(attr="count") as method, args=[]):
            yield site.replace(with_fields(site.node, func=with_fields(method, attr="size")))


def _missing_kept(site: Site) -> Iterator[Change]:
    yield from drop_call("dropna")(site)
    yield from rename({"nanmean": "mean", "nanstd": "std", "nansum": "sum", "nanmax": "max"})(site)


def _missing_as_zero(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(value=owner, attr="groupby")):
            filled = fill("_x.fillna(0)", {"_x": owner})
            new = with_fields(site.node.func, value=filled)
            yield site.replace(with_fields(site.node, func=new))
        case ast.Call(func=ast.Attribute(value=owner, attr="dropna"), args=[]):
            yield site.replace(fill("_x.fillna(0)", {"_x": owner}))
        case ast.Constant(value="mean") if in_aggregation(site) and isinstance(
            site.parent, ast.List
        ):  # while the others are counted as they are
            yield site.replace(fill("('mean', lambda s: s.fillna(0).mean())", {}))
        case ast.Call(func=ast.Attribute(attr="fillna"), args=[value]) if not is_code("0", value):
            yield site.replace(with_fields(site.node, args=[ast.Constant(0)]))


def _not_sorted(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(attr="groupby")):
            off = ast.keyword("sort", ast.Constant(False))
            others = [k for k in site.node.keywords if k.arg != "sort"]
            yield site.replace(with_fields(site.node, keywords=[*others, off]))
    yield from drop_call("sort_values", "sort_index", "sorted")(site)


def _one_statistic(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(attr="agg"), args=[ast.List(elts=[first, _, *_])]):
            yield site.replace(with_fields(site.node, args=[first]))
        case ast.Call(func=ast.Attribute(attr="agg"), keywords=[first, _, *_], args=[]):
            yield site.replace(with_fields(site.node, keywords=[first]))


def _not_selected(site: Site) -> Iterator[Change]:
    """Aggregate groups without choosing a column."""
    if (
        is_value(site)
        and isinstance(site.node, ast.Subscript)
        and called(site.node.value, "groupby")
    ):
        yield site.replace(site.node.value)


def _more_statistics(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(value=owner, attr="agg"), args=[ast.List() as few]):
            yield site.replace(fill("_g.describe()", {"_g": owner}))
            for more in ("std", "min"):
                longer = with_fields(few, elts=[*few.elts, ast.Constant(more)])
                yield site.replace(with_fields(site.node, args=[longer]))


def _label(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and called(
        statement.value,
        "xlabel",
        "ylabel",
        "set_xlabel",
        "set_ylabel",
        "title",
        "set_title",
        "legend",
    )


def _no_label(site: Site) -> Iterator[Change]:
    if _label(site.node):
        yield site.drop()
    match site.node:
        case ast.FunctionDef(body=body) if sum(map(_label, body)) > 1:
            left = [statement for statement in body if not _label(statement)]
            yield site.change("no labels", with_fields(site.node, body=left or [ast.Pass()]))
    yield from _dropped_label(site)


def _dropped_label(site: Site) -> Iterator[Change]:
    if called(site.parent, "set", "plot"):
        yield from drop_keyword("xlabel", "ylabel")(site)


DRAWS = ("plot", "scatter", "bar", "step", "semilogy", "semilogx", "loglog", "errorbar")


def _drawn(site: Site) -> ast.Call | None:
    node = site.node
    if isinstance(node, ast.Call) and called(node, *DRAWS) and len(node.args) > 1:
        owner = ast.unparse(node.func).rpartition(".")[0]
        plain = not isinstance(node.args[1], ast.Constant | ast.Starred)
        return (
            node if plain and owner.rpartition(".")[2].startswith(("plt", "ax", "pyplot")) else None
        )
    return None


def _swapped_axes(site: Site) -> Iterator[Change]:
    call = _drawn(site)
    if call is not None:
        first, second, *rest = call.args
        yield site.replace(with_fields(call, args=[second, first, *rest]))


def _over_index(site: Site) -> Iterator[Change]:
    call = _drawn(site)
    if call is not None and called(call, "plot"):
        yield site.replace(with_fields(call, args=call.args[1:]))


def _points(site: Site) -> Iterator[Change]:
    call = _drawn(site)
    if call is not None and called(call, "plot"):
        yield from rename({"plot": "scatter"})(site)


def _not_drawn(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Expr(value=ast.Call() as call) if called(call, *DRAWS, "hist", "imshow"):
            yield site.drop()


MISTAKES = (
    Mistake(
        "missing_values_counted",
        1,
        _missing_counted,
        "Missing values are counted, too.",
        "How many rows there are is not how many of them have a value.",
        "Try it with a column in which a value is missing.",
        MISSING,
    ),
    Mistake(
        "missing_values_kept",
        2,
        _missing_kept,
        "Missing values are not left out.",
        "Most of what is computed from them is missing, too, or counts them.",
        "Print how many values are missing before and after.",
        "pandas user guide, Working with missing data",
    ),
    Mistake(
        "missing_values_as_zero",
        2,
        _missing_as_zero,
        "Missing values count as zero.",
        "A value that is not known pulls the mean down.",
        "Look for the place where missing values are filled.",
        "pandas user guide, Working with missing data",
    ),
    Mistake(
        "key_as_a_column",
        2,
        _key_as_column,
        "The key of the groups is a column, not the index.",
        "Rows are then named by numbers.",
        "Print the table: what stands on the left of each row?",
        GROUPS,
    ),
    Mistake(
        "key_as_the_index",
        2,
        _key_as_index,
        "The key of the groups is the index, not a column.",
        "A column of that name is missing.",
        "Print the table: what stands on the left of each row?",
        GROUPS,
    ),
    Mistake(
        "rows_not_sorted",
        2,
        _not_sorted,
        "The rows or values are in the order in which they occur, not sorted.",
        "Whoever goes by their position finds another one.",
        "Print the first few, and compare their order with the task.",
        GROUPS,
    ),
    Mistake(
        "one_statistic_of_several",
        2,
        _one_statistic,
        "The table has one statistic where several are asked for.",
        "The others are missing as columns.",
        "Compare the columns of the table with the task.",
        GROUPS,
    ),
    Mistake(
        "column_not_selected",
        2,
        _not_selected,
        "No column is selected before the groups are summarised.",
        "The table then has names of columns in two levels, or more columns than asked for.",
        "Print the columns of the table.",
        GROUPS,
    ),
    Mistake(
        "more_statistics",
        2,
        _more_statistics,
        "The table has more statistics than the task asks for.",
        "Whoever reads it expects those columns alone.",
        "Compare the columns of the table with the task.",
        GROUPS,
    ),
    Mistake(
        "label_forgotten",
        1,
        _no_label,
        "A label of the figure is missing.",
        "Nobody can tell what is drawn.",
        "Look at the figure: does each axis say what it shows?",
        PLOTS,
    ),
    Mistake(
        "axes_of_the_plot_swapped",
        1,
        _swapped_axes,
        "The two axes of the figure are swapped.",
        "What is given first runs from left to right, what is given second upwards.",
        "Look at the figure, and at the order of the arguments.",
        PLOTS,
    ),
    Mistake(
        "drawn_over_the_index",
        2,
        _over_index,
        "The values are drawn over their positions 0, 1, 2 and so on.",
        "The values of the other axis are not used.",
        "Look at the numbers below the figure.",
        PLOTS,
    ),
    Mistake(
        "points_for_a_line",
        2,
        _points,
        "Single points are drawn where a line is asked for.",
        "A line shows how one value leads to the next.",
        "Look at the function that draws.",
        PLOTS,
    ),
    Mistake(
        "nothing_drawn",
        1,
        _not_drawn,
        "Something that should be in the figure is not drawn.",
        "Labels alone make no figure.",
        "Look at the figure: what is missing?",
        PLOTS,
    ),
)
