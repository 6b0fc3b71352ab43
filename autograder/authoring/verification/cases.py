"""The cases that test a suite: collects them, and grades them as submissions are graded.

They are right, wrong and dishonest submissions with known results.
"""

import ast
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from autograder.authoring.verification.dishonest import attacks_on
from autograder.authoring.verification.mutants import diff, mutants
from autograder.authoring.verification.surroundings import surrounded
from autograder.course import Assignment, Course, FolderKind, hidden_seed
from autograder.diagnosis.explained import load_mistakes
from autograder.diagnosis.misconception import (
    Misconception,
    Variant,
    pairs,
    singles,
    suite_module,
)
from autograder.diagnosis.mistakes.library import misconceptions as mistakes_in
from autograder.grading.explainer import explainer
from autograder.grading.pool import grading
from autograder.notebook import read_notebook
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission

Kind = Literal[
    "reference", "stub", "accepted", "misconception", "mistake", "pair", "attack", "mutant"
]

SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL | re.MULTILINE)

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Case:
    """A submission with a known result.

    `variant` holds the misconceptions in it, `diff` what a mutant or a mistake of the kit's library
    changes.
    """

    kind: Kind
    name: str
    cells: tuple[str, ...]
    variant: Variant | None = None
    diff: str = ""


Row = tuple[Case, Record]


def cases(course: Course, assignment: Assignment) -> list[Case]:
    """Return all cases of a suite and of the course's notebooks, except mutants.

    The first of the attacks is worthless work without an attack.
    """
    solution, library = library_of(course, assignment)
    found = [*_notebooks(course, assignment)]
    if solution:
        found += [
            Case("reference", "reference solution", (solution,)),
            Case("stub", "reference solution, emptied", _stub(course, assignment, solution)),
        ]
    found += [Case("accepted", name, tuple(cells)) for name, cells in surrounded(solution)]
    found += accepted_answers(assignment)
    found += _numbered("misconception", singles(solution, library))
    if solution and not library:
        found += _mistakes(course, assignment, solution)
    found += [
        Case("pair", variant.name, (variant.source,), variant)
        for variant in pairs(solution, library)
    ]
    found += [Case("attack", name, tuple(cells)) for name, cells in attacks_on(solution)]
    return found + _answers(assignment.suite_folder, "attacks", "EVERY_ATTACK", "attack")


def library_of(course: Course, assignment: Assignment) -> tuple[str, tuple[Misconception, ...]]:
    """Return the reference solution, "" if there is none, and the known misconceptions."""
    source = SourceNotebook(course, assignment).solution
    return load_mistakes(assignment.suite_folder, "" if source is None else source.code)


def accepted_answers(assignment: Assignment) -> list[Case]:
    """Return the suite's own right answers."""
    return _answers(assignment.suite_folder, "accepted", "ACCEPTED", "accepted")


def mutant_cases(course: Course, assignment: Assignment, count: int, seed: int) -> list[Case]:
    """Return random mutants of the reference solution."""
    solution, _ = library_of(course, assignment)
    return [
        Case("mutant", mutant.name, (mutant.source,), diff=mutant.diff)
        for mutant in mutants(solution, count, seed)
    ]


def _stub(course: Course, assignment: Assignment, solution: str) -> tuple[str, ...]:
    """Return what students begin with: the source notebook without its marked solutions."""
    path = course.notebook_file(assignment, "source")
    cells = read_notebook(path).cells if path.exists() else ()
    stub = tuple(SOLUTION.sub(r"\1raise NotImplementedError()", cell) for cell in cells)
    return stub if stub != cells else (emptied(solution),)


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


def _mistakes(course: Course, assignment: Assignment, solution: str) -> Iterator[Case]:
    """Yield what the kit's library of mistakes makes of the reference solution."""
    source = SourceNotebook(course, assignment)
    found = source.solution
    notebook = () if found is None else (found.cells, found.given)
    variants = singles(solution, mistakes_in(solution, source.definitions or None, *notebook))
    original = ast.unparse(ast.parse(solution))
    once = {variant.source: variant for variant in reversed(variants)}  # some belong to two tasks
    for case in _numbered("mistake", [one for one in variants if once[one.source] is one]):
        changed = ast.unparse(ast.parse(case.cells[0]))
        yield replace(case, diff=diff(original, changed))


def _numbered(kind: Kind, variants: Sequence[Variant]) -> Iterator[Case]:
    """Yield a case for each variant, numbered among those of the same misconception."""
    seen = Counter[str]()
    for variant in variants:
        seen[variant.name] += 1
        number = seen[variant.name]
        name = variant.name if number == 1 else f"{variant.name}, way {number}"
        yield Case(kind, name, (variant.source,), variant)


def grade_cases(
    cases: Sequence[Case], course: Course, assignment: Assignment, jobs: int, progress: Progress
) -> list[Row]:
    """Grade cases and return each with its record; attacks get less time."""
    graded: dict[int, Record] = {}
    for chosen, dishonest in ((assignment, False), (_with_short_limits(assignment), True)):
        numbers = [n for n, case in enumerate(cases) if (case.kind == "attack") == dishonest]
        if not numbers:
            continue
        with tempfile.TemporaryDirectory(prefix="autograder-verify-") as folder:
            places = {"{port}": "9", "{secrets}": str(course.root)}
            places["{suite}"] = str(assignment.suite_folder)
            submissions = [_write(Path(folder, f"{n:05}.ipynb"), cases[n], places) for n in numbers]
            with grading(submissions, course, chosen, jobs) as results:
                for number, result in zip(numbers, results, strict=True):
                    graded[number] = result.record
                    progress(1)
    return [(case, graded[number]) for number, case in enumerate(cases)]


def _with_short_limits(assignment: Assignment) -> Assignment:
    """Return the assignment with short limits: many attacks are endless loops."""
    times = {"notebook_seconds": 6.0, "cell_seconds": 1.0, "request_seconds": 0.5}
    limits = assignment.limits.model_copy(update=times)
    return assignment.model_copy(update={"limits": limits})


def _write(path: Path, case: Case, places: Mapping[str, str]) -> Submission:
    """Write a case as a notebook; attacks are told a free port, and where course and suite are."""
    sources = case.cells
    if case.kind == "attack":
        for mark, place in places.items():
            sources = tuple(source.replace(mark, place) for source in sources)
    code = {"cell_type": "code", "metadata": {}, "outputs": []}
    cells = [code | {"source": source} for source in sources]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": cells}))
    return Submission(path.stem, path)


def without_hidden_pairs(
    cases: Sequence[Case], course: Course, assignment: Assignment
) -> list[Case]:
    """Drop the pairs that tests cannot tell from one of their mistakes alone."""
    with WarmProcess(assignment.preload) as warm:
        solution = SourceNotebook(course, assignment).solution
        known = explainer(assignment, hidden_seed(course), warm, solution)
        return [
            case
            for case in cases
            if case.kind != "pair" or (case.variant and known.shows_both(case.variant))
        ]
