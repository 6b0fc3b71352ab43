"""Other ways to write an answer, as right, in which students make mistakes of their own."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.patterns import fill, statements
from autograder.diagnosis.mistakes.patterns import match as match_pattern
from autograder.diagnosis.mistakes.reading import clipped_cross_entropy
from autograder.diagnosis.syntax_tree import Change, Edits, Operator, Site, sites, with_fields


def _clipped_cross_entropy(low: str, high: str) -> Operator:
    """Return the rule that clips probabilities where the reference works on scores."""

    def rule(site: Site) -> Iterator[Change]:
        found = (
            match_pattern("np.mean(np.logaddexp(0, _z) - _y * _z)", site.node.value)
            if isinstance(site.node, ast.Return) and site.node.value is not None
            else None
        )
        if found is not None:
            new = statements(
                f"p = np.clip(1 / (1 + np.exp(-_z)), {low}, {high})\n"
                "return -np.mean(_y * np.log(p) + (1 - _y) * np.log(1 - p))",
                **found,
            )
            yield site.change("clipped probabilities", new)

    return rule


def _on_scores(*templates: str) -> Operator:
    """Return the rule that works on scores where the reference clips probabilities."""

    def rule(site: Site) -> Iterator[Change]:
        before, found = clipped_cross_entropy(site)
        for template in templates if found else ():
            new = [*before, *statements(template, **found)]
            yield site.change("scores", with_fields(site.node, body=new))

    return rule


def _gradient_row_by_row(template: str) -> Operator:
    """Return the rule that computes a gradient in another way than by a matrix product."""

    def rule(site: Site) -> Iterator[Change]:
        found = None
        if isinstance(site.node, ast.Return) and site.node.value is not None:
            found = match_pattern("_X.T @ _e / len(_y)", site.node.value)
        if found is not None:
            yield site.change("another way", statements(template, **found))

    return rule


def _plain_sigmoid(site: Site) -> Iterator[Change]:
    """Write the sigmoid by its formula, where the reference has a stable one."""
    for pattern in STABLE_SIGMOIDS if isinstance(site.node, ast.expr) else ():
        found = match_pattern(pattern, site.node)
        if found is not None:
            yield site.replace(fill("1 / (1 + np.exp(-np.clip(_x, -700, 700)))", found))


STABLE_SIGMOIDS = (
    "np.where(_x >= 0, 1, _e) / (1 + _e)",
    "np.where(_x >= 0, 1 / (1 + np.exp(-_x)), np.exp(_x) / (1 + np.exp(_x)))",
)


def _scaled_by_hand(site: Site) -> Iterator[Change]:
    """Compute by hand what a `StandardScaler` does, where it is fitted in a line of its own."""
    function = site.node
    if not isinstance(function, ast.FunctionDef):
        return
    inner = list(sites(function, site.path, site.parents))
    for one in inner:
        match one.node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if made := match_pattern(
                "StandardScaler().fit(_t)", value
            ):
                fit = statements("m, s = _t.mean(axis=0), _t.std(axis=0)", **made)
                edits: Edits = {one.path: fit}
                for other in inner:
                    scaled = match_pattern(f"{name}.transform(_x)", other.node)
                    if scaled is not None:
                        edits[other.path] = fill("(_x - m) / s", scaled)
                yield Change(f"line {one.line}: scaled by hand", edits)


def _other_optimizer(site: Site) -> Iterator[Change]:
    """Take plain steps where the reference has an optimizer that suits the rate to each weight."""
    for pattern in ADAM if isinstance(site.node, ast.expr) else ():
        found = match_pattern(pattern, site.node)
        if found is not None:
            yield site.replace(fill("torch.optim.SGD(_p, lr=0.1)", found))


ADAM = ("torch.optim.Adam(_p, lr=_l)", "optim.Adam(_p, lr=_l)", "torch.optim.Adam(_p)")


WAYS: tuple[Operator, ...] = (
    _clipped_cross_entropy("1e-12", "0.999999999999"),
    _clipped_cross_entropy("1e-15", "0.999999999999999"),
    _on_scores(
        "z = _z\nreturn np.mean(np.logaddexp(0, z) - _y * z)",
        "z = _z\ntotal = 0.0\nfor i in range(len(_y)):\n"
        "    total += np.logaddexp(0, z[i]) - _y[i] * z[i]\nreturn total / len(_y)",
    ),
    _gradient_row_by_row("return np.mean(_X * (_e)[:, None], axis=0)"),
    _gradient_row_by_row("return (_X * (_e)[:, None]).sum(axis=0) / len(_y)"),
    _gradient_row_by_row(
        "errors, slope = _e, np.zeros(_X.shape[1])\nfor j in range(_X.shape[1]):\n"
        "    slope[j] = np.mean(errors * _X[:, j])\nreturn slope"
    ),
    _plain_sigmoid,
    _scaled_by_hand,
    _other_optimizer,
)
"""Rules that write a part of a solution in another way."""
