"""Tables and plots: groups, missing values, indices, labels and axes of figures."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    drop_call,
    drop_keyword,
    fill,
    is_code,
    is_value,
    match,
    rename,
    root,
    same,
    subject,
)
from autograder.diagnosis.mistakes.reading import assigned
from autograder.diagnosis.mistakes.reductions import aggregated, in_aggregation
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

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
    yield from _instead_of_table("_t.reset_index()")(site)
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


def _zeros_left_out(site: Site) -> Iterator[Change]:
    found = match("_f.groupby(_k)[_c]", site.node) if is_value(site) else None
    if found is not None:
        yield site.replace(fill("_f[_f[_c] > 0].groupby(_k)[_c]", found))


def _distinct(site: Site) -> Iterator[Change]:
    """Count or average only different values of each group."""
    yield from aggregated("count", "nunique")(site)
    found = match("_f.groupby(_k)[_c]", site.node) if is_value(site) else None
    if found is not None:
        yield site.replace(fill("_f.drop_duplicates([_k, _c]).groupby(_k)[_c]", found))


def _not_sorted(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(attr="groupby")):
            off = ast.keyword("sort", ast.Constant(False))
            others = [k for k in site.node.keywords if k.arg != "sort"]
            yield site.replace(with_fields(site.node, keywords=[*others, off]))
    yield from drop_call("sort_values", "sort_index", "sorted")(site)


def _one_statistic(site: Site) -> Iterator[Change]:
    yield from _instead_of_table("_t.iloc[:, 0]", "_t.iloc[:, :1]")(site)
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


def _nothing_at_all(site: Site) -> Iterator[Change]:
    """Leave out all that is about a figure."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    left = [one for one in function.body if not _is_of_figure(one)]
    if left and len(left) < len(function.body):
        yield site.change("no figure", with_fields(function, body=left))


def _is_of_figure(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=function)) | ast.Assign(value=ast.Call(func=function)):
            return root(function) in ("plt", "ax", "axes", "fig")
    return False


def _drawn_as(name: str, *, heights_only: bool = False) -> Operator:
    """Return the rule that draws bars as something else."""

    def rule(site: Site) -> Iterator[Change]:
        call = _drawn(site)
        if call is not None and called(call, "bar"):
            args = call.args[1:2] if heights_only else call.args
            yield site.replace(with_fields(call, func=with_fields(call.func, attr=name), args=args))

    return rule


def _heights(*templates: str) -> Operator:
    """Return the rule that draws other heights, of the table `_t`, its column `_c` and frame."""

    def rule(site: Site) -> Iterator[Change]:
        call = _drawn(site)
        if call is not None and called(call, "bar"):
            for template in templates:
                new = [call.args[0], fill(template, {"_h": call.args[1]}), *call.args[2:]]
                yield site.replace(with_fields(call, args=new))

    return rule


def _by_height(site: Site) -> Iterator[Change]:
    """Draw bars in the order of their heights, where they should be in that of a table."""
    call = _drawn(site)
    if call is None or not called(call, "bar"):
        return
    names, column = match("_t.index", call.args[0]), match("_t[_c]", call.args[1])
    if names and column and same(names["_t"], column["_t"]):
        for order in ("", "ascending=False"):
            new = [fill(f"_t[_c].sort_values({order}){part}", column) for part in (".index", "")]
            yield site.replace(with_fields(call, args=[*new, *call.args[2:]]))


def _names_as_they_come(site: Site) -> Iterator[Change]:
    """Write the keys below bars in the order of the rows, where the bars are in that of a table."""
    call = _drawn(site)
    for node in ast.walk(site.parents[1]) if call is not None and len(site.parents) > 1 else ():
        found = match("_f.groupby(_k)", node)
        if call is not None and found is not None and called(call, "bar"):
            new = [fill("_f[_k].unique()", found), *call.args[1:]]
            yield site.replace(with_fields(call, args=new))


