"""scikit-learn's fit, transform and predict: not fitted, on the wrong rows, in the wrong order."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    Found,
    any_of,
    called,
    fill,
    last_name,
    match,
    rename,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import function_of, has
from autograder.diagnosis.mistakes.scaling import SCALERS
from autograder.diagnosis.mistakes.sources import HUMBATOVA, PITFALLS
from autograder.diagnosis.mistakes.splits import PAIRS
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

STARTED = "scikit-learn, Getting started: fitting and predicting"
PIPELINES = "scikit-learn user guide, Pipelines and composite estimators"


def _not_fitted(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="fit"))):
            yield site.drop()
        case ast.Call(func=ast.Attribute(value=owner, attr="fit")) if not isinstance(
            site.parent, ast.Expr
        ):
            yield site.replace(owner)
        case ast.Call(func=ast.Attribute(attr="fit_transform") as method, args=[first, *_]):
            new = with_fields(method, attr="transform")
            yield site.replace(with_fields(site.node, func=new, args=[first]))


def _model_name(site: Site) -> ast.expr | None:
    """Return the fitted model that a function returns."""
    value = site.node.value if isinstance(site.node, ast.Return) else None
    function = function_of(site)
    if value is None or function is None:
        return None
    fits = [
        ast.unparse(one.func.value)
        for one in ast.walk(function)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr == "fit"
    ]
    if called(value, "fit") or ast.unparse(value) in fits:
        return value
    return None


def _predictions(site: Site) -> Iterator[Change]:
    model, function = _model_name(site), function_of(site)
    if model is not None and function is not None:
        data = next((a.arg for a in function.args.args if a.arg[:1] in ("X", "x")), None)
        if data is not None:
            found = {"_m": model, "_x": ast.Name(data, ast.Load())}
            yield site.replace(ast.Return(fill("_m.predict(_x)", found)))


def _model(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Return(value=ast.Call(func=ast.Attribute(value=owner, attr=name))) if name in (
            "predict", "transform", "fit_transform", "fit_predict", "predict_proba"
        ):  # fmt: skip
            yield site.replace(ast.Return(owner))
        case ast.Return(value=ast.Tuple(elts=[first, *_])) if called(
            first, "transform", "fit_transform"
        ):
            assert isinstance(first, ast.Call)
            assert isinstance(first.func, ast.Attribute)
            yield site.replace(ast.Return(first.func.value))


def _steps(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(args=[first, *middle, last]) if called(site.node, "make_pipeline"):
            swapped = [*middle, last, first] if middle else [last, first]
            yield site.replace(with_fields(site.node, args=swapped))
        case ast.Call(args=[ast.List(elts=[first, *middle, last]) as steps]) if called(
            site.node, "Pipeline"
        ):
            other = with_fields(steps, elts=[*middle, last, first])
            yield site.replace(with_fields(site.node, args=[other]))
        case ast.Call(
            args=[], keywords=[ast.keyword(arg="steps", value=ast.List(elts=[one, other]))]
        ):
            listed = ast.List([other, one], ast.Load())
            yield site.replace(with_fields(site.node, keywords=[ast.keyword("steps", listed)]))


def _no_labels(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Attribute(attr="fit"), args=[data, _]):
            yield site.replace(with_fields(site.node, args=[data]))


CLASSIFIERS = {
    "LogisticRegression": "LinearRegression",
    "SVC": "SVR",
    "LinearSVC": "LinearSVR",
    "RidgeClassifier": "Ridge",
    "SGDClassifier": "SGDRegressor",
}


def _regressor(site: Site) -> Iterator[Change]:
    name = last_name(site.node.func) if isinstance(site.node, ast.Call) else ""
    other = CLASSIFIERS.get(name) or (
        name.replace("Classifier", "Regressor") if name.endswith("Classifier") else None
    )
    if other is not None:
        yield from rename({name: other})(site)


FITTED = ("fit", "cross_val_score", "cross_validate")
OTHERS = ("KNeighborsClassifier", "DecisionTreeClassifier", "RandomForestClassifier", "SVC")


def _other_model(site: Site) -> Iterator[Change]:
    """Put another classifier into a model that is fitted or cross-validated."""
    name = last_name(site.node.func) if isinstance(site.node, ast.Call) else ""
    if name not in ("LogisticRegression", *OTHERS):
        return
    inner = list(ast.walk(function_of(site) or ast.Pass()))
    returned = any(isinstance(one, ast.Return) for one in inner)
    if returned and any(called(one, *FITTED) for one in inner):
        for other in OTHERS if name not in OTHERS else ("LogisticRegression",):
            yield site.replace(ast.Call(ast.Name(other, ast.Load()), [], []))


def _on_other_data(site: Site) -> Iterator[Change]:
    """Give a pipeline that scales what is scaled already."""
    match site.node:
        case ast.Call(func=ast.Attribute(attr="fit"), args=[ast.Name() as data, *labels]):
            pass
        case _:
            return
    function = function_of(site)
    inner = [*ast.walk(function or ast.Pass())]
    scaler = next((one for one in inner if called(one, *SCALERS)), None)
    makes = any(called(one, "make_pipeline", "Pipeline") for one in inner)
    if scaler is not None and makes:
        scaled = fill("_s.fit_transform(_x)", {"_s": scaler, "_x": data})
        yield site.replace(with_fields(site.node, args=[scaled, *labels]))


def _on_test_rows(site: Site) -> Iterator[Change]:
    training = {train: test for test, train in PAIRS.items()}
    function = function_of(site)
    match site.node:
        case ast.Call(func=ast.Attribute(attr="fit"), args=[ast.Name(id=X), *labels]) if (
            X in training and function is not None
        ):
            data = next((t for t, train in PAIRS.items() if train == X and has(function, t)), None)
            if data is None:
                return
            names: list[ast.expr] = [ast.Name(data, ast.Load())]
            for one in labels:
                target = data.replace("X", "y").replace("x", "y")
                names.append(ast.Name(target, ast.Load()) if isinstance(one, ast.Name) else one)
            if all(has(function, one.id) for one in names if isinstance(one, ast.Name)):
                yield site.replace(with_fields(site.node, args=names))


def _instead(*templates: str) -> Operator:
    """Return the rule that returns something else than the fitted model, `_m`."""

    def rule(site: Site) -> Iterator[Change]:
        model = _model_name(site)
        inner = ast.walk(function_of(site) or ast.Pass()) if model is not None else ()
        makes = any(called(one, "make_pipeline", "Pipeline") for one in inner)
        for template in templates if model is not None and makes else ():
            yield site.replace(ast.Return(fill(template, {"_m": model or site.node})))

    return rule


SETTINGS = {
    "LogisticRegression": (
        "C=0.01", "C=0.1", "C=10", "C=100", "class_weight='balanced'", "fit_intercept=False",
        "penalty=None",
    ),
    "KNeighborsClassifier": ("weights='distance'", "p=1", "metric='cosine'"),
}  # fmt: skip


def _other_settings(site: Site) -> Iterator[Change]:
    node = site.node
    name = last_name(node.func) if isinstance(node, ast.Call) else ""
    for setting in SETTINGS.get(name, ()):
        assert isinstance(node, ast.Call)
        call = fill(f"f({setting})", {})
        assert isinstance(call, ast.Call)
        known = {k.arg for k in node.keywords}
        if not known & {k.arg for k in call.keywords}:
            yield site.replace(with_fields(node, keywords=[*node.keywords, *call.keywords]))


PARTS = (
    "[*StratifiedKFold(5).split(_x, _y)][-1][0]",
    "[*KFold(5).split(_x)][-1][0]",
    "(np.abs((_x - _x.mean(axis=0)) / _x.std(axis=0)) < 3).all(axis=1)",
    "(np.abs((_x - _x.mean(axis=0)) / _x.std(axis=0)) < 2).all(axis=1)",
)
"""Rows that are left after a loop over folds, and after outliers are taken out."""


def _rows(chosen: str, data: Found) -> Iterator[ast.expr]:
    """Yield some rows of the data, and of the labels."""
    for name in ("_x", "_y"):
        yield fill(f"{name}[{chosen}]", data)


def _on_a_part(site: Site) -> Iterator[Change]:
    """Fit a model on a part of the rows that a function is given."""
    function = function_of(site)
    match site.node:
        case ast.Call(func=ast.Attribute(attr="fit"), args=[ast.Name() as X, ast.Name() as y]) if (
            function is not None and {X.id, y.id} <= {p.arg for p in function.args.args}
        ):
            for share in ("0.2", "0.25", "0.3"):
                for seed in ("0", "42"):
                    part = fill(
                        f"train_test_split(_x, _y, test_size={share}, random_state={seed})[::2]",
                        {"_x": X, "_y": y},
                    )
                    yield site.replace(with_fields(site.node, args=[ast.Starred(part, ast.Load())]))
            for rows in PARTS:
                found: Found = {"_x": X, "_y": y}
                yield site.replace(with_fields(site.node, args=[*_rows(rows, found)]))


def _scaled_outside(site: Site) -> Iterator[Change]:
    """Scale the data before a pipeline that does not scale gets them."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    inner = list(sites(function, site.path, site.parents))
    for one in inner:
        match one.node:
            case ast.Call(args=[scaler, *rest]) if (
                called(one.node, "make_pipeline") and called(scaler, *SCALERS) and rest
            ):
                edits: Edits = {one.path: with_fields(one.node, args=rest)}
            case _:
                continue
        for other in inner:
            match other.node:
                case ast.Call(func=ast.Attribute(attr="fit"), args=[ast.Name() as X, *_]):
                    data = fill("_s.fit_transform(_x)", {"_s": scaler, "_x": X})
                    edits[(*other.path, ("args", 0))] = data
        if len(edits) > 1:
            yield Change(f"line {one.line}: scaled outside", edits)


