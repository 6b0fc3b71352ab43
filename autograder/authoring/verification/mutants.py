"""Makes mutants of a reference solution: the same code with one or two small mistakes.

Imports and docstrings stay as they are. Most mutants are wrong, a few behave like the reference
(`y + x` for `x + y`): telling them apart takes an oracle of the assignment. Why pairs of small
mistakes are worth making: Offutt, "Investigations of the software testing coupling effect" (1992).
"""

import ast
import difflib
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import combinations

from autograder.authoring.verification.operators import OPERATORS
from autograder.diagnosis.syntax_tree import Change, Edits, edited, normal_text, sites


@dataclass(frozen=True)
class Mutant:
    """A changed reference: what was changed and where, its source, and the difference.

    `diff` is a unified diff against `ast.unparse` of the reference.
    """

    name: str
    source: str
    diff: str
    edits: Edits = field(compare=False, repr=False)


def single_mutants(source: str) -> list[Mutant]:
    """Return every mutant with one change; all of them differ, also from the reference.

    Raises:
        SyntaxError: the source is not Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    found: dict[str, Change] = {}
    for site in sites(tree):
        for operator in OPERATORS:
            for change in operator(site):
                text = normal_text(edited(tree, change.edits))
                if text not in (None, original):
                    found.setdefault(text, change)
    # Number changes of the same name: `b for a` may apply to two sites in a line.
    times = Counter[str]()
    for text, change in found.items():
        times[change.name] += 1
        again = f" ({times[change.name]})" if times[change.name] > 1 else ""
        found[text] = replace(change, name=change.name + again)
    return [_mutant(change, original, text) for text, change in found.items()]


def mutants(source: str, count: int, seed: int) -> list[Mutant]:
    """Return `count` mutants, all different: those with one change, then pairs of changes.

    If there are more singles than that, they are a random sample; the pairs always are one. The
    two changes of a pair are at sites of which neither contains the other. The same seed gives
    the same mutants. There are fewer than `count` only if the source has no more.

    Raises:
        SyntaxError: the source is not Python.
    """
    singles = single_mutants(source)
    rng = random.Random(seed)
    if count <= len(singles):
        return rng.sample(singles, count)
    return singles + _pairs(ast.parse(source), singles, count - len(singles), rng)


def _pairs(tree: ast.Module, singles: list[Mutant], count: int, rng: random.Random) -> list[Mutant]:
    """Return mutants with a random pair of changes each, whose text is new."""
    original = ast.unparse(tree)
    seen = {f"{original}\n", *(mutant.source for mutant in singles)}
    candidates = list(combinations(singles, 2))
    rng.shuffle(candidates)
    chosen: list[Mutant] = []
    for first, second in candidates:
        if len(chosen) == count:
            break
        if _overlap(first.edits, second.edits):
            continue
        both = Change(f"{first.name}; {second.name}", {**first.edits, **second.edits})
        text = normal_text(edited(tree, both.edits))
        if text is not None and f"{text}\n" not in seen:
            seen.add(f"{text}\n")
            chosen.append(_mutant(both, original, text))
    return chosen


def _overlap(first: Edits, second: Edits) -> bool:
    """Say whether a site of one contains a site of the other."""
    return any(
        one[: len(other)] == other or other[: len(one)] == one for one in first for other in second
    )


def _mutant(change: Change, original: str, text: str) -> Mutant:
    return Mutant(change.name, f"{text}\n", diff(original, text), change.edits)


def diff(original: str, text: str) -> str:
    """Return a unified diff with a line of context."""
    lines = difflib.unified_diff(
        original.splitlines(), text.splitlines(), "reference", "mutant", lineterm="", n=1
    )
    return "\n".join(lines) + "\n"
