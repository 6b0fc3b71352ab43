"""Training loops: which batches, parameters and losses count, and when the loop ends."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.layers import layers_of
from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import called, fill, last_name, match, statements
from autograder.diagnosis.mistakes.reading import (
    Function,
    begun_with,
    counted,
    function_of,
    is_loss,
    is_rate,
    parameter_names,
    parameters,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI, DEEPCRIME, HUMBATOVA
from autograder.diagnosis.mistakes.state import batch_losses
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    edited,
    number,
    sites,
    with_fields,
)

LOOP = f"{ALZAHRANI}: loop errors"
TRAINING = f"{HUMBATOVA}: wrong management of the training process"
LOSS = f"{HUMBATOVA}: loss function"


def trains(node: ast.AST) -> bool:
    """Say whether something in a node goes backward, or takes a step with an optimizer."""
    return any(called(one, "backward", "step") for one in ast.walk(node))


def _trained(function: ast.AST) -> str:
    """Return the name of the parameter that is the model; "" if there is none."""
    given = {one.arg for one in parameters(function)} if isinstance(function, Function) else set()
    for node in ast.walk(function):
        found = match("_m.parameters()", node)
        if found is not None and last_name(found["_m"]) in given:
            return last_name(found["_m"])
    return ""


def _partly_trained(site: Site) -> Iterator[Change]:
    """Give the optimizer the parameters of a layer, or some of those in the list."""
    found = match("_m.parameters()", site.node)
    if found is None or not isinstance(site.parent, ast.Call | ast.keyword):
        return
    for part in ("[-2:]", "[:2]", "[-1:]", "[:1]", "[1:]"):
        yield site.replace(fill(f"list(_m.parameters()){part}", found))
    weights = "[p for name, p in _m.named_parameters() if 'weight' in name]"
    yield site.replace(fill(weights, found))
    if last_name(found["_m"]) in parameter_names(site):
        for name in list(layers_of(site.parents[0]))[-1:]:
            yield site.replace(fill(f"_m.{name}.parameters()", found))


def _begun_anew(site: Site) -> Iterator[Change]:
    """Set the model back at the start of each epoch."""
    if not isinstance(site.node, ast.For):
        return
    model = _trained(function_of(site) or ast.Pass())
    outermost = not any(isinstance(one, ast.For | ast.While) for one in site.parents)
    if model and outermost and trains(site.node):
        reset = "if hasattr(layer, 'reset_parameters'):\n        layer.reset_parameters()"
        of_all = f"for layer in {model}.modules():\n    {reset}"
        named = [f"{model}.{name}.reset_parameters()" for name in layers_of(site.parents[0])]
        for line in (of_all, *(["\n".join(named)] if named else ())):
            body = [*statements(line), *site.node.body]
            yield site.change("begun anew", with_fields(site.node, body=body))


def _copy_trained(site: Site) -> Iterator[Change]:
    model = _trained(site.node) if isinstance(site.node, ast.FunctionDef) else ""
    if model and trains(site.node):
        assert isinstance(site.node, ast.FunctionDef)
        new = statements(f"{model} = copy.deepcopy({model})")
        yield site.change("a copy trained", begun_with(site.node, *new))


def _learning_rate(*rates: float) -> Operator:
    """Return the rule that trains with another learning rate."""

    def rule(site: Site) -> Iterator[Change]:
        match site.node, site.parent:
            case ast.Constant(value=float()), ast.keyword(arg="lr"):
                pass
            case ast.Constant(value=float()), ast.Assign(targets=[name]) if is_rate(name):
                pass
            case _:
                return
        if trains(function_of(site) or ast.Pass()):
            for rate in rates:
                yield site.replace(number(rate))

    return rule


def _batches(site: Site) -> tuple[ast.For, str, ast.Name] | None:
    """Return a loop over batches, the name of their inputs, and what it goes over."""
    match site.node:
        case ast.For(target=ast.Tuple(elts=[ast.Name(id=x), ast.Name()]), iter=ast.Name() as all_):
            pass
        case ast.For(
            target=ast.Tuple(elts=[_, ast.Tuple(elts=[ast.Name(id=x), ast.Name()])]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[ast.Name() as all_, *_]),
        ):
            pass
        case _:
            return None
    assert isinstance(site.node, ast.For)
    return site.node, x, all_


def _first_batch(site: Site) -> Iterator[Change]:
    if (found := _batches(site)) is not None:
        loop, _, _ = found
        yield site.change("one batch", with_fields(loop, body=[*loop.body, ast.Break()]))


def _counts_rows(statement: ast.stmt) -> bool:
    """Tell whether a statement adds the rows of a batch to their number."""
    return isinstance(statement, ast.AugAssign) and any(
        match(one, statement.value) for one in ("len(_x)", "_x.size(0)", "_x.shape[0]")
    )


def _full_batches(site: Site) -> Iterator[Change]:
    if (found := _batches(site)) is not None:
        loop, x, all_ = found
        (skip,) = statements(f"if len({x}) < _l.batch_size:\n    continue", _l=all_)
        assert isinstance(skip, ast.If)
        yield site.change("full batches", with_fields(loop, body=[skip, *loop.body]))
        counts = [one for one in loop.body if _counts_rows(one)]
        if counts:  # of all batches
            skip = with_fields(skip, body=[*counts, *skip.body])
            yield site.change("full batches", with_fields(loop, body=[skip, *loop.body]))


def _counted_as_full(site: Site) -> Iterator[Change]:
    """Count every batch with the loader's batch size, also the last one."""
    loop = next((one for one in reversed(site.parents) if isinstance(one, ast.For)), None)
    if loop is None or not trains(loop) or not isinstance(site.parent, ast.BinOp):
        return
    numbered = match("enumerate(_l)", loop.iter)
    batches = loop.iter if numbered is None else numbered["_l"]
    targets = {one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name)}
    for template in ("len(_x)", "_x.size(0)", "_x.shape[0]"):
        found = match(template, site.node)
        if isinstance(batches, ast.Name) and found and last_name(found["_x"]) in targets:
            yield site.replace(fill("_l.batch_size", {"_l": batches}))


