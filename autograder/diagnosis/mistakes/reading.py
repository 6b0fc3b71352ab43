"""What can be told of a reference solution without running it: counts, axes, variables."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.patterns import called, keyword, match, names
from autograder.diagnosis.syntax_tree import Change, Path, Site, with_fields

Function = ast.FunctionDef | ast.AsyncFunctionDef

RATES = names("lr eta alpha learning_rate rate step_size")
AXES = ("axis", "dim")
GIVES_SCORES = ("forward", "__call__", "logits", "scores", "predict", "linear")
LOG_LIKELIHOOD = "_y * np.log(_p) + (1 - _y) * np.log(1 - _p)"
"""That of each row, for probabilities and labels of 0 and 1."""
TARGETS = ("y", "Y", "t", "target", "targets", "y_true", "labels")


def function_of(site: Site) -> Function | None:
    """Return the innermost function around a site."""
    return next((node for node in reversed(site.parents) if isinstance(node, Function)), None)


def own_functions(site: Site) -> dict[str, Function]:
    """Return the functions that the reference solution defines, by name."""
    return {one.name: one for one in ast.walk(site.parents[0]) if isinstance(one, Function)}


def forward_result(site: Site) -> ast.expr | None:
    """Return what a forward pass, or a function that predicts scores, gives back."""
    function = function_of(site)
    if not isinstance(site.node, ast.Return) or function is None:
        return None
    return site.node.value if function.name in GIVES_SCORES else None


def parameters(function: Function | None) -> list[ast.arg]:
    """Return a function's parameters without `self`."""
    if function is None:
        return []
    args = function.args
    return [a for a in (*args.posonlyargs, *args.args, *args.kwonlyargs) if a.arg != "self"]


def parameter_names(site: Site) -> frozenset[str]:
    """Return the names of the parameters of the functions around a site."""
    return frozenset(p.arg for f in site.parents if isinstance(f, Function) for p in parameters(f))


def assigned(site: Site, name: str) -> ast.expr | None:
    """Return what the function around a site assigns to a name; None unless it does so once."""
    found: list[ast.expr] = []
    for node in ast.walk(function_of(site) or ast.Pass()):
        if isinstance(node, ast.AugAssign) and match(name, node.target):
            return None
        if isinstance(node, ast.Assign):
            found += [value for one, value in _pairs(node) if one == name]
    return found[0] if len(found) == 1 else None


