"""Layers: left out, of another size, without bias, made anew, cut off, other activations."""

import ast
from collections.abc import Iterator, Mapping

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import (
    called,
    fill,
    is_value,
    last_name,
    match,
    renamed,
    same,
    statements,
)
from autograder.diagnosis.mistakes.probabilities import at_the_end
from autograder.diagnosis.mistakes.reading import (
    Function,
    forward_result,
    function_of,
    parameters,
)
from autograder.diagnosis.mistakes.sources import DEEPCRIME, HUMBATOVA, ISLAM
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Path,
    Site,
    edited,
    sites,
    with_fields,
)

ACTIVATION = f"{HUMBATOVA}: activation function"
STRUCTURE = f"{HUMBATOVA}: model type and properties"
SIZE = f"{HUMBATOVA}: wrong defined input shape, wrong defined output shape"
START = f"{HUMBATOVA}: wrong weight initialization"

LAYERS = ("Linear", "Conv1d", "Conv2d", "Conv3d", "Bilinear", "LazyLinear")
FORWARD = ("forward", "__call__")
RECTIFIED = (
    "torch.relu(_x)",
    "F.relu(_x)",
    "nn.functional.relu(_x)",
    "relu(_x)",
    "_x.relu()",
    "_x.clamp(min=0)",
    "torch.clamp(_x, min=0)",
    "torch.maximum(_x, torch.zeros_like(_x))",
    "np.maximum(_x, 0)",
    "np.maximum(0, _x)",
)
OWN_ACTIVATIONS = ("self.relu(_x)", "self.act(_x)", "self.activation(_x)")


def layers_of(tree: ast.AST) -> dict[str, ast.Call]:
    """Return the layers that a module makes as its attributes, by name."""
    found = dict[str, ast.Call]()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                value=ast.Call() as made,
            ) if called(made, *LAYERS):
                found[name] = made
    return found


def _activated(node: ast.AST, patterns: tuple[str, ...] = RECTIFIED) -> ast.expr | None:
    """Return what a ReLU in a forward pass gets; None if a node is none."""
    for pattern in patterns:
        found = match(pattern, node)
        if found is not None and isinstance(found["_x"], ast.expr):
            return found["_x"]
    return None


def _in_forward(site: Site) -> bool:
    function = function_of(site)
    return function is not None and function.name in FORWARD


def _applied(site: Site, node: ast.AST) -> tuple[ast.Attribute, ast.expr] | None:
    """Return the layer that a node of a forward pass applies, and to what."""
    module = next((one for one in reversed(site.parents) if isinstance(one, ast.ClassDef)), None)
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self")) as layer, args=[data]) if (
            module is not None and layer.attr in layers_of(module) and _in_forward(site)
        ):
            return layer, data
    return None


def _layers_beside(site: Site) -> dict[str, ast.Call]:
    """Return the layers of the module that a site is in."""
    return {
        name: made
        for one in site.parents
        if isinstance(one, ast.ClassDef)
        for name, made in layers_of(one).items()
    }


def _without_bias(site: Site) -> Iterator[Change]:
    """Make one layer without a bias, or all of a function."""
    if isinstance(site.node, Function):
        inner = sites(site.node, site.path, site.parents)
        edits: Edits = {one.path: _biasless(one.node) for one in inner if called(one.node, *LAYERS)}
        if len(edits) > 1:
            yield Change(f"line {site.line}: no layer has a bias", edits)
    elif called(site.node, *LAYERS):
        yield site.replace(_biasless(site.node))


def _biasless(node: ast.AST) -> ast.Call:
    assert isinstance(node, ast.Call)
    others = [one for one in node.keywords if one.arg != "bias"]
    return ast.Call(node.func, node.args, [*others, ast.keyword("bias", ast.Constant(False))])


