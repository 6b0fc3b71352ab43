"""Gradient descent: where it starts, what a step is, on which rows, and when it ends."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.needed_imports import is_of_torch
from autograder.diagnosis.mistakes.patterns import (
    any_of,
    called,
    fill,
    filled,
    is_value,
    match,
    statements,
)
from autograder.diagnosis.mistakes.reading import (
    TARGETS,
    begun_with,
    function_of,
    is_rate,
    lower,
    parameter_names,
    parameters,
    uses,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI, DEEPCRIME, HUMBATOVA
from autograder.diagnosis.mistakes.training_loops import penalised
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

CASTING = "NumPy documentation, Universal functions: type casting rules of operations in place"


@dataclass(frozen=True)
class Step:
    """A step against a gradient in a loop: `w = w - lr * g`, or `w -= lr * g`."""

    loop: Site
    index: int
    weights: ast.Name
    rate: ast.expr
    slope: ast.expr

    @property
    def found(self) -> Mapping[str, ast.AST]:
        """What its parts are called in templates."""
        return {"_w": self.weights, "_r": self.rate, "_g": self.slope}

    @property
    def body(self) -> list[ast.stmt]:
        """The statements of the loop."""
        assert isinstance(self.loop.node, ast.For | ast.While)
        return self.loop.node.body

    def with_step(self, template: str, **found: ast.AST) -> list[ast.stmt]:
        """Return the loop's body with other statements in the place of the step."""
        new = statements(template, **self.found, **found)
        return [*self.body[: self.index], *new, *self.body[self.index + 1 :]]

    def loop_with(self, body: list[ast.stmt]) -> ast.stmt:
        """Return the loop with another body."""
        loop: ast.stmt = with_fields(self.loop.node, body=body)
        return loop


def _step(site: Site) -> Step | None:
    """Return the step at a site in the body of a loop, if there is one, of NumPy arrays."""
    match site.node:
        case ast.Assign(
            targets=[ast.Name() as weights],
            value=ast.BinOp(left=ast.Name() as before, op=ast.Sub(), right=change),
        ) if weights.id == before.id:
            pass
        case ast.AugAssign(target=ast.Name() as weights, op=ast.Sub(), value=change):
            pass
        case _:
            return None
    _, index = site.path[-1]
    loop = isinstance(site.parent, ast.For | ast.While) and site.field == "body"
    if not loop or index is None or is_of_torch(site.parents[0]):
        return None
    around = Site(site.parent, site.path[:-1], site.parents[:-1])
    read = ast.Name(weights.id, ast.Load())
    match change:
        case ast.BinOp(left=rate, op=ast.Mult(), right=slope) if is_rate(rate):
            return Step(around, index, read, rate, slope)
        case ast.BinOp(left=slope, op=ast.Mult(), right=rate) if is_rate(rate):
            return Step(around, index, read, rate, slope)
    return None


def _steps(*templates: str) -> Operator:
    """Return the rule that takes other steps."""

    def rule(site: Site) -> Iterator[Change]:
        step = _step(site)
        for template in templates if step is not None else ():
            assert step is not None
            yield step.loop.change(template, step.loop_with(step.with_step(template)))

    return rule


def _around(before: str, template: str, after: str = "") -> Operator:
    """Return the rule that takes other steps, with statements before and after the loop."""

    def rule(site: Site) -> Iterator[Change]:
        if (step := _step(site)) is not None:
            loop = step.loop_with(step.with_step(template))
            new = [*statements(before, **step.found), loop, *statements(after, **step.found)]
            yield step.loop.change(template, new)

    return rule


def _decaying(*templates: str) -> Operator:
    """Return the rule that changes the learning rate with the number of the round, `_t`."""

    def rule(site: Site) -> Iterator[Change]:
        step = _step(site)
        match step.loop.node if step is not None else None:
            case ast.For(target=ast.Name(id=name)):
                for template in templates:
                    body = step.with_step(  # type: ignore[union-attr]
                        f"_w = _w - {template} * _g", _t=ast.Name(name, ast.Load())
                    )
                    yield step.loop.change(template, step.loop_with(body))  # type: ignore[union-attr]

    return rule


def _best_of_the_rounds(site: Site) -> Iterator[Change]:
    """Return the weights whose loss was lowest, by a function of that name."""
    step, data = _step(site), _data(site)
    if step is not None and data:
        noted = "seen.append((loss(_w, _X, _y), len(seen), _w))"
        loop = step.loop_with(step.with_step(f"_w = _w - _r * _g\n{noted}", **data))
        before = statements(f"seen = []\n{noted}", **step.found, **data)
        after = statements("_w = min(seen)[-1]", **step.found)
        yield step.loop.change("best of the rounds", [*before, loop, *after])


