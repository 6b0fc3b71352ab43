"""Choosing the best: which candidates there are, how each is scored, and which one is kept."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    called,
    fill,
    is_code,
    is_value,
    match,
    rewrite,
    statements,
)
from autograder.diagnosis.mistakes.reading import (
    function_of,
    parameter_names,
    parameters,
    uses,
)
from autograder.diagnosis.mistakes.sources import ALZAHRANI, ETTLES, PITFALLS
from autograder.diagnosis.syntax_tree import (
    Change,
    Edits,
    Operator,
    Site,
    edited,
    sites,
    with_fields,
)

VALIDATION = "scikit-learn user guide, Cross-validation: evaluating estimator performance"


@dataclass(frozen=True)
class Search:
    """A loop that keeps the best candidate and its score: `if score > best_score: ...`."""

    loop: Site
    better: Site
    score: ast.Name
    best: str
    best_score: str

    def change(self, what: str, edits: Edits) -> Change:
        """Return a change of it."""
        return Change(f"line {self.loop.line}: {what}", edits)


def _search(site: Site) -> Search | None:
    """Return the search that a function does, if a site is its definition."""
    if not isinstance(site.node, ast.FunctionDef):
        return None
    inner = list(sites(site.node, site.path, site.parents))
    for one in inner:
        match one.node:
            case ast.If(
                test=ast.Compare(
                    left=ast.Name() as score, ops=[ast.Gt()], comparators=[ast.Name(id=best_score)]
                ),
                body=body,
            ):
                loops = [s for s in inner if s.node in one.parents and isinstance(s.node, ast.For)]
                for loop in loops[-1:]:
                    candidate = getattr(getattr(loop.node, "target", None), "id", "")
                    best = _name_of(candidate, body)
                    if best:
                        return Search(loop, one, score, best, best_score)
    return None


def _pairs(statement: ast.AST) -> list[tuple[str, ast.expr]]:
    """Return the names that a statement assigns to, with their values."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            both = zip(names, values, strict=False)
            return [(n.id, value) for n, value in both if isinstance(n, ast.Name)]
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [(name, value)]
    return []


def _name_of(value: str, body: list[ast.stmt]) -> str:
    """Return the name that some statements give to a variable."""
    pairs = (pair for statement in body for pair in _pairs(statement))
    return next((name for name, given in pairs if is_code(value, given)), "") if value else ""


def _score_kept(site: Site) -> Iterator[Change]:
    """Return the best score of a search."""
    search = _search(site)
    for one in sites(site.node, site.path, site.parents) if search else ():
        match one.node:
            case ast.Return(value=ast.Name(id=name)) if search and name == search.best:
                score = ast.Return(ast.Name(search.best_score, ast.Load()))
                yield search.change("the score", {one.path: score})


def _index_kept(site: Site) -> Iterator[Change]:
    """Keep the position of the best candidate, not the candidate."""
    search = _search(site)
    if search is None or not isinstance(search.loop.node, ast.For):
        return
    loop = with_fields(
        search.loop.node,
        target=fill("(_i, _k)", {"_i": ast.Name("index"), "_k": search.loop.node.target}),
        iter=fill("enumerate(_ks)", {"_ks": search.loop.node.iter}),
        body=search.loop.node.body,
    )
    body = [_with_value(one, search.best, "index") for one in _body(search)]
    better = with_fields(search.better.node, body=body)
    place = search.better.path[len(search.loop.path) :]
    yield search.change("the position", {search.loop.path: edited(loop, {place: better})})


def _body(search: Search) -> list[ast.stmt]:
    assert isinstance(search.better.node, ast.If)
    return search.better.node.body


