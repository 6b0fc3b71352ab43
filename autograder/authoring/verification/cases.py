"""Gathers what a suite is tested with: right, wrong and dishonest submissions, as notebooks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.authoring.verification.mutants import mutants
from autograder.course import Assignment, Course, FolderKind
from autograder.diagnosis.misconceptions import Variant, load_library, pairs, singles, suite_module
from autograder.grading.consistency import notebook_file
from autograder.submission import read_notebook

Kind = Literal["reference", "stub", "accepted", "misconception", "pair", "attack", "mutant"]


@dataclass(frozen=True)
class Case:
    """A submission whose result is known beforehand.

    `variant` is the misconceptions in it, `diff` what a mutant changes.
    """

    kind: Kind
    name: str
    cells: tuple[str, ...]
    variant: Variant | None = None
    diff: str = ""


def cases(course: Course, assignment: Assignment) -> list[Case]:
    """Return everything that a suite and the course's notebooks bring along.

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
    found += [
        Case("misconception", _way(variant, number), (variant.source,), variant)
        for variant, number in _numbered(singles(solution, library))
    ]
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
    """Return code in which every function raises NotImplementedError; `__init__` stays."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            node.body = ast.parse("raise NotImplementedError()").body
    return ast.unparse(tree)


def _notebooks(course: Course, assignment: Assignment) -> Iterator[Case]:
    """Yield the source notebook and the release version, as far as they are there."""
    sites: tuple[tuple[Kind, str, FolderKind], ...] = (
        ("reference", "source notebook", "source"),
        ("stub", "release version", "release"),
    )
    for kind, name, folder in sites:
        path = notebook_file(course, assignment, folder)
        if path.exists():
            yield Case(kind, name, read_notebook(path).cells)


def _answers(suite: Path, module: str, attribute: str, kind: Kind) -> list[Case]:
    """Return the submissions that a module of the suite lists, none if there is no such module."""
    if not (suite / f"{module}.py").exists():
        return []
    answers: Sequence[Any] = getattr(suite_module(suite, module), attribute)
    return [Case(kind, answer.name, tuple(answer.cells())) for answer in answers]


def _numbered(variants: Sequence[Variant]) -> Iterator[tuple[Variant, int]]:
    """Yield each variant with its number among those of the same name."""
    seen: dict[str, int] = {}
    for variant in variants:
        seen[variant.name] = seen.get(variant.name, 0) + 1
        yield variant, seen[variant.name]


def _way(variant: Variant, number: int) -> str:
    return variant.name if number == 1 else f"{variant.name}, way {number}"