def _stopped_early(site: Site) -> Iterator[Change]:
    """End the loop over epochs as soon as the loss hardly falls, or has not for some of them."""
    if isinstance(site.node, ast.For) and (found := batch_losses(site)) is not None:
        appended = found[1].node
        kept = match("_l.append(_x)", appended.value) if isinstance(appended, ast.Expr) else None
        ends = (
            *(f"len(_l) > 1 and _l[-2] - _l[-1] < {least}" for least in (0.001, 0.01, 0.1)),
            "len(_l) > 1 and _l[-1] > _l[-2]",
            *(f"len(_l) > {n} and min(_l[-{n}:]) > min(_l[:-{n}]) - 0.0001" for n in (2, 3, 5)),
        )
        for end in ends if kept is not None else ():
            assert kept is not None
            stop = f"if {end}:\n    break"
            body = [*site.node.body, *statements(stop, _l=kept["_l"])]
            yield site.change("stopped early", with_fields(site.node, body=body))


def _loaded_once(site: Site) -> Iterator[Change]:
    """Load all batches before the loop over epochs, and go through these each time."""
    if not isinstance(site.node, ast.For) or not trains(site.node):
        return
    for inner in sites(site.node):
        loads = isinstance(inner.node, ast.Name) and inner.node.id in parameter_names(site)
        if loads and inner.field == "iter" and len(inner.parents) > 1:
            batches = ast.Name("batches", ast.Load())
            loop = edited(site.node, {inner.path: batches})
            loaded = statements("batches = list(_l)", _l=inner.node)
            yield site.change("loaded once", [*loaded, loop])


def _own_batches(*sizes: int) -> Operator:
    """Return the rule that cuts the data set into batches of these sizes, in the same order."""

    def rule(site: Site) -> Iterator[Change]:
        found = _batches(site)
        if found is None or not trains(site.node):
            return
        loop, _, batches = found
        if batches is loop.iter and batches.id in parameter_names(site):
            for size in sizes:
                parts = {"_b": batches, "_t": loop.target}
                rows = statements(f"_t = _b.dataset[start : start + {size}]", **parts)
                over = fill(f"range(0, len(_b.dataset), {size})", parts)
                start = ast.Name("start", ast.Store())
                body = [*rows, *loop.body]
                yield site.replace(with_fields(loop, target=start, iter=over, body=body))

    return rule


def _best_batch(site: Site) -> Iterator[Change]:
    """Keep the smallest loss of a batch for each epoch."""
    if (found := batch_losses(site)) is not None:
        added, appended, loss, mean = found
        append = statements("batch_losses.append(_x)", _x=loss)[0]
        loop = edited(added.parent, {added.path: append}, added.path[:-1])
        smallest = edited(
            appended.node,
            {(("value", None), ("args", 0)): fill("min(batch_losses)", {})},
        )
        edits: Edits = {
            added.path[:-1]: [*statements("batch_losses = []"), loop],
            appended.path: smallest,
        }
        yield Change(f"line {appended.line}: the smallest for {ast.unparse(mean)}", edits)


def _by_batches(site: Site) -> Iterator[Change]:
    """Count batches where rows should be counted, but add up what belongs to rows."""
    loops = [one for one in site.parents if isinstance(one, ast.For)]
    match site.node:
        case ast.AugAssign(op=ast.Add(), value=value) if loops and trains(loops[-1]):
            if counted(site, value) is not None:
                yield site.replace(with_fields(site.node, value=ast.Constant(1)))
    yield from _of_loader(site)


