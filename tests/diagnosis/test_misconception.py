"""The libraries of misconceptions: they fit the reference solution and never give it away."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from autograder.course import Assignment
from autograder.diagnosis.misconception import (
    Misconception,
    Variant,
    applied,
    load_library,
    pairs,
    singles,
)
from autograder.errors import CourseError
from tests.corpus.reference import LIBRARY
from tests.corpus.reference import SOLUTION as SOLUTION_OF_THE_KIT

SOLUTION = "def double(x):\n    y = 2 * x\n    return y\n"


def mistake(
    name: str, *ways: tuple[str, str], task: str = "double", loses: str = ""
) -> Misconception:
    return Misconception(name, task, tuple((way,) for way in ways), "A.", "B.", "C.", loses)


HALF = mistake("half", ("2 * x", "x / 2"), loses="value sign")
NEGATED = mistake("negated", ("return y", "return -y"), ("y = 2", "y = -2"), loses="sign")
UNSEEN = mistake("not_there", ("3 * x", "x"))
TWICE = mistake("twice_there", ("y", "z"))


# changes


def test_a_change_replaces_what_is_there_exactly_once() -> None:
    assert applied(SOLUTION, HALF.ways[0]) == SOLUTION.replace("2 * x", "x / 2")
    assert applied(SOLUTION, (("2 * x", "x"), ("return y", "return -y"))) == (
        "def double(x):\n    y = x\n    return -y\n"
    )
    for misfit in (UNSEEN, TWICE):
        assert applied(SOLUTION, misfit.ways[0]) is None


def test_each_way_of_a_misconception_is_a_variant() -> None:
    found = singles(SOLUTION, [HALF, NEGATED])
    assert [variant.name for variant in found] == ["half", "negated", "negated"]
    assert len({variant.source for variant in found}) == 3


@pytest.mark.parametrize("misfit", [UNSEEN, TWICE], ids=lambda misfit: misfit.name)
def test_a_change_that_does_not_fit_is_an_error_that_names_it(misfit: Misconception) -> None:
    with pytest.raises(CourseError) as caught:
        singles(SOLUTION, [HALF, misfit])
    assert f"misconceptions.py: the misconception '{misfit.name}'" in str(caught.value)
    assert "the reference solution exactly once" in str(caught.value)


def test_a_pair_has_both_changes_both_names_and_both_losses() -> None:
    (pair,) = pairs(SOLUTION, [HALF, NEGATED])
    assert pair.name == "half + negated"
    assert pair.source == "def double(x):\n    y = x / 2\n    return -y\n"
    assert (pair.task, set(pair.failing)) == ("double", {"test_value", "test_sign"})


def test_changes_of_one_place_or_of_two_tasks_make_no_pair() -> None:
    third = mistake("third", ("2 * x", "x / 3"))
    assert list(pairs(SOLUTION, [HALF, third])) == []
    assert list(pairs(SOLUTION, [HALF, replace(NEGATED, task="other")])) == []
    assert list(pairs(SOLUTION, [HALF, UNSEEN])) == []


# loading


def test_a_suite_without_a_library_has_none(tmp_path: Path) -> None:
    assert load_library(tmp_path) == ("", ())
    assert load_library(tmp_path, SOLUTION) == (SOLUTION, ())
    (tmp_path / "solution.py").write_text("x = 1\n")
    assert load_library(tmp_path, SOLUTION) == ("x = 1\n", ())


def test_a_library_is_loaded_from_wherever_the_suite_is(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "__init__.py").write_text("")
    (suite / "solution.py").write_text(SOLUTION)
    (suite / "names.py").write_text("NAME = 'half'\n")
    (suite / "misconceptions.py").write_text(
        "from autograder.testing import Misconception\n"
        "from .names import NAME\n"
        "MISCONCEPTIONS = [Misconception(NAME, 'double', ((('2', '3'),),), 'A.', 'B.', 'C.')]\n"
    )
    solution, library = load_library(suite)
    assert (solution, [m.name for m in library]) == (SOLUTION, ["half"])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("MISCONCEPTIONS = (", "SyntaxError"),
        ("import no_such_module", "no_such_module"),
        ("NAMES = ()", "MISCONCEPTIONS"),
    ],
)
def test_a_library_that_cannot_be_loaded_is_an_error_that_names_the_file(
    tmp_path: Path, source: str, words: str
) -> None:
    (tmp_path / "solution.py").write_text(SOLUTION)
    (tmp_path / "misconceptions.py").write_text(source)
    with pytest.raises(CourseError) as caught:
        load_library(tmp_path)
    assert str(tmp_path / "misconceptions.py") in str(caught.value)
    assert words in str(caught.value)


# what comes with the kit


@pytest.fixture(scope="module")
def suite(assignment: Assignment) -> Path:
    return assignment.suite_folder


@pytest.fixture(scope="module")
def solution(suite: Path) -> str:
    return SOLUTION_OF_THE_KIT


@pytest.fixture(scope="module")
def library(suite: Path) -> tuple[Misconception, ...]:
    return LIBRARY


@pytest.fixture(scope="module")
def every_pair(solution: str, library: tuple[Misconception, ...]) -> list[Variant]:
    return list(pairs(solution, library))


def test_every_change_fits_compiles_and_changes_something(
    solution: str, library: tuple[Misconception, ...]
) -> None:
    variants = singles(solution, library)
    trees = [ast.unparse(ast.parse(variant.source)) for variant in variants]
    assert ast.unparse(ast.parse(solution)) not in trees
    assert len(trees) == len(set(trees)) > 90


def test_pairs_commute_compile_and_are_many(
    solution: str, library: tuple[Misconception, ...], every_pair: list[Variant]
) -> None:
    backwards = pairs(solution, library[::-1])
    sources = {variant.source for variant in every_pair}
    assert sources == {variant.source for variant in backwards}
    assert len(every_pair) > 800
    for source in sources:
        ast.parse(source)


def test_names_are_unique_words_and_every_task_with_a_solution_is_covered(
    assignment: Assignment, library: tuple[Misconception, ...]
) -> None:
    names = [misconception.name for misconception in library]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert {m.task for m in library} == {task.name for task in assignment.tasks if task.solution}


def test_every_misconception_loses_a_test_of_its_own_task(
    suite: Path, library: tuple[Misconception, ...]
) -> None:
    tests = {
        file.stem.removeprefix("test_"): set(
            re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
        )
        for file in suite.glob("test_*.py")
    }
    for misconception in library:
        assert misconception.failing & tests[misconception.task], misconception.name
        assert misconception.failing <= set().union(*tests.values()), misconception.name


def test_every_text_says_what_happened_why_and_where_to_look(
    library: tuple[Misconception, ...],
) -> None:
    for m in library:
        for part in (m.happened, m.why, m.look):
            assert part.rstrip(")").endswith((".", "?")), (m.name, part)
            assert part == " ".join(part.split()), (m.name, part)
        assert m.text.split("\n") == [m.happened, m.why, m.look]


def test_no_two_texts_are_the_same(library: tuple[Misconception, ...]) -> None:
    for one, other in combinations(library, 2):
        assert one.text != other.text, (one.name, other.name)


def dense(text: str) -> str:
    """Return code without the blanks that say nothing."""
    return re.sub(r"\s+", "", text)


def pieces(solution: str) -> set[str]:
    """Return the statements of a solution, what stands on their right, and what is returned."""
    found = {line.strip() for line in solution.splitlines()}
    for node in ast.walk(ast.parse(solution)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return) and node.value is not None:
            found.add(ast.unparse(node.value))
            found.add(ast.get_source_segment(solution, node.value) or "")
    trivial = {"import torch", "y.backward()", "loss.backward()", "a", "b", "y", "with torch.no_grad():",
               "torch.no_grad()", ""}  # fmt: skip
    return {dense(piece) for piece in found - trivial}


def test_no_text_contains_a_piece_of_the_reference_solution(
    solution: str, library: tuple[Misconception, ...]
) -> None:
    wanted = pieces(solution)
    assert {"x@self.w+self.b", "lr*p.grad", "p.grad.zero_()", "a.grad,b.grad"} <= wanted
    for misconception in library:
        text = dense(misconception.text)
        assert [piece for piece in wanted if piece in text] == [], misconception.name


def test_the_only_numbers_in_the_texts_are_those_of_the_assignment(
    library: tuple[Misconception, ...],
) -> None:
    public = {"0", "0.1", "1", "-1", "2", "75", "-12", "1500"}
    for misconception in library:
        numbers = set(re.findall(r"-?\b\d+(?:\.\d+)?", misconception.text))
        assert numbers <= public, (misconception.name, numbers - public)


def test_no_text_contains_what_training_learns(library: tuple[Misconception, ...]) -> None:
    for number in (0.46772, 1.99827):
        assert not any(f"{number:.2f}" in misconception.text for misconception in library)
