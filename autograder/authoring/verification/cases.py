"""Collects the cases that test a suite: right, wrong and dishonest submissions."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.authoring.verification.mutants import mutants
from autograder.course import Assignment, Course, FolderKind
from autograder.diagnosis.misconception import Variant, load_library, pairs, singles, suite_module
from autograder.notebook import read_notebook

Kind = Literal["reference", "stub", "accepted", "misconception", "pair", "attack", "mutant"]


@dataclass(frozen=True)
class Case:
    """A submission with a known result.

    `variant` holds the misconceptions in it, `diff` what a mutant changes.
    """

    kind: Kind
    name: str
    cells: tuple[str, ...]
    variant: Variant | None = None
    diff: str = ""


def cases(course: Course, assignment: Assignment) -> list[Case]:
    """Return all cases of a suite and of the course's notebooks, except mutants.

    The first of the attacks is the same worthless work without an attack.
    """
    solution, library = load_library(assignment.suite_folder)
    found = [*_notebooks(course, assignment)]
    if solution:
        found += [
            Case("reference", "solution.py", (solution,)),
            Case("stub", "solution.py, emptied", (emptied(solution),)),
        ]
    found += _answers(assignment.suite_folder, "accepted", "ACCEPTED", "accepted")
    found += _misconceptions(singles(solution, library))
    found += [
        Case("pair", variant.name, (variant.source,), variant)
        for variant in pairs(solution, library)
    ]
    return found + _answers(assignment.suite_folder, "attacks", "EVERY_ATTACK", "attack")


def mutant_cases(assignment: Assignment, count: int, seed: int) -> list[Case]:
    """Return random mutants of the reference solution."""
    solution, _ = load_library(assignment.suite_folder)
    return [
        Case("mutant", mutant.name, (mutant.source,), diff=mutant.diff)
        for mutant in mutants(solution, count, seed)
    ]


def emptied(source: str) -> str:
    """Return code in which every function except special ones raises NotImplementedError."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            node.body = ast.parse("raise NotImplementedError()").body
    return ast.unparse(tree)


def _notebooks(course: Course, assignment: Assignment) -> Iterator[Case]:
    """Yield the source notebook and the release version, if they exist."""
    notebooks: tuple[tuple[Kind, str, FolderKind], ...] = (
        ("reference", "source notebook", "source"),
        ("stub", "release version", "release"),
    )
    for kind, name, folder in notebooks:
        path = course.notebook_file(assignment, folder)
        if path.exists():
            yield Case(kind, name, read_notebook(path).cells)


def _answers(suite: Path, module: str, attribute: str, kind: Kind) -> list[Case]:
    """Return the submissions listed in a module of the suite, none without that module."""
    if not (suite / f"{module}.py").exists():
        return []
    answers: Sequence[Any] = getattr(suite_module(suite, module), attribute)
    return [Case(kind, answer.name, tuple(answer.cells())) for answer in answers]


def _misconceptions(variants: Sequence[Variant]) -> Iterator[Case]:
    """Yield a case for each variant, numbered among those of the same misconception."""
    seen = Counter[str]()
    for variant in variants:
        seen[variant.name] += 1
        number = seen[variant.name]
        name = variant.name if number == 1 else f"{variant.name}, way {number}"
        yield Case("misconception", name, (variant.source,), variant)