def _with_value(statement: ast.stmt, name: str, value: str) -> ast.stmt:
    """Return a statement that gives another value to a name, if it gives one to it."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values) as given):
            new = [
                ast.Name(value, ast.Load()) if is_code(name, target) else old
                for target, old in zip(names, values, strict=False)
            ]
            both: ast.stmt = with_fields(statement, value=with_fields(given, elts=new))
            return both
        case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
            one: ast.stmt = with_fields(statement, value=ast.Name(value, ast.Load()))
            return one
    return statement


def _worst_kept(site: Site) -> Iterator[Change]:
    """Keep the candidate with the lowest score."""
    search = _search(site)
    if search is None:
        return
    assert isinstance(search.better.node, ast.If)
    test = with_fields(search.better.node.test, ops=[ast.Lt()])
    edits: Edits = {(*search.better.path, ("test", None)): test}
    for one in sites(site.node, site.path, site.parents):
        begins = isinstance(one.node, ast.Assign) and search.loop.node not in one.parents
        if begins and any(name == search.best_score for name, _ in _pairs(one.node)):
            lowest = _with_value(one.node, search.best_score, "large")  # type: ignore[arg-type]
            edits[one.path] = [*ast.parse("large = float('inf')").body, lowest]
    if len(edits) > 1:
        yield search.change("the worst", edits)


def _score_not_kept(site: Site) -> Iterator[Change]:
    """Keep the candidate, but not its score."""
    search = _search(site)
    if search is None:
        return
    body: list[ast.stmt] = []
    for statement in _body(search):
        if any(name == search.best_score for name, _ in _pairs(statement)):
            kept = [pair for pair in _pairs(statement) if pair[0] != search.best_score]
            for name, value in kept:
                body.append(ast.Assign([ast.Name(name, ast.Store())], value, lineno=site.line))
        else:
            body.append(statement)
    yield search.change(
        "score not kept",
        {search.better.path: with_fields(search.better.node, body=body or [ast.Pass()])},
    )


def _compared_with_the_last(site: Site) -> Iterator[Change]:
    """Keep the score of each candidate, also of one that is no better."""
    if (search := _search(site)) is not None:
        best = ast.Name(search.best_score, ast.Store())
        kept = statements("_b = _s", _b=best, _s=search.score)
        yield search.change("each score kept", {search.better.path: [search.better.node, *kept]})


def _score_rounded(site: Site) -> Iterator[Change]:
    """Round each score before it is compared."""
    if (search := _search(site)) is not None:
        for digits in (2, 1):
            rounded = statements(f"_s = round(_s, {digits})", _s=search.score)
            edits: Edits = {search.better.path: [*rounded, search.better.node]}
            yield search.change(f"{digits} places", edits)


def _stopped_at_a_worse_one(site: Site) -> Iterator[Change]:
    """Try no further candidates after one that is worse than the best so far."""
    search = _search(site)
    better = search.better.node if search is not None else None
    if search is None or not isinstance(better, ast.If) or better.orelse:
        return
    ends: list[ast.stmt] = [ast.Break()]
    match better.test:
        case ast.Compare(ops=[ast.Gt()]) as test:
            ends.append(ast.If(with_fields(test, ops=[ast.Lt()]), [ast.Break()], []))
    for end in ends:
        stop = with_fields(better, orelse=[end])
        yield search.change("stopped at a worse one", {search.better.path: stop})


def _candidates(*templates: str) -> Operator:
    """Return the rule that tries other candidates than those that a function is given, `_ks`.

    `_x` stands for its data, which are its first parameter.
    """

    def rule(site: Site) -> Iterator[Change]:
        if not isinstance(site.node, ast.Name) or site.field != "iter":
            return
        scores = any(
            called(one, "cross_val_score", "score", "cross_validate")
            for one in ast.walk(function_of(site) or ast.Pass())
        )
        given = parameters(function_of(site))
        if scores and site.node.id in parameter_names(site) and given:
            found = {"_ks": site.node, "_x": ast.Name(given[0].arg, ast.Load())}
            for template in templates:
                yield site.replace(fill(template, found))

    return rule


HELD_OUT = (
    "(lambda parts: np.array([_m.fit(parts[0], parts[2]).score(parts[1], parts[3])]))"
    "(train_test_split(_x, _y, {}))"
)


def _scores(*templates: str) -> Operator:
    """Return the rule that computes something else than the scores of a cross-validation.

    `_s` stands for them, `_m` for the model, `_x` and `_y` for the data.
    """

    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Call(args=[model, X, y, *_]) if called(site.node, "cross_val_score"):
                found: dict[str, ast.AST] = {"_s": site.node, "_m": model, "_x": X, "_y": y}
                for template in templates:
                    yield site.replace(fill(template, found))

    return rule


def _in_percent(site: Site) -> Iterator[Change]:
    """Multiply scores by 100, unless they are only compared with each other."""
    function = function_of(site)
    target = next((p.targets[0] for p in site.parents if isinstance(p, ast.Assign)), None)
    if function is not None and isinstance(target, ast.Name):
        nodes = ast.walk(function)
        if any(isinstance(node, ast.Compare) and uses(node, target.id) for node in nodes):
            return
    yield from _scores("100 * _s")(site)


def _on_fitted_rows(site: Site) -> Iterator[Change]:
    """Score each fold's model on the rows that it was fitted on."""
    match site.node:
        case ast.Call(args=[_, _, _]) if called(site.node, "cross_val_score"):
            wanted = ast.keyword("return_train_score", ast.Constant(True))
            validate = with_fields(
                site.node,
                func=ast.Name("cross_validate", ast.Load()),
                keywords=[*site.node.keywords, wanted],
            )
            yield site.replace(fill("_v['train_score']", {"_v": validate}))
    yield from rewrite(("cross_val_score(_m, _X, _y, cv=_c)", FITTED_ONCE))(site)


