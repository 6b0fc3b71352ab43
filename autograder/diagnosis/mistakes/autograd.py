"""Autograd: gradients that add up, are cut off, are missing, or are never used."""

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
    last_name,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import (
    assigned,
    begun_with,
    body_start,
    function_of,
    hoist,
    lower,
    parameter_names,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI, HUMBATOVA, ISLAM, KARPATHY, PYTORCH_FAQ
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    edited,
    sites,
    with_fields,
)


def clears(statement: ast.AST) -> bool:
    """Say whether a statement sets gradients to zero or to None."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return called(call, "zero_grad") or (
                called(call, "zero_") and ".grad" in ast.unparse(call.func)
            )
        case ast.Assign(targets=[ast.Attribute(attr="grad")]):
            return True
        case ast.For(body=[only]):
            return clears(only)
        case ast.If(body=[only], orelse=[]):
            return clears(only)
    return False


def _calls(statement: ast.AST, name: str) -> bool:
    return isinstance(statement, ast.Expr) and called(statement.value, name)


def _updates(statement: ast.AST) -> bool:
    """Say whether a statement takes a step: with an optimizer, or by hand."""
    return _calls(statement, "step") or any(
        isinstance(one, ast.AugAssign | ast.Assign) and ".grad" in ast.unparse(one.value)
        for one in ast.walk(statement)
    )


def _outermost(site: Site) -> bool:
    return isinstance(site.node, ast.stmt) and not clears(site.parent)


def _not_cleared(site: Site) -> Iterator[Change]:
    if clears(site.node) and _outermost(site):
        yield site.drop()


def _cleared_once(site: Site) -> Iterator[Change]:
    if isinstance(site.node, ast.For):
        for index, statement in enumerate(site.node.body):
            if clears(statement) and any(_calls(one, "backward") for one in ast.walk(site.node)):
                yield hoist(site, index)


def _cleared_early(site: Site) -> Iterator[Change]:
    """Move the clearing between backward and the step."""
    if not clears(site.node) or not _outermost(site):
        return
    *_, (field, _) = site.path
    block: list[ast.stmt] = getattr(site.parent, field)
    rest = [statement for statement in block if statement is not site.node]
    backward = [i for i, one in enumerate(rest) if _calls(one, "backward")]
    step = [i for i, one in enumerate(rest) if _updates(one)]
    place = backward[-1] + 1 if backward else (step[0] if step else None)
    if place is not None and step and step[-1] >= place:
        moved = [*rest[:place], site.node, *rest[place:]]
        edits: Edits = {site.path[:-1]: with_fields(site.parent, **{field: moved})}
        yield Change(f"line {site.line}: cleared before the step", edits)


def _no_statement(name: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        if _calls(site.node, name):
            yield site.drop()

    return rule


def _no_update(site: Site) -> Iterator[Change]:
    if _calls(site.node, "step"):
        yield site.drop()
    match site.node:
        case ast.AugAssign(value=value) if ".grad" in ast.unparse(value):
            yield site.drop()
            following = site.next()
            if following is not None and clears(following.node):
                yield Change(f"line {site.line}: no step", {site.path: [], following.path: []})


def _twice(site: Site) -> Iterator[Change]:
    if _calls(site.node, "backward"):
        assert isinstance(site.node, ast.Expr)
        call = site.node.value
        keep = ast.keyword("retain_graph", ast.Constant(True))
        kept = ast.Expr(with_fields(call, keywords=[keep]))
        yield site.change("backward twice", [kept, site.node])


def _trains(site: Site) -> bool:
    function = function_of(site)
    return function is not None and any(called(one, "backward") for one in ast.walk(function))


def _predicts(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (
        last_name(node.func) in ("model", "net", "forward", "network", "predict")
    )


def _detached(site: Site) -> Iterator[Change]:
    if is_value(site) and _predicts(site.node) and _trains(site):
        yield site.replace(fill("_x.detach()", {"_x": site.node}))
    value = site.node.value if isinstance(site.node, ast.Return) else None
    function = function_of(site)
    if value is not None and function is not None and function.name == "forward":
        yield site.replace(ast.Return(fill("_x.detach()", {"_x": value})))


def _as_array(site: Site) -> Iterator[Change]:
    value = site.node.value if isinstance(site.node, ast.Return) else None
    function = function_of(site)
    if value is not None and function is not None and function.name == "forward":
        yield site.replace(ast.Return(fill("_x.detach().numpy()", {"_x": value})))


def _unrecorded(site: Site) -> Iterator[Change]:
    function = site.node
    if isinstance(function, ast.FunctionDef) and (
        function.name == "forward" or any(called(one, "backward") for one in ast.walk(function))
    ):
        decorators = [fill("torch.no_grad()", {}), *function.decorator_list]
        yield site.change("nothing recorded", with_fields(function, decorator_list=decorators))


def _recorded(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.With(items=[ast.withitem(context_expr=context)], body=body) if called(
            context, "no_grad", "inference_mode"
        ) and any(map(_updates, body)):
            yield site.change("the update recorded", body)
        case ast.AugAssign(target=ast.Attribute(value=owner, attr="data")):
            yield site.replace(with_fields(site.node, target=owner))


def _array_of_a_recorded_tensor(site: Site) -> Iterator[Change]:
    """Turn the outputs of a model into an array without saying that no gradients are needed."""
    match site.node:
        case ast.With(items=[ast.withitem(context_expr=context)], body=body) if called(
            context, "no_grad", "inference_mode"
        ) and not any(map(_updates, body)):
            block, given = ast.Module(body, []), parameter_names(site)
            for one in sites(block):
                if isinstance(one.node, ast.Call) and last_name(one.node.func) in given:
                    array = fill("_x.numpy()", {"_x": one.node})
                    yield site.change("an array", edited(block, {one.path: array}).body)


def _rebound(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.AugAssign(target=ast.Name() as target, op=op, value=value) if (
            ".grad" in ast.unparse(value)
        ):
            new = ast.BinOp(ast.Name(target.id, ast.Load()), op, value)
            rebound = ast.Assign([target], new, lineno=site.line)
            yield site.replace(rebound)
            following = site.next()
            if following is not None and clears(following.node):  # which the new tensor cannot do
                edits: Edits = {site.path: rebound, following.path: []}
                yield Change(f"line {site.line}: {target.id} made anew", edits)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method) as own) as call
        ) if method.endswith("_") and any(".grad" in ast.unparse(one) for one in call.args):
            made = with_fields(call, func=with_fields(own, attr=method.removesuffix("_")))
            stored = ast.Name(name, ast.Store())
            yield site.replace(ast.Assign([stored], made, lineno=site.line))


def _not_required(site: Site) -> Iterator[Change]:
    yield from drop_keyword("requires_grad")(site)
    yield from drop_call("requires_grad_")(site)
    match site.node:
        case ast.Expr(value=ast.Call() as call) if called(call, "requires_grad_"):
            yield site.drop()
        case ast.Assign(targets=[ast.Attribute(attr="requires_grad")]):
            yield site.drop()


def _number_for_loss(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _trains(site):
            function = function_of(site)
            if any(is_code(f"{name}.backward()", one) for one in ast.walk(function or ast.Pass())):
                number = fill("_x.item()", {"_x": value})
                yield site.replace(with_fields(site.node, value=number))


def _graph_kept(site: Site) -> Iterator[Change]:
    match (site.node, site.parent):
        case (
            ast.Call(func=ast.Attribute(value=owner, attr="item")),
            ast.AugAssign() | ast.BinOp(),
        ):
            if any(isinstance(one, ast.AugAssign) for one in site.parents):
                yield site.replace(owner)
        case (ast.Call(func=ast.Name(id="float"), args=[owner]), ast.AugAssign() | ast.BinOp()):
            if any(isinstance(one, ast.AugAssign) for one in site.parents):
                yield site.replace(owner)
        case (ast.Call(func=ast.Attribute(value=owner, attr="item")), ast.Call()):
            if called(site.parent, "append"):
                yield site.replace(owner)


def _optimizer_in_loop(site: Site) -> Iterator[Change]:
    if isinstance(site.node, ast.Assign) and ".optim." in f".{ast.unparse(site.node.value)}":
        yield from lower(site)


def _not_registered(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=function, args=[inner]) if ast.unparse(function) in (
            "nn.ModuleList", "torch.nn.ModuleList", "nn.ModuleDict", "torch.nn.ModuleDict"
        ):  # fmt: skip
            yield site.replace(inner)
        case ast.Call(func=function, args=[inner, *_]) if ast.unparse(function) in (
            "nn.Parameter", "torch.nn.Parameter"
        ):  # fmt: skip
            yield site.replace(inner)


def _no_super(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Expr(value=ast.Call() as call) if "super()" in ast.unparse(call.func) or (
            ast.unparse(call.func).startswith("super(")
        ):
            if called(call, "__init__"):
                yield site.drop()


def _value_for_gradient(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Attribute(value=owner, attr="grad") if is_value(site) and isinstance(
            site.parent, ast.Return | ast.Tuple
        ):
            yield site.replace(owner)
        case ast.Return(value=ast.Tuple(elts=elements)):
            owners = [one.value for one in elements if isinstance(one, ast.Attribute)]
            if len(owners) == len(elements) and all(one.attr == "grad" for one in elements):  # type: ignore[attr-defined]
                yield site.replace(ast.Return(ast.Tuple(owners, ast.Load())))


def _parameter_cut_off(site: Site) -> Iterator[Change]:
    function = function_of(site)
    match site.node:
        case ast.Attribute(value=ast.Name(id="self")) if (
            is_value(site)
            and function is not None
            and function.name in ("forward", "__call__", "predict")
            and site.field != "func"
        ):
            yield site.replace(fill("_x.detach()", {"_x": site.node}))


def _losses(site: Site) -> list[str]:
    """Return the names of what goes backward in the function around a site."""
    found = []
    for one in ast.walk(function_of(site) or ast.Pass()):
        match one:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="backward")):
                found.append(name)
    return found


def _loss_for_gradient(site: Site) -> Iterator[Change]:
    updated = any(isinstance(one, ast.AugAssign | ast.BinOp) for one in site.parents)
    match site.node:
        case ast.Attribute(attr="grad") if is_value(site) and updated:
            for name in _losses(site)[:1]:
                yield site.replace(ast.Name(name, ast.Load()))


def _after_the_step(site: Site) -> Iterator[Change]:
    """Return the loss as it is after the step: computed once more."""
    value = site.node.value if isinstance(site.node, ast.Return) else None
    function = function_of(site)
    if value is None or function is None or not any(map(_updates, ast.walk(function))):
        return
    for name in _losses(site)[:1]:
        made = assigned(site, name)
        where = (one.path for one in sites(site.node) if is_code(name, one.node))
        path = next(where, None)
        if made is not None and path is not None:
            yield site.replace(edited(site.node, {path: made}))


def _after_the_step_of_a_batch(site: Site) -> Iterator[Change]:
    """Note the loss of a batch as it is after the step: computed once more."""
    loop = site.parent
    if not isinstance(loop, ast.For) or not isinstance(site.node, ast.AugAssign | ast.Expr):
        return
    before = loop.body[: loop.body.index(site.node)] if site.node in loop.body else []
    for name in _losses(site)[:1] if any(map(_updates, before)) else ():
        made = assigned(site, name)
        path = next((one.path for one in sites(site.node) if is_code(name, one.node)), None)
        if made is not None and path is not None:
            yield site.replace(edited(site.node, {path: made}))


def _several_steps(site: Site) -> Iterator[Change]:
    function = site.node
    if not isinstance(function, ast.FunctionDef) or len(function.body) < 3:
        return
    *body, last = function.body
    loops = any(isinstance(one, ast.For) and _trains_in(one) for one in body)
    if isinstance(last, ast.Return) and any(map(_trains_in, body)) and not loops:
        start = body_start(function)
        for count in (2, 10, 30, 100):
            loop = ast.For(
                ast.Name("_", ast.Store()),
                fill(f"range({count})", {}),
                body[start:],
                [],
                lineno=site.line,
            )
            new = [*body[:start], loop, last]
            yield site.change(f"{count} steps", with_fields(function, body=new))


def _trains_in(node: ast.AST) -> bool:
    return any(called(one, "backward") for one in ast.walk(node))


def _cleared_outside(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.For(target=ast.Name(), body=[*first, last]) if first and clears(last):
            if any(map(_updates, first)):
                shorter = with_fields(site.node, body=first)
                yield site.change("cleared outside the loop", [shorter, last])


def _gathered(site: Site) -> Iterator[Change]:
    """Clear before a loop over batches and take a step after it."""
    if not isinstance(site.node, ast.For):
        return
    body = site.node.body
    clearing = [one for one in body if clears(one)]
    steps = [one for one in body if _calls(one, "step")]
    if len(clearing) == len(steps) == 1 and any(_calls(one, "backward") for one in body):
        rest = [one for one in body if one not in (*clearing, *steps)]
        yield site.change("a step", [*clearing, with_fields(site.node, body=rest), *steps])


def _cleared_too_early(site: Site) -> Iterator[Change]:
    """Clear by hand before going backward for the first time."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    for one in sites(function, site.path, site.parents):
        match one.node:
            case ast.For(body=[*first, last]) if (
                first and clears(last) and ".zero_" in ast.unparse(last)
            ):
                shorter = with_fields(one.node, body=first)
                early = with_fields(one.node, body=[last])
                changed = edited(function, {one.path: shorter}, site.path)
                yield site.change("cleared too early", begun_with(changed, early))


