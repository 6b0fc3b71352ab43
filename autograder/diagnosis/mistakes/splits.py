"""Splits, folds and metrics: what is scored, on which rows, and how the score is read."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    called,
    drop_keyword,
    fill,
    is_value,
    last_name,
    names,
    rename,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import counted, function_of, has, parameters
from autograder.diagnosis.mistakes.sources import LEAKAGE, PITFALLS
from autograder.diagnosis.syntax_tree import Change, Edits, Site, sites, with_fields

SWAPPED = (
    "voyazici/orderless-rnn-classification#5: precision and recall with swapped arguments, and "
    "scikit-learn/scikit-learn#15279"
)
METRICS = "scikit-learn user guide, Metrics and scoring"

PAIRS = {
    "X_test": "X_train", "y_test": "y_train", "x_test": "x_train", "X_val": "X_train",
    "y_val": "y_train", "X_te": "X_tr", "y_te": "y_tr",
}  # fmt: skip
SCORES = ("score", "predict", "accuracy_score", "predict_proba", "mean_squared_error", "f1_score")


def _on_training_rows(site: Site) -> Iterator[Change]:
    node, function = site.node, function_of(site)
    match node:
        case ast.Call(func=ast.Attribute(attr="score"), args=[ast.Name(id=X), ast.Name(id=y)]) if (
            function is not None and has(function, PAIRS.get(X, "-")) and y in PAIRS
        ):
            args: list[ast.expr] = [ast.Name(PAIRS[name], ast.Load()) for name in (X, y)]
            yield site.replace(with_fields(node, args=args))
        case ast.FunctionDef() if any(
            called(one, "accuracy_score", "f1_score", "mean_squared_error")
            for one in ast.walk(node)
        ):
            yield from _all_scored_on_training(site, node)
        case ast.Call(args=[model, X, y, *_]) if called(node, "cross_val_score"):
            names = {"_m": model, "_x": X, "_y": y}
            yield site.replace(fill("np.array([_m.fit(_x, _y).score(_x, _y)])", names))


def _all_scored_on_training(site: Site, function: ast.FunctionDef) -> Iterator[Change]:
    edits: Edits = {}
    for one in sites(function, site.path, site.parents):
        match one.node:
            case ast.Name(id=name) if (
                name in PAIRS
                and is_value(one)
                and any(called(parent, *SCORES) for parent in one.parents)
            ):
                if has(function, PAIRS[name]):
                    edits[one.path] = ast.Name(PAIRS[name], ast.Load())
    if edits:
        yield Change(f"line {site.line}: scored on the training set", edits)


def _unpacked(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Assign(targets=[ast.Tuple(elts=[a, b, c, d]) as names], value=value) if called(
            value, "train_test_split"
        ):
            other = with_fields(names, elts=[a, c, b, d])
            yield site.replace(with_fields(site.node, targets=[other]))
        case ast.Assign(targets=[ast.Tuple(elts=[a, b]) as names], value=value) if called(
            value, "train_test_split"
        ):
            yield site.replace(with_fields(site.node, targets=[with_fields(names, elts=[b, a])]))


ASYMMETRIC = names(
    "precision_score recall_score roc_auc_score log_loss r2_score confusion_matrix "
    "classification_report average_precision_score precision_recall_curve roc_curve "
    "mean_absolute_percentage_error brier_score_loss precision recall"
)
"""Metrics that are not the same with the truth and the prediction swapped."""


def _swapped(site: Site) -> Iterator[Change]:
    node = site.node
    match node:
        case ast.Call(args=[truth, prediction, *rest]) if called(node, *ASYMMETRIC):
            yield site.replace(with_fields(node, args=[prediction, truth, *rest]))


def _shares_right(site: Site, node: ast.AST) -> bool:
    """Say whether a node is the share of right answers, by a comparison in it."""
    return any(
        isinstance(one, ast.Compare) and isinstance(one.ops[0], ast.Eq) for one in ast.walk(node)
    ) or called(node, "accuracy_score")


def _error_rate(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Compare(ops=[ast.Eq()]) if any(
            called(parent, "mean", "sum", "average", "count_nonzero") for parent in site.parents
        ):
            yield site.replace(with_fields(site.node, ops=[ast.NotEq()]))
        case ast.If(test=ast.Compare(ops=[ast.Eq()]) as test, body=[ast.AugAssign()]):
            new = with_fields(test, ops=[ast.NotEq()])
            yield site.replace(with_fields(site.node, test=new))
        case ast.Call() if called(site.node, "accuracy_score") and isinstance(
            site.parent, ast.Return | ast.Assign
        ):
            yield site.replace(fill("1 - _x", {"_x": site.node}))


def _is_share(site: Site) -> bool:
    node = site.node
    if isinstance(node, ast.Call) and called(node, "mean", "average", "accuracy_score"):
        return _shares_right(site, node)
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            counts = any(word in ast.unparse(left).lower() for word in ("correct", "right", "hits"))
            return counted(site, right) is not None and (counts or _shares_right(site, left))
    return False


def _number_right(site: Site) -> Iterator[Change]:
    node = site.node
    if not _is_share(site):
        return
    if isinstance(node, ast.Call) and called(node, "mean", "average"):
        yield from rename({"mean": "sum", "average": "sum"})(site)
    elif isinstance(node, ast.Call):
        off = ast.keyword("normalize", ast.Constant(False))
        yield site.replace(with_fields(node, keywords=[*node.keywords, off]))
    elif isinstance(node, ast.BinOp):
        yield site.replace(node.left)


def _percent(site: Site) -> Iterator[Change]:
    if _is_share(site):
        yield site.replace(fill("_x * 100", {"_x": site.node}))


FALSE_POSITIVE = ("fp", "FP", "false_positives")
FALSE_NEGATIVE = ("fn", "FN", "false_negatives")


def _recall(site: Site) -> Iterator[Change]:
    yield from rename({"precision_score": "recall_score"})(site)
    yield from _in_ratio(site, FALSE_POSITIVE, FALSE_NEGATIVE)


def _precision(site: Site) -> Iterator[Change]:
    yield from rename({"recall_score": "precision_score"})(site)
    yield from _in_ratio(site, FALSE_NEGATIVE, FALSE_POSITIVE)


def _in_ratio(site: Site, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(
            op=ast.Div(), left=left, right=ast.BinOp(left=one, op=ast.Add(), right=other)
        ):
            if (
                isinstance(other, ast.Name)
                and other.id in old
                and ast.unparse(left) == ast.unparse(one)
            ):
                name = new[old.index(other.id)]
                function = function_of(site)
                if function is not None and has(function, name):
                    total = with_fields(site.node.right, right=ast.Name(name, ast.Load()))
                    yield site.replace(with_fields(site.node, right=total))


def _not_stratified(site: Site) -> Iterator[Change]:
    yield from drop_keyword("stratify")(site)
    yield from rename({"StratifiedKFold": "KFold"})(site)
    yield from rename({"StratifiedShuffleSplit": "ShuffleSplit"})(site)


def _score_for_choice(site: Site) -> Iterator[Change]:
    yield from rewrite(
        ("max(_ks, key=_f)", "max(map(_f, _ks))"),
        ("min(_ks, key=_f)", "min(map(_f, _ks))"),
        ("_ks[np.argmax(_s)]", "np.max(_s)"),
        ("_ks[np.argmin(_s)]", "np.min(_s)"),
        ("_ks[_s.argmax()]", "_s.max()"),
        ("_ks[int(np.argmax(_s))]", "np.max(_s)"),
        ("_s.idxmax()", "_s.max()"),
        ("np.array(_ks)[np.argmax(_s)]", "np.max(_s)"),
    )(site)
    match site.node:
        case ast.Subscript(value=ast.Attribute(value=owner, attr="best_params_")) if is_value(site):
            yield site.replace(ast.Attribute(owner, "best_score_", ast.Load()))


def _index_for_choice(site: Site) -> Iterator[Change]:
    yield from rewrite(
        ("_ks[np.argmax(_s)]", "np.argmax(_s)"),
        ("_ks[np.argmin(_s)]", "np.argmin(_s)"),
        ("_ks[int(np.argmax(_s))]", "int(np.argmax(_s))"),
        ("_ks[_s.argmax()]", "_s.argmax()"),
        ("np.array(_ks)[np.argmax(_s)]", "np.argmax(_s)"),
        ("max(_ks, key=_f)", "int(np.argmax([_f(k) for k in _ks]))"),
    )(site)


def _average(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="average", value=ast.Constant(value="macro")):
            yield site.replace(with_fields(site.node, value=ast.Constant("micro")))
            yield site.replace(with_fields(site.node, value=ast.Constant("weighted")))
        case ast.keyword(arg="average", value=ast.Constant(value="micro" | "weighted")):
            yield site.replace(with_fields(site.node, value=ast.Constant("macro")))


def _shares(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="test_size", value=value):
            yield site.replace(with_fields(site.node, arg="train_size", value=value))
        case ast.keyword(arg="train_size", value=value):
            yield site.replace(with_fields(site.node, arg="test_size", value=value))


def _default_setting(site: Site) -> Iterator[Change]:
    """Make a model with its default, where a setting should be tried."""
    function = function_of(site)
    node = site.node
    if not isinstance(node, ast.Call) or function is None or not last_name(node.func)[:1].isupper():
        return
    tried = {p.arg for p in parameters(function)} | {
        one.id
        for parent in site.parents
        for loop in (parent, *getattr(parent, "generators", ()))
        if isinstance(loop, ast.For | ast.comprehension)
        for one in ast.walk(loop.target)
        if isinstance(one, ast.Name)
    }
    match node:
        case ast.Call(args=[ast.Name(id=name)], keywords=[]) if name in tried:
            if last_name(node.func).endswith(("Classifier", "Regressor", "Regression", "Ridge")):
                yield site.replace(with_fields(node, args=[]))
        case ast.Call(args=[], keywords=[ast.keyword(value=ast.Name(id=name))]) if name in tried:
            yield site.replace(with_fields(node, keywords=[]))


def _default_folds(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="cv" | "n_splits", value=ast.Constant(value=int(count))) if count != 5:
            yield site.drop()
        case ast.Call(args=[ast.Constant(value=int(count))]) if count != 5 and called(
            site.node, "KFold", "StratifiedKFold"
        ):
            yield site.replace(with_fields(site.node, args=[]))


MISTAKES = (
    Mistake(
        "scored_on_the_training_set",
        1,
        _on_training_rows,
        "The score is that on rows which the model was fitted on.",
        "A model knows those rows already, and does better on them than on new ones.",
        "Look at which rows are used to fit, and which to score.",
        f"{LEAKAGE}: overlap; {PITFALLS}",
    ),
    Mistake(
        "split_in_the_wrong_order",
        1,
        _unpacked,
        "The parts of the split have the names of one another.",
        "They come in a fixed order, and a name says nothing about what is in it.",
        "Print the shape of each part.",
        "openillumi.com, Mastering train_test_split: roles of X_train, X_test, y_train, y_test",
    ),
    Mistake(
        "truth_and_prediction_swapped",
        1,
        _swapped,
        "The truth and the prediction are given to the metric in the wrong order.",
        "This metric is not the same the other way round.",
        "Look in the documentation for the order of the arguments.",
        SWAPPED,
    ),
    Mistake(
        "error_rate_for_accuracy",
        1,
        _error_rate,
        "The share of wrong answers is computed, not that of right ones.",
        "The two add up to one.",
        "Try it with a prediction that is right everywhere.",
        METRICS,
    ),
    Mistake(
        "number_of_right_answers",
        1,
        _number_right,
        "The number of right answers is computed, not their share.",
        "A share lies between 0 and 1, however many rows there are.",
        "Look at what is done with the right answers, and try it with twice as many rows.",
        METRICS,
    ),
    Mistake(
        "percent_for_share",
        1,
        _percent,
        "The result is in percent.",
        "The task asks for a share between 0 and 1.",
        "Look for a factor at the end.",
        METRICS,
    ),
    Mistake(
        "recall_for_precision",
        1,
        _recall,
        "Recall is computed where precision is asked for.",
        "Precision is about what was predicted to be positive, recall about what is.",
        "Write down both definitions, and look at what you divide by.",
        SWAPPED,
    ),
    Mistake(
        "precision_for_recall",
        1,
        _precision,
        "Precision is computed where recall is asked for.",
        "Precision is about what was predicted to be positive, recall about what is.",
        "Write down both definitions, and look at what you divide by.",
        SWAPPED,
    ),
    Mistake(
        "not_stratified",
        2,
        _not_stratified,
        "The split does not keep the shares of the classes.",
        "A rare class may be missing in one of the parts.",
        "Count the labels in each part.",
        "scikit-learn user guide, Cross-validation iterators with stratification",
    ),
    Mistake(
        "score_for_choice",
        1,
        _score_for_choice,
        "The best score is returned, not what it was reached with.",
        "The task asks for the choice, not for how good it is.",
        "Look at what the last line gives: a score or a candidate?",
        METRICS,
    ),
    Mistake(
        "index_for_choice",
        1,
        _index_for_choice,
        "The position of the best candidate is returned, not the candidate.",
        "A position is only the same as the candidate if they are counted from zero.",
        "Look at what the last line gives: a position or a candidate?",
        METRICS,
    ),
    Mistake(
        "other_average_over_classes",
        2,
        _average,
        "The metric is averaged over the classes in another way.",
        "Large classes count more in one way than in the other.",
        "Compare the argument that says how to average with the task.",
        METRICS,
    ),
    Mistake(
        "shares_exchanged",
        2,
        _shares,
        "The training set and the test set have exchanged their sizes.",
        "The share that is named is that of the other part.",
        "Print the number of rows in each part.",
        METRICS,
    ),
    Mistake(
        "default_setting",
        1,
        _default_setting,
        "Every model is made with its default setting, whichever one is tried.",
        "All candidates then get the same score, and the first one wins.",
        "Look at how each model is made: where does the candidate come in?",
        METRICS,
    ),
    Mistake(
        "default_folds",
        2,
        _default_folds,
        "The number of folds is the default, not the one that the task asks for.",
        "With other folds the scores are other numbers.",
        "Print how many scores there are.",
        METRICS,
    ),
)