FITTED_ONCE = (
    "np.array([_m.fit(_X, _y).score(_X[rows], _y[rows]) "
    "for _, rows in StratifiedKFold(_c).split(_X, _y)])"
)


def _scored_by(*names: str) -> Operator:
    """Return the rule that cross-validates by another score than the accuracy."""

    def rule(site: Site) -> Iterator[Change]:
        node = site.node
        if isinstance(node, ast.Call) and called(node, "cross_val_score"):
            for name in names:
                others = [k for k in node.keywords if k.arg != "scoring"]
                scoring = ast.keyword("scoring", ast.Constant(name))
                yield site.replace(with_fields(node, keywords=[*others, scoring]))

    return rule


def _folds(*templates: str) -> Operator:
    """Return the rule that makes other folds of a cross-validation."""

    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.keyword(arg="cv", value=ast.Name() | ast.Constant() as count):
                for template in templates:
                    new = fill(template, {"_n": count})
                    yield site.replace(with_fields(site.node, value=new))

    return rule


def _other_number(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="cv", value=ast.Constant(value=int(count))):
            for other in (3, 10, 4, 2):
                if other != count:
                    yield site.replace(with_fields(site.node, value=ast.Constant(other)))


def _spread(site: Site) -> Iterator[Change]:
    found = match("_s.mean()", site.node) if is_value(site) else None
    if found and called(found["_s"], "cross_val_score"):
        yield site.replace(fill("-_s.std()", found))