def _last_step_fitted(site: Site) -> Iterator[Change]:
    """Fit the model inside a pipeline, and not the steps before it."""
    found = match("_m.fit(_x, _y)", site.node)
    if found is None or not isinstance(site.parent, ast.Expr):
        return
    inner = ast.walk(function_of(site) or ast.Pass())
    scaler = next((one for one in inner if called(one, *SCALERS)), None)
    if scaler is not None:
        for data in ("_s.fit_transform(_x)", "_x"):
            yield site.replace(fill(f"_m[-1].fit({data}, _y)", found | {"_s": scaler}))


def _not_inverted(site: Site) -> Iterator[Change]:
    yield from rewrite(("_s.inverse_transform(_x)", "_x"))(site)


MISTAKES = (
    Mistake(
        "not_fitted",
        1,
        _not_fitted,
        "The estimator is not fitted.",
        "It has seen no data, and has learned nothing.",
        "Look at what happens between making the estimator and using it.",
        STARTED,
    ),
    Mistake(
        "predictions_for_the_model",
        2,
        _predictions,
        "Predictions are returned, not the fitted model.",
        "Whoever calls the function wants to predict for other rows, too.",
        "Look at the `return` line.",
        STARTED,
    ),
    Mistake(
        "model_for_its_result",
        2,
        _model,
        "The estimator is returned, not what it makes of the data.",
        "The task asks for numbers.",
        "Look at the `return` line.",
        STARTED,
    ),
    Mistake(
        "steps_swapped",
        2,
        _steps,
        "The steps of the pipeline are in the wrong order.",
        "Data go through them from first to last, and the model must be the last one.",
        "Read the steps aloud, in the order in which the data meet them.",
        PIPELINES,
    ),
    Mistake(
        "labels_not_given",
        2,
        _no_labels,
        "The model is fitted without labels.",
        "Supervised learning needs the right answers.",
        "Look at the arguments of the call that fits.",
        STARTED,
    ),
    Mistake(
        "regressor_for_classifier",
        2,
        _regressor,
        "A regression model is used where a classifier is asked for.",
        "It predicts any number, not a class.",
        "Look at the name of the estimator.",
        f"{HUMBATOVA}: wrong selection of model",
    ),
    Mistake(
        "other_model",
        2,
        _other_model,
        "Another kind of model is used than the task asks for.",
        "It may be as good, but it is not the same.",
        "Compare the name of the estimator with the task.",
        f"{HUMBATOVA}: wrong selection of model",
    ),
    Mistake(
        "fitted_on_other_data",
        2,
        any_of(
            _on_other_data,
            rewrite(("_m.fit(_x, y)", "_m.fit(_x, np.unique(y, return_inverse=True)[1])")),
        ),
        "The model is fitted on something else than the data that it is given.",
        "What it has learned then does not fit the data as they are, which it gets later.",
        "Look at what happens to the features, the labels and the rows before the fit.",
        f"{PITFALLS}: inconsistent preprocessing",
    ),
    Mistake(
        "fitted_on_the_test_set",
        2,
        _on_test_rows,
        "The model is fitted on the test set.",
        "Then no rows are left that it has not seen.",
        "Look at which rows the call that fits gets.",
        PITFALLS,
    ),
    Mistake(
        "not_transformed_back",
        3,
        _not_inverted,
        "The result is not transformed back.",
        "It is in the unit of the scaled data, not in that of the data.",
        "Print the mean of the result: is it about that of the data?",
        "scikit-learn user guide, Transforming the prediction target",
    ),
    Mistake(
        "last_step_for_the_pipeline",
        2,
        _instead("_m[-1]"),
        "The model inside the pipeline is returned, not the pipeline.",
        "It expects data that the steps before it have changed.",
        "Look at what the last line gives, and print its type.",
        PIPELINES,
    ),
    Mistake(
        "last_step_fitted_alone",
        2,
        _last_step_fitted,
        "Only the model inside the pipeline is fitted, not the steps before it.",
        "The pipeline cannot use steps that have learned nothing.",
        "Look at what the call that fits is a method of.",
        PIPELINES,
    ),
    Mistake(
        "steps_for_the_pipeline",
        2,
        _instead("_m[0], _m[-1]", "_m[-1], _m[0]"),
        "The steps are returned one by one, not as one pipeline.",
        "Whoever uses them has to put them together again, in the right order.",
        "Look at what the last line gives, and print its type.",
        PIPELINES,
    ),
    Mistake(
        "other_settings",
        2,
        _other_settings,
        "The model has other settings than the task asks for.",
        "It then learns something else from the same data.",
        "Look at the arguments with which the model is made.",
        f"{HUMBATOVA}: hyperparameters",
    ),
    Mistake(
        "fitted_on_a_part",
        2,
        _on_a_part,
        "The model is fitted on a part of the rows only.",
        "The task asks for all rows that the function is given.",
        "Look at which rows the model is fitted on.",
        STARTED,
    ),
    Mistake(
        "scaled_outside_the_pipeline",
        1,
        _scaled_outside,
        "The features are scaled before the pipeline gets them, and the pipeline does not scale.",
        "New data that the pipeline is given are then not scaled at all.",
        "Look at the steps of the pipeline, and at what happens before it.",
        f"{PITFALLS}: inconsistent preprocessing",
    ),
)