def _other_size(site: Site) -> Iterator[Change]:
    """Make a layer with another one of the sizes that the function is called with."""
    layer = site.parents[-2] if isinstance(site.parent, ast.keyword) else site.parent
    if isinstance(site.node, ast.Name) and is_value(site) and called(layer, *LAYERS):
        function = function_of(site)
        sizes = {
            one.id
            for made in ast.walk(function or ast.Pass())
            if isinstance(made, ast.Call) and called(made, *LAYERS)
            for part in (*made.args, *made.keywords)
            for one in ast.walk(part)
            if isinstance(one, ast.Name)
        }
        for parameter in parameters(function):
            if site.node.id in sizes and parameter.arg in sizes - {site.node.id}:
                yield site.replace(ast.Name(parameter.arg, ast.Load()))


def _left_out(site: Site) -> Iterator[Change]:
    """Leave out a layer, alone or with its activation."""
    for node in (site.node, _activated(site.node, RECTIFIED + OWN_ACTIVATIONS)):
        applied = _applied(site, node) if node is not None else None
        if applied is not None:
            yield site.replace(applied[1])
    if called(site.node, *LAYERS) and called(site.parent, "Sequential"):
        yield site.drop()


def _made_anew(site: Site) -> Iterator[Change]:
    """Make a layer in the forward pass, each time another one."""
    applied = _applied(site, site.node)
    if applied is not None:
        layer, data = applied
        made = _layers_beside(site)[layer.attr]
        if called(made, "Linear"):
            sizes = "(_l.in_features, _l.out_features)"
            new = fill(f"{ast.unparse(made.func)}{sizes}", {"_l": layer})
            stored = ast.Assign([with_fields(layer, ctx=ast.Store())], new, lineno=site.line)
            above = max(i for i, one in enumerate(site.parents) if isinstance(one, ast.stmt))
            kept: Edits = {site.path[:above]: [stored, site.parents[above]]}
            yield Change(f"line {site.line}: {layer.attr} made anew", kept)
            yield site.replace(ast.Call(new, [data], []))


def _used_again(site: Site) -> Iterator[Change]:
    applied = _applied(site, site.node)
    if applied is not None:
        layer, data = applied
        for name in _layers_beside(site):
            if name != layer.attr:
                yield site.replace(ast.Call(with_fields(layer, attr=name), [data], []))


def _exchanged(site: Site) -> Iterator[Change]:
    """Exchange the two layers of a forward pass."""
    if not isinstance(site.node, ast.FunctionDef) or site.node.name not in FORWARD:
        return
    used = [
        (one.path, applied[0])
        for one in sites(site.node, site.path, site.parents)
        if (applied := _applied(one, one.node)) is not None
    ]
    if len(used) == 2 and not same(used[0][1], used[1][1]):
        (first, one), (second, other) = used
        edits: Edits = {(*first, ("func", None)): other, (*second, ("func", None)): one}
        yield Change(f"line {site.line}: layers exchanged", edits)


def _renamed(site: Site) -> Iterator[Change]:
    """Give other names to the layers of a module: to all, or to one."""
    layers = list(layers_of(site.node)) if isinstance(site.node, ast.ClassDef) else []
    numbered = {name: f"fc{number}" for number, name in enumerate(layers, 1)}
    for new in (numbered, *({name: f"{name}_layer"} for name in layers if len(layers) > 1)):
        edits: Edits = {
            one.path: with_fields(one.node, attr=new[one.node.attr])
            for one in sites(site.node, site.path, site.parents)
            if isinstance(one.node, ast.Attribute)
            and one.node.attr in new
            and ast.unparse(one.node.value) == "self"
        }
        if edits:
            yield Change(f"line {site.line}: other names", edits)


def _in_a_block(site: Site) -> Iterator[Change]:
    """Put a layer and the activation behind it into one block, under the name of the layer."""
    if not isinstance(site.node, ast.ClassDef):
        return
    inner = list(sites(site.node, site.path, site.parents))
    for name, made in layers_of(site.node).items():
        edits: Edits = {}
        for one in inner:
            if one.node is made:
                edits[one.path] = fill("nn.Sequential(_l, nn.ReLU())", {"_l": made})
            activated = _activated(one.node)
            if activated is not None and match(f"self.{name}(_x)", activated):
                edits[one.path] = activated
        if len(edits) == 2:
            yield Change(f"line {site.line}: {name} in a block", edits)


