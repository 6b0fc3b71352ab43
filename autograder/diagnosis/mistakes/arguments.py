"""Arguments ignored, defaults, globals used instead: what a function does with what it is given."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import any_of, called, filled, is_value, same
from autograder.diagnosis.mistakes.reading import (
    Function,
    begun_with,
    function_of,
    own_functions,
    parameter_names,
    parameters,
    targets,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI, DEEPCRIME
from autograder.diagnosis.solution_code import variables
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Path,
    Site,
    edited,
    number,
    sites,
    with_fields,
)

FUNCTION = f"{ALZAHRANI}: function errors"
VARIABLE = f"{ALZAHRANI}: variable errors"


def _defaults(function: Function) -> dict[str, ast.expr]:
    """Return the defaults of a function's parameters."""
    args = function.args
    given = [*args.posonlyargs, *args.args]
    found = dict(
        zip([a.arg for a in given[len(given) - len(args.defaults) :]], args.defaults, strict=True)
    )
    pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    return found | {a.arg: default for a, default in pairs if default is not None}


def _ignored(site: Site) -> Iterator[Change]:
    """Use the default of a parameter everywhere, whatever it is called with."""
    function = site.node
    if not isinstance(function, Function):
        return
    for name, default in _defaults(function).items():
        if isinstance(default, ast.Constant) and default.value is None:
            continue
        edits: Edits = {
            one.path: default
            for one in sites(function, site.path, site.parents)
            if isinstance(one.node, ast.Name)
            and one.node.id == name
            and is_value(one)
            and not any(parent is default for parent in one.parents)
        }
        if edits:
            yield Change(f"line {site.line}: {name} ignored", edits, name)


