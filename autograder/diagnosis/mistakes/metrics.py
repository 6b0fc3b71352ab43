"""Classes and accuracy: how scores become classes, and which of them count as right."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.diagnosis.mistakes.layers import layers_of
from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import fill, is_value, match, statements
from autograder.diagnosis.mistakes.reading import assigned, body_start, function_of, parameters
from autograder.diagnosis.mistakes.sources import ALZAHRANI
from autograder.diagnosis.mistakes.training_loops import trains
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    sites,
    slice_of,
    with_fields,
)

METRICS = "scikit-learn user guide, Metrics and scoring"
TORCHMETRICS = "TorchMetrics documentation, Accuracy: top_k, average, multiclass"

CHOICES = (
    "_s.argmax(dim=1)",
    "_s.argmax(dim=-1)",
    "_s.argmax(axis=1)",
    "_s.argmax(axis=-1)",
    "_s.argmax(1)",
    "_s.argmax(-1)",
    "torch.argmax(_s, dim=1)",
    "torch.argmax(_s, dim=-1)",
    "torch.argmax(_s, 1)",
    "torch.max(_s, dim=1)[1]",
    "torch.max(_s, 1)[1]",
    "_s.max(dim=1)[1]",
    "_s.max(1)[1]",
    "np.argmax(_s, axis=1)",
    "np.argmax(_s, axis=-1)",
    "np.argmax(_s, 1)",
)
"""How classes are chosen by the largest score of each row."""
MEANS = (
    "_h.float().mean()",
    "_h.double().mean()",
    "_h.mean()",
    "np.mean(_h)",
    "torch.mean(_h.float())",
)
SUMS = ("_h.sum().item()", "_h.float().sum().item()", "_h.sum()", "np.sum(_h)")


@dataclass(frozen=True)
class Hits:
    """A comparison of predicted classes with labels: the scores, the classes, the labels."""

    scores: ast.expr
    classes: ast.expr
    labels: ast.expr

    def fill(self, template: str) -> ast.expr:
        """Return what a template makes of scores `_s`, classes `_p` and labels `_y`."""
        return fill(template, {"_s": self.scores, "_p": self.classes, "_y": self.labels})


def _value(site: Site, node: ast.expr) -> ast.expr:
    """Return what a name stands for, where it is assigned to once; else the node itself."""
    return (assigned(site, node.id) if isinstance(node, ast.Name) else None) or node


def _hits(site: Site, node: ast.AST) -> Hits | None:
    """Return what a node compares; None if these are not predicted classes and labels."""
    for pattern in ("_a == _b", "_a.eq(_b)", "torch.eq(_a, _b)"):
        found = match(pattern, node) or {}
        for classes, labels in (("_a", "_b"), ("_b", "_a")):
            one, other = found.get(classes), found.get(labels)
            if isinstance(one, ast.expr) and isinstance(other, ast.expr):
                scores = _scores(_value(site, one))
                if scores is not None:
                    return Hits(scores, one, other)
    return None


def _scores(classes: ast.expr) -> ast.expr | None:
    """Return the scores of which the largest in each row is chosen; None if there are none."""
    for pattern in CHOICES:
        found = match(pattern, classes)
        if found is not None and isinstance(found["_s"], ast.expr):
            return found["_s"]
    return None


def _counted_as(torch: tuple[str, ...], numpy: tuple[str, ...] = ()) -> Operator:
    """Return the rule that counts other rows as right.

    Args:
        torch: templates of what is counted, in PyTorch.
        numpy: the same in NumPy.
    """

    def rule(site: Site) -> Iterator[Change]:
        hits = _hits(site, site.node) if is_value(site) else None
        if hits is not None:
            for template in torch if is_of_torch(site.parents[0]) else numpy:
                yield site.replace(hits.fill(template))

    return rule


def _share(site: Site) -> tuple[ast.expr, Hits, bool] | None:
    """Return the comparison whose share of hits a site is, and whether it is a mean of them."""
    if not is_value(site):
        return None
    parts = [(pattern, site.node, True) for pattern in MEANS]
    if isinstance(site.node, ast.BinOp) and isinstance(site.node.op, ast.Div):
        total = _value(site, site.node.left)
        parts += [(pattern, total, False) for pattern in SUMS]
    for pattern, node, is_mean in parts:
        found = match(pattern, node)
        if found is not None and isinstance(found["_h"], ast.expr):
            hits = _hits(site, _value(site, found["_h"]))
            if hits is not None:
                return found["_h"], hits, is_mean
    return None


def _all_for_share(site: Site) -> Iterator[Change]:
    if (found := _share(site)) is not None:
        compared, _, is_mean = found
        tensor = is_mean and is_of_torch(site.parents[0])
        template = "_h.all().float()" if tensor else "float(_h.all())"
        yield site.replace(fill(template, {"_h": compared}))


def _by_classes(site: Site) -> Iterator[Change]:
    if (found := _share(site)) is not None:
        compared, hits, _ = found
        size = "_s.numel()" if is_of_torch(site.parents[0]) else "_s.size"
        for count in ("_s.shape[1]", size):
            new = fill(f"_h.sum() / {count}", {"_h": compared, "_s": hits.scores})
            yield site.replace(new)


def _rows_of(function: ast.FunctionDef, site: Site) -> tuple[Site, Hits, str, str] | None:
    """Return a comparison in a function, what it compares, and the names of data and labels."""
    given = {one.arg for one in parameters(function)}
    for one in sites(function, site.path, site.parents):
        hits = _hits(one, one.node)
        if hits is None or not isinstance(hits.labels, ast.Name) or hits.labels.id not in given:
            continue
        scores = _value(one, hits.scores)
        data = scores.args[0] if isinstance(scores, ast.Call) and scores.args else None
        if isinstance(data, ast.Name) and data.id in given:
            return one, Hits(scores, hits.classes, hits.labels), data.id, hits.labels.id
    return None


def _first_rows(site: Site) -> Iterator[Change]:
    """Use the first rows only, as a function does that returns after the first batch."""
    found = _rows_of(site.node, site) if isinstance(site.node, ast.FunctionDef) else None
    for count in (32, 64, 16, 100, 128, 10) if found is not None else ():
        assert found is not None
        edits: Edits = {
            one.path: slice_of(one.node, upper=ast.Constant(count))
            for one in sites(site.node, site.path, site.parents)
            if isinstance(one.node, ast.Name) and is_value(one) and one.node.id in found[2:]
        }
        yield Change(f"line {site.line}: the first {count} rows", edits)


def _mean_of_shares(site: Site) -> Iterator[Change]:
    """Return the mean of the shares of batches."""
    function = site.node
    found = _rows_of(function, site) if isinstance(function, ast.FunctionDef) else None
    if found is None or not isinstance(function, ast.FunctionDef):
        return
    _, hits, data, labels = found
    mean = "(_h).float().mean().item()" if is_of_torch(site.parents[0]) else "np.mean(_h)"
    start = body_start(function)
    for size in (32, 64, 16, 10, 100):
        scores = fill(ast.unparse(hits.scores), {data: fill(f"{data}[i : i + {size}]", {})})
        right = fill(f"_s.argmax(1) == {labels}[i : i + {size}]", {"_s": scores})
        body = statements(
            f"shares = [_m for i in range(0, len({data}), {size})]\n"
            "return sum(shares) / len(shares)",
            _m=fill(mean, {"_h": right}),
        )
        new = with_fields(function, body=[*function.body[:start], *body])
        yield site.change(f"batches of {size}", new)


def _layers_by_name(site: Site) -> Iterator[Change]:
    """Apply the layers of the reference's own model one by one."""
    match site.node:
        case ast.Call(func=ast.Name(id=model), args=[data]):
            function, layers = function_of(site), layers_of(site.parents[0])
            given = {one.arg for one in parameters(function)}
            if function is not None and layers and model in given and not trains(function):
                value = data
                for name in layers:
                    yield site.replace(fill(f"{model}.{name}(_x)", {"_x": data}))
                    value = fill(f"{model}.{name}(_x)", {"_x": value})
                yield site.replace(value)


