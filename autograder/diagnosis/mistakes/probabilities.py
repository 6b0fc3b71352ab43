"""Probabilities, logarithms and clipping: scores, softmax, log of zero, overflow, thresholds."""

import ast
import re
from collections.abc import Iterator

from autograder.diagnosis.mistakes.axes import product
from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    drop_call,
    fill,
    is_code,
    is_value,
    last_name,
    match,
    names,
    rename,
    rewrite,
    statements,
    subject,
)
from autograder.diagnosis.mistakes.reading import (
    LOG_LIKELIHOOD,
    TARGETS,
    begun_with,
    body_start,
    clipped_cross_entropy,
    forward_result,
    function_of,
    names_in,
    parameter_names,
    parameters,
)
from autograder.diagnosis.mistakes.sources import DEEPCRIME, HUMBATOVA
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

TWICE = "Lightning-Universe/lightning-bolts#654: softmax applied twice when computing the loss"
ZERO = "hunkim/ReinforcementZeroToAll#16: log 0 gives nan"
LARGE = "lzx1413/PytorchSSD#22 and borgwang/tinynn#7: exponentials overflow"
SWAPPED = "voyazici/orderless-rnn-classification#5: precision and recall with swapped arguments"
PROBA = "scikit-learn/scikit-learn#23178: roc_auc_score with labels instead of probabilities"

SIGMOIDS = (
    "sigmoid(_x)",
    "expit(_x)",
    "torch.sigmoid(_x)",
    "1 / (1 + np.exp(-_x))",
    "np.where(_x >= 0, 1, _e) / (1 + _e)",
    "np.where(_x >= 0, 1 / (1 + np.exp(-_x)), np.exp(_x) / (1 + np.exp(_x)))",
)
STABLE = "np.logaddexp(0, _z) - _y * _z"
"""The cross entropy of scores, without a logarithm of a probability."""


P = "1 / (1 + np.exp(-_z))"
UNCANCELLED = (
    "-(_y / sigmoid(_x) - (1 - _y) / (1 - sigmoid(_x))) * (sigmoid(_x) * (1 - sigmoid(_x)))"
)
"""The slope of the cross entropy of scores, by the chain rule alone."""
ACTIVATIONS = names("sigmoid logistic expit softmax tanh relu activation")


def _activation(site: Site) -> ast.expr | None:
    """Return what a function returns that is named after an activation."""
    function = function_of(site)
    if isinstance(site.node, ast.Return) and function is not None and function.name in ACTIVATIONS:
        return site.node.value
    return None


def _derivative(site: Site) -> Iterator[Change]:
    value, function = _activation(site), function_of(site)
    if value is not None and function is not None:
        template = {"tanh": "1 - _p ** 2", "relu": "(_p > 0) * 1.0"}.get(function.name)
        yield site.replace(ast.Return(fill(template or "_p * (1 - _p)", {"_p": value})))


def _of_argument(*templates: str) -> Operator:
    """Return the rule that changes the argument of an activation before anything else."""

    def rule(site: Site) -> Iterator[Change]:
        function = site.node
        if isinstance(function, ast.FunctionDef) and function.name in ACTIVATIONS:
            args = function.args.args
            for template in templates if len(args) == 1 else ():
                value = fill(template, {"_z": ast.Name(args[0].arg, ast.Load())})
                changed = ast.Assign([ast.Name(args[0].arg, ast.Store())], value, lineno=site.line)
                yield site.change(template, begun_with(function, changed))

    return rule


def _to_labels(site: Site) -> Iterator[Change]:
    """Round probabilities to labels."""
    value = _activation(site)
    if value is not None:
        for template in ("np.round(_p)", "(_p >= 0.5) * 1.0", "(np.sign(_p - 0.5) + 1) / 2"):
            yield site.replace(ast.Return(fill(template, {"_p": value})))
    elif is_value(site) and any(match(one, site.node) for one in SIGMOIDS):
        of_torch = ast.unparse(site.node).startswith("torch.")
        template = "_p.round()" if of_torch else "np.round(_p)"
        yield site.replace(fill(template, {"_p": site.node}))


def _twice(site: Site) -> Iterator[Change]:
    function = function_of(site)
    if function is not None and function.name not in ACTIVATIONS:
        for name in ("sigmoid", "expit", "torch.sigmoid"):
            if is_value(site) and match(f"{name}(_x)", site.node):
                yield site.replace(fill(f"{name}(_x)", {"_x": site.node}))
    yield from rewrite((STABLE, f"np.logaddexp(0, {P}) - _y * ({P})"))(site)