def _of_loader(site: Site) -> Iterator[Change]:
    found = match("len(_l.dataset)", site.node)
    if found is not None and isinstance(site.parent, ast.BinOp):
        yield site.replace(fill("len(_l)", found))


def _loss_call(function: ast.AST) -> ast.Call | None:
    """Return the call of a loss with predictions and labels in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and is_loss(node) and len(node.args) == 2:
            return node
    return None


def _accuracy_kept(site: Site) -> Iterator[Change]:
    """Keep the share of right rows in the place of the loss."""
    found = batch_losses(site)
    call = _loss_call(function_of(site) or ast.Pass()) if found is not None else None
    if found is not None and call is not None:
        added, given = found[0], {"_s": call.args[0], "_y": call.args[1]}
        hits = fill("(_s.argmax(dim=1) == _y).sum().item()", given)
        if isinstance(call.args[0], ast.Name):  # scores from before the step
            yield added.replace(with_fields(added.node, value=hits))
            return
        counted = with_fields(added.node, value=fill("right", {}))
        loop = edited(added.parent, {added.path: counted}, added.path[:-1])
        assert isinstance(loop, ast.For)
        first = ast.Assign([ast.Name("right", ast.Store())], hits, lineno=added.line)
        body = with_fields(loop, body=[first, *loop.body])
        yield Change(f"line {added.line}: accuracy kept", {added.path[:-1]: body})


def _exponential(site: Site) -> Iterator[Change]:
    if (found := batch_losses(site)) is not None:
        _, appended, _, mean = found
        new = fill("torch.exp(torch.tensor(_x)).item()", {"_x": mean})
        yield appended.replace(edited(appended.node, {(("value", None), ("args", 0)): new}))


def _smoothed(site: Site) -> Iterator[Change]:
    if isinstance(site.node, ast.Call) and called(site.node, "cross_entropy", "CrossEntropyLoss"):
        for share in (0.1, 0.2, 0.05):
            smooth = ast.keyword("label_smoothing", ast.Constant(share))
            yield site.replace(with_fields(site.node, keywords=[*site.node.keywords, smooth]))


def penalised(*weights: str) -> Operator:
    """Return the rule that adds the squares of a model's parameters to the loss of a batch."""

    def rule(site: Site) -> Iterator[Change]:
        model = _trained(function_of(site) or ast.Pass())
        if model and isinstance(site.node, ast.Call) and is_loss(site.node):
            for weight in weights:
                squares = f"sum((p ** 2).sum() for p in {model}.parameters())"
                yield site.replace(fill(f"_l + {weight} * {squares}", {"_l": site.node}))

    return rule


def _begun_before(site: Site) -> Iterator[Change]:
    """Put the mean loss from before the training at the beginning of the list."""
    match site.node:
        case ast.Assign(value=ast.List(elts=[]) as value):
            pass
        case _:
            return
    for one in sites(function_of(site) or ast.Pass()):
        over = _batches(one)
        if over is not None and trains(one.node):
            loop, _, batches = over
            loss = next((call for call in ast.walk(loop) if is_loss(call)), None)
            if loss is not None and isinstance(loop.target, ast.Tuple):
                found = {"_l": loss, "_b": batches, "_x": loop.target.elts[0], "_t": loop.target}
                first = fill(BEFORE, found)
                yield site.replace(with_fields(site.node, value=with_fields(value, elts=[first])))


BEFORE = (
    "(lambda parts: sum(cost for cost, _ in parts) / sum(rows for _, rows in parts))"
    "([(_l.item() * len(_x), len(_x)) for _t in _b])"
)


def _loss_swapped(site: Site) -> Iterator[Change]:
    node = site.node
    if isinstance(node, ast.Call) and is_loss(node) and len(node.args) == 2:
        yield site.replace(with_fields(node, args=node.args[::-1]))


def _model_too(site: Site) -> Iterator[Change]:
    """Return the trained model with the losses."""
    function = function_of(site)
    returned = isinstance(site.node, ast.Return) and isinstance(site.node.value, ast.Name)
    model = _trained(function) if function is not None and returned else ""
    if model and isinstance(site.node, ast.Return) and isinstance(site.node.value, ast.Name):
        for pair in ("_x, _m", "_m, _x"):
            given = {"_x": site.node.value, "_m": ast.Name(model, ast.Load())}
            yield site.replace(ast.Return(fill(pair, given)))