OF_THE_LABEL = "[torch.arange(len(_y)), _y]"
MISTAKES = (
    Mistake(
        "mean_over_batches",
        2,
        _mean_of_shares,
        "The shares of batches are averaged, and a batch with fewer rows counts as much as others.",
        "The share of all rows is another number, unless all batches have the same size.",
        "Try it with a batch more that has a single row.",
        "udacity/deep-learning-v2-pytorch#74, mlcommons/training#89 and tflearn/tflearn#75",
    ),
    Mistake(
        "first_rows_only",
        2,
        _first_rows,
        "Only the first rows are looked at.",
        "Rows that come later do not change the result.",
        "Look for a slice, or for a return in a loop over batches.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "every_pair_compared",
        1,
        _counted_as(("_p[:, None] == _y",), ("_p[:, None] == _y",)),
        "Each predicted class is compared with every label, not only with that of its own row.",
        "A column and a row of numbers are compared in all pairs.",
        "Print the shape of the comparison: it should have a value for each row.",
        "935963004/LaBraM#15 and orobix/Prototypical-Networks-for-Few-shot-Learning-PyTorch#23",
    ),
    Mistake(
        "scores_compared_across_rows",
        2,
        _counted_as(("torch.softmax(_s, dim=0).argmax(dim=1) == _y",)),
        "The softmax is taken over the rows, not over the classes of each row.",
        "A row's largest probability then need not be that of its largest score.",
        "Print the sums of the probabilities: those of each row should be one.",
        "mrdbourke/pytorch-deep-learning#163",
    ),
    Mistake(
        "among_the_best",
        2,
        _counted_as(
            tuple(
                f"(torch.topk(_s, {k}, dim=1).indices == _y[:, None]).any(dim=1)" for k in (2, 3, 5)
            ),
            tuple(f"(np.argsort(_s, axis=1)[:, -{k}:] == _y[:, None]).any(axis=1)" for k in (2, 3)),
        ),
        "A row counts as right if its class is one of several with large scores.",
        "A prediction is one class: that with the largest score.",
        "Look at how many classes of each row are compared with its label.",
        TORCHMETRICS,
    ),
    Mistake(
        "positive_scores_only",
        3,
        _counted_as(
            ("_s.clamp(min=0).argmax(dim=1) == _y",),
            ("np.maximum(_s, 0).argmax(axis=1) == _y",),
        ),
        "A class whose score is negative is never predicted.",
        "The largest of several scores may be negative, too.",
        "Look at what the first score of a row is compared with.",
        METRICS,
    ),
    Mistake(
        "majority_for_largest",
        2,
        _counted_as(
            (f"torch.softmax(_s, dim=1){OF_THE_LABEL} > 0.5",),
            ("_s[np.arange(len(_y)), _y] > 0.5",),
        ),
        "A row counts as right only if its class is more probable than all others together.",
        "With many classes the largest probability may well be less than a half.",
        "Look at what the probabilities are compared with.",
        TORCHMETRICS,
    ),
    Mistake(
        "probability_for_hit",
        2,
        _counted_as((f"torch.softmax(_s, dim=1){OF_THE_LABEL}",), ("_s[np.arange(len(_y)), _y]",)),
        "The probabilities of the right classes are averaged; no row counts as right or wrong.",
        "A row is right or wrong, however sure the model is.",
        "Look for the place where a class is chosen for each row.",
        METRICS,
    ),
    Mistake(
        "class_zero_left_out",
        2,
        _counted_as(("(_p == _y) & (_p != 0)",), ("(_p == _y) & (_p != 0)",)),
        "Rows of class 0 never count as right.",
        "The number of a class is a name: zero is as good as any other.",
        "Try it with labels that are all zero.",
        METRICS,
    ),
    Mistake(
        "labels_taken_for_scores",
        2,
        _counted_as(("_p == _y.argmax(-1)",), ("_p == _y.argmax(-1)",)),
        "All predictions are compared with one number, the place of the largest label.",
        "The labels are classes already; there is no class to choose from them.",
        "Print what the predictions are compared with.",
        "TeamCohen/TensorLog#7 and rockingdingo/deepnlp#2",
    ),
    Mistake(
        "distance_for_hit",
        3,
        _counted_as(("1 - (_p - _y).abs()",), ("1 - np.abs(_p - _y)",)),
        "The numbers of the classes are subtracted, as if they were quantities.",
        "Class 9 is no more wrong for class 1 than class 2 is.",
        "Look at how predictions and labels are compared.",
        METRICS,
    ),
    Mistake(
        "some_classes_only",
        3,
        _counted_as(
            (
                "_s[:, : int(_y.max()) + 1].argmax(dim=1) == _y",
                "_s[:, : len(torch.unique(_y))].argmax(dim=1) == _y",
                "_s[:, :10].argmax(dim=1) == _y",
                "(_p == _y) & (_y < 10)",
            ),
            ("np.argmax(_s[:, : int(_y.max()) + 1], axis=1) == _y", "(_p == _y) & (_y < 10)"),
        ),
        "Only some classes count: those among the labels, or a number of them that is fixed.",
        "How many classes there are is seen in the scores of the model.",
        "Try it with labels that are all of the first class, and with more classes.",
        METRICS,
    ),
    Mistake(
        "two_classes_assumed",
        3,
        _counted_as(
            ("(_s[:, 1] > 0) == _y", "(torch.softmax(_s, dim=1)[:, 1] > 0.5) == _y"),
            ("(_s[:, 1] > 0) == _y", "(_s[:, 1] > 0.5) == _y"),
        ),
        "Only two classes are ever predicted, by the scores of one of them.",
        "With more classes the scores of all of them have to be compared.",
        "Print which classes are predicted.",
        METRICS,
    ),
    Mistake(
        "cells_counted",
        3,
        _counted_as(
            ("F.one_hot(_p, _s.shape[1]) == F.one_hot(_y, _s.shape[1])",),
            ("np.eye(_s.shape[1])[_p] == np.eye(_s.shape[1])[_y]",),
        ),
        "Tables of zeros and ones are compared cell by cell: each row counts once for each class.",
        "Most cells are zero in both tables: they agree even where the class is wrong.",
        "Print the shape of the comparison: it should have a value for each row.",
        METRICS,
    ),
    Mistake(
        "all_for_share",
        2,
        _all_for_share,
        "The result says whether all rows are right, not how many of them are.",
        "One wrong row makes it zero.",
        "Look at how predictions and labels are compared, and at what that gives.",
        METRICS,
    ),
    Mistake(
        "divided_by_classes",
        2,
        _by_classes,
        "The number of right rows is divided by that of the classes, or of all outputs.",
        "The share of right rows needs the number of rows.",
        "Print what you divide by.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "layers_by_name",
        3,
        _layers_by_name,
        "The function uses single layers of a model by their names, not the model itself.",
        "Other models have other layers, and what the model does between them is left out.",
        "Look at how the scores are computed.",
        f"{ALZAHRANI}: function errors",
    ),
)