def _softmax_before(site: Site) -> Iterator[Change]:
    """Take the softmax of what a loss gets that takes it itself."""
    node = site.node
    if not isinstance(node, ast.Call) or len(node.args) < 2:
        return
    name = last_name(node.func)
    if name == "cross_entropy" or name in ("criterion", "loss_fn", "loss_function", "loss_func"):
        scores = fill("torch.softmax(_x, dim=1)", {"_x": node.args[0]})
        yield site.replace(with_fields(node, args=[scores, *node.args[1:]]))
    if name == "binary_cross_entropy_with_logits":
        scores = fill("torch.sigmoid(_x)", {"_x": node.args[0]})
        yield site.replace(with_fields(node, args=[scores, *node.args[1:]]))


def at_the_end(template: str, numpy: str) -> Operator:
    """Return the rule that does one thing more to what a forward pass gives back.

    Args:
        template: what it does in PyTorch.
        numpy: what it does without.
    """

    def rule(site: Site) -> Iterator[Change]:
        value = forward_result(site)
        if value is None or called(value, "softmax", "sigmoid", "log_softmax", "argmax"):
            return
        chosen = template if is_of_torch(site.parents[0]) else numpy
        yield site.replace(ast.Return(fill(chosen, {"_x": value})))

    return rule


def _before_the_layer(site: Site) -> Iterator[Change]:
    """Apply the activation to what a layer gets, not to what it gives."""
    node = site.node
    if not isinstance(node, ast.Call) or not is_value(site):
        return
    if called(node, "relu", "tanh", "sigmoid") and len(node.args) == 1:
        match node.args[0]:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self")), args=[data]) as layer:
                inner = with_fields(node, args=[data])
                yield site.replace(with_fields(layer, args=[inner]))
    for pattern, template in (
        ("_f(_a @ _w + _b)", "_f(_a) @ _w + _b"),
        ("np.maximum(_a @ _w + _b, 0)", "np.maximum(_a, 0) @ _w + _b"),
        ("np.maximum(0, _a @ _w + _b)", "np.maximum(0, _a) @ _w + _b"),
    ):
        if (found := match(pattern, node)) and called(node, "relu", "tanh", "sigmoid", "maximum"):
            yield site.replace(fill(template, found))


def _of_the_input(site: Site) -> Iterator[Change]:
    """Apply the activation to what the first layer gets, too."""
    match site.node:
        case ast.Call(args=[ast.Call(args=[ast.Name() as data]) as layer]) if called(
            site.node, "relu", "tanh", "sigmoid"
        ) and data.id in parameter_names(site):
            inner = with_fields(site.node, args=[data])
            new = with_fields(layer, args=[inner])
            yield site.replace(with_fields(site.node, args=[new]))


def _in_evaluation(site: Site) -> Iterator[Change]:
    value = forward_result(site)
    if value is not None and is_of_torch(site.parents[0]):
        template = "_x if self.training else torch.softmax(_x, dim=1)"
        yield site.replace(ast.Return(fill(template, {"_x": value})))


def _linear(site: Site) -> Iterator[Change]:
    yield from drop_call("relu", "tanh", "leaky_relu", "gelu", "elu")(site)
    yield from rewrite(("np.maximum(_x, 0)", "_x"), ("np.maximum(0, _x)", "_x"))(site)
    yield from rewrite(("_x.clamp(min=0)", "_x"), ("np.where(_x > 0, _x, 0)", "_x"))(site)
    match site.node:
        case ast.Call(args=[]) if called(site.node, "ReLU", "Tanh") and isinstance(
            site.parent, ast.Call
        ):
            yield site.drop()


OTHER_ACTIVATION = {
    "relu": "sigmoid", "ReLU": "Sigmoid", "sigmoid": "tanh", "Sigmoid": "Tanh",
    "tanh": "sigmoid", "Tanh": "Sigmoid",
}  # fmt: skip
TANH = {"relu": "tanh", "ReLU": "Tanh"}


def _other_activation(site: Site) -> Iterator[Change]:
    if isinstance(site.node, ast.Call) and isinstance(site.node.func, ast.Attribute):
        yield from rename(OTHER_ACTIVATION)(site)
        yield from rename(TANH)(site)


def _scores(site: Site) -> Iterator[Change]:
    if called(site.node, "sigmoid", "softmax", "expit") and isinstance(site.node, ast.Call):
        scores = subject(site.node)
        if scores is not None:
            yield site.replace(scores)
    yield from rewrite(*((pattern, "_x") for pattern in SIGMOIDS if not pattern.endswith("(_x)")))(
        site
    )


SMALL = (
    "_x + 1e-12",
    "_x + 1e-10",
    "_x + 1e-9",
    "_x + 1e-8",
    "_x + 1e-7",
    "_x + eps",
    "_x + EPS",
    "_x + epsilon",
)


def _unclipped(site: Site) -> Iterator[Change]:
    yield from drop_call("clip", "clamp")(site)
    inside = isinstance(site.parent, ast.Call) and called(site.parent, "log", "log2", "sqrt")
    for pattern in SMALL:
        if inside and (found := match(pattern, site.node)):
            yield site.replace(found["_x"])


