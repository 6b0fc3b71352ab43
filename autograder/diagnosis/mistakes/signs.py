"""Signs and operators: a wrong sign, another operator, something left out of a formula."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.axes import product
from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    Found,
    any_of,
    called,
    everywhere,
    fill,
    is_value,
    match,
    rewrite,
)
from autograder.diagnosis.mistakes.reading import (
    TARGETS,
    assigned,
    counted,
    function_of,
    is_rate,
    names_in,
    parameters,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI, DEEPCRIME, ETTLES, HUMBATOVA
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields

COMPUTATION = f"{ALZAHRANI}: computation errors"
CONDITION = f"{ALZAHRANI}: condition errors"


def _operator(old: type[ast.operator], new: type[ast.operator]) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.BinOp(op=op) if isinstance(op, old) and not _text(site.node):
                if _is_bound(site):
                    return
                yield site.replace(with_fields(site.node, op=new()))

    return rule


def _text(node: ast.AST) -> bool:
    """Say whether text occurs in a node, where operators mean something else."""
    return any(
        isinstance(one, ast.JoinedStr | ast.List) or isinstance(getattr(one, "value", None), str)
        for one in ast.walk(node)
    )


def _is_bound(site: Site) -> bool:
    """Say whether a site is a bound at which values are cut off."""
    return called(site.parent, "clip", "clamp") and site.field == "args" and site.path[-1][1] != 0


def step_of(site: Site) -> ast.BinOp | ast.AugAssign | None:
    """Return a step against a gradient: `w - lr * g`, or `w -= lr * g`."""
    match site.node:
        case ast.AugAssign(op=ast.Sub(), value=change):
            pass
        case ast.BinOp(op=ast.Sub(), right=change):
            pass
        case _:
            return None
    if any(is_rate(one) for one in ast.walk(change)):
        return site.node
    return None


def _ascent(site: Site) -> Iterator[Change]:
    step = step_of(site)
    if step is not None:
        yield site.replace(with_fields(step, op=ast.Add()))
    match site.node:
        case ast.Call() if match("_m.step()", site.node):
            return
        case ast.Assign(value=ast.Call(func=ast.Attribute(value=owner)) as made) if ast.unparse(
            owner
        ).endswith("optim"):
            maximize = ast.keyword("maximize", ast.Constant(True))
            new = with_fields(made, keywords=[*made.keywords, maximize])
            yield site.replace(with_fields(site.node, value=new))


def _no_rate(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if is_rate(left) or is_rate(right):
            if any(isinstance(p, ast.AugAssign | ast.BinOp) for p in site.parents):
                yield site.replace(right if is_rate(left) else left)
        case ast.keyword(arg="lr") if is_rate(site.node.value):
            yield site.drop()


def _reversed(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if step_of(
            site
        ) is None and not _is_bound(site):
            yield site.replace(with_fields(site.node, left=right, right=left))


def _unsigned(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield site.replace(operand)
    yield from rewrite(("np.where(_x >= 0, 1, _e) / (1 + _e)", "1 / (1 + np.exp(_x))"))(site)


def _negated(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Return(value=ast.BinOp() as value) if not _text(value):
            yield site.replace(ast.Return(ast.UnaryOp(ast.USub(), value)))
        case ast.Return(value=ast.Call() as value) if _reduces(value):
            yield site.replace(ast.Return(ast.UnaryOp(ast.USub(), value)))


def _reduces(node: ast.Call) -> bool:
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in ("mean", "sum", "dot", "item", "matmul", "exp", "log")


def _no_bias(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Name() | ast.Attribute()):
            value = assigned(site, left.id) if isinstance(left, ast.Name) else left
            if value is not None and product(value):
                yield site.replace(left)
        case ast.Call(func=function) if ast.unparse(function).endswith(("nn.Linear", "nn.Conv2d")):
            kept = [k for k in site.node.keywords if k.arg != "bias"]
            off = ast.keyword("bias", ast.Constant(False))
            yield site.replace(with_fields(site.node, keywords=[*kept, off]))


def _no_term(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right) if not _text(
            site.node
        ):
            if step_of(site) is None and not _is_bound(site):
                yield site.replace(left)
                yield site.replace(
                    right if isinstance(op, ast.Add) else ast.UnaryOp(ast.USub(), right)
                )


def _no_factor(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if not _text(site.node):
            yield site.replace(left)
            yield site.replace(right)


def _two_forgotten(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=ast.Constant(value=2 | 2.0), op=ast.Mult(), right=right):
            yield site.replace(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=2 | 2.0)):
            yield site.replace(left)
        case ast.BinOp(left=ast.Constant(value=2 | 2.0), op=ast.Div()):
            yield site.replace(with_fields(site.node, left=ast.Constant(1)))


def _doubled(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(left=left, op=ast.Div(), right=count) if counted(site, count) is not None:
            if any(product(one) for one in ast.walk(left)):
                twice = ast.BinOp(ast.Constant(2), ast.Mult(), left)
                yield site.replace(with_fields(site.node, left=twice))
    above = isinstance(site.parent, ast.BinOp) and not isinstance(site.parent.op, ast.Add | ast.Sub)
    if is_value(site) and product(site.node) and not above:
        yield site.replace(fill("2 * _p", {"_p": site.node}))


def _not_by_number(site: Site, found: Found) -> bool:
    return not isinstance(found["_b"], ast.Constant) or found["_b"].value != 1


COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
REVERSED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE,
}  # fmt: skip


def _compared(others: dict[type[ast.cmpop], type[ast.cmpop]]) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Compare(ops=[op]) if type(op) in others:
                yield site.replace(with_fields(site.node, ops=[others[type(op)]()]))

    return rule


def _and_or(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BoolOp(op=op):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield site.replace(with_fields(site.node, op=other))
        case ast.BinOp(op=ast.BitAnd()):
            yield site.replace(with_fields(site.node, op=ast.BitOr()))
        case ast.BinOp(op=ast.BitOr()):
            yield site.replace(with_fields(site.node, op=ast.BitAnd()))


def _other_power(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(exponent))) if exponent > 1:
            for other in (exponent + 1, exponent - 1):
                if other > 1:
                    yield site.replace(with_fields(site.node, right=ast.Constant(other)))


def _multiplied_for_added(site: Site) -> Iterator[Change]:
    sides = (getattr(site.node, side, None) for side in ("left", "right"))
    if step_of(site) is None and not any(isinstance(side, ast.Constant) for side in sides):
        yield from _operator(ast.Add, ast.Mult)(site)
        yield from _operator(ast.Sub, ast.Mult)(site)


def _absolute(site: Site) -> Iterator[Change]:
    """Take the size of an error, where its sign matters."""
    match site.node:
        case ast.BinOp(op=ast.Sub(), right=ast.Name(id=name)) if name in TARGETS:
            squared = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Pow)
            if not squared and not called(site.parent, "abs", "square", "absolute", "fabs"):
                yield site.replace(fill("abs(_e)", {"_e": site.node}))


def _exchanged(site: Site) -> Iterator[Change]:
    """Exchange two parameters in the whole of an expression."""
    outermost = isinstance(site.node, ast.BinOp) and not isinstance(site.parent, ast.BinOp)
    if not outermost or any(isinstance(one, ast.Call) for one in ast.walk(site.node)):
        return
    both = sorted(names_in(site.node) & {p.arg for p in parameters(function_of(site))})
    if len(both) == 2 and not any(product(one) for one in ast.walk(site.node)):
        one, other = (ast.Name(name, ast.Load()) for name in both)
        exchanged: Edits = {
            inner.path: other if inner.node.id == one.id else one
            for inner in sites(site.node, site.path, site.parents)
            if isinstance(inner.node, ast.Name) and inner.node.id in both
        }
        yield Change(f"line {site.line}: {both[0]} and {both[1]} exchanged", exchanged)


def _added_twice(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.BinOp(op=ast.Add(), right=ast.Name() | ast.Attribute() as right):
            twice = ast.BinOp(ast.Constant(2), ast.Mult(), right)
            yield site.replace(with_fields(site.node, right=twice))


def _averaged_product(site: Site) -> Iterator[Change]:
    factors = product(site.node) if is_value(site) else None
    divided = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Div)
    if factors and isinstance(factors[0], ast.Name) and not divided:
        for divisor in ("len(_a)", "_a.shape[1]"):
            found = {"_p": site.node, "_a": factors[0]}
            yield site.replace(fill(f"_p / {divisor}", found))


def _rates(*templates: str) -> Operator:
    """Return the rule that takes steps with something else in the place of the learning rate."""

    def rule(site: Site) -> Iterator[Change]:
        match site.parent:
            case ast.BinOp(op=ast.Mult()) if is_value(site) and is_rate(site.node):
                for template in templates:
                    yield site.replace(fill(template, {"_r": site.node}))

    return rule


def _rate_over_rows(site: Site) -> Iterator[Change]:
    tables = [p.arg for p in parameters(function_of(site)) if p.arg[:1].isupper()]
    for name in tables[:1]:
        yield from _rates(f"_r / len({name})")(site)


MISTAKES = (
    Mistake(
        "gradient_ascent",
        1,
        _ascent,
        "Each step goes up the gradient, not down: the loss grows.",
        "The gradient points in the direction in which the loss grows.",
        "Look at the sign in the update.",
        f"{HUMBATOVA}: optimiser",
    ),
    Mistake(
        "learning_rate_missing",
        1,
        _no_rate,
        "The learning rate is not used: each step is as long as something else says.",
        "The caller chooses how long a step is.",
        "Look at the update: where does the learning rate come in?",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "bias_forgotten",
        1,
        _no_bias,
        "There is no bias.",
        "Without it, an input of zeros always gives an output of zeros.",
        "Look at the formula: what comes after the product?",
        f"{HUMBATOVA}: missing bias; {DEEPCRIME}: remove bias",
    ),
    Mistake(
        "minus_forgotten",
        1,
        any_of(_unsigned, rewrite(("F.cross_entropy(_a, _y)", "-F.cross_entropy(_a, _y)"))),
        "A minus is missing.",
        "What should be negated is used as it is.",
        "Compare your code with the formula, sign by sign.",
        f"{HUMBATOVA}: loss function",
    ),
    Mistake(
        "difference_reversed",
        1,
        _reversed,
        "A difference is taken the other way round.",
        "It has the right size and the opposite sign.",
        "Compare your code with the formula: what is subtracted from what?",
        COMPUTATION,
    ),
    Mistake(
        "plus_for_minus",
        1,
        _operator(ast.Sub, ast.Add),
        "Two parts are added where one should be subtracted from the other.",
        "The sign of the second part is wrong.",
        "Compare your code with the formula, sign by sign.",
        COMPUTATION,
    ),
    Mistake(
        "minus_for_plus",
        1,
        _operator(ast.Add, ast.Sub),
        "Two parts are subtracted that should be added.",
        "The sign of the second part is wrong.",
        "Compare your code with the formula, sign by sign.",
        COMPUTATION,
    ),
    Mistake(
        "times_for_power",
        1,
        _operator(ast.Pow, ast.Mult),
        "A value is multiplied by its exponent.",
        "In Python, a single star multiplies, and two raise to a power.",
        "Look at how powers are written.",
        COMPUTATION,
    ),
    Mistake(
        "caret_for_power",
        1,
        _operator(ast.Pow, ast.BitXor),
        "A power is written with `^`.",
        "In Python that is XOR, which floats do not have.",
        "Look at how powers are written.",
        "Python documentation, Expressions: binary bitwise operations",
    ),
    Mistake(
        "parentheses_forgotten",
        1,
        any_of(
            everywhere(("(_a - _b) / _c", "_a - _b / _c")),
            rewrite(
                ("(_a + _b) / _c", "_a + _b / _c"),
                ("(_a - _b) / _c", "_a - _b / _c"),
                ("(_a + _b) * _c", "_a + _b * _c"),
                ("(_a - _b) * _c", "_a - _b * _c"),
                ("_a * (_b - _c)", "_a * _b - _c"),
                ("_a * (_b + _c)", "_a * _b + _c"),
                ("_a / (_b + _c)", "_a / _b + _c"),
                ("_a / (_b - _c)", "_a / _b - _c"),
                ("_a / (_b * _c)", "_a / _b * _c"),
                ("_a @ (_b - _c)", "_a @ _b - _c"),
                ("_a @ (_b - _c) / _d", "_a @ _b - _a @ _c / _d"),
                ("(_a - _b) ** _c", "_a - _b ** _c"),
                ("(_a + _b) ** _c", "_a + _b ** _c"),
                ("_a - (_b - _c)", "_a - _b - _c"),
                ("_a - (_b + _c)", "_a - _b + _c"),
            ),
        ),
        "Parentheses are missing: the operations are done in another order.",
        "Powers come first, then products and quotients, then sums and differences.",
        "Compare your code with the formula: what belongs together?",
        ETTLES,
    ),
    Mistake(
        "result_negated",
        2,
        _negated,
        "The result has the right size and the opposite sign.",
        "Either a minus is too many, or one is missing.",
        "Compare your code with the formula, sign by sign.",
        COMPUTATION,
    ),
    Mistake(
        "factor_two_forgotten",
        1,
        _two_forgotten,
        "A factor of two is missing: the result is half as large as it should be.",
        "A square's derivative brings its exponent down as a factor.",
        "Derive the formula on paper once more, factor by factor.",
        COMPUTATION,
    ),
    Mistake(
        "factor_two_too_many",
        2,
        _doubled,
        "Something is doubled that the formula does not double.",
        "A factor of two belongs to the derivative of a square, not to everything.",
        "Derive the formula on paper once more, factor by factor.",
        COMPUTATION,
    ),
    Mistake(
        "multiplied_for_divided",
        2,
        _operator(ast.Div, ast.Mult),
        "Something is multiplied that should be divided.",
        "The result grows with what it should shrink with.",
        "Compare your code with the formula, operator by operator.",
        COMPUTATION,
    ),
    Mistake(
        "division_forgotten",
        2,
        rewrite(("_a / _b", "_a"), where=_not_by_number),
        "A division is missing.",
        "The result does not have the size that it should have.",
        "Compare your code with the formula: what is below the fraction bar?",
        COMPUTATION,
    ),
    Mistake(
        "term_forgotten",
        2,
        _no_term,
        "A part of a sum or difference is missing.",
        "The formula has more parts than your code.",
        "Compare your code with the formula, part by part.",
        COMPUTATION,
    ),
    Mistake(
        "factor_forgotten",
        2,
        _no_factor,
        "A factor is missing.",
        "The formula multiplies by something that your code leaves out.",
        "Compare your code with the formula, factor by factor.",
        COMPUTATION,
    ),
    Mistake(
        "boundary_in_or_out",
        2,
        _compared(COMPARED),
        "A value right at the boundary is treated as if it were on the other side.",
        "Less than, and less than or equal, differ in that one value.",
        "Look at each comparison: what should happen if both sides are the same?",
        CONDITION,
    ),
    Mistake(
        "boundary_left_out",
        2,
        rewrite(
            ("np.where(_x >= _c, _a, _b)", "np.where(_x > _c, _a, np.where(_x < _c, _b, 0))"),
            ("np.where(_x > _c, _a, _b)", "np.where(_x > _c, _a, np.where(_x < _c, _b, 0))"),
            ("np.where(_x <= _c, _a, _b)", "np.where(_x < _c, _a, np.where(_x > _c, _b, 0))"),
            ("np.where(_x < _c, _a, _b)", "np.where(_x < _c, _a, np.where(_x > _c, _b, 0))"),
        ),
        "A value right at the boundary belongs to neither case.",
        "Together, less than and greater than leave out where both sides are the same.",
        "Look at each comparison: what should happen if both sides are the same?",
        CONDITION,
    ),
    Mistake(
        "comparison_reversed",
        2,
        _compared(REVERSED),
        "A comparison is the wrong way round.",
        "What should be kept is left out, and the reverse.",
        "Look at each comparison, with a small and a large value.",
        CONDITION,
    ),
    Mistake(
        "and_for_or",
        3,
        _and_or,
        "Two conditions are joined by `and` that should be joined by `or`, or the reverse.",
        "With `and` both must hold; with `or` one is enough.",
        "Read the condition aloud, with an example that meets only one of them.",
        CONDITION,
    ),
    Mistake(
        "other_power",
        2,
        _other_power,
        "A value is raised to another power than the formula says.",
        "A square and a cube differ, in sign too.",
        "Compare your code with the formula, exponent by exponent.",
        COMPUTATION,
    ),
    Mistake(
        "multiplied_for_added",
        2,
        _multiplied_for_added,
        "Two parts are multiplied where one should be added or subtracted.",
        "A product changes with both of its factors.",
        "Compare your code with the formula, operator by operator.",
        COMPUTATION,
    ),
    Mistake(
        "arguments_exchanged",
        2,
        _exchanged,
        "Two arguments have changed places in the formula.",
        "What should happen to one of them happens to the other.",
        "Compare your code with the formula, letter by letter.",
        f"{ALZAHRANI}: variable errors",
    ),
    Mistake(
        "added_twice",
        3,
        _added_twice,
        "Something is added twice.",
        "The formula adds it once.",
        "Compare your code with the formula: how often does each part occur?",
        COMPUTATION,
    ),
    Mistake(
        "product_averaged",
        3,
        _averaged_product,
        "A matrix product is divided by a number of rows or columns.",
        "It adds up over the axis that both factors share; nothing is averaged.",
        "Look at what happens to the product.",
        COMPUTATION,
    ),
    Mistake(
        "learning_rate_doubled",
        2,
        _rates("2 * _r"),
        "Each step is twice as long as it should be.",
        "The factor of two from a derivative belongs to the gradient, and occurs once.",
        "Look for a factor in the update.",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "learning_rate_halved",
        2,
        _rates("_r / 2"),
        "Each step is half as long as it should be.",
        "The gradient needs no further factor.",
        "Look for a factor in the update.",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "learning_rate_over_rows",
        2,
        _rate_over_rows,
        "Each step is shorter the more rows there are.",
        "A mean is divided by the number of rows already.",
        "Look for a division in the update.",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "learning_rate_squared",
        3,
        _rates("_r * _r"),
        "The learning rate is used twice in each step.",
        "A step is the gradient times the learning rate, once.",
        "Look at each place where the learning rate occurs.",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "own_learning_rate",
        2,
        _rates(
            *("0.01", "0.001", "0.1", "0.5", "1.0"),
            *("min(_r, 1.0)", "min(_r, 0.1)", "min(_r, 0.5)"),
        ),
        "Each step is taken with a learning rate of its own.",
        "The caller chooses the learning rate.",
        "Look at the update: where does its learning rate come from?",
        f"{DEEPCRIME}: change learning rate",
    ),
    Mistake(
        "sign_of_the_error_lost",
        2,
        _absolute,
        "Only the size of each error is used, without its sign.",
        "The sign says whether a prediction is too high or too low.",
        "Look at what you do with the difference to the targets.",
        COMPUTATION,
    ),
)