def _data(site: Site) -> dict[str, ast.Name]:
    """Return the names of the rows and of their labels, as parameters are usually called."""
    found = [p.arg for p in parameters(function_of(site))]
    rows = next((name for name in found if name[:1] == "X"), None)
    labels = next((name for name in found if name in TARGETS), None)
    if rows is None or labels is None:
        return {}
    return {"_X": ast.Name(rows, ast.Load()), "_y": ast.Name(labels, ast.Load())}


def _on_some_rows(first: str, rows: str, loop: str = "") -> Operator:
    """Return the rule that takes each step on some of the rows only.

    Args:
        first: the index of the first row, of `_X`, `_y` and the number of the round, `_t`.
        rows: how many there are.
        loop: over what a further loop inside goes, if there is one.
    """

    def rule(site: Site) -> Iterator[Change]:
        step, data = _step(site), _data(site)
        if step is None or not data or not isinstance(step.loop.node, ast.For):
            return
        found: Mapping[str, ast.AST] = {**data, "_t": step.loop.node.target}
        some = {
            name.id: fill(f"_n[{first} : {first} + {rows}]", {"_n": name, **found})
            for name in data.values()
        }
        body = [filled(statement, some) for statement in step.body]
        if loop:
            (inner,) = statements(f"for start in {loop}:\n    pass", **found)
            body = [with_fields(inner, body=body)]
        yield step.loop.change(f"{rows} rows", step.loop_with(body))

    return rule


def _on_drawn_rows(count: str) -> Operator:
    """Return the rule that takes each step on rows that are drawn, as many as `count` says."""

    def rule(site: Site) -> Iterator[Change]:
        step, data = _step(site), _data(site)
        if step is None or not data:
            return
        drawn = statements(
            f"rows = rng.choice(len(_X), size=min({count}, len(_X)), replace=False)", **data
        )
        some = {one.id: fill("_n[rows]", {"_n": one}) for one in data.values()}
        body = [*drawn, *(filled(statement, some) for statement in step.body)]
        begun = statements("rng = np.random.default_rng(0)")
        yield step.loop.change(f"{count} rows drawn", [*begun, step.loop_with(body)])

    return rule


def _loss_of(step: Step) -> ast.expr | None:
    """Return a call of the notebook's loss with the arguments that its gradient gets."""
    module = step.loop.parents[0]
    losses = [
        one
        for one in getattr(module, "body", ())
        if isinstance(one, ast.FunctionDef) and any(w in one.name for w in ("loss", "cost"))
    ]
    for one in ast.walk(ast.Module(step.body, [])):
        if isinstance(one, ast.Call) and "grad" in ast.unparse(one.func):
            for loss in losses:
                if len(loss.args.args) == len(one.args):
                    return with_fields(one, func=ast.Name(loss.name, ast.Load()))  # type: ignore[no-any-return]
    return None


def _losses_returned(template: str) -> Operator:
    """Return the rule that returns the losses of all rounds, where the weights are asked for."""
    return partial(_with_losses, template)


def _with_losses(template: str, site: Site) -> Iterator[Change]:
    step, function = _step(site), function_of(site)
    loss = _loss_of(step) if step is not None else None
    if step is None or loss is None or function is None:
        return
    *_, last = function.body
    if not isinstance(last, ast.Return) or last.value is None or not match("_w", last.value):
        return
    kept = statements("history.append(_l)", _l=loss)
    where = next(s.path for s in sites(step.loop.parents[0]) if s.node is last)
    for body in ([*kept, *step.body], [*step.body, *kept]):
        begun: list[ast.AST] = [*statements("history = []"), step.loop_with(body)]
        edits: Edits = {step.loop.path: begun, where: ast.Return(fill(template, step.found))}
        yield Change(f"line {site.line}: the losses returned", edits)


