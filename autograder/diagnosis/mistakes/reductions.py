"""Reductions and averages: the wrong one, over the wrong number, or in the wrong order."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    arguments,
    called,
    drop_keyword,
    fill,
    is_code,
    is_method,
    is_value,
    keyword,
    match,
    names,
    rename,
    renamed,
    rewrite,
    root,
    subject,
)
from autograder.diagnosis.mistakes.reading import (
    TARGETS,
    assigned,
    axis_of,
    counted,
    function_of,
    parameters,
    squares,
)
from autograder.diagnosis.mistakes.sources import (
    ALZAHRANI,
    DEEPCRIME,
    ETTLES,
    HUMBATOVA,
    ISLAM,
)
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

LOSSES = names(
    "mse_loss l1_loss cross_entropy nll_loss binary_cross_entropy smooth_l1_loss "
    "binary_cross_entropy_with_logits MSELoss L1Loss CrossEntropyLoss NLLLoss BCELoss "
    "BCEWithLogitsLoss"
)


def undivided(site: Site) -> Iterator[Change]:
    """Yield what is left of an average when the division by a count is forgotten."""
    match site.node:
        case ast.BinOp(left=left, op=ast.Div(), right=right) if counted(site, right) is not None:
            yield site.replace(left)
        case ast.BinOp(left=ast.BinOp(left=one, op=ast.Div(), right=count), op=ast.Mult()) if (
            counted(site, count) is not None
        ):
            new = site.node.right if is_code("1", one) else with_fields(site.node, left=one)
            yield site.replace(new)
        case ast.AugAssign(op=ast.Div(), value=count) if counted(site, count) is not None:
            yield site.drop()


def _reduced_by(name: str) -> Operator:
    """Return the rule that gives loss functions another `reduction`."""

    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Call() if called(site.node, *LOSSES):
                new = ast.keyword("reduction", ast.Constant(name))
                others = [k for k in site.node.keywords if k.arg != "reduction"]
                yield site.replace(with_fields(site.node, keywords=[*others, new]))

    return rule


def in_aggregation(site: Site) -> bool:
    """Say whether a site is a text in a call of pandas' `agg`."""
    return isinstance(site.node, ast.Constant) and any(
        called(parent, "agg", "aggregate", "pivot_table", "transform") for parent in site.parents
    )


def aggregated(old: str, new: str) -> Operator:
    """Return the rule that aggregates by another name in pandas, under the old name."""

    def rule(site: Site) -> Iterator[Change]:
        if in_aggregation(site) and is_code(repr(old), site.node):
            listed = isinstance(site.parent, ast.List)
            names: list[ast.expr] = [ast.Constant(old), ast.Constant(new)]
            yield site.replace(ast.Tuple(names, ast.Load()) if listed else names[1])

    return rule