MISTAKES = (
    Mistake(
        "best_score_returned",
        1,
        _score_kept,
        "The function returns the score of the best candidate, not the candidate.",
        "The task asks what is best, not how good it is.",
        "Look at the last line: what does it give?",
        ETTLES,
    ),
    Mistake(
        "position_of_the_best",
        1,
        _index_kept,
        "The function returns the position of the best candidate in the list.",
        "Positions are counted from zero, whatever the candidates are.",
        "Look at what you keep when a candidate is better.",
        ETTLES,
    ),
    Mistake(
        "worst_chosen",
        2,
        _worst_kept,
        "The candidate with the lowest score is chosen.",
        "An accuracy is the better the higher it is.",
        "Look at the comparison, or at the function that chooses.",
        ETTLES,
    ),
    Mistake(
        "best_score_not_kept",
        2,
        _score_not_kept,
        "The best score so far is not kept: later candidates need not be better than it.",
        "Each is then compared with the score from before the loop.",
        "Look at what changes when a candidate is better.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "compared_with_the_last",
        2,
        _compared_with_the_last,
        "Each candidate is compared with the one before it, not with the best so far.",
        "One that is better than a bad one need not be the best.",
        "Look at when the score that you compare with changes.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "score_rounded",
        3,
        _score_rounded,
        "The scores are rounded before they are compared.",
        "A better candidate then loses to an earlier one that is nearly as good.",
        "Look at what is compared with the best score so far.",
        f"{ALZAHRANI}: computation errors",
    ),
    Mistake(
        "stopped_at_a_worse_one",
        2,
        _stopped_at_a_worse_one,
        "The search ends at the first candidate that is no better.",
        "One that comes later may be better than all before it.",
        "Look at what ends the loop, and count how many candidates are tried.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "own_candidates",
        2,
        _candidates(
            "range(1, 11)",
            "range(1, 21)",
            "range(1, 31)",
            "range(1, 16)",
            "range(min(_ks), max(_ks) + 1)",
            "[k for k in _ks if k % 2]",
            "[k for k in _ks if k <= len(_x) ** 0.5]",
            "_ks[1:]",
            "_ks[:-1]",
        ),
        "Other candidates are tried than those that the function is given.",
        "The caller says which there are.",
        "Look at the line of the loop: where do its candidates come from?",
        f"{ALZAHRANI}: variable errors",
    ),
    Mistake(
        "candidates_sorted",
        2,
        _candidates("sorted(_ks)", "sorted(_ks, reverse=True)"),
        "The candidates are sorted first.",
        "Where several are equally good, another one then comes first.",
        "Look at the order in which candidates are tried.",
        f"{ALZAHRANI}: loop errors",
    ),
    Mistake(
        "spread_for_mean",
        3,
        _spread,
        "The candidates are compared by how much their scores differ from fold to fold.",
        "A score that hardly differs may be low in all folds.",
        "Look at what you make of the scores of the folds.",
        VALIDATION,
    ),
    Mistake(
        "one_split_for_folds",
        2,
        _scores(
            *(
                HELD_OUT.format(f"test_size={share}, random_state={seed}")
                for share in ("0.2", "0.25", "0.3")
                for seed in ("0", "42")
            )
        ),
        "The model is tested on one part of the rows, not on each fold in turn.",
        "One part may be easy or hard by chance; in folds, each row is tested once.",
        "Look at how many times the model is fitted.",
        VALIDATION,
    ),
    Mistake(
        "other_folds",
        2,
        _folds(
            "KFold(_n)",
            "StratifiedKFold(_n, shuffle=True, random_state=0)",
            "StratifiedKFold(_n, shuffle=True, random_state=42)",
            "KFold(_n, shuffle=True, random_state=0)",
            "KFold(_n, shuffle=True, random_state=42)",
        ),
        "The folds are not those that the task asks for.",
        "Which rows a fold has depends on whether rows are shuffled, and on whether the shares of "
        "the classes are kept.",
        "Compare what you give as folds with the task.",
        VALIDATION,
    ),
    Mistake(
        "other_number_of_folds",
        2,
        _other_number,
        "The number of folds is not the one that the task asks for.",
        "With more folds, each model has more rows to learn from.",
        "Look at the arguments of the cross-validation.",
        VALIDATION,
    ),
    Mistake(
        "other_score",
        2,
        _scored_by("f1_macro", "f1", "f1_weighted", "balanced_accuracy", "roc_auc"),
        "The models are scored by something else than the accuracy.",
        "Scores of different kinds cannot be compared.",
        "Look at the arguments of the cross-validation.",
        VALIDATION,
    ),
    Mistake(
        "trained_rows_scored",
        2,
        _on_fitted_rows,
        "In each fold, the score is that on the rows which the model was fitted on.",
        "A model knows those rows already, and does better on them than on new ones.",
        "Look at which rows of a fold are used to fit, and which to score.",
        f"{PITFALLS}",
    ),
    Mistake(
        "share_of_wrong_answers",
        2,
        _scores("1 - _s"),
        "The result is about the share of wrong answers, where that of right ones is asked for.",
        "The two add up to one.",
        "Look at what is done with the scores of the folds.",
        VALIDATION,
    ),
    Mistake(
        "scores_in_percent",
        2,
        _in_percent,
        "The scores of the folds are in percent.",
        "The task asks for shares between 0 and 1.",
        "Look for a factor.",
        VALIDATION,
    ),
)