def _overflowing(site: Site) -> Iterator[Change]:
    """Leave out what keeps exponentials small."""
    match site.node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if _is_maximum(right, left):
            yield site.replace(left)
    yield from rewrite(
        ("np.logaddexp(0, _x)", "np.log(1 + np.exp(_x))"),
        ("np.logaddexp(_x, 0)", "np.log(1 + np.exp(_x))"),
        ("np.logaddexp(0, -_x)", "np.log(1 + np.exp(-_x))"),
        ("logsumexp(_x)", "np.log(np.sum(np.exp(_x)))"),
        ("F.softplus(_x)", "torch.log(1 + torch.exp(_x))"),
        ("F.log_softmax(_x, dim=1)", "torch.log(torch.softmax(_x, dim=1))"),
        (
            "F.cross_entropy(_x, _y)",
            "F.nll_loss(torch.log(torch.exp(_x) / torch.exp(_x).sum(dim=1, keepdim=True)), _y)",
        ),
    )(site)  # fmt: skip


def _naive(template: str) -> Operator:
    """Return the rule that computes a stable sigmoid by a formula that overflows."""
    stable = ("expit(_x)", *(one for one in SIGMOIDS if one.startswith("np.where")))
    return rewrite(*((pattern, template) for pattern in stable))


def _is_maximum(node: ast.AST, of: ast.AST) -> bool:
    text = ast.unparse(node)
    subject = ast.unparse(of)
    return subject in text and (".max(" in text or "np.max(" in text or "amax(" in text)


def _first_class(site: Site) -> Iterator[Change]:
    """Leave out the part of the cross entropy that is about the other class."""
    match site.node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right) if "log" in ast.unparse(
            left
        ) and "log" in ast.unparse(right):
            first = re.sub(r"\.0\b", "", ast.unparse(right))
            if first.startswith("(1 -"):
                yield site.replace(left)


def _other_base_everywhere(site: Site) -> Iterator[Change]:
    function = site.node
    if isinstance(function, ast.FunctionDef):
        edits: Edits = {
            one.path: fill("np.log2", {})
            for one in sites(function, site.path, site.parents)
            if is_code("np.log", one.node) and one.field == "func"
        }
        if len(edits) > 1:
            yield Change(f"line {site.line}: another base", edits)


def _unnormalised(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Div(), right=right) if (
            ast.unparse(left) in ast.unparse(right) and ".sum(" in f".{ast.unparse(right)}"
        ):
            yield site.replace(left)