MISTAKES = (
    Mistake(
        "gradients_add_up",
        1,
        _not_cleared,
        "The first step is right; each further one also includes the gradients of earlier steps.",
        "Going backward adds to the existing gradients; it does not start over.",
        "Look for the line that clears the gradients: is it there, once for each step?",
        KARPATHY,
    ),
    Mistake(
        "cleared_before_the_step",
        1,
        _cleared_early,
        "The gradients are cleared before they are used, so that nothing is learned from them.",
        "The step needs the gradients that going backward has just found.",
        "Look at the order of the lines in a step.",
        KARPATHY,
    ),
    Mistake(
        "cleared_once",
        2,
        _cleared_once,
        "The gradients are cleared once, before the loop, and then add up from step to step.",
        "Going backward adds to the existing gradients; every step needs to begin without any.",
        "Look at where the gradients are cleared, and how often that line runs.",
        KARPATHY,
    ),
    Mistake(
        "no_backward",
        1,
        _no_statement("backward"),
        "There are no gradients where they are needed.",
        "They are there after going backward through the loss, until they are cleared.",
        "Look at the lines between the loss and the step.",
        f"{HUMBATOVA}: missing API call",
    ),
    Mistake(
        "no_step",
        1,
        _no_update,
        "The model's own parameters stay where they are: no step changes them.",
        "Going backward changes no parameter, nor does a step with other tensors.",
        "Look at the lines after going backward: which tensors do they change?",
        f"{HUMBATOVA}: missing API call",
    ),
    Mistake(
        "backward_twice",
        2,
        _twice,
        "The gradients are twice as large as they should be: the code goes backward twice.",
        "Each time adds its gradients to the existing ones.",
        "Count how often a step goes backward.",
        KARPATHY,
    ),
    Mistake(
        "cut_off",
        1,
        any_of(
            _detached,
            rewrite(
                ("F.cross_entropy(_a, _y)", "F.cross_entropy(_a.detach(), _y).requires_grad_()")
            ),
        ),
        "A value is cut off from what it was computed from, so that no gradient flows back.",
        "Detached tensors, plain numbers and NumPy arrays keep no record of where they come from.",
        "Follow the prediction to the loss: where does it stop being a tensor with a history?",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "array_for_tensor",
        2,
        _as_array,
        "The result is a NumPy array, not a tensor.",
        "No gradient can flow back through an array.",
        "Look for a conversion to NumPy in the forward pass.",
        f"{HUMBATOVA}: tensors and inputs",
    ),
    Mistake(
        "nothing_recorded",
        1,
        _unrecorded,
        "Everything is computed without being recorded, so that there is no gradient.",
        "What is computed while recording is switched off has no history to go back through.",
        "Look at which lines need recording, and which do not.",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "update_recorded",
        1,
        _recorded,
        "The update changes a parameter in place while operations on it are recorded.",
        "The update is not part of the model; PyTorch refuses to record it.",
        "Look at what surrounds the update.",
        "PyTorch, Autograd mechanics: in-place operations, docs.pytorch.org/docs/stable/notes",
    ),
    Mistake(
        "rebound",
        1,
        _rebound,
        "The parameters do not change: an update makes a new tensor and gives it their name.",
        "A name that is assigned to in a loop no longer stands for the item of the list.",
        "Look at the update: does it change the tensor itself?",
        "Python documentation, Programming FAQ: how do I write a function with output parameters",
    ),
    Mistake(
        "gradient_not_required",
        1,
        _not_required,
        "PyTorch does not keep a gradient for a tensor that needs one.",
        "It records only what is computed from tensors that it was told to record.",
        "Look at how the tensor is made.",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "number_for_loss",
        2,
        _number_for_loss,
        "The loss is turned into a plain number before going backward.",
        "A number keeps no record of how it was computed.",
        "Look at what happens to the loss between its computation and going backward.",
        f"{HUMBATOVA}: tensors and inputs",
    ),
    Mistake(
        "array_of_a_recorded_tensor",
        2,
        _array_of_a_recorded_tensor,
        "A tensor that autograd follows is turned into an array.",
        "An array has no gradients, so PyTorch refuses until they are not needed any more.",
        "Look at where you call the model: does anybody need gradients there?",
        PYTORCH_FAQ,
    ),
    Mistake(
        "history_kept",
        2,
        _graph_kept,
        "What is added up or kept are tensors with their whole history, not numbers.",
        "The memory of every step is held until the end, and the result is a tensor.",
        "Look at what you do with the loss of a step after the step.",
        PYTORCH_FAQ,
    ),
    Mistake(
        "optimizer_made_anew",
        2,
        _optimizer_in_loop,
        "The optimizer is made anew in every round.",
        "It forgets its momentum, and what else it has gathered about the steps so far.",
        "Look at where it is made, and how often that line runs.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "not_registered",
        2,
        _not_registered,
        "Parameters are not registered with the module.",
        "A module finds what it should learn only if it is told that these are parameters.",
        "Print the names of the module's parameters.",
        "pytorch/pytorch#1053: submodules in a list are not registered as parameters",
    ),
    Mistake(
        "no_super_init",
        1,
        _no_super,
        "The constructor of the base class does not run.",
        "A module can hold layers only after its base class has been set up.",
        "Look at the first line of the constructor.",
        f"{HUMBATOVA}: missing API call",
    ),
    Mistake(
        "value_for_gradient",
        1,
        _value_for_gradient,
        "The value of a tensor is returned, not its gradient.",
        "Going backward stores the gradient in another attribute of the tensor.",
        "Look at the `return` line.",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "parameter_cut_off",
        2,
        _parameter_cut_off,
        "The result is right, but a parameter is cut off: no gradient flows back to it.",
        "Detached tensors and plain numbers keep no record of where they come from.",
        "Look at how each parameter is used in the forward pass.",
        f"{ISLAM}: API misuse",
    ),
    Mistake(
        "loss_for_gradient",
        2,
        _loss_for_gradient,
        "The parameters move by the loss, not by their gradients.",
        "A loss says how bad it is; only a gradient says which way is better, for each parameter.",
        "Look at what the learning rate is multiplied with.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "loss_after_the_step",
        2,
        any_of(_after_the_step, _after_the_step_of_a_batch),
        "The loss that is returned is the one after the step.",
        "The task asks for the loss from which the step was computed.",
        "Look for a loss that is computed once more, after the step.",
        f"{ALZAHRANI}: function errors",
    ),
    Mistake(
        "several_steps_in_one",
        2,
        _several_steps,
        "The function takes several steps at once.",
        "Its caller repeats the step; the function takes a single one.",
        "Look for a loop around the whole step.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "one_step_for_all_batches",
        2,
        _gathered,
        "There is one step for all batches together, not one for each batch.",
        "The gradients of all batches add up first, and the model learns more slowly.",
        "Look at the indentation of the line that takes a step.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "cleared_for_the_last_only",
        2,
        _cleared_outside,
        "Only the gradient of the last parameter is cleared; the others add up.",
        "After a loop its variable stands for the last item only.",
        "Look at the indentation of the line that clears.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "cleared_too_early",
        2,
        _cleared_too_early,
        "The gradients are cleared before there are any.",
        "A tensor has no gradient until the code has gone backward once.",
        "Look at the order of the lines in a step.",
        KARPATHY,
    ),
)