def _too_many(site: Site) -> Iterator[Change]:
    """Put one more layer behind an activation: linear, or one that normalises or drops out."""
    if not isinstance(site.node, ast.ClassDef):
        return
    layers = layers_of(site.node)
    inner = list(sites(site.node, site.path, site.parents))
    for one in inner:
        data = _activated(one.node, RECTIFIED + OWN_ACTIVATIONS)
        if not isinstance(data, ast.Call):
            continue
        made = layers.get(last_name(data.func))
        if made is None or len(made.args) < 2:
            continue
        where = next(place for place in inner if getattr(place.node, "value", None) is made)
        before = next(place.path for place in inner if place.node is data)
        for module, path, template in (
            ("nn.Linear(_n, _n)", one.path, "torch.relu(self.extra(_h))"),
            ("nn.BatchNorm1d(_n)", before, "self.extra(_d)"),
            ("nn.BatchNorm1d(_n)", one.path, "self.extra(_h)"),
            ("nn.LayerNorm(_n)", before, "self.extra(_d)"),
            ("nn.LayerNorm(_n)", one.path, "self.extra(_h)"),
            ("nn.Dropout(0.5)", one.path, "self.extra(_h)"),
            ("nn.Dropout(0.2)", one.path, "self.extra(_h)"),
            ("nn.Dropout(0.1)", one.path, "self.extra(_h)"),
        ):
            given: Mapping[str, ast.AST] = {"_n": made.args[1], "_h": one.node, "_d": data}
            new = [where.node, *statements(f"self.extra = {module}", **given)]
            edits: Edits = {where.path: new, path: fill(template, given)}
            yield Change(f"line {site.line}: {module} too many", edits)


def _alike(site: Site) -> Iterator[Change]:
    """Start with weights that are all the same."""
    if not isinstance(site.node, ast.FunctionDef) or site.node.name != "__init__":
        return
    layers = list(layers_of(site.node))
    all_zero = "for parameter in self.parameters():\n    nn.init.zeros_(parameter)"
    ways = [all_zero, *(_constant(layers, number) for number in ("0", "0.5", "0.1", "1"))]
    ways += [_constant([one], "0") for one in layers if len(layers) > 1]
    for lines in ways if layers else ():
        last: Path = (*site.path, ("body", len(site.node.body) - 1))
        new = [site.node.body[-1], *statements(lines)]
        yield Change(f"line {site.line}: all weights alike", {last: new})


def _constant(layers: list[str], number: str) -> str:
    """Return the lines that start the weights of some layers with a number."""
    return "\n".join(f"nn.init.constant_(self.{one}.weight, {number})" for one in layers)


def _cut_off(site: Site) -> Iterator[Change]:
    """Detach what is between two layers."""
    passed_on = isinstance(site.parent, ast.Call | ast.Assign) and _in_forward(site)
    if passed_on and is_of_torch(site.parents[0]):
        activated = _activated(site.node, RECTIFIED + OWN_ACTIVATIONS)
        if _applied(site, site.node) is not None or activated is not None:
            yield site.replace(fill("_x.detach()", {"_x": site.node}))


def _other_activations(
    torch: tuple[str, ...], numpy: tuple[str, ...] = (), modules: tuple[str, ...] = ()
) -> Operator:
    """Return the rule that puts other activations in the place of a ReLU.

    Args:
        torch: templates of what is computed with PyTorch.
        numpy: templates of what is computed with NumPy.
        modules: modules, with their arguments.
    """

    def rule(site: Site) -> Iterator[Change]:
        inner = _activated(site.node) if is_value(site) else None
        if inner is not None:
            for template in torch if is_of_torch(site.parents[0]) else numpy:
                yield site.replace(fill(template, {"_x": inner}))
        if isinstance(site.node, ast.Call) and called(site.node, "ReLU"):
            for module in modules:
                made = fill(module, {})
                assert isinstance(made, ast.Call)
                name = renamed(site.node.func, last_name(made.func))
                yield site.replace(with_fields(made, func=name))

    return rule