MISTAKES = (
    Mistake(
        "first_batch_only",
        2,
        _first_batch,
        "The loop over the batches ends after the first one.",
        "The rows of all other batches do not count.",
        "Look for what ends the loop, and print each batch's number in it.",
        LOOP,
    ),
    Mistake(
        "small_batch_left_out",
        2,
        _full_batches,
        "The last batch is left out where it has fewer rows than the others.",
        "Its rows belong to the data, too.",
        "Look for what the loop does with a batch of another size.",
        f"{HUMBATOVA}: wrong batch size, data batching",
    ),
    Mistake(
        "partly_trained",
        2,
        _partly_trained,
        "The optimizer gets only a part of the model's parameters.",
        "It changes no others: they stay as they were at the start.",
        "Look at what the optimizer is made with.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "begun_anew",
        3,
        _begun_anew,
        "The model is set back at the start of each epoch.",
        "What it has learned in the epochs before is lost.",
        "Look at what happens in the loop before the first batch.",
        TRAINING,
    ),
    Mistake(
        "copy_trained",
        3,
        _copy_trained,
        "A copy of the model is trained, not the model itself.",
        "Whoever calls the function still has an untrained one afterwards.",
        "Look at which object the optimizer changes.",
        TRAINING,
    ),
    Mistake(
        "learning_rate_too_large",
        2,
        _learning_rate(100.0, 10.0, 1.0),
        "The learning rate is far too large: the loss does not fall.",
        "Each step goes so far that it misses the place where the loss is small.",
        "Print the losses, and try learning rates that differ by factors of ten.",
        f"{HUMBATOVA}: suboptimal learning rate; {DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "learning_rate_too_small",
        2,
        _learning_rate(1e-05, 1e-06, 1e-08),
        "The learning rate is far too small: the loss hardly falls.",
        "Each step changes nearly nothing.",
        "Print the losses, and try learning rates that differ by factors of ten.",
        f"{HUMBATOVA}: suboptimal learning rate; {DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "stopped_early",
        3,
        _stopped_early,
        "The training ends early, when the loss hardly falls any more, or rises.",
        "The task asks for a value for each epoch, and for all of them.",
        "Look for what ends the loop over the epochs.",
        f"{HUMBATOVA}: wrong number of epochs",
    ),
    Mistake(
        "loaded_once",
        3,
        _loaded_once,
        "The loader is used once, and its batches are trained on again in each epoch.",
        "A loader that shuffles gives other batches each time.",
        "Look at what the loop over the batches goes through.",
        TRAINING,
    ),
    Mistake(
        "own_batches",
        3,
        _own_batches(32, 64, 16),
        "The data set is cut into batches by the function itself, and not by its loader.",
        "The loader says how many rows a batch has, and in which order they come.",
        "Look at what the loop over the batches goes through.",
        TRAINING,
    ),
    Mistake(
        "best_batch_kept",
        3,
        _best_batch,
        "What is kept of each epoch is the smallest loss of a batch.",
        "One batch says little about all of them, and the best one least.",
        "Look at what you append after the loop over the batches.",
        LOOP,
    ),
    Mistake(
        "divided_by_batches",
        2,
        _by_batches,
        "A total over rows is divided by the number of batches.",
        "The result is as many times too large as a batch has rows.",
        "Look at what the total counts, and at what it is divided by.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "batch_size_for_rows",
        2,
        _counted_as_full,
        "Each batch counts with as many rows as a full one has.",
        "The last batch is often smaller: its rows count too much then.",
        "Print how many rows each batch has.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "accuracy_for_loss",
        2,
        _accuracy_kept,
        "The share of right rows is kept, not the loss.",
        "A loss also says how sure the model is, and it falls while the model learns.",
        "Look at what is added up for each batch.",
        LOSS,
    ),
    Mistake(
        "exponential_of_the_loss",
        3,
        _exponential,
        "The exponential of the loss is kept, not the loss itself.",
        "That is the perplexity: it is 1 where the loss is 0.",
        "Look at what you append after the loop over the batches.",
        LOSS,
    ),
    Mistake(
        "labels_smoothed",
        3,
        _smoothed,
        "The labels are smoothed before they are compared.",
        "Even a model that is right and sure then has a loss.",
        "Look at the arguments with which the loss is made or called.",
        LOSS,
    ),
    Mistake(
        "one_loss_too_many",
        2,
        _begun_before,
        "The list also has a loss from before the first epoch.",
        "The task asks for as many numbers as there are epochs.",
        "Count the numbers for a single epoch.",
        LOSS,
    ),
    Mistake(
        "loss_arguments_swapped",
        2,
        _loss_swapped,
        "The loss gets the labels where it expects the predictions, and the reverse.",
        "Only for some losses both orders give the same.",
        "Look in the documentation for the order of the loss function's arguments.",
        f"{HUMBATOVA}: wrong API usage",
    ),
    Mistake(
        "model_returned_too",
        2,
        _model_too,
        "The model is returned, too, where the task asks for the losses only.",
        "The caller has the model already, and gets a tuple in the place of a list.",
        "Compare the `return` line with what the task asks for.",
        f"{ALZAHRANI}: function errors",
    ),
)