def _other_column(site: Site) -> Iterator[Change]:
    """Draw another column of a table than the one that is asked for."""
    call = _drawn(site)
    match call.args[1] if call is not None else None:
        case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=str(name))) as column:
            others = {
                one.value
                for parent in site.parents[:2]
                for aggregated in ast.walk(parent)
                if called(aggregated, "agg")
                for one in ast.walk(aggregated)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            for other in sorted(others - {name}):
                new = with_fields(column, slice=ast.Constant(other))
                assert call is not None
                yield site.replace(with_fields(call, args=[call.args[0], new, *call.args[2:]]))


def _all_columns_drawn(site: Site) -> Iterator[Change]:
    """Draw all columns of a table side by side, where one of them is asked for."""
    call = _drawn(site)
    if call is not None and called(call, "bar") and (found := match("_t[_c]", call.args[1])):
        yield site.replace(fill("_t.plot.bar(ax=plt.gca())", found))


def _rows_drawn(site: Site) -> Iterator[Change]:
    """Draw the rows of a frame, where those of a table of its groups are asked for."""
    call = _drawn(site)
    for parent in site.parents if call is not None else ():
        for one in ast.walk(parent) if isinstance(parent, ast.FunctionDef) else ():
            found = match("_f.groupby(_k)[_c]", one) if isinstance(one, ast.Subscript) else None
            if found:
                assert call is not None
                args = [fill("_f[_k]", found), fill("_f[_c]", found), *call.args[2:]]
                yield site.replace(with_fields(call, args=args))


def _in_another_figure(site: Site) -> Iterator[Change]:
    """Begin a new figure between what is drawn and its labels."""
    _, index = site.path[-1]
    if not index or not _label(site.node) or not ast.unparse(site.node).startswith("plt."):
        return
    if not _label(getattr(site.parent, site.field)[index - 1]):
        begun = ast.Expr(fill("plt.figure()", {}))
        yield site.change("another figure", [begun, site.node])


def _sorted_by_a_statistic(site: Site) -> Iterator[Change]:
    """Sort a table of groups by one of its columns, or a series by its values."""
    node = site.node
    if not isinstance(node, ast.Call) or not is_value(site) or not _grouped(node):
        return
    by: list[str] = []
    if called(node, "agg"):
        listed = [one for arg in node.args if isinstance(arg, ast.List) for one in arg.elts]
        names = [one.value for one in listed if isinstance(one, ast.Constant)]
        by = [f"{name!r}" for name in (*names, *(key.arg for key in node.keywords))]
    elif called(node, "mean", "median", "sum", "count", "size"):
        by = [""] if isinstance(subject(node), ast.Subscript) else []
    for name in by:
        for order in ("", "ascending=False"):
            given = ", ".join(filter(None, (name, order)))
            yield site.replace(fill(f"_t.sort_values({given})", {"_t": node}))


def _two_levels(site: Site) -> Iterator[Change]:
    """Choose a column for groups by what is aggregated of it, which gives names in two levels."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    inner = list(sites(function, site.path, site.parents))
    for one in inner:
        found = match("_f.groupby(_k)[_c].agg(_l)", one.node) if is_value(one) else None
        table = getattr(one.parent, "targets", [None])[0]
        if found and isinstance(found["_l"], ast.List) and isinstance(table, ast.Name):
            edits: Edits = {one.path: fill("_f.groupby(_k).agg({_c: _l})", found)}
            for other in inner:
                column = match(f"{table.id}[_n]", other.node) if is_value(other) else None
                if column and isinstance(column["_n"], ast.Constant):
                    edits[other.path] = fill(f"{table.id}[_c, _n]", {**found, **column})
            yield Change(f"line {one.line}: two levels", edits)


def _returned_table(site: Site) -> ast.expr | None:
    """Return the name of a table of groups that is returned."""
    match site.node:
        case ast.Return(value=ast.Name(id=name) as table):
            made = assigned(site, name)
            return table if made is not None and _grouped(made) else None
    return None


def _instead_of_table(*templates: str) -> Operator:
    """Return the rule that returns something else than a table of groups, `_t`."""

    def rule(site: Site) -> Iterator[Change]:
        table = _returned_table(site)
        for template in templates if table is not None else ():
            yield site.replace(ast.Return(fill(template, {"_t": table or site.node})))

    return rule


def _of_all_rows(template: str) -> Operator:
    """Return the rule that puts one number of all rows into a table of groups.

    In the template, `_a` is the table, `_f` the frame, `_k` the key and `_c` the column.
    """

    def rule(site: Site) -> Iterator[Change]:
        for pattern in ("_f.groupby(_k)[_c].agg(_l)",):
            found = match(pattern, site.node) if is_value(site) else None
            if found:
                yield site.replace(fill(template, {**found, "_a": site.node}))

    return rule


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
        "rows_sorted_by_a_statistic",
        2,
        _sorted_by_a_statistic,
        "The rows are in the order of a column, not in that of their names.",
        "Whoever goes by their position finds another one.",
        "Print the table, and compare the order of its rows with the task.",
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
        any_of(_not_drawn, _nothing_at_all),
        "Something that should be in the figure is not drawn.",
        "Labels alone make no figure.",
        "Look at the figure: what is missing?",
        PLOTS,
    ),
    Mistake(
        "other_column_drawn",
        2,
        _other_column,
        "Another column of the table is drawn than the one that is asked for.",
        "A label says what should be seen, not what is drawn.",
        "Compare the heights in the figure with the columns of the table.",
        PLOTS,
    ),
    Mistake(
        "all_columns_drawn",
        2,
        _all_columns_drawn,
        "All columns of the table are drawn, where one of them is asked for.",
        "Numbers that mean different things do not belong on one axis.",
        "Count the bars of each group in the figure.",
        PLOTS,
    ),
    Mistake(
        "line_for_bars",
        2,
        _drawn_as("plot"),
        "A line or points are drawn where bars are asked for.",
        "A line suggests that there is something between one group and the next.",
        "Look at the function that draws.",
        PLOTS,
    ),
    Mistake(
        "horizontal_bars",
        2,
        _drawn_as("barh"),
        "The bars are horizontal where they should stand upright.",
        "What the two axes show is exchanged, and their labels no longer fit.",
        "Look at the function that draws.",
        PLOTS,
    ),
    Mistake(
        "zeros_left_out",
        3,
        _zeros_left_out,
        "Rows with a zero are left out, as if the value were missing.",
        "A zero is a value like any other, and counts.",
        "Look at which rows are kept before the groups are made.",
        MISSING,
    ),
    Mistake(
        "histogram_for_bars",
        2,
        _drawn_as("hist", heights_only=True),
        "A histogram is drawn: its bars count values, where the values are asked for.",
        "A bar for each group is as high as its value.",
        "Compare the heights in the figure with the table.",
        PLOTS,
    ),
    Mistake(
        "bars_sorted_alone",
        2,
        any_of(_heights("sorted(_h)", "sorted(_h, reverse=True)"), _names_as_they_come),
        "The bars are in one order, and what stands below them in another.",
        "A bar then belongs to another group than its name says.",
        "Compare the heights in the figure with the table, group by group.",
        PLOTS,
    ),
    Mistake(
        "bars_by_height",
        2,
        _by_height,
        "The bars are in the order of their heights.",
        "Their order should be that of the table.",
        "Compare the figure with the table, group by group.",
        PLOTS,
    ),
    Mistake(
        "rows_drawn",
        2,
        _rows_drawn,
        "The rows of the data are drawn, not what was computed of their groups.",
        "Bars of the same group then stand one before the other.",
        "Look at what the drawing function is given.",
        PLOTS,
    ),
    Mistake(
        "labels_in_another_figure",
        2,
        _in_another_figure,
        "A new figure begins after something has been drawn.",
        "What comes later, such as labels, belongs to the new figure, which is empty.",
        "Look at the order in which you begin a figure, draw, and label.",
        PLOTS,
    ),
    Mistake(
        "figure_for_table",
        2,
        _instead_of_table("plt.gca()", "plt.gcf()"),
        "The figure is returned, not the table.",
        "The task asks for the numbers; the figure shows them in addition.",
        "Look at the last line: what does it give?",
        PLOTS,
    ),
    Mistake(
        "distinct_values_counted",
        2,
        _distinct,
        "Only different values are counted.",
        "A value that occurs twice then counts once.",
        "Try it with a group in which a value occurs twice.",
        MISSING,
    ),
    Mistake(
        "rows_of_all_groups_counted",
        2,
        _of_all_rows("_a.assign(count=len(_f))"),
        "Every group has the number of all rows.",
        "Each group has as many as belong to it.",
        "Add up the numbers of the groups.",
        GROUPS,
    ),
    Mistake(
        "mean_of_all_rows",
        2,
        _of_all_rows("_a.assign(mean=_f[_c].mean())"),
        "Every group has the mean of all rows.",
        "Each group has a mean of its own.",
        "Compare the groups with one another.",
        GROUPS,
    ),
    Mistake(
        "columns_in_two_levels",
        2,
        _two_levels,
        "The names of the columns are in two levels.",
        "Whoever looks for a column by one name does not find it.",
        "Print the columns of the table.",
        GROUPS,
    ),
    Mistake(
        "table_rounded",
        3,
        _of_all_rows("_a.round()"),
        "The numbers in the table are rounded.",
        "What is lost cannot be computed again.",
        "Print the table with more decimals.",
        GROUPS,
    ),
)