def _only_at_the_end(site: Site) -> Iterator[Change]:
    """Apply the activation between two layers to the outputs."""
    function = site.node
    if isinstance(function, ast.FunctionDef) and function.name in FORWARD:
        inner = [
            (one, data)
            for one in sites(function, site.path, site.parents)
            if (data := _activated(one.node, RECTIFIED + OWN_ACTIVATIONS)) is not None
        ]
        if len(inner) == 1 and not isinstance(inner[0][0].parent, ast.Return):
            one, data = inner[0]
            without = edited(function, {one.path: data}, site.path)
            *body, last = without.body
            if isinstance(last, ast.Return) and last.value is not None:
                template = "torch.relu(_x)" if is_of_torch(site.parents[0]) else "np.maximum(_x, 0)"
                end = ast.Return(fill(template, {"_x": last.value}))
                yield site.change("at the end", with_fields(without, body=[*body, end]))
    if called(site.node, "ReLU") and called(site.parent, "Sequential"):
        following = site.next()
        if following is not None and following.next() is None:
            yield from site.swap()


def _more_returned(site: Site) -> Iterator[Change]:
    value = forward_result(site)
    if value is None or isinstance(value, ast.Tuple) or not _in_forward(site):
        return
    if is_of_torch(site.parents[0]):
        for pair in ("_x, torch.softmax(_x, dim=1)", "torch.softmax(_x, dim=1), _x"):
            yield site.replace(ast.Return(fill(pair, {"_x": value})))
    match value:
        case ast.Call(args=[hidden]) if not isinstance(hidden, ast.Constant):
            yield site.replace(ast.Return(ast.Tuple([value, hidden], ast.Load())))