def _ends_early(*tolerances: str) -> Operator:
    """Return the rule that ends a loop where a loss or a gradient hardly changes any more."""

    def rule(site: Site) -> Iterator[Change]:
        step = _step(site)
        loss = _loss_of(step) if step is not None else None
        for tolerance in tolerances if step is not None else ():
            assert step is not None
            if loss is not None:
                end = (
                    f"latest = _l\nif abs(previous - latest) < {tolerance}:\n    break\n"
                    "previous = latest"
                )
                body = [*step.body, *statements(end, _l=loss)]
                begun: list[ast.AST] = [*statements("previous = _l", _l=loss), step.loop_with(body)]
                yield step.loop.change(f"ends below {tolerance}", begun)
            end = f"if np.linalg.norm(_g) < {tolerance}:\n    break\n_w = _w - _r * _g"
            yield step.loop.change(tolerance, step.loop_with(step.with_step(end)))

    return rule


def _start(site: Site) -> ast.Call | None:
    """Return the array of zeros that the weights of a descent start from."""
    match site.node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value) if called(
            value, "zeros", "zeros_like"
        ):
            loops = (s for s in sites(function_of(site) or ast.Pass()) if _step(s) is not None)
            changed = [step.weights.id for s in loops if (step := _step(s)) is not None]
            return value if name in changed else None
    return None


def _random_start(site: Site) -> Iterator[Change]:
    start = _start(site)
    if start is not None and called(start, "zeros") and start.args:
        for template in RANDOM:
            new = fill(template, {"_n": start.args[0]})
            yield site.replace(with_fields(site.node, value=new))


RANDOM = (
    *(
        f"{scale}np.random.{generator}.normal(size=_n)"
        for generator in (
            "default_rng(0)",
            "RandomState(0)",
            "RandomState(42)",
            "default_rng(42)",
            "RandomState(1)",
        )
        for scale in ("", "0.01 * ")
    ),
    "np.random.RandomState(0).uniform(size=_n)",
    "np.random.RandomState(42).uniform(size=_n)",
)
"""Where a descent may start by mistake: numbers drawn with one of the usual seeds."""