def _divided_again(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(op=ast.Div(), right=count) if counted(site, count) is not None:
            yield site.replace(ast.BinOp(site.node, ast.Div(), count))
        case ast.Call() if called(site.node, "mean", "average") and not site.node.keywords:
            values = subject(site.node)
            if values is not None and not arguments(site.node):
                yield site.replace(fill("_m / len(_x)", {"_m": site.node, "_x": values}))


def _one_less(site: Site) -> Iterator[Change]:
    """Divide by one less than the number of values."""
    match site.node:
        case ast.BinOp(op=ast.Div(), right=count) if counted(site, count) is not None:
            yield site.replace(with_fields(site.node, right=fill("_n - 1", {"_n": count})))
    for mean, values in _plain_means(site):
        yield site.replace(fill("_m * len(_x) / (len(_x) - 1)", {"_m": mean, "_x": values}))


def _plain_means(site: Site) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield a mean over all values with its values, or with the labels that count its rows."""
    node = site.node
    if isinstance(node, ast.Call) and called(node, "mean", "average") and not node.keywords:
        values = subject(node)
        labels = [p.arg for p in parameters(function_of(site)) if p.arg in TARGETS]
        if values is not None and not arguments(node) and labels:
            yield node, ast.Name(labels[0], ast.Load())


def _sum_over_columns(site: Site) -> Iterator[Change]:
    """Divide a sum over rows by the number of columns, where a mean is asked for."""
    tables = [p.arg for p in parameters(function_of(site)) if p.arg[:1] == "X"]
    for mean, values in _plain_means(site) if tables else ():
        found = {"_m": mean, "_y": values, "_x": ast.Name(tables[0], ast.Load())}
        yield site.replace(fill("_m * len(_y) / _x.shape[1]", found))


def _of_each_label(site: Site) -> Iterator[Change]:
    """Average the means of each class, not all rows."""
    function = function_of(site)
    for mean, labels in _plain_means(site):
        values = subject(mean) if isinstance(mean, ast.Call) else None
        if function is not None and "loss" in function.name and values is not None:
            for template in (
                "np.mean([np.mean((_v)[_y == c]) for c in np.unique(_y)])",
                "(np.mean((_v)[_y == 0]) + np.mean((_v)[_y == 1])) / 2",
            ):
                yield site.replace(fill(template, {"_v": values, "_y": labels}))


def _divided_by_columns(site: Site) -> Iterator[Change]:
    divisor = site.node.right if isinstance(site.node, ast.BinOp) else None
    if not isinstance(site.node, ast.BinOp) or not isinstance(site.node.op, ast.Div):
        return
    rows = counted(site, divisor) if divisor is not None else None
    tables = [p.arg for p in parameters(function_of(site)) if p.arg[:1].isupper()]
    if isinstance(rows, ast.Name):
        name = rows.id if rows.id in tables or not tables else tables[0]
        columns = fill("_x.shape[1]", {"_x": ast.Name(name, ast.Load())})
        yield site.replace(with_fields(site.node, right=columns))


def average_of_squares(site: Site) -> bool:
    """Say whether a site is a mean of squares, or a sum of them divided by their number."""
    node = site.node
    if not is_value(site):
        return False
    if called(node, "mean", "average", "mse_loss", "MSELoss", "mean_squared_error"):
        return squares(node)
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=count):
            return counted(site, count) is not None and squares(left)
    return False


def _average_of_a_loss(site: Site) -> bool:
    """Say whether a site is a mean in a function that is named after a loss."""
    if not called(site.node, "mean", "average"):
        return False
    function = function_of(site)
    named = function is not None and any(w in function.name for w in ("loss", "cost", "entropy"))
    return named and not any(called(parent, "mean", "average") for parent in site.parents)


def _on_averages(template: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        found = average_of_squares(site) or _average_of_a_loss(site)
        if found and not called(site.node, "MSELoss"):
            yield site.replace(fill(template, {"_x": site.node}))

    return rule


def _rooted(site: Site) -> Iterator[Change]:
    if average_of_squares(site):
        names = {name.id for name in ast.walk(site.parents[0]) if isinstance(name, ast.Name)}
        in_numpy = "np" in names and not called(site.node, "mse_loss", "MSELoss")
        yield site.replace(fill("np.sqrt(_x)" if in_numpy else "_x ** 0.5", {"_x": site.node}))


def _in_an_average(site: Site, found: object) -> bool:
    return (
        any(called(parent, "mean", "sum", "average") for parent in site.parents)
        or any(
            isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div)
            for parent in site.parents
        )
        or any(isinstance(parent, ast.Assign) for parent in site.parents)
    )


def _squared_late(site: Site) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Call) or not called(node, "mean", "average", "sum"):
        return
    values = subject(node)
    found = values is not None and (match("_e ** 2", values) or match("np.square(_e)", values))
    if found:
        inner = (
            with_fields(node, func=with_fields(node.func, value=found["_e"]))
            if is_method(node)
            else with_fields(node, args=[found["_e"], *node.args[1:]])
        )
        yield site.replace(fill("_x ** 2", {"_x": inner}))


def _with_keyword(call: ast.Call, name: str, value: int) -> ast.Call:
    others = [k for k in call.keywords if k.arg != name]
    new: ast.Call = with_fields(call, keywords=[*others, ast.keyword(name, ast.Constant(value))])
    return new


def _is_torch(node: ast.Call) -> bool:
    return root(node.func) == "torch" or keyword(node, "dim", "unbiased", "correction") is not None


def _sample(site: Site) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Call) or not called(node, "std", "var", "nanstd", "cov"):
        return
    if keyword(node, "unbiased", "correction") is not None:
        kept = [k for k in node.keywords if k.arg not in ("unbiased", "correction")]
        yield site.replace(with_fields(node, keywords=kept))
    elif not _is_torch(node):
        given = keyword(node, "ddof")
        if given is None or is_code("0", given.value):
            yield site.replace(_with_keyword(node, "ddof", 1))


def _population(site: Site) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Call) or not called(node, "std", "var", "nanstd"):
        return
    given = keyword(node, "ddof")
    if given is not None and is_code("1", given.value):
        yield site.replace(_with_keyword(node, "ddof", 0))
    elif _is_torch(node) and keyword(node, "unbiased", "correction") is None:
        yield site.replace(_with_keyword(node, "unbiased", False))


def _mean_of_batches(site: Site) -> Iterator[Change]:
    """Count batches where a total of weighted losses is divided by a number of rows."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    edits: Edits = {}
    totals = set()
    inner = list(sites(function, site.path, site.parents))
    for one in inner:
        found = isinstance(one.node, ast.AugAssign) and isinstance(one.node.op, ast.Add)
        if not found or not any(isinstance(p, ast.For) for p in one.parents):
            continue
        assert isinstance(one.node, ast.AugAssign)
        match one.node.value:
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                counts = [counted(one, side) is not None for side in (left, right)]
                if sum(counts) == 1:
                    totals.add(ast.unparse(one.node.target))
                    edits[one.path] = with_fields(one.node, value=right if counts[0] else left)
    for one in inner:
        match one.node:
            case ast.AugAssign(target=ast.Name(), op=ast.Add(), value=count) if (
                counted(one, count) is not None and totals
            ):
                edits[one.path] = with_fields(one.node, value=ast.Constant(1))
            case ast.BinOp(left=total, op=ast.Div(), right=count) if ast.unparse(total) in totals:
                found_loader = match("len(_x.dataset)", count)
                if found_loader:
                    edits[one.path] = with_fields(one.node, right=fill("len(_x)", found_loader))
    if totals and len(edits) > 1:
        yield Change(f"line {site.line}: a mean of batches", edits)


def _value_for_index(site: Site) -> Iterator[Change]:
    node = site.node
    for index, value in (("argmax", "max"), ("argmin", "min")):
        if isinstance(node, ast.Call) and called(node, index):
            new = with_fields(node, func=renamed(node.func, value))
            along = axis_of(node, arguments(node))
            torch_like = keyword(node, "dim") is not None or root(node.func) == "torch"
            if torch_like and along is not None:
                new = ast.Attribute(new, "values", ast.Load())
            yield site.replace(new)
            if isinstance(site.parent, ast.Compare) and site.field == "left":
                yield site.replace(fill("_x.round()", {"_x": new}))
                whole = Site(site.parent, site.path[:-1], site.parents[:-1])
                yield whole.replace(new)


def _not_reduced(site: Site) -> Iterator[Change]:
    if isinstance(site.node, ast.Call) and called(site.node, "mean", "sum", "average"):
        values = subject(site.node)
        outside = not any(called(parent, "mean", "sum", "average") for parent in site.parents)
        entry = isinstance(site.parent, ast.Dict) and isinstance(values, ast.Name)
        computed = not isinstance(values, ast.Name | ast.GeneratorExp)
        if values is not None and outside and (computed or entry):
            yield site.replace(values)
    yield from rewrite(
        ("_x.mean().item()", "_x"), ("_x.sum().item()", "_x"), ("float(_x.mean())", "_x"),
        ("float(np.mean(_x))", "_x"), ("torch.mean(_x).item()", "_x"),
    )(site)  # fmt: skip
    yield from _reduced_by("none")(site)


def _product_of_means(site: Site) -> Iterator[Change]:
    """Multiply means where the mean of products is asked for."""
    yield from rewrite(
        ("np.mean(_a * _b)", "np.mean(_a) * np.mean(_b)"),
        ("(_a * _b).mean()", "_a.mean() * _b.mean()"),
        ("torch.mean(_a * _b)", "torch.mean(_a) * torch.mean(_b)"),
    )(site)
    for pattern in ("_x.T @ _e / _n", "_x.T.dot(_e) / _n", "1 / _n * _x.T @ _e"):
        found = match(pattern, site.node) if is_value(site) else None
        if found and counted(site, found["_n"]) is not None:
            yield site.replace(fill("_x.mean(axis=0) * (_e).mean()", found))


OF_EACH_CLASS = "np.mean([(_a == _y)[_y == c].mean() for c in np.unique(_y)])"
OF_EACH_CLASS_IN_TORCH = (
    "torch.stack([(_a == _y)[_y == c].float().mean() for c in _y.unique()]).mean()"
)


def _over_classes(site: Site) -> Iterator[Change]:
    yield from rewrite(
        ("(_a == _y).float().mean()", OF_EACH_CLASS_IN_TORCH),
        *((one, OF_EACH_CLASS) for one in ("(_a == _y).mean()", "np.mean(_a == _y)")),
        ("accuracy_score(_y, _a)", OF_EACH_CLASS),
    )(site)


def _one_fold(site: Site) -> Iterator[Change]:
    """Look at one fold where the mean over all of them is asked for."""
    node = site.node
    if isinstance(node, ast.Call) and called(node, "mean") and not arguments(node):
        scores = subject(node)
        made = assigned(site, scores.id) if isinstance(scores, ast.Name) else scores
        if called(made or node, "cross_val_score"):
            for name in ("max", "min"):
                yield site.replace(fill(f"_x.{name}()", {"_x": scores or node}))
            for place in ("0", "-1"):
                yield site.replace(fill(f"_x[{place}]", {"_x": scores or node}))


def _pooled(site: Site) -> Iterator[Change]:
    """Take the share of right predictions in all folds together, not the mean of the shares."""
    node = site.node
    scores = subject(node) if isinstance(node, ast.Call) and called(node, "mean") else None
    made = assigned(site, scores.id) if isinstance(scores, ast.Name) else scores
    match made:
        case ast.Call(args=[_, _, y]) if called(made, "cross_val_score"):
            name = ast.Name("cross_val_predict", ast.Load())
            found = {"_p": with_fields(made, func=name), "_y": y}
            yield site.replace(fill("(_p == _y).mean()", found))


def _median(site: Site) -> Iterator[Change]:
    found = match("_s.mean()", site.node) if is_value(site) else None
    if found and "score" in ast.unparse(found["_s"]):
        yield site.replace(fill("np.median(_s)", found))
    if isinstance(site.node, ast.Call) and not is_method(site.node):
        yield from rename({"mean": "median", "nanmean": "nanmedian"})(site)


def _without_key(site: Site) -> Iterator[Change]:
    if called(site.parent, "max", "min", "sorted"):
        yield from drop_keyword("key")(site)


MISTAKES = (
    Mistake(
        "not_reduced",
        1,
        _not_reduced,
        "The result has a value for each row or element, where one number is asked for.",
        "The values are computed, but neither added up nor averaged.",
        "Print the shape of the result, and look at the formula.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "key_forgotten",
        2,
        _without_key,
        "The largest or smallest candidate is chosen, not the one with the best score.",
        "Without a key, candidates are compared with one another, whatever their scores.",
        "Look at the arguments of the function that chooses.",
        ETTLES,
    ),
    Mistake(
        "sum_for_mean",
        1,
        any_of(
            rename({"mean": "sum", "average": "sum", "nanmean": "nansum"}),
            undivided,
            _reduced_by("sum"),
            aggregated("mean", "sum"),
        ),
        "The values are added up, not averaged.",
        "A sum grows with the number of values; a mean does not.",
        "Look at the formula: is there a division by the number of values?",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "mean_for_sum",
        2,
        any_of(rename({"sum": "mean", "nansum": "nanmean"}), aggregated("sum", "mean")),
        "The values are averaged, not added up.",
        "A mean does not grow with the number of values; the sum that is asked for does.",
        "Look at the formula: is there a division by the number of values?",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "mean_of_batch_means",
        1,
        _mean_of_batches,
        "The result is a mean over batches, not over rows.",
        "A last batch with fewer rows then counts as much as a full one.",
        "Look at how the losses of the batches are added up, and at what they are divided by.",
        "udacity/deep-learning-v2-pytorch#74 and dnouri/nolearn#247",
    ),
    Mistake(
        "divided_by_columns",
        2,
        any_of(_divided_by_columns, _sum_over_columns),
        "A sum over rows is divided by the number of columns.",
        "The mean over rows needs the number of rows.",
        "Look at what you divide by, and print it.",
        f"{ISLAM}: data bug",
    ),
    Mistake(
        "divided_twice",
        2,
        _divided_again,
        "The result is divided by the number of values twice.",
        "A mean is divided by that number already.",
        "Look for a division that follows a mean, or for a second one.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "divided_by_one_less",
        2,
        _one_less,
        "A sum is divided by one less than the number of values.",
        "That belongs to the deviation of a sample; a mean is divided by their number.",
        "Look at what you divide by, and try it with two values.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "half_of_the_mean",
        1,
        _on_averages("_x / 2"),
        "The mean is halved.",
        "Some books put a ½ before a mean of squares, which makes its derivative shorter; this "
        "task does not.",
        "Look for a factor before the mean.",
        "42-AI/bootcamp_machine-learning#63 and bfortuner/ml-glossary#144",
    ),
    Mistake(
        "root_of_the_mean_square",
        2,
        _rooted,
        "The result is the root of the mean of the squares.",
        "That has the unit of the values; the mean of their squares does not.",
        "Look for a square root that is not in the formula.",
        f"{DEEPCRIME}: change loss function",
    ),
    Mistake(
        "root_forgotten",
        2,
        any_of(
            rewrite(("_x ** 0.5", "_x"), ("_x ** (1 / 2)", "_x")),
            rewrite(("np.sqrt(_x)", "_x"), ("math.sqrt(_x)", "_x"), ("torch.sqrt(_x)", "_x")),
            rewrite(("_x.sqrt()", "_x"), ("sqrt(_x)", "_x")),
        ),
        "No square root is taken.",
        "What is under the root is right only where it is zero or one.",
        "Compare your code with the formula: where does its root end up?",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "absolute_for_square",
        2,
        any_of(
            rewrite(("_x ** 2", "abs(_x)"), ("np.square(_x)", "np.abs(_x)"), where=_in_an_average),
            rewrite(("_x.pow(2)", "_x.abs()"), ("torch.square(_x)", "torch.abs(_x)")),
            rename({"mse_loss": "l1_loss", "MSELoss": "L1Loss"}),
        ),
        "Absolute values are taken where squares are asked for.",
        "A square makes large errors count more than small ones; an absolute value does not.",
        "Compare your code with the formula: what is done with each error?",
        f"{DEEPCRIME}: change loss function",
    ),
    Mistake(
        "not_squared",
        2,
        any_of(
            rewrite(("_x ** 2", "_x"), ("np.square(_x)", "_x"), where=_in_an_average),
            rewrite(("_x.pow(2)", "_x"), ("torch.square(_x)", "_x")),
        ),
        "The values are not squared.",
        "Positive and negative errors then cancel.",
        "Compare your code with the formula: what is done with each error?",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "squared_after_the_reduction",
        2,
        _squared_late,
        "The values are reduced first and squared afterwards.",
        "Positive and negative values cancel before they are squared.",
        "Look at the order of the two operations.",
        ETTLES,
    ),
    Mistake(
        "sample_deviation",
        1,
        _sample,
        "The deviation is that of a sample: it is divided by one less than the number of values.",
        "NumPy, pandas and PyTorch have different defaults here; the task says which one it wants.",
        "Look at the arguments of the function that computes the deviation.",
        "pytorch/pytorch#1082: std and var are not the same as NumPy's",
    ),
    Mistake(
        "population_deviation",
        2,
        _population,
        "The deviation is the population's: it is divided by the number of values.",
        "NumPy, pandas and PyTorch have different defaults here; the task says which one it wants.",
        "Look at the arguments of the function that computes the deviation.",
        "pytorch/pytorch#1082: std and var are not the same as NumPy's",
    ),
    Mistake(
        "variance_for_deviation",
        2,
        any_of(
            rename({"std": "var", "nanstd": "nanvar"}, attributes=False), aggregated("std", "var")
        ),
        "The variance is used where the standard deviation is asked for.",
        "The standard deviation is the root of the variance and has the unit of the values.",
        "Look at the function that computes the deviation.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "deviation_for_variance",
        3,
        any_of(rename({"var": "std", "nanvar": "nanstd"}), aggregated("var", "std")),
        "The standard deviation is used where the variance is asked for.",
        "The standard deviation is the root of the variance.",
        "Look at the function that computes the spread.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "median_for_mean",
        3,
        any_of(_median, aggregated("mean", "median")),
        "The median is taken where the mean is asked for.",
        "They agree only where the values lie symmetrically.",
        "Look at the function that reduces the values.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "smallest_for_largest",
        2,
        rename(
            {"max": "min", "argmax": "argmin", "amax": "amin", "idxmax": "idxmin"}
            | {"nlargest": "nsmallest", "maximum": "minimum"}
        ),
        "The smallest is taken where the largest is asked for.",
        "Whether large or small is good depends on what is measured.",
        "Look at the function that chooses.",
        ETTLES,
    ),
    Mistake(
        "largest_for_smallest",
        2,
        rename(
            {"min": "max", "argmin": "argmax", "amin": "amax", "idxmin": "idxmax"}
            | {"nsmallest": "nlargest", "minimum": "maximum"}
        ),
        "The largest is taken where the smallest is asked for.",
        "Whether large or small is good depends on what is measured.",
        "Look at the function that chooses.",
        ETTLES,
    ),
    Mistake(
        "product_of_means",
        2,
        _product_of_means,
        "Two means are multiplied, where the mean of the products is asked for.",
        "Which value goes together with which other one is lost in the two means.",
        "Look at the order of the product and the mean.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "mean_over_classes",
        3,
        any_of(_over_classes, _of_each_label),
        "Each class counts the same, however many rows it has.",
        "A mean over all rows is another number than the mean of what the classes have.",
        "Look at what the mean is taken over.",
        "scikit-learn user guide, Metrics and scoring: balanced accuracy",
    ),
    Mistake(
        "one_fold_for_all",
        2,
        _one_fold,
        "A single fold decides, not the mean over all folds.",
        "One fold may be easy or hard by chance.",
        "Look at what you make of the scores of the folds.",
        "scikit-learn user guide, Cross-validation: computing cross-validated metrics",
    ),
    Mistake(
        "pooled_over_the_folds",
        2,
        _pooled,
        "The predictions of all folds are put together before they are scored.",
        "That is the mean over all rows, and not the mean of the folds' scores.",
        "Look at what is computed for each fold, and what for all of them.",
        "scikit-learn user guide, Cross-validation: obtaining predictions by cross-validation",
    ),
    Mistake(
        "value_for_index",
        1,
        _value_for_index,
        "The largest or smallest value itself is taken, not its position.",
        "A class or a choice is a position among the values.",
        "Look at what the function that chooses gives back: a value or an index.",
        f"{HUMBATOVA}: wrong API usage",
    ),
    Mistake(
        "standard_error_for_deviation",
        2,
        rewrite(
            ("_s.std()", "_s.std() / len(_s) ** 0.5"),
            ("np.std(_s)", "np.std(_s) / len(_s) ** 0.5"),
            ("_s.std(ddof=_d)", "_s.std(ddof=_d) / len(_s) ** 0.5"),
        ),
        "The deviation is divided by the root of the number of values: a standard error.",
        "That says how sure a mean is, not how much the values differ.",
        "Look at what you divide by, and try it with twice as many values.",
        f"{ALZAHRANI}: computation errors",
    ),
)