def _pairs(statement: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that are assigned to, with values: `X.shape[0]` for `n, d = X.shape`."""
    for target in statement.targets:
        if isinstance(target, ast.Name):
            yield target.id, statement.value
        if isinstance(target, ast.Tuple):
            for index, element in enumerate(target.elts):
                if isinstance(element, ast.Name):
                    yield element.id, _element(statement.value, index)


def _element(value: ast.expr, index: int) -> ast.expr:
    if isinstance(value, ast.Tuple) and index < len(value.elts):
        return value.elts[index]
    return ast.Subscript(value, ast.Constant(index), ast.Load())


COUNTS = ("len(_x)", "_x.shape[0]", "_x.size(0)", "_x.size", "_x.numel()", "_x.shape[-2]")


def counted(site: Site, node: ast.AST) -> ast.AST | None:
    """Return what a node counts the rows or elements of; None if it does not, or nobody knows."""
    for pattern in COUNTS:
        if found := match(pattern, node):
            return found["_x"]
    if isinstance(node, ast.Name):
        value = assigned(site, node.id)
        return counted(site, value) if value is not None else None
    if called(node, "float", "int") and isinstance(node, ast.Call) and node.args:
        return counted(site, node.args[0])
    return None


def squares(node: ast.AST) -> bool:
    """Say whether something in a node is squared, or has a name that says so."""
    return any(
        match("_x ** 2", one) is not None or called(one, "square", "mse_loss", "mean_squared_error")
        for one in ast.walk(node)
    )


def is_rate(node: ast.AST) -> bool:
    """Say whether a node is a learning rate, by its name."""
    return (isinstance(node, ast.Name) and node.id in RATES) or (
        isinstance(node, ast.Attribute) and node.attr in RATES
    )


def axis_of(call: ast.Call, positional: list[ast.expr]) -> ast.expr | None:
    """Return the axis along which a call reduces, if it says one."""
    named = keyword(call, *AXES)
    if named is not None:
        return named.value
    return positional[0] if positional else None


def whole_number(node: ast.AST | None) -> int | None:
    """Return a literal whole number; None for anything else."""
    try:
        value = ast.literal_eval(node) if isinstance(node, ast.expr) else None
    except ValueError:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def uses(node: ast.AST, name: str) -> bool:
    """Say whether a name is read anywhere in a node."""
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def has(function: Function, name: str) -> bool:
    """Say whether a function reads a name, or takes it as a parameter."""
    return uses(function, name) or name in [p.arg for p in parameters(function)]


def names_in(node: ast.AST) -> frozenset[str]:
    """Return the names that occur in a node."""
    return frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def targets(statement: ast.AST) -> frozenset[str]:
    """Return the names that a statement assigns to."""
    return frozenset(
        one.id
        for one in ast.walk(statement)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )


def hoist(loop: Site, index: int) -> Change:
    """Return the change that moves a statement of a loop's body to the line before the loop."""
    assert isinstance(loop.node, ast.For | ast.While)
    body = list(loop.node.body)
    statement = body.pop(index)
    shorter = with_fields(loop.node, body=body or [ast.Pass()])
    return loop.change(f"{ast.unparse(statement)} before the loop", [statement, shorter])


def lower(statement: Site) -> Iterator[Change]:
    """Yield the change that moves a statement into each loop that follows it in its block."""
    *above, (field, index) = statement.path
    if index is None or not isinstance(statement.node, ast.stmt):
        return
    siblings = getattr(statement.parent, field)
    for position in range(index + 1, len(siblings)):
        loop = siblings[position]
        if isinstance(loop, ast.For | ast.While):
            inside = with_fields(loop, body=[statement.node, *loop.body])
            path: Path = (*above, (field, position))
            yield Change(
                f"line {statement.line}: {ast.unparse(statement.node)} in the loop",
                {statement.path: [], path: inside},
            )


def body_start(function: Function) -> int:
    """Return the index of a function's first statement after its docstring."""
    return 1 if ast.get_docstring(function) else 0


def begun_with(function: ast.FunctionDef, *new: ast.stmt) -> ast.FunctionDef:
    """Return a function with statements before its first one, but after its docstring."""
    start = body_start(function)
    begun: ast.FunctionDef = with_fields(
        function, body=[*function.body[:start], *new, *function.body[start:]]
    )
    return begun


def clipped_cross_entropy(site: Site) -> tuple[list[ast.stmt], dict[str, ast.AST]]:
    """Return what stands before a function's last two lines, and the parts of these.

    They are `_p = np.clip(sigmoid(_z), _a, _b)` and the mean cross entropy of `_p` for labels `_y`
    of 0 and 1; without them, there are no parts.
    """
    match site.node:
        case ast.FunctionDef(
            body=[
                *before,
                ast.Assign(targets=[ast.Name(id=name)], value=value),
                ast.Return(value=ast.expr() as result),
            ]
        ):
            clipped = match("np.clip(sigmoid(_z), _a, _b)", value)
            mean = match(f"-np.mean({LOG_LIKELIHOOD})", result)
            if clipped is not None and mean is not None and match(name, mean["_p"]) is not None:
                return before, clipped | mean
    return [], {}


def is_loss(node: ast.AST) -> bool:
    """Say whether a node calls a loss function, by its name."""
    return isinstance(node, ast.Call) and any(
        part in ast.unparse(node.func).lower() for part in ("loss", "criterion", "cross_entropy")
    )