MISTAKES = (
    Mistake(
        "layer_without_bias",
        1,
        _without_bias,
        "A layer is made without a bias.",
        "Without one, an input of zeros gives an output of zeros, whatever the layer has learned.",
        "Look at the arguments with which each layer is made.",
        f"{DEEPCRIME}: remove bias",
    ),
    Mistake(
        "layer_of_another_size",
        1,
        _other_size,
        "A layer has another number of inputs or outputs than it should have.",
        "It fits only where two of the sizes happen to be equal.",
        "Write next to each layer which shape comes in and which goes out.",
        SIZE,
    ),
    Mistake(
        "layer_left_out",
        1,
        _left_out,
        "A layer is left out: it is not applied to the data.",
        "What it learns then has no effect on the outputs.",
        "Follow the data through the forward pass: does each layer come in?",
        f"{HUMBATOVA}: missing layer",
    ),
    Mistake(
        "layer_made_anew",
        2,
        _made_anew,
        "A layer is made anew with every forward pass, and is random each time.",
        "Nothing can be learned in it, as it is thrown away afterwards.",
        "Look at which layers the forward pass uses, and where they are made.",
        f"{ISLAM}: structural bug",
    ),
    Mistake(
        "layer_used_again",
        2,
        _used_again,
        "The same layer is applied twice, and another one not at all.",
        "Each layer has parameters and sizes of its own.",
        "Look at the name of each layer in the forward pass.",
        STRUCTURE,
    ),
    Mistake(
        "layers_exchanged",
        3,
        _exchanged,
        "The layers are applied in the wrong order.",
        "What one of them gives is then not what the next one takes.",
        "Write next to each layer which shape comes in and which goes out.",
        STRUCTURE,
    ),
    Mistake(
        "layer_of_another_name",
        2,
        _renamed,
        "A layer has another name than the task asks for.",
        "Whoever looks for its parameters by that name does not find them.",
        "Compare the names of the layers with the task, letter by letter.",
        STRUCTURE,
    ),
    Mistake(
        "layer_in_a_block",
        2,
        _in_a_block,
        "A layer is a block that holds the layer and its activation function.",
        "Whoever looks for the parameters of the layer does not find them in the block.",
        "Print the model: what is the layer that the task names?",
        STRUCTURE,
    ),
    Mistake(
        "layer_too_many",
        2,
        _too_many,
        "The model has a layer that the task does not ask for.",
        "It has more to learn than it should have, and its outputs are others.",
        "Count the layers in the task, and those of your model.",
        f"{HUMBATOVA}: redundant layer",
    ),
    Mistake(
        "weights_alike",
        2,
        _alike,
        "All weights of a layer start with the same number.",
        "Units that start alike get the same gradients or none, and stay alike.",
        "Print the weights of a new model.",
        START,
    ),
    Mistake(
        "layer_cut_off",
        2,
        _cut_off,
        "The outputs are right, but a layer is cut off from them: no gradient reaches it.",
        "A detached tensor keeps no record of where it comes from.",
        "Follow the data through the forward pass: where does its history end?",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "classes_for_scores",
        1,
        at_the_end("torch.argmax(_x, dim=1)", "np.argmax(_x, axis=-1)"),
        "The model gives classes, not a score for each class.",
        "A class does not say how sure the model is, and no gradient flows back through it.",
        "Look at the last line of the forward pass.",
        f"{HUMBATOVA}: wrong output",
    ),
    Mistake(
        "more_than_the_scores",
        3,
        _more_returned,
        "The model gives two results where the task asks for one.",
        "Whoever calls it gets a tuple, and not the scores in it.",
        "Look at the last line of the forward pass.",
        f"{HUMBATOVA}: wrong output",
    ),
    Mistake(
        "activation_only_at_the_end",
        2,
        _only_at_the_end,
        "The activation function comes after the last layer, not between the layers.",
        "Two linear layers without one between them are no more than a single one.",
        "Write down, step by step, what happens to the input.",
        ACTIVATION,
    ),
    Mistake(
        "leaky_activation",
        2,
        _other_activations(
            (
                "F.leaky_relu(_x)",
                "F.leaky_relu(_x, 0.1)",
                "F.leaky_relu(_x, 0.2)",
                "F.elu(_x)",
                "F.gelu(_x)",
                "F.silu(_x)",
            ),
            ("np.where(_x > 0, _x, 0.01 * _x)", "np.where(_x > 0, _x, 0.1 * _x)"),
            ("LeakyReLU()", "LeakyReLU(0.1)", "LeakyReLU(0.2)", "ELU()", "GELU()", "SiLU()"),
        ),
        "The activation function lets a part of the negative values through.",
        "The one that the task asks for makes all of them zero.",
        "Compare the formula of the activation function with the task.",
        ACTIVATION,
    ),
    Mistake(
        "bounded_activation",
        2,
        _other_activations(
            (
                "_x.clamp(0, 1)",
                "F.hardtanh(_x)",
                "F.relu6(_x)",
                "F.hardsigmoid(_x)",
            ),
            ("np.clip(_x, 0, 1)", "np.clip(_x, -1, 1)"),
            ("Hardtanh(0, 1)", "Hardtanh()", "ReLU6()", "Hardsigmoid()"),
        ),
        "The activation function has an upper bound: large values are cut off.",
        "The one that the task asks for has none.",
        "Compare the formula of the activation function with the task.",
        ACTIVATION,
    ),
    Mistake(
        "absolute_activation",
        2,
        _other_activations(("_x.abs()",), ("np.abs(_x)",)),
        "The activation function makes negative values positive.",
        "The one that the task asks for makes them zero.",
        "Compare the formula of the activation function with the task.",
        ACTIVATION,
    ),
    Mistake(
        "negative_values_kept",
        3,
        _other_activations(("_x.clamp(max=0)",), ("np.minimum(_x, 0)",)),
        "The activation function keeps negative values and makes positive ones zero.",
        "The one that the task asks for does the reverse.",
        "Try the activation function with -1 and with 1.",
        ACTIVATION,
    ),
    Mistake(
        "step_for_activation",
        3,
        _other_activations(("(_x > 0).float()",), ("(_x > 0) * 1.0",)),
        "The activation function gives only zeros and ones.",
        "It does not say how large a value is, and no gradient flows back through it.",
        "Try the activation function with 1 and with 2.",
        ACTIVATION,
    ),
)
