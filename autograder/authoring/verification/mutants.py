"""Makes mutants of a reference solution: the same code with one or two small mistakes.

Pure functions over the syntax tree. Imports and docstrings are left alone. Most mutants are wrong,
a few behave like the reference (`y + x` for `x + y`): to tell them apart takes an oracle of the
assignment. That pairs of small mistakes are worth making is Offutt's, "Investigations of the
software testing coupling effect" (1992).
"""

from __future__ import annotations

import ast
import difflib
import random
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from autograder.authoring.verification.operators import OPERATORS
from autograder.authoring.verification.syntax_tree import Change, Edits, edited, sites


@dataclass(frozen=True)
class Mutant:
    """A changed reference: what was changed and where, its source, and the difference.

    `diff` is a unified diff against `ast.unparse` of the reference.
    """

    name: str
    source: str
    diff: str


def single_mutants(source: str) -> list[Mutant]:
    """Return every mutant with one change; no two of them, and none and the reference, are alike.

    Raises:
        SyntaxError: the source is no Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    return [_mutant(change.name, original, text) for change, text in _singles(tree, original)]


def mutants(source: str, count: int, seed: int) -> list[Mutant]:
    """Return `count` mutants, all different: those with one change, then pairs of changes.

    If there are more singles than that, they are a random sample; the pairs always are one. The
    two changes of a pair are at places of which none contains the other. The same seed gives the
    same mutants. There are fewer than `count` only if the source has no more.

    Raises:
        SyntaxError: the source is no Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    singles = _singles(tree, original)
    rng = random.Random(seed)
    if count <= len(singles):
        chosen = rng.sample(singles, count)
    else:
        chosen = singles + _pairs(tree, original, singles, count - len(singles), rng)
    return [_mutant(change.name, original, text) for change, text in chosen]


def _singles(tree: ast.Module, original: str) -> list[tuple[Change, str]]:
    """Return the single changes that make a difference to the text, each with its text."""
    found: dict[str, Change] = {}
    for site in sites(tree):
        for operator in OPERATORS:
            for change in operator(site):
                text = _applied(tree, change.edits)
                if text not in (None, original):
                    found.setdefault(text, change)
    return [(change, text) for text, change in _numbered(found).items()]


def _numbered(found: Mapping[str, Change]) -> dict[str, Change]:
    """Tell changes of the same name apart: `b for a` may be said of two places in a line."""
    times = Counter[str]()
    numbered = {}
    for text, change in found.items():
        times[change.name] += 1
        again = f" ({times[change.name]})" if times[change.name] > 1 else ""
        numbered[text] = replace(change, name=change.name + again)
    return numbered


def _pairs(
    tree: ast.Module,
    original: str,
    singles: list[tuple[Change, str]],
    count: int,
    rng: random.Random,
) -> list[tuple[Change, str]]:
    """Return random pairs of changes whose text is new."""
    seen = {original} | {text for _, text in singles}
    candidates = list(combinations([change for change, _ in singles], 2))
    rng.shuffle(candidates)
    chosen: list[tuple[Change, str]] = []
    for first, second in candidates:
        if len(chosen) == count:
            break
        if _contained(first.edits, second.edits):
            continue
        both = Change(f"{first.name}; {second.name}", {**first.edits, **second.edits})
        text = _applied(tree, both.edits)
        if text is not None and text not in seen:
            seen.add(text)
            chosen.append((both, text))
    return chosen


def _contained(first: Edits, second: Edits) -> bool:
    """Say whether a place of one contains a place of the other."""
    return any(
        one[: len(other)] == other or other[: len(one)] == one for one in first for other in second
    )


def _applied(tree: ast.Module, edits: Edits) -> str | None:
    """Return the text of the changed tree, or None if that is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `0(x)` compiles with a warning, and is a mutant
            # Through the parser once more: two trees with the same text are one mutant.
            parsed = ast.parse(ast.unparse(edited(tree, edits)))
            compile(parsed, "<mutant>", "exec")
    except SyntaxError:
        return None
    return ast.unparse(parsed)


def _mutant(name: str, original: str, text: str) -> Mutant:
    lines = difflib.unified_diff(
        original.splitlines(), text.splitlines(), "reference", "mutant", lineterm="", n=1
    )
    return Mutant(name, text + "\n", "\n".join(lines) + "\n")