def _threshold(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Compare(ops=[ast.Gt() | ast.GtE()], comparators=[ast.Constant(value=0.5)]):
            yield site.replace(with_fields(site.node, comparators=[ast.Constant(0)]))
        case ast.Compare(ops=[ast.Gt() | ast.GtE()], comparators=[ast.Constant(value=0)]) if any(
            product(one) or isinstance(one, ast.Call) for one in ast.walk(site.node.left)
        ):
            yield site.replace(with_fields(site.node, comparators=[ast.Constant(0.5)]))
        case ast.Call(args=[_]) if called(site.node, "round", "rint"):
            yield site.replace(fill("(_x > 0).astype(float)", {"_x": site.node.args[0]}))


def _other_column(site: Site) -> Iterator[Change]:
    if is_value(site) and (found := match("_m.predict_proba(_x)[:, 1]", site.node)):
        yield site.replace(fill("_m.predict_proba(_x)[:, 0]", found))


def _formula(*templates: str) -> Operator:
    """Return the rule that computes something else in a function that is named `sigmoid`."""

    def rule(site: Site) -> Iterator[Change]:
        function = site.node
        if isinstance(function, ast.FunctionDef) and function.name in ("sigmoid", "logistic"):
            args = [a.arg for a in function.args.args if a.arg != "self"]
            for template in templates if len(args) == 1 else ():
                value = fill(template, {"_z": ast.Name(args[0], ast.Load())})
                body = [*function.body[: body_start(function)], ast.Return(value)]
                yield site.change(template, with_fields(function, body=body))

    return rule


def _of_result(*templates: str) -> Operator:
    """Return the rule that changes what an activation returns."""

    def rule(site: Site) -> Iterator[Change]:
        if (value := _activation(site)) is not None:
            for template in templates:
                yield site.replace(ast.Return(fill(template, {"_p": value})))

    return rule


def _saturated(*bounds: str) -> Operator:
    """Return the rule that says 0 or 1 beyond a bound, in a function that is named `sigmoid`."""

    def rule(site: Site) -> Iterator[Change]:
        value, function = _activation(site), function_of(site)
        if value is not None and function is not None and function.name != "relu":
            low = "-1.0" if function.name == "tanh" else "0.0"
            args = parameters(function)
            for bound in bounds if len(args) == 1 else ():
                template = f"np.where(_z > {bound}, 1.0, np.where(_z < -{bound}, {low}, _p))"
                found = {"_p": value, "_z": ast.Name(args[0].arg, ast.Load())}
                yield site.replace(ast.Return(fill(template, found)))

    return rule


def _unprotected(*templates: str) -> Operator:
    """Return the rule that takes logarithms of probabilities that may be 0, and mends it later."""

    def rule(site: Site) -> Iterator[Change]:
        before, found = clipped_cross_entropy(site)
        for template in templates if found else ():
            new = [*before, *statements(f"_p = sigmoid(_z)\nreturn {template}", **found)]
            yield site.change(template, with_fields(site.node, body=new))

    return rule


def _from_probabilities(template: str) -> Operator:
    """Return the rule that makes another loss of the probabilities `_p` and the labels `_y`."""
    return rewrite(
        (f"-np.mean({LOG_LIKELIHOOD})", template),
        (f"np.mean({STABLE})", template.replace("_p", f"({P})")),
    )


BOUNDS = ("1e-7", "1e-15", "1e-6", "1e-8", "1e-9", "1e-10")
"""What probabilities are usually kept away from 0 and 1 by."""


def _clipped(template: str) -> Operator:
    """Return the rule that clips something else than a probability, with any of the bounds."""
    pairs = [
        (f"np.clip({sigmoid}, _a, _b)", f"np.clip({template}, {bound}, 1 - {bound})")
        for sigmoid in SIGMOIDS
        if "torch" not in sigmoid
        for bound in BOUNDS
    ]
    return rewrite(*pairs)


def _of_labels(bound: str) -> str:
    y = f"np.clip(_y, {bound}, 1 - {bound})" if bound else "_y"
    return f"_p * np.log({y}) + (1 - _p) * np.log(1 - {y})"


def _signed_labels(site: Site) -> Iterator[Change]:
    """Turn labels into -1 and 1 where the formula is one for 0 and 1."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    labels = next((p.arg for p in parameters(function) if p.arg in TARGETS), None)
    weights = any(p.arg[:1] in ("w", "W", "X") for p in parameters(function))
    logistic = names_in(site.parents[0]) & {"sigmoid", "expit", "logistic"}
    calls = any(called(one, "sigmoid", "expit", "gradient", "log") for one in ast.walk(function))
    if labels is not None and weights and logistic and calls:
        signed = statements("_y = 2 * _y - 1", _y=ast.Name(labels, ast.Load()))
        yield site.change("labels of -1 and 1", begun_with(function, *signed))


MISTAKES = (
    Mistake(
        "softmax_before_the_loss",
        1,
        _softmax_before,
        "The loss gets probabilities, but it expects raw scores.",
        "It turns scores into probabilities itself; done twice, all of them come closer together "
        "and the gradients get small.",
        "Look in the documentation for what the loss function expects.",
        TWICE,
    ),
    Mistake(
        "softmax_at_the_end",
        1,
        at_the_end(
            "torch.softmax(_x, dim=1)", "np.exp(_x) / np.exp(_x).sum(axis=-1, keepdims=True)"
        ),
        "The outputs of each row add up to one: there is a softmax at the end.",
        "The task asks for outputs that may be any number.",
        "Look at the last line of the forward pass.",
        TWICE,
    ),
    Mistake(
        "sigmoid_at_the_end",
        2,
        at_the_end("torch.sigmoid(_x)", "1 / (1 + np.exp(-_x))"),
        "All outputs lie between 0 and 1: there is a sigmoid at the end.",
        "The task asks for outputs that may be any number.",
        "Look at the last line of the forward pass.",
        f"{DEEPCRIME}: change activation function",
    ),
    Mistake(
        "tanh_at_the_end",
        3,
        at_the_end("torch.tanh(_x)", "np.tanh(_x)"),
        "All outputs lie between -1 and 1: there is a tanh at the end.",
        "The task asks for outputs that may be any number.",
        "Look at the last line of the forward pass.",
        f"{DEEPCRIME}: change activation function",
    ),
    Mistake(
        "relu_at_the_end",
        1,
        at_the_end("torch.relu(_x)", "np.maximum(_x, 0)"),
        "No output is negative: there is a ReLU at the end.",
        "The task asks for outputs that may be any number.",
        "Look at the last line of the forward pass.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "activation_forgotten",
        1,
        _linear,
        "An activation function is missing.",
        "Without one between them, two linear layers are no more than a single one.",
        "Look at what happens between the layers.",
        f"{HUMBATOVA}: activation function; {DEEPCRIME}: remove activation function",
    ),
    Mistake(
        "other_activation",
        2,
        any_of(
            _other_activation,
            rewrite(*((one, "np.tanh(_x)") for one in SIGMOIDS if "torch" not in one)),
        ),
        "The activation function is another one than the task asks for.",
        "They differ in their range, and in what they do with negative values.",
        "Look at the function, and at its formula.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "scores_for_probabilities",
        1,
        any_of(_scores, _clipped("_x"), rewrite(("np.clip(sigmoid(_x), _a, _b)", "_x"))),
        "Raw scores are used where probabilities are needed.",
        "A score may be any number; a probability lies between 0 and 1.",
        "Print the smallest and the largest value.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "log_of_zero",
        1,
        any_of(
            _unclipped,
            rewrite(
                (
                    STABLE,
                    (
                        "-(_y * np.log(1 / (1 + np.exp(-_z))) "
                        "+ (1 - _y) * np.log(1 - 1 / (1 + np.exp(-_z))))"
                    ),
                ),
                (STABLE, f"-np.log(np.where(_y == 1, {P}, 1 - {P}))"),
            ),
        ),
        "A value is not kept away from its bounds: a logarithm or a division may get zero.",
        "The logarithm of zero is minus infinity, and infinity times zero is not a number.",
        "Try a case in which the model is sure.",
        ZERO,
    ),
    Mistake(
        "overflow",
        1,
        any_of(
            _overflowing,
            _naive("1 / (1 + np.exp(-_x))"),
            _naive("np.exp(_x) / (1 + np.exp(_x))"),
            rewrite(
                ("sigmoid(_x) - _y", "np.exp(_x) / (1 + np.exp(_x)) - _y"),
                ("sigmoid(_x) - _y", UNCANCELLED),
            ),
        ),
        "For large numbers the result overflows, or zero is divided by zero.",
        "The exponential of a large number is more than a float can hold; a probability near 0 or "
        "1 is rounded to it.",
        "Try it with an input of a thousand, and one of minus a thousand.",
        LARGE,
    ),
    Mistake(
        "other_base",
        2,
        any_of(
            rewrite(("np.log(_x)", "np.log2(_x)"), ("torch.log(_x)", "torch.log2(_x)")),
            rewrite(("np.log(_x)", "np.log10(_x)"), ("_x.log()", "_x.log2()")),
            rewrite(("math.log(_x)", "math.log2(_x)"), ("np.log2(_x)", "np.log(_x)")),
            rewrite((STABLE, f"({STABLE}) / np.log(2)")),
            _other_base_everywhere,
        ),
        "The logarithm has another base.",
        "The result is off by a constant factor.",
        "Look at which logarithm the formula means, and which one the function computes.",
        "NumPy documentation, numpy.log: natural logarithm",
    ),
    Mistake(
        "one_class_only",
        1,
        any_of(
            _first_class,
            rewrite(
                (STABLE, "_y * np.logaddexp(0, -_z)"), (STABLE, "(1 - _y) * np.logaddexp(0, _z)")
            ),
        ),
        "The loss counts the rows of one class only.",
        "Rows of the other class add nothing, however wrong the prediction is.",
        "Compute the loss by hand for a row of each class.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "squared_error_for_cross_entropy",
        2,
        any_of(
            rewrite(
                (STABLE, "(1 / (1 + np.exp(-_z)) - _y) ** 2"),
                (
                    "F.cross_entropy(_a, _y)",
                    "((torch.softmax(_a, dim=1) - F.one_hot(_y, _a.shape[1])) ** 2).mean()",
                ),
                (
                    "F.cross_entropy(_a, _y)",
                    "F.mse_loss(_a, F.one_hot(_y, _a.shape[1]).float())",
                ),
                ("-(_y * np.log(_p) + (1 - _y) * np.log(1 - _p))", "(_p - _y) ** 2"),
                ("_y * np.log(_p) + (1 - _y) * np.log(1 - _p)", "-(_p - _y) ** 2"),
            ),
            rename({"binary_cross_entropy": "mse_loss", "BCELoss": "MSELoss"}),
        ),
        "The loss is a squared error, not the cross entropy.",
        "A prediction that is sure and wrong then costs hardly more than one that is unsure.",
        "Compare your code with the formula of the loss.",
        f"{DEEPCRIME}: change loss function",
    ),
    Mistake(
        "derivative_of_the_sigmoid",
        2,
        rewrite(
            ("sigmoid(_z) - _y", "2 * (sigmoid(_z) - _y) * sigmoid(_z) * (1 - sigmoid(_z))"),
            ("sigmoid(_z) - _y", "(sigmoid(_z) - _y) * sigmoid(_z) * (1 - sigmoid(_z))"),
            (
                "torch.sigmoid(_z) - _y",
                "(torch.sigmoid(_z) - _y) * torch.sigmoid(_z) * (1 - torch.sigmoid(_z))",
            ),
            (
                "1 / (1 + np.exp(-_z)) - _y",
                "(1 / (1 + np.exp(-_z)) - _y) / (1 + np.exp(-_z)) * (1 - 1 / (1 + np.exp(-_z)))",
            ),
        ),
        "The errors are also multiplied by the derivative of the sigmoid.",
        "That is the gradient of a squared error; in that of the cross entropy it cancels.",
        "Derive the gradient on paper once more, with the loss that the task asks for.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "not_normalised",
        1,
        _unnormalised,
        "The probabilities do not add up to one.",
        "Each is divided by their sum only if you do it.",
        "Print the sum of what should be probabilities.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "other_threshold",
        2,
        _threshold,
        "The threshold between the classes is in the wrong place.",
        "For probabilities the middle is a half; for raw scores it is zero.",
        "Print the values that you compare: between which bounds do they lie?",
        f"{HUMBATOVA}: hyperparameters",
    ),
    Mistake(
        "logarithm_forgotten",
        2,
        any_of(
            rewrite(("np.log(_x)", "_x"), ("torch.log(_x)", "_x"), ("math.log(_x)", "_x")),
            rewrite(("_x.log()", "_x"), ("np.log1p(_x)", "_x")),
        ),
        "No logarithm is taken.",
        "Products of probabilities become sums only in logarithms.",
        "Compare your code with the formula.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "exponential_forgotten",
        2,
        any_of(
            rewrite(("np.exp(_x)", "_x"), ("torch.exp(_x)", "_x"), ("math.exp(_x)", "_x")),
            rewrite(("_x.exp()", "_x"), ("np.expm1(_x)", "_x")),
        ),
        "No exponential is taken.",
        "Scores can be negative; their exponentials cannot.",
        "Compare your code with the formula.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "probability_of_the_other_class",
        1,
        _other_column,
        "The probabilities are those of the other class.",
        "The columns stand in the order of the classes.",
        "Print the classes in the order in which the model keeps them.",
        PROBA,
    ),
    Mistake(
        "label_for_probability",
        1,
        any_of(
            rewrite(("_m.predict_proba(_x)[:, 1]", "_m.predict(_x)")),
            rewrite(("_m.predict_proba(_x)", "_m.predict(_x)")),
            rewrite(("_m.decision_function(_x)", "_m.predict(_x)")),
            _to_labels,
            _clipped("np.round(sigmoid(_x))"),
        ),
        "Predicted labels are used where probabilities or scores are needed.",
        "A label no longer says how sure the model is.",
        "Print a few of the values: are there any between the classes?",
        PROBA,
    ),
    Mistake(
        "log_softmax_at_the_end",
        2,
        at_the_end(
            "torch.log_softmax(_x, dim=1)",
            "_x - np.log(np.exp(_x).sum(axis=-1, keepdims=True))",
        ),
        "No output is positive: there is a log-softmax at the end.",
        "The task asks for outputs that may be any number.",
        "Look at the last line of the forward pass.",
        TWICE,
    ),
    Mistake(
        "activation_before_the_layer",
        2,
        _before_the_layer,
        "An activation function comes before its layer, not after it.",
        "It changes what the layer gets, and not what it gives.",
        "Write down, step by step, what happens to the input.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "activation_of_the_input",
        2,
        _of_the_input,
        "An activation function is applied to the input, too.",
        "What is cut off before the first layer is lost to all that follow.",
        "Write down, step by step, what happens to the input.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "softmax_in_evaluation",
        2,
        _in_evaluation,
        "In evaluation mode the outputs are probabilities, and not what they are in training.",
        "The task asks for the same outputs in both modes.",
        "Look at what depends on whether the model is in training mode.",
        f"{DEEPCRIME}: change activation function",
    ),
    Mistake(
        "activation_twice",
        2,
        _twice,
        "Scores are turned into probabilities twice.",
        "Probabilities that are taken for scores all come close together.",
        "Follow the scores through your code: where do they become probabilities?",
        TWICE,
    ),
    Mistake(
        "derivative_for_value",
        2,
        _derivative,
        "The derivative of the function is returned, not its value.",
        "The derivative says how fast the function grows; gradients need it, this task does not.",
        "Look at the last line: is it the formula of the task?",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "argument_scaled",
        2,
        _of_argument("2 * _z", "_z / 2"),
        "The function is too steep or too flat: a factor of its argument is wrong.",
        "It still goes from the same lowest value to the same highest one.",
        "Compare your code with the formula, for an argument of one.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "clipped_too_narrowly",
        2,
        any_of(
            _of_argument("np.clip(_z, -1, 1)", "np.clip(_z, -5, 5)", "np.clip(_z, -10, 10)"),
            _of_result(
                "np.clip(_p, 0.1, 0.9)",
                "np.clip(_p, 0.05, 0.95)",
                "np.clip(_p, 0.01, 0.99)",
                "np.clip(_p, 0.001, 0.999)",
            ),
            rewrite(
                ("np.clip(_x, _a, _b)", "np.clip(_x, 1e-7, 1 - 1e-7)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 1e-6, 1 - 1e-6)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 1e-5, 1 - 1e-5)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 0.01, 0.99)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 0.1, 0.9)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 0.05, 0.95)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 0.001, 0.999)"),
                ("np.clip(_x, _a, _b)", "np.clip(_x, 0.0001, 0.9999)"),
                ("np.clip(sigmoid(_z), _a, _b)", "sigmoid(np.clip(_z, -10, 10))"),
                ("np.clip(sigmoid(_z), _a, _b)", "sigmoid(np.clip(_z, -15, 15))"),
                ("np.clip(sigmoid(_z), _a, _b)", "sigmoid(np.clip(_z, -20, 20))"),
                where=lambda site, found: isinstance(found["_a"], ast.Constant | ast.Name),
            ),
            _saturated("5", "6", "10", "20", "100"),
            _unprotected(
                *(
                    f"-np.mean(_y * np.maximum(np.log(_p), -{most}) "
                    f"+ (1 - _y) * np.maximum(np.log(1 - _p), -{most}))"
                    for most in ("10", "5", "20")
                )
            ),
        ),
        "Values are cut off at bounds that are too narrow.",
        "Values that are not extreme are changed, too.",
        "Look at the bounds: which values lie beyond them?",
        ZERO,
    ),
    Mistake(
        "classes_exchanged",
        2,
        rewrite(
            (STABLE, "np.logaddexp(0, _z) - (1 - _y) * _z"),
            (LOG_LIKELIHOOD, "(1 - _y) * np.log(_p) + _y * np.log(1 - _p)"),
            ("np.where(_y == 1, _a, _b)", "np.where(_y == 1, _b, _a)"),
            ("F.binary_cross_entropy(_p, _y)", "F.binary_cross_entropy(_p, 1 - _y)"),
        ),
        "The two classes are exchanged: each row counts as if it were of the other class.",
        "What is right then costs much, and what is wrong costs little.",
        "Compute the loss by hand for a row of each class.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "labels_of_minus_one",
        2,
        rewrite(
            (STABLE, "np.logaddexp(0, -_y * _z)"),
            ("2 * _y - 1", "_y"),
            ("np.where(_y == 1, 1, -1)", "_y"),
        ),
        "The formula is one for labels of -1 and 1, but the labels are 0 and 1.",
        "A label of zero takes the prediction out of the formula.",
        "Put both labels into your formula, one after the other.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "infinite_terms_dropped",
        2,
        any_of(
            rewrite(
                (
                    STABLE,
                    (
                        f"-(np.nan_to_num(_y * np.log({P}), nan=0, neginf=0) "
                        f"+ np.nan_to_num((1 - _y) * np.log(1 - {P}), nan=0, neginf=0))"
                    ),
                ),
                (
                    LOG_LIKELIHOOD,
                    (
                        "np.nan_to_num(_y * np.log(_p), nan=0, neginf=0) "
                        "+ np.nan_to_num((1 - _y) * np.log(1 - _p), nan=0, neginf=0)"
                    ),
                ),
                ("-np.log(_p)", "-np.nan_to_num(np.log(_p), nan=0, neginf=0)"),
                *((one, "np.nan_to_num(np.exp(_x) / (1 + np.exp(_x)))") for one in SIGMOIDS[-2:]),
            ),
            _unprotected(
                f"np.nan_to_num(-np.mean({LOG_LIKELIHOOD}))",
                f"-np.sum(np.where((_p == 0) | (_p == 1), 0, {LOG_LIKELIHOOD})) / len(_y)",
            ),
        ),
        "What is infinite, or not a number, is replaced by zero.",
        "The largest values then count as the smallest.",
        "Look at what becomes of a number that is very large.",
        ZERO,
    ),
    Mistake(
        "scores_for_log_probabilities",
        2,
        rename({"cross_entropy": "nll_loss", "CrossEntropyLoss": "NLLLoss"}),
        "The loss expects logarithms of probabilities, but it gets raw scores.",
        "It takes no softmax itself, and can then become smaller without end.",
        "Look in the documentation for what the loss function expects.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "probability_for_label",
        2,
        rewrite(("_m.predict(_x)", "_m.predict_proba(_x)")),
        "Probabilities are used where labels are needed.",
        "They are a table with a column for each class, not one class for each row.",
        "Print the shape, and a few of the values.",
        PROBA,
    ),
    Mistake(
        "complement_forgotten",
        1,
        rewrite(
            ("1 - _x", "_x"),
            ("1.0 - _x", "_x"),
            where=lambda site, found: not isinstance(found["_x"], ast.Constant),
        ),
        "A probability or label is used where its complement is needed.",
        "What is left to one belongs to the other class.",
        "Compare your code with the formula, for a row of each class.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "logarithm_of_the_result",
        2,
        _formula("-np.logaddexp(0, -_z)"),
        "The logarithm of the result is returned.",
        "It is never positive; what is asked for lies between 0 and 1.",
        "Look at the last line: is an exponential missing?",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "same_for_both_signs",
        1,
        _formula("1 / (1 + np.exp(-np.abs(_z)))", "1 / (1 + np.exp(np.abs(_z)))"),
        "A negative argument gets the result of the positive one of the same size.",
        "The function grows from 0 to 1; at zero it is a half.",
        "Look at how your code treats negative arguments.",
        LARGE,
    ),
    Mistake(
        "cut_off_at_zero",
        2,
        _of_argument("np.maximum(_z, 0)", "np.minimum(_z, 0)"),
        "All arguments on one side of zero give the same result.",
        "Bounds that keep a number from being too large must be far away on both sides.",
        "Look at the bounds: which values lie beyond them?",
        LARGE,
    ),
    Mistake(
        "normalised_over_all",
        2,
        _formula(
            "np.exp(_z - np.max(_z)) / np.sum(np.exp(_z - np.max(_z)))",
            "np.exp(_z - np.max(_z)) / np.exp(_z - np.max(_z)).sum(axis=-1, keepdims=True)",
            "np.exp(_z - np.max(_z)) / np.exp(_z - np.max(_z)).sum(axis=0)",
        ),
        "All results add up to one: this is a softmax, not a sigmoid.",
        "A sigmoid treats each element for itself.",
        "Try it with a single number, and with the same number twice.",
        f"{HUMBATOVA}: activation function",
    ),
    Mistake(
        "largest_subtracted",
        2,
        _of_argument("_z - np.max(_z)"),
        "The largest element is subtracted from all of them first.",
        "That changes nothing in a softmax, but everything where each element stands for itself.",
        "Try it with a single number.",
        LARGE,
    ),
    Mistake(
        "epsilon_too_large",
        2,
        rewrite(
            *(
                (LOG_LIKELIHOOD, f"_y * np.log(_p + {e}) + (1 - _y) * np.log(1 - _p + {e})")
                for e in ("0.1", "0.01", "0.001", "1e-4", "1e-5", "1e-6", "1e-7")
            ),
        ),
        "What is added inside the logarithms is too large.",
        "It should keep them from zero, and change nothing else that can be seen.",
        "Compute the loss by hand for a probability of a half.",
        ZERO,
    ),
    Mistake(
        "logarithm_of_the_labels",
        2,
        rewrite(*((LOG_LIKELIHOOD, _of_labels(bound)) for bound in ("", *BOUNDS))),
        "Labels and probabilities have changed places in the loss.",
        "Logarithms belong to the probabilities; those of labels are zero or without bound.",
        "Compare your code with the formula: of what is the logarithm taken?",
        SWAPPED,
    ),
    Mistake(
        "minus_too_many",
        2,
        rewrite(
            (STABLE, "np.logaddexp(0, -_z) - _y * _z"),
            (STABLE, "np.logaddexp(0, -_z) + _y * _z"),
            ("np.exp(_z)", "np.exp(-_z)"),
            where=lambda site, found: not isinstance(found["_z"], ast.UnaryOp),
        ),
        "An exponent has the opposite sign.",
        "The exponential then shrinks where it should grow.",
        "Put a large number into your formula, and a large negative one.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "logarithm_of_a_product",
        2,
        _from_probabilities("-np.log(np.prod(np.where(_y == 1, _p, 1 - _p))) / len(_y)"),
        "The probabilities of all rows are multiplied before the logarithm is taken.",
        "With many rows the product is rounded to zero, and its logarithm has no bound.",
        "Try it with thousands of rows: how small does the product become?",
        LARGE,
    ),
    Mistake(
        "larger_probability_counted",
        2,
        _from_probabilities("-np.mean(np.log(np.maximum(_p, 1 - _p)))"),
        "The larger one of both probabilities counts, not that of the class that a row is of.",
        "A prediction that is sure and wrong then costs nothing.",
        "Compute the loss by hand for a row whose prediction is wrong.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "softmax_over_the_rows",
        2,
        rewrite(
            ("F.cross_entropy(_s, _y)", "F.nll_loss(F.log_softmax(_s, dim=0), _y)"),
            ("F.cross_entropy(_s, _y)", "F.nll_loss(torch.softmax(_s, dim=0).log(), _y)"),
        ),
        "The softmax goes over the rows, not over the classes.",
        "Each row's probabilities should add up to one, whatever the other rows are.",
        "Print the sum of what should be the probabilities of one row.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "each_class_for_itself",
        2,
        rewrite(
            (
                "F.cross_entropy(_s, _y)",
                "F.binary_cross_entropy_with_logits(_s, F.one_hot(_y, _s.shape[1]).float())",
            ),
            (
                "F.cross_entropy(_s, _y)",
                "F.binary_cross_entropy(_s.softmax(dim=1), F.one_hot(_y, _s.shape[1]).float())",
            ),
        ),
        "The loss asks for each class by itself whether the row is of that class.",
        "The classes exclude each other: the task asks for one distribution over all of them.",
        "Look in the documentation for which problems the loss function is meant.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "labels_made_minus_one",
        2,
        _signed_labels,
        "The labels are turned into -1 and 1 for a formula that needs 0 and 1.",
        "The difference to a probability is then never small for one of the classes.",
        "Put both labels into your formula, one after the other.",
        f"{DEEPCRIME}: change labels of training data",
    ),
)
