"""Scaling and leakage: what a scaler has seen, what is scaled, and by what."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    everywhere,
    fill,
    is_value,
    match,
    names,
    rename,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import assigned, function_of, parameter_names, uses
from autograder.diagnosis.mistakes.sources import LEAKAGE, PITFALLS
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

TRAINING = ("X_train", "x_train", "train", "train_X", "Xtrain", "X_tr")
TESTING = ("X_test", "x_test", "test", "test_X", "Xtest", "X_te", "X_val", "X_valid")


def test_set(site: Site, name: str) -> str | None:
    """Return the name of the test set that goes with a training set, if both are used."""
    function = function_of(site)
    if name not in TRAINING or function is None:
        return None
    return next((other for other in TESTING if uses(function, other)), None) or next(
        (p.arg for p in function.args.args if p.arg in TESTING), None
    )


LEARNS = names("fit mean std min max median var")


def _both_sets(site: Site) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Name) or not is_value(site):
        return
    other = test_set(site, node.id)
    if other is None:
        return
    calls = (parent for parent in site.parents[-2:] if isinstance(parent, ast.Call))
    for call in calls:
        of_method = isinstance(call.func, ast.Attribute) and call.func.value is node
        if called(call, *LEARNS) and (of_method or node in call.args[:1]):
            yield site.replace(fill(f"np.concatenate([_x, {other}])", {"_x": node}))


EACH_FOLD_BY_ITSELF = (
    "np.array([_m[-1].fit(_m[0].fit_transform(_X[train]), _y[train])"
    ".score(_m[0].fit_transform(_X[test]), _y[test]) "
    "for train, test in StratifiedKFold(_c).split(_X, _y)])"
)


def _test_by_itself(site: Site) -> Iterator[Change]:
    node = site.node
    match node:
        case ast.Call(func=ast.Attribute(attr="transform"), args=[ast.Name(id=name)]) if (
            name in TESTING
        ):
            new = with_fields(node.func, attr="fit_transform")
            yield site.replace(with_fields(node, func=new))
    found = match("(_x - _m) / _s", node) if is_value(site) else None
    if found and isinstance(found["_x"], ast.Name) and found["_x"].id in TESTING:
        for template in ("(_x - _x.mean(axis=0)) / _s", "(_x - _m) / _x.std(axis=0)"):
            yield site.replace(fill(template, found))
    function = node if isinstance(node, ast.FunctionDef) else None
    if function is None:
        return
    train = next((name for name in TRAINING if uses(function, name)), None)
    test = next((name for name in TESTING if uses(function, name)), None)
    if train is None or test is None:
        return
    edits: Edits = {}
    learned = _learned(function, train)
    for one in sites(function, site.path, site.parents):
        match one.node:
            case ast.BinOp(left=left) if uses(left, test) and isinstance(one.node.op, ast.Div):
                new = _Substituted(learned, train, test).visit(_copy(one.node))
                if ast.unparse(new) != ast.unparse(one.node):
                    edits[one.path] = new
    if edits:
        yield Change(f"line {site.line}: the test set by itself", edits)


def _copy(node: ast.AST) -> ast.AST:
    return ast.parse(ast.unparse(node), mode="eval").body


def _learned(function: ast.FunctionDef, train: str) -> dict[str, ast.expr]:
    """Return what a function computes of the training set, by the names of the variables."""
    found: dict[str, ast.expr] = {}
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
            pairs = (
                list(zip(target.elts, value.elts, strict=False))
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            for name, one in pairs:
                if (
                    isinstance(name, ast.Name)
                    and called(one, "mean", "std", "min", "max")
                    and (uses(one, train))
                ):
                    found[name.id] = one
    return found


class _Substituted(ast.NodeTransformer):
    """Puts what was learned of the test set in the place of what was learned of training."""

    def __init__(self, learned: dict[str, ast.expr], train: str, test: str) -> None:
        self.learned, self.train, self.test = learned, train, test

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.learned:
            learned: ast.AST = self.visit(_copy(self.learned[node.id]))
            return learned
        return ast.Name(self.test, node.ctx) if node.id == self.train else node


def _not_scaled(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(attr="transform"), args=[ast.Name(id=name) as data]) if (
            name in TESTING
        ):
            yield from _as_it_was(site, data)
    found = match("(_x - _m) / _s", site.node) if is_value(site) else None
    if found is not None:
        data_set = found["_x"]
        if isinstance(data_set, ast.Name) and data_set.id in TESTING:
            yield from _as_it_was(site, data_set)


def _as_it_was(site: Site, data: ast.Name) -> Iterator[Change]:
    """Put data in the place of what they are scaled to, also scaled by a mean 0 and deviation 1."""
    yield site.replace(data)
    yield site.replace(fill("(_x - 0.0) / 1.0", {"_x": data}))


def _deviates(node: ast.AST) -> bool:
    text = ast.unparse(node).lower()
    return any(part in text for part in ("std", "sigma", "scale", "dev", "range", "max"))


def _centred(site: Site) -> dict[str, ast.AST] | None:
    found = match("(_x - _m) / _s", site.node) if is_value(site) else None
    return found if found and _deviates(found["_s"]) else None


def _standardised(template: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        if found := _centred(site):
            yield site.replace(fill(template, found))

    return rule


def _option_off(name: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        if isinstance(site.node, ast.Call) and called(site.node, "StandardScaler"):
            off = ast.keyword(name, ast.Constant(False))
            yield site.replace(with_fields(site.node, keywords=[*site.node.keywords, off]))

    return rule


def _mean_left(site: Site) -> Iterator[Change]:
    """Leave the mean where it is; before a model, as in a pipeline, that changes no prediction."""
    if not any(called(parent, "make_pipeline", "Pipeline") for parent in site.parents):
        yield from _option_off("with_mean")(site)


SCALERS = ("StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "PCA", "Normalizer")


def _not_in_pipeline(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(args=[first, *_]) if called(site.node, "make_pipeline") and called(
            first, *SCALERS
        ):
            yield site.replace(with_fields(site.node, args=site.node.args[1:]))
            if len(site.node.args) == 2:
                yield site.replace(site.node.args[1])
        case ast.Call(args=[ast.List(elts=[ast.Tuple(elts=[_, first]), *rest]) as steps]) if called(
            site.node, "Pipeline"
        ) and called(first, *SCALERS):
            yield site.replace(with_fields(site.node, args=[with_fields(steps, elts=rest)]))


def _scaled_before_folds(site: Site) -> Iterator[Change]:
    """Scale all rows at once, before cross-validation splits them."""
    node = site.node
    if not isinstance(node, ast.Call) or not called(node, "cross_val_score", "cross_validate"):
        return
    function = function_of(site)
    model = node.args[0] if node.args else None
    path_of_model = None
    if isinstance(model, ast.Name) and function is not None:
        made = assigned(site, model.id)
        where = (one.path for one in sites(site.parents[0]) if one.node is made)
        path_of_model, model = next(where, None), made or model
    match model:
        case ast.Call(args=[scaler, estimator]) if called(model, "make_pipeline") and called(
            scaler, *SCALERS
        ):
            data = fill("_s.fit_transform(_x)", {"_s": scaler, "_x": node.args[1]})
            first = node.args[0] if path_of_model else estimator
            edits: Edits = {site.path: with_fields(node, args=[first, data, *node.args[2:]])}
            if path_of_model:
                edits[path_of_model] = estimator
            yield Change(f"line {site.line}: scaled before the folds", edits)


BY_ROWS = "(_x - _x.mean(axis=1, keepdims=True)) / _x.std(axis=1, keepdims=True)"


def _in_place(site: Site) -> Iterator[Change]:
    """Let a scaler overwrite what it scales."""
    node = site.node
    if not isinstance(node, ast.Call) or not called(node, "StandardScaler", "MinMaxScaler"):
        return
    if not any(k.arg == "copy" for k in node.keywords):
        off = ast.keyword("copy", ast.Constant(False))
        yield site.replace(with_fields(node, keywords=[*node.keywords, off]))


def _cut_off(*bounds: float) -> Operator:
    """Return the rule that cuts off scaled values that lie beyond a bound."""

    def rule(site: Site) -> Iterator[Change]:
        if not isinstance(site.node, ast.Return) or not isinstance(site.node.value, ast.Tuple):
            return
        scaled = site.node.value.elts
        function = function_of(site) or ast.Pass()
        if any(
            called(one, "StandardScaler") or match("(_x - _m) / _s", one)
            for one in ast.walk(function)
        ):
            for bound in bounds:
                cut = [fill(f"np.clip(_x, -{bound}, {bound})", {"_x": one}) for one in scaled]
                yield site.replace(ast.Return(ast.Tuple(cut, ast.Load())))

    return rule


MODELS = names("model net network classifier")


def _scaled_again(*factors: str) -> Operator:
    """Return the rule that divides what a model gets, in each function that is given one."""

    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Name() as data], keywords=[]) if (
                name in MODELS and name in parameter_names(site)
            ):
                for factor in factors:
                    divided = fill(f"_x / {factor}", {"_x": data})
                    yield site.replace(with_fields(site.node, args=[divided]))

    return rule


def _target_left_in(site: Site) -> Iterator[Change]:
    yield from rewrite(
        ("_f.drop(columns=_c)", "_f"),
        ("_f.drop(_c, axis=1)", "_f"),
        ("_f.drop(_c, axis='columns')", "_f"),
        ("_f.drop(labels=_c, axis=1)", "_f"),
        ("_f.iloc[:, :-1]", "_f"),
        ("_a[:, :-1]", "_a"),
    )(site)


MISTAKES = (
    Mistake(
        "learned_from_the_test_set",
        1,
        any_of(
            _both_sets,
            rewrite(
                ("_s.transform(_x)", "_s.partial_fit(_x).transform(_x)"),
                where=lambda site, found: getattr(found["_x"], "id", "") in TESTING,
            ),
        ),
        "What is learned about the data comes from the training set and the test set together.",
        "The test set then no longer says how well the model does on data that it has not seen.",
        "Look at which rows the mean and the deviation are computed from.",
        f"{PITFALLS}: data leakage; {LEAKAGE}",
    ),
    Mistake(
        "test_set_scaled_by_itself",
        1,
        any_of(
            _test_by_itself, rewrite(("cross_val_score(_m, _X, _y, cv=_c)", EACH_FOLD_BY_ITSELF))
        ),
        "The test set is scaled by what is learned from the test set.",
        "The same value then means different things in both sets.",
        "Look at which rows the test set's mean and deviation come from.",
        f"{PITFALLS}: inconsistent preprocessing",
    ),
    Mistake(
        "test_set_not_scaled",
        1,
        _not_scaled,
        "The test set comes back as it was, while the training set is scaled.",
        "The model gets numbers of another size than those that it has learned from.",
        "Print what it is scaled by: of a set that is scaled already, these are 0 and 1.",
        f"{PITFALLS}: inconsistent preprocessing",
    ),
    Mistake(
        "scaler_left_out",
        1,
        _not_in_pipeline,
        "The features are not scaled before the model gets them.",
        "A feature of large numbers then counts more than one of small numbers.",
        "Look at the steps of the pipeline.",
        f"{PITFALLS}: inconsistent preprocessing",
    ),
    Mistake(
        "scaled_before_the_folds",
        1,
        _scaled_before_folds,
        "All rows are scaled together before they are split into folds.",
        "Each fold's test rows have then been seen by the scaler.",
        "Look at what happens to the data before cross-validation splits it.",
        f"{PITFALLS}: data leakage during pre-processing; {LEAKAGE}",
    ),
    Mistake(
        "mean_not_subtracted",
        2,
        any_of(_standardised("_x / _s"), _mean_left),
        "The values are divided by their spread, but not centred.",
        "Standardised values have a mean of zero.",
        "Print the mean of the result.",
        "scikit-learn user guide, Preprocessing data: standardization",
    ),
    Mistake(
        "outliers_cut_off",
        2,
        _cut_off(3, 2, 2.5, 1, 5),
        "Values that lie far from the mean are cut off.",
        "Scaling should change the unit of all values, and not the largest ones more.",
        "Look at what happens to a value that lies four deviations from the mean.",
        "scikit-learn user guide, Preprocessing data: scaling data with outliers",
    ),
    Mistake(
        "inputs_scaled_again",
        3,
        _scaled_again("16.0", "255.0"),
        "The inputs are scaled inside the function, although they may be scaled already.",
        "The model then sees other numbers than those that the function is given.",
        "Print the largest input before it goes into the model.",
        f"{PITFALLS}: inconsistent preprocessing",
    ),
    Mistake(
        "not_divided_by_the_deviation",
        2,
        any_of(_standardised("_x - _m"), _option_off("with_std")),
        "The values are centred, but not divided by their spread.",
        "Standardised values have a deviation of one.",
        "Print the deviation of the result.",
        "scikit-learn user guide, Preprocessing data: standardization",
    ),
    Mistake(
        "range_for_deviation",
        2,
        any_of(
            rename({"StandardScaler": "MinMaxScaler"}),
            rewrite(("StandardScaler()", "MinMaxScaler((-1, 1))")),
        ),
        "The values are scaled to a range, such as from 0 to 1, not to a deviation of one.",
        "Both are called scaling; they give different numbers.",
        "Look at the name of the scaler, and at what the task asks for.",
        "scikit-learn user guide, Preprocessing data",
    ),
    Mistake(
        "deviation_for_range",
        2,
        rename({"MinMaxScaler": "StandardScaler"}),
        "The values are scaled to a deviation of one, not to a range.",
        "Both are called scaling; they give different numbers.",
        "Look at the name of the scaler, and at what the task asks for.",
        "scikit-learn user guide, Preprocessing data",
    ),
    Mistake(
        "target_among_the_features",
        1,
        _target_left_in,
        "The features still contain the column that should be predicted, or another that must go.",
        "A model that sees the answer has nothing to learn.",
        "Print the columns of what the model gets.",
        f"{LEAKAGE}; {PITFALLS}: data leakage",
    ),
    Mistake(
        "other_scaler",
        2,
        any_of(
            rename({"StandardScaler": "RobustScaler"}),
            rename({"StandardScaler": "Normalizer"}),
            rename({"StandardScaler": "MaxAbsScaler"}),
        ),
        "The features are scaled in another way than by their mean and deviation.",
        "Each scaler learns something else from the data; results differ.",
        "Look at the name of the scaler, and at what the task asks for.",
        "scikit-learn user guide, Preprocessing data",
    ),
    Mistake(
        "each_row_for_itself",
        2,
        everywhere(
            ("_s.transform(_x)", BY_ROWS),
            ("(_x - _m) / _s", BY_ROWS),
        ),
        "Each row is scaled for itself, not each column.",
        "The values of a row have different units; those of a column can be compared.",
        "Look at the axis along which the mean and the deviation are computed.",
        "scikit-learn user guide, Preprocessing data: standardization",
    ),
    Mistake(
        "mean_deviation",
        2,
        rewrite(
            ("_x.std(axis=0)", "np.abs(_x - _x.mean(axis=0)).mean(axis=0)"),
            ("np.std(_x, axis=0)", "np.abs(_x - np.mean(_x, axis=0)).mean(axis=0)"),
            ("_x.std()", "np.abs(_x - _x.mean()).mean()"),
        ),
        "The spread is the mean of absolute differences, not the standard deviation.",
        "The standard deviation is the root of the mean of squares.",
        "Compare your code with the formula of the deviation.",
        "scikit-learn user guide, Preprocessing data: standardization",
    ),
    Mistake(
        "scaled_in_place",
        2,
        _in_place,
        "The arrays that the function is given are overwritten with the scaled ones.",
        "Whoever calls the function still needs them as they were.",
        "Look for operators and options that change an array in place.",
        "scikit-learn documentation, StandardScaler: copy",
    ),
)
