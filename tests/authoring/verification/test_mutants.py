"""Mutants: all different, all Python, and the same for a seed."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from autograder.authoring.verification.mutants import Mutant, mutants, single_mutants
from autograder.suites.linear_regression.answers import GRADIENTS
from tests.corpus.reference import SOLUTION as REFERENCE


@cache
def all_singles(source: str) -> list[Mutant]:
    return single_mutants(source)


def sources(source: str) -> set[str]:
    return {mutant.source for mutant in all_singles(source)}


@pytest.fixture(scope="module")
def singles() -> list[Mutant]:
    return all_singles(REFERENCE)


@pytest.fixture(scope="module")
def many(singles: list[Mutant]) -> list[Mutant]:
    return mutants(REFERENCE, len(singles) + 200, seed=1)


def changed_lines(mutant: Mutant) -> list[str]:
    return [
        line
        for line in mutant.diff.splitlines()
        if line[0] in "+-" and not line.startswith(("+++", "---"))
    ]


def test_there_are_hundreds_of_single_mutants_of_the_reference(singles: list[Mutant]) -> None:
    assert 400 < len(singles) < 800


def test_mutants_and_their_names_are_distinct_and_none_is_the_reference(
    many: list[Mutant],
) -> None:
    original = ast.unparse(ast.parse(REFERENCE))
    texts = {ast.unparse(ast.parse(mutant.source)) for mutant in many}
    assert len(texts) == len({mutant.name for mutant in many}) == len(many)
    assert original not in texts


def test_every_mutant_compiles_and_keeps_imports_and_docstrings(many: list[Mutant]) -> None:
    for mutant in [*many, *all_singles(f'"""A module."""\n{REFERENCE}')]:
        tree = ast.parse(mutant.source)
        compile(tree, mutant.name, "exec", dont_inherit=True)
        assert ast.get_docstring(tree) in (None, "A module.")
        assert "import torch" in mutant.source


def test_the_diff_leads_from_the_reference_to_the_mutant(many: list[Mutant]) -> None:
    original = ast.unparse(ast.parse(REFERENCE)).splitlines()
    for mutant in many:
        lines = changed_lines(mutant)
        assert lines
        assert {line[1:] for line in lines if line[0] == "-"} <= set(original)
        assert {line[1:] for line in lines if line[0] == "+"} <= set(mutant.source.splitlines())


def test_the_name_says_the_line_of_the_reference(singles: list[Mutant]) -> None:
    line = next(n for n, text in enumerate(REFERENCE.splitlines(), 1) if "p -= lr" in text)
    (mutant,) = [m for m in singles if m.name == f"line {line}: + for -"]
    assert changed_lines(mutant) == [
        "-            p -= lr * p.grad",
        "+            p += lr * p.grad",
    ]


def test_a_pair_has_two_changes(singles: list[Mutant], many: list[Mutant]) -> None:
    changes = {mutant.name: mutant for mutant in singles}
    pairs = many[len(singles) :]
    assert len(pairs) == 200
    for pair in pairs:
        first, second = (changes[name] for name in pair.name.split("; "))
        assert len({first.source, second.source, pair.source}) == 3
        taken_away = {line for line in changed_lines(pair) if line[0] == "-"}
        for single in (first, second):
            assert {line for line in changed_lines(single) if line[0] == "-"} & taken_away


def test_changes_in_one_statement_make_pairs_unless_one_contains_the_other() -> None:
    source = "def f(a, b):\n    return a + b\n"
    found = {mutant.source for mutant in mutants(source, 10_000, seed=1)}
    assert "def f(a, b):\n    return b - b\n" in found  # the name and the operator
    assert "def f(b, a):\n    return a - b\n" in found
    assert "def f(a, b):\n    return -a * -b\n" not in found  # three changes


def test_singles_come_first_and_then_pairs(singles: list[Mutant], many: list[Mutant]) -> None:
    assert many[: len(singles)] == singles


@pytest.mark.parametrize("count", [0, 1, 50])
def test_fewer_than_there_are_is_a_random_sample_of_the_singles(count: int) -> None:
    chosen = mutants(GRADIENTS, count, seed=3)
    assert len({mutant.source for mutant in chosen}) == count
    assert {mutant.source for mutant in chosen} <= sources(GRADIENTS)


def test_the_same_seed_gives_the_same_mutants_and_another_seed_others() -> None:
    for count in (30, len(sources(GRADIENTS)) + 30):
        drawn = [mutants(GRADIENTS, count, seed) for seed in (1, 1, 2)]
        assert drawn[0] == drawn[1] != drawn[2]
        assert [len(part) for part in drawn] == [count] * 3


def test_a_small_source_has_only_so_many() -> None:
    everything = mutants("x = 5\n", 1000, seed=1)
    assert 3 < len(everything) < 20
    assert {"x = 6\n", "x = 10\n", "x = -1\n", "pass\n"} <= {m.source for m in everything}


def test_there_are_no_mutants_of_nothing() -> None:
    assert mutants('"""Only words."""\nimport math\n', 5, seed=1) == []


def test_what_is_no_python_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        single_mutants("def f(:")