def _whole_numbers(site: Site) -> Iterator[Change]:
    """Start from whole numbers, or from those that the data are, and change them in place."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    inner = list(sites(function, site.path, site.parents))
    starts = [one for one in inner if _start(one) is not None]
    found = [(one, step) for one in inner if (step := _step(one)) is not None]
    for start, (changed, step) in zip(starts, found, strict=False):
        assert isinstance(start.node, ast.Assign)
        assert isinstance(start.node.value, ast.Call)
        zeros = start.node.value
        data = match("np.zeros(_X.shape[1])", zeros)
        dtypes = ["int"] if data is None else ["int", "_X.dtype"]
        for dtype in dtypes:
            given = ast.keyword("dtype", fill(dtype, data or {}))
            edits: Edits = {
                start.path: with_fields(start.node, value=with_fields(zeros, keywords=[given])),
                changed.path: statements("_w -= _r * _g", **step.found),
            }
            yield Change(f"line {start.line}: zeros of dtype {dtype}", edits)


def _start_in_every_round(site: Site) -> Iterator[Change]:
    if _start(site) is not None:
        yield from lower(site)


def _own_rounds(*counts: str) -> Operator:
    """Return the rule that runs a loop as often as the function itself says."""

    def rule(site: Site) -> Iterator[Change]:
        found = match("range(_n)", site.node) if is_value(site) else None
        rounds = found["_n"] if found else None
        if isinstance(rounds, ast.Name) and rounds.id in parameter_names(site):
            steps = [s for s in sites(site.parent, (), site.parents[:-1]) if _step(s) is not None]
            for count in counts if steps else ():
                new = fill(f"range({count})", _data(site))
                if not uses(new, "_X"):
                    yield site.replace(new)

    return rule


def _at_the_start(template: str) -> Operator:
    """Return the rule that changes the data of a descent before anything else."""

    def rule(site: Site) -> Iterator[Change]:
        function = site.node
        if not isinstance(function, ast.FunctionDef):
            return
        inner = list(sites(function, site.path, site.parents))
        data = _data(inner[0]) if any(_step(one) is not None for one in inner) else {}
        if data:
            yield site.change(template, begun_with(function, *statements(template, **data)))

    return rule


WEIGHTS = ("w", "W", "weights", "theta", "beta", "coef")


def _returned(word: str, site: Site) -> dict[str, ast.AST]:
    """Return what a function with a word in its name returns, and its weights, rows and labels."""
    function = function_of(site)
    if not isinstance(site.node, ast.Return) or site.node.value is None or function is None:
        return {}
    named = next((p.arg for p in parameters(function) if p.arg in WEIGHTS), None)
    if word not in function.name or named is None or is_of_torch(site.parents[0]):
        return {}
    return {"_v": site.node.value, "_w": ast.Name(named, ast.Load()), **_data(site)}


def _result(word: str, *templates: str) -> Operator:
    """Return the rule that changes what a function with a word in its name returns."""

    def rule(site: Site) -> Iterator[Change]:
        found = _returned(word, site)
        for template in templates if found else ():
            new = fill(template, found)
            if not uses(new, "_X"):
                yield site.replace(ast.Return(new))

    return rule


LIMITED = (
    "np.clip(_v, -1, 1)",
    "np.clip(_v, -5, 5)",
    "np.clip(_v, -10, 10)",
    "_v / max(1, np.linalg.norm(_v))",
)
"""How gradients are kept small."""

MISTAKES = (
    Mistake(
        "step_for_weights",
        1,
        _steps("_w = -_r * _g", "_w = _r * _g"),
        "Each step replaces the weights: they are the last step, not the sum of all steps.",
        "A step says how much the weights change, not what they are.",
        "Look at the update: where are the weights that were there before?",
        f"{ALZAHRANI}: variable errors",
    ),
    Mistake(
        "start_in_every_round",
        1,
        _start_in_every_round,
        "The weights are set back to their start in every round.",
        "What the rounds before have learned is then lost, and only the last step is left.",
        "Look at what stands inside the loop, and at what stands before it.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "losses_for_weights",
        1,
        _losses_returned("history"),
        "The losses of the rounds are returned, not the weights.",
        "Losses show whether the descent works; what is asked for is where it ends.",
        "Look at the last line: what is it that you return?",
        f"{ALZAHRANI}: variable errors",
    ),
    Mistake(
        "losses_returned_too",
        1,
        _losses_returned("(_w, history)"),
        "The losses of the rounds are returned together with the weights.",
        "Whoever calls the function expects the weights alone.",
        "Look at the last line: what is it that you return?",
        f"{ALZAHRANI}: variable errors",
    ),
    Mistake(
        "random_start",
        3,
        _random_start,
        "The weights start from random numbers, not from zeros.",
        "After so many steps the descent is then at another place.",
        "Look at the line before the loop.",
        f"{DEEPCRIME}: change weights initialisation",
    ),
    Mistake(
        "whole_numbers_at_the_start",
        2,
        _whole_numbers,
        "The weights are an array of whole numbers, and steps are floats.",
        "An array keeps its dtype when it is changed in place.",
        "Print the dtype of the weights before the loop.",
        CASTING,
    ),
    Mistake(
        "own_number_of_rounds",
        2,
        _own_rounds("1000", "100", "10", "50", "500", "len(_X)"),
        "The loop runs as often as the function itself says.",
        "The caller chooses how many steps there are.",
        "Look at the line of the loop: where does its number of rounds come from?",
        f"{DEEPCRIME}: change number of epochs",
    ),
    Mistake(
        "decaying_rate",
        3,
        _decaying(
            "_r / (1 + _t)",
            "_r / np.sqrt(1 + _t)",
            "_r / (1 + 0.1 * _t)",
            "_r / (1 + 0.01 * _t)",
            "_r * 0.9**_t",
            "_r * 0.95**_t",
            "_r * 0.99**_t",
        ),
        "The learning rate becomes smaller from step to step.",
        "It should stay as the caller has chosen it.",
        "Print the learning rate of the first step, and that of the last one.",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "momentum",
        2,
        any_of(
            _around("velocity = 0 * _w", "velocity = 0.9 * velocity - _r * _g\n_w = _w + velocity"),
            _around(
                "velocity = 0 * _w",
                "velocity = 0.9 * velocity + 0.1 * _g\n_w = _w - _r * velocity",
            ),
            _around("velocity = 0 * _w", "velocity = 0.5 * velocity - _r * _g\n_w = _w + velocity"),
        ),
        "The steps have momentum: each contains a part of those before it.",
        "A step of plain gradient descent depends on the gradient at its place alone.",
        "Look at what you carry from one round to the next.",
        f"{DEEPCRIME}: change optimisation function",
    ),
    Mistake(
        "best_of_the_rounds",
        3,
        _best_of_the_rounds,
        "The weights with the lowest loss are returned, not the last ones.",
        "Where a step goes too far, or the number of steps is given, these are others.",
        "Look at what happens to the weights after the loop.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "mean_of_the_rounds",
        2,
        any_of(
            _around(
                "kept = []", "_w = _w - _r * _g\nkept.append(_w)", "_w = np.mean(kept, axis=0)"
            ),
            _around(
                "kept = []", "kept.append(_w)\n_w = _w - _r * _g", "_w = np.mean(kept, axis=0)"
            ),
        ),
        "The weights are averaged over all rounds.",
        "The descent ends where its last step leads.",
        "Look at what happens to the weights after the loop.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "sign_of_the_gradient",
        2,
        _steps("_w = _w - _r * np.sign(_g)"),
        "Only the sign of the gradient is used.",
        "Each step is then equally long, however steep the slope is.",
        "Look at what you do with the gradient before the step.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "gradient_scaled_to_length_one",
        3,
        any_of(
            _steps("_w = _w - _r * _g / (np.linalg.norm(_g) + 1e-12)"),
            _result("grad", "_v / (np.linalg.norm(_v) + 1e-12)"),
        ),
        "The gradient is scaled to length one.",
        "Only its direction is left: where the slope is flat, it is as long as where it is steep.",
        "Print the length of the gradient at two places.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "gradient_limited",
        3,
        any_of(
            _result("grad", *LIMITED),
            _steps(*(f"_w = _w - _r * {limited.replace('_v', '_g')}" for limited in LIMITED)),
        ),
        "The gradient is cut off at a bound.",
        "Where the slope is steep, it is no longer the derivative of the loss.",
        "Look for bounds on the gradient, and print one that is large.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "one_row_per_step",
        2,
        any_of(
            _on_some_rows("_t % len(_X)", "1"),
            _on_some_rows("start", "1", "range(len(_X))"),
            *(
                _on_some_rows(f"_t % ((len(_X) + {rows} - 1) // {rows}) * {rows}", rows)
                for rows in ("32", "64", "16")
            ),
            *map(_on_drawn_rows, ("32", "10")),
        ),
        "Each step uses one or some of the rows, not all.",
        "The gradient that is asked for is that of the loss over all rows.",
        "Look at which rows the gradient gets.",
        f"{DEEPCRIME}: change batch size",
    ),
    Mistake(
        "step_for_each_batch",
        2,
        any_of(
            *(
                _on_some_rows("start", rows, f"range(0, len(_X), {rows})")
                for rows in ("8", "10", "16", "32", "64", "100", "4", "5", "2")
            )
        ),
        "There is a step for each of several batches in every round.",
        "A step that is asked for uses all rows, and there is one in each round.",
        "Look at which rows the gradient gets, and count the steps.",
        f"{DEEPCRIME}: change batch size",
    ),
    Mistake(
        "ends_early",
        3,
        _ends_early("1e-2", "1e-3", "1e-4", "1e-6"),
        "The loop ends before all rounds are done.",
        "The caller chooses how many steps there are, even if the loss hardly changes any more.",
        "Look for a condition that ends the loop.",
        f"{DEEPCRIME}: change number of epochs",
    ),
    Mistake(
        "scaled_unasked",
        2,
        _at_the_start("_X = (_X - _X.mean(axis=0)) / _X.std(axis=0)"),
        "The features are scaled first, although nobody asks for it.",
        "The weights then belong to the scaled features, and not to those that were given.",
        "Look at what you do with the data before the loop.",
        f"{HUMBATOVA}: preprocessing of training data",
    ),
    Mistake(
        "penalty_added",
        3,
        any_of(
            _result(
                "loss",
                "_v + 0.05 * np.sum(_w**2)",
                "_v + 0.1 * np.sum(_w**2)",
                "_v + 0.01 * np.sum(_w**2)",
                "_v + 0.5 * np.sum(_w**2)",
                "_v + np.sum(_w**2)",
                "_v + np.sum(_w**2) / (2 * len(_X))",
            ),
            _result(
                "grad",
                "_v + 0.1 * _w",
                "_v + 0.01 * _w",
                "_v + _w",
                "_v + _w / len(_X)",
            ),
            _steps(
                *(
                    f"_w = _w - _r * (_g + {penalty} * _w)"
                    for penalty in ("0.01", "0.1", "0.001", "1.0", "0.05", "0.5")
                ),
                *(f"_w = (_w - _r * _g) * {kept}" for kept in ("0.99", "0.999", "0.9")),
            ),
            penalised("0.001", "0.0001", "0.01", "0.1"),
        ),
        "A penalty on large weights is added: it pulls them towards zero.",
        "The task asks for the mean over the rows alone.",
        "Compare your code with the formula, part by part.",
        f"{DEEPCRIME}: add weights regularisation",
    ),
)