def _other_values(default: ast.expr) -> list[ast.expr]:
    match default:
        case ast.Constant(value=bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(value=int(value)) if value > 1:
            return [number(value * 10), number(max(value // 2, 1)), number(value * 2)]
        case ast.Constant(value=float(value)) if value:
            return [number(value / 10), number(round(value * 10, 6))]
    return []


def _other_default(site: Site) -> Iterator[Change]:
    function = site.parents[-2] if len(site.parents) > 1 else None
    if site.field not in ("defaults", "kw_defaults") or not isinstance(function, Function):
        return
    for name, default in _defaults(function).items():
        for other in _other_values(default) if default is site.node else ():
            change = site.replace(other)
            yield Change(change.name, change.edits, name)


def _no_default(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.arguments(defaults=[_, *rest]):
            args = [*site.node.posonlyargs, *site.node.args]
            name = args[len(args) - len(rest) - 1].arg
            change = site.change("without a default", with_fields(site.node, defaults=rest))
            yield Change(change.name, change.edits, name)


def _is_special(function: Function) -> bool:
    """Say whether Python itself calls a function, with arguments of its own."""
    return function.name.startswith("__") and function.name != "__init__"


def _parameters_swapped(site: Site) -> Iterator[Change]:
    function = site.node
    if not isinstance(function, Function) or _is_special(function):
        return
    args, defaults = function.args.args, function.args.defaults
    start = 1 if args and args[0].arg == "self" else 0
    plain = len(args) - len(defaults)
    above: Path = (*site.path, ("args", None))
    for one, other in combinations(range(start, len(args)), 2):
        edits: Edits = {
            (*above, ("args", one)): args[other],
            (*above, ("args", other)): args[one],
        }
        if one >= plain:  # each keeps its default
            first, second = one - plain, other - plain
            edits[(*above, ("defaults", first))] = defaults[second]
            edits[(*above, ("defaults", second))] = defaults[first]
        together = (one < plain) == (other < plain)
        if together and (other == one + 1 or function.name == "__init__"):
            yield Change(f"line {site.line}: parameters swapped", edits)


ROUNDS = (10, 5, 100, 20, 50)


def _rounds_fixed(site: Site) -> Iterator[Change]:
    """Repeat something a number of times that is no parameter."""
    name = site.node.id if isinstance(site.node, ast.Name) else ""
    if called(site.parent, "range") and name in parameter_names(site):
        for count in ROUNDS:
            change = site.replace(ast.Constant(count))
            yield Change(change.name, change.edits, name)


def _arguments_swapped(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(func=ast.Name(id=name), args=[one, other, *rest]) if name in own_functions(
            site
        ) and not same(one, other):
            if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
                yield site.replace(with_fields(site.node, args=[other, one, *rest]))


def _not_passed_on(site: Site) -> Iterator[Change]:
    function = function_of(site)
    match site.node:
        case ast.keyword(arg=str() as name, value=ast.Name(id=value)) if function is not None and (
            value in {p.arg for p in parameters(function)}
        ):
            if name not in ("axis", "dim"):
                change = site.drop()
                yield Change(change.name, change.edits, value)


def _attribute_forgotten(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            if is_value(site) and not (isinstance(site.parent, ast.Call) and site.field == "func"):
                yield site.replace(ast.Name(name, ast.Load()))
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)]):
            stored = ast.Name(name, ast.Store())
            yield site.replace(with_fields(site.node, targets=[stored]))


def _globals(site: Site) -> list[str]:
    """Return the variables that the reference solution assigns outside of functions."""
    tree = site.parents[0]
    return [
        target.id
        for statement in (tree.body if isinstance(tree, ast.Module) else ())
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]


def _global_used(site: Site) -> Iterator[Change]:
    function = site.node
    if not isinstance(function, Function):
        return
    for parameter in parameters(function):
        name = parameter.arg
        alike = [other for other in _globals(site) if other != name and _alike(name, other)]
        for other in alike[:1]:
            edits: Edits = {
                one.path: ast.Name(other, ast.Load())
                for one in sites(function, site.path, site.parents)
                if isinstance(one.node, ast.Name) and one.node.id == name and is_value(one)
            }
            if edits:
                yield Change(f"line {site.line}: {other} for {name}", edits, name)


def _object_used(site: Site) -> Iterator[Change]:
    """Use an object of the class that the notebook makes, where a method should use its own."""
    kind = site.node
    if not isinstance(kind, ast.ClassDef) or len(site.path) > 1:
        return
    for inner in sites(kind):
        match inner.node:
            case ast.FunctionDef(name="forward" | "__call__") as method:
                other = {"self": ast.Name("model", ast.Load())}
                body = filled(ast.Module(method.body, []), other).body
                changed = edited(kind, {inner.path: with_fields(method, body=body)})
                made = ast.parse(f"model = {kind.name}()").body
                for new in ([changed, *made], [changed]):  # a notebook makes it, or does not
                    yield Change(f"line {inner.line}: model for self", {site.path: new}, "self")


def of_the_notebook(
    mistake: Mistake, solution: str, cells: Sequence[str], checks: Sequence[str]
) -> Mistake:
    """Return `global_for_argument` with the variables of a notebook; any other mistake as it is.

    They are those that it passes to the function somewhere, and those that are called alike: `X`
    and `y`, or `X_train` and `y_train`, for the parameters `X` and `y`. Where they are not there,
    as those of checks are not while answers are graded, using them is an error.
    """
    if mistake.rule is not GLOBAL_USED or not cells:
        return mistake
    made, calls = variables(cells, solution), list(_calls([*cells, *checks]))
    made = dict.fromkeys(variables([*cells, *checks], solution), "") | made
    reference = ast.unparse(ast.parse(solution))

    def rule(site: Site) -> Iterator[Change]:
        function = site.node
        yield from GLOBAL_USED(site)
        if not isinstance(function, ast.FunctionDef) or len(site.path) > 1:
            return
        if ast.unparse(site.parents[0]) != reference:
            return  # written in another way, it would use the same values
        own = [parameter.arg for parameter in parameters(function)]
        chosen = [
            [
                (name, value.id)
                for name, value in zip(own, call.args, strict=False)
                if isinstance(value, ast.Name) and value.id in made
            ]
            for call in calls
            if called(call, function.name)
        ]
        endings = dict.fromkeys(v.removeprefix(n) for n in own for v in made if _named(n, v))
        chosen += [[(n, n + end) for n in own if n + end in made] for end in endings]
        for pairs in dict.fromkeys(tuple(one) for one in chosen if one):
            for some in dict.fromkeys((pairs, *((pair,) for pair in pairs))):
                yield from _replaced(site, dict(some), made)

    return replace(mistake, rule=rule)


def _calls(cells: Sequence[str]) -> Iterator[ast.Call]:
    for cell in cells:
        with suppress(SyntaxError):
            yield from (one for one in ast.walk(ast.parse(cell)) if isinstance(one, ast.Call))


def _named(parameter: str, variable: str) -> bool:
    """Say whether a variable has a parameter's name, or one like `X_train` for `X`."""
    return variable == parameter or variable.startswith(f"{parameter}_")


def _replaced(site: Site, chosen: Mapping[str, str], made: Mapping[str, str]) -> Iterator[Change]:
    """Yield the change of a function that uses variables in the place of some parameters."""
    function = site.node
    assert isinstance(function, ast.FunctionDef)
    others = {name: ast.Name(f"the_{other}", ast.Load()) for name, other in chosen.items()}
    body = filled(ast.Module(function.body, []), others).body
    if any(targets(statement) & others.keys() for statement in function.body):
        return
    new = with_fields(function, body=body)
    if ast.unparse(new) == ast.unparse(function):
        return
    about = next(iter(chosen))
    if all(made[other] for other in chosen.values()):
        code = "".join(f"{made[other]}\nthe_{other} = {other}\n" for other in chosen.values())
        edits: Edits = {site.path: [*ast.parse(code).body, new]}
        yield Change(f"line {site.line}: {chosen}", edits, about)
    if len(chosen) == 1 and not {*chosen.values()} & {
        parameter.arg for parameter in parameters(function)
    }:
        others = {name: ast.Name(other, ast.Load()) for name, other in chosen.items()}
        body = filled(ast.Module(function.body, []), others).body
        missing = site.change(f"{chosen} missing", with_fields(function, body=body))
        yield Change(missing.name, missing.edits, about)


def _alike(one: str, other: str) -> bool:
    first, second = one.lower().replace("_", ""), other.lower().replace("_", "")
    return first.startswith(second) or second.startswith(first)


def _not_taken(site: Site) -> Iterator[Change]:
    """Set a parameter with a default in the function, where its caller cannot."""
    function = site.node
    if not isinstance(function, ast.FunctionDef) or not function.args.defaults:
        return
    args = function.args
    name, default = args.args[-1].arg, args.defaults[-1]
    fewer = with_fields(args, args=args.args[:-1], defaults=args.defaults[:-1])
    fixed = ast.Assign([ast.Name(name, ast.Store())], default, lineno=site.line)
    changed = with_fields(begun_with(function, fixed), args=fewer)
    change = site.change(f"{name} not taken", changed)
    yield Change(change.name, change.edits, name)


GLOBAL_USED = any_of(_global_used, _object_used)

MISTAKES = (
    Mistake(
        "argument_ignored",
        1,
        _ignored,
        "The argument `{about}` is ignored: the function always uses its default.",
        "A caller who asks for another value does not get it.",
        "Look at where `{about}` should come in.",
        f"{FUNCTION}, unused parameter",
    ),
    Mistake(
        "number_for_argument",
        2,
        _rounds_fixed,
        "The argument `{about}` is ignored: a number in the code is used in its place.",
        "A caller who asks for another value does not get it.",
        "Look at how often the loop runs, and what that depends on.",
        f"{FUNCTION}, unused parameter",
    ),
    Mistake(
        "argument_not_passed_on",
        1,
        _not_passed_on,
        "The argument `{about}` is not passed on.",
        "What is called inside then uses a default of its own.",
        "Follow `{about}` from the `def` line to where it is needed.",
        FUNCTION,
    ),
    Mistake(
        "global_for_argument",
        1,
        GLOBAL_USED,
        "A variable of the notebook is used instead of the argument `{about}`.",
        "The function is right only for the values that the notebook happens to have.",
        "Look for names in the function that are neither its arguments nor made in it.",
        f"{VARIABLE}, scope",
    ),
    Mistake(
        "other_default",
        1,
        _other_default,
        "The default of `{about}` is not the one that the task asks for.",
        "Whoever leaves that argument out gets another result.",
        "Compare the `def` line with the task.",
        f"{DEEPCRIME}: change learning rate, change epochs",
    ),
    Mistake(
        "no_default",
        2,
        _no_default,
        "The function cannot be called without `{about}`.",
        "The task gives that argument a default.",
        "Compare the `def` line with the task.",
        FUNCTION,
    ),
    Mistake(
        "parameters_swapped",
        2,
        _parameters_swapped,
        "The function takes its arguments in another order.",
        "Whoever calls it as the task says gives each value to the wrong one.",
        "Compare the `def` line with the task.",
        FUNCTION,
    ),
    Mistake(
        "arguments_swapped",
        2,
        _arguments_swapped,
        "One of your own functions is called with its arguments in the wrong order.",
        "Python goes by their places, not by their names.",
        "Compare the call with the `def` line.",
        FUNCTION,
    ),
    Mistake(
        "self_forgotten",
        1,
        _attribute_forgotten,
        "An attribute of the object is used or set as if it were a variable.",
        "What a method sets without naming the object is gone when the method ends.",
        "Look at each name in the method: does it belong to the object?",
        VARIABLE,
    ),
    Mistake(
        "argument_not_taken",
        2,
        _not_taken,
        "The function does not take the argument `{about}`.",
        "Whoever calls it as the task says gets an error.",
        "Compare the `def` line with the task.",
        FUNCTION,
    ),
)
