"""Wrong answers that keep all points, in a real course: what differs, what is free, what to add."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.authoring.verification import scripts
from autograder.authoring.verification.cases import Case
from autograder.authoring.verification.equivalence import Comparison
from autograder.authoring.verification.mutants import diff
from autograder.authoring.verification.survivors import Judged, judge_survivors
from autograder.course import Course, hidden_seed, load_course
from autograder.integrations.nbgrader.warm_grading import forget_suite
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from tests.corpus.level2.graded import make_course, source_notebook
from tests.docs.pages import check_block

pytestmark = pytest.mark.slow
NAME = "logistic_regression"
ALIKE = {
    "another order": ("(1 + small)", "(small + 1)"),
    "clipped": (
        "return X.T @ (sigmoid(X @ w) - y)",
        "return X.T @ (np.minimum(sigmoid(X @ w), 1.0) - y)",
    ),
    "another dtype": ("np.zeros(X.shape[1])", "np.zeros(X.shape[1], dtype='float32') + 0.0"),
    "only arrays": ("np.asarray(z) >= 0", "z >= 0"),
}
DIFFERENT = {
    "one row decides": ("np.asarray(z) >= 0", "np.asarray(z)[:1] >= 0"),
    "never more than a hundred steps": ("range(steps)", "range(min(steps, 100))"),
    "never ends for one row": ("w = np.zeros(X", "while len(X) == 1: pass\n    w = np.zeros(X"),
    "ends the process": (
        "p = np.clip",
        "p = np.clip if X.any() else __import__('os')._exit(3); p = np.clip",
    ),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    folder = tmp_path_factory.mktemp("survivors") / "course"
    make_course(folder, NAME, source_notebook(NAME))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scripts, "SEEDS", 3)
        yield load_course(folder / "course.yml")
    forget_suite(folder)


@pytest.fixture(scope="module")
def compared(course: Course) -> Iterator[Comparison]:
    assignment = course.assignment(NAME)
    solution = SourceNotebook(course, assignment).solution
    assert solution is not None
    with (
        WarmProcess(assignment.preload) as warm,
        closing(
            Comparison(assignment, hidden_seed(course), warm, solution.code, solution)
        ) as comparison,
    ):
        yield comparison


def changed(code: str, change: tuple[str, str]) -> str:
    assert change[0] in code
    return code.replace(*change)


@pytest.mark.parametrize("change", ALIKE.values(), ids=ALIKE)
def test_what_behaves_like_the_reference_is_equivalent(
    compared: Comparison, change: tuple[str, str]
) -> None:
    assert compared.evidence(changed(compared.code, change)) is None


@pytest.mark.parametrize("change", DIFFERENT.values(), ids=DIFFERENT)
def test_what_behaves_otherwise_somewhere_is_different(
    compared: Comparison, change: tuple[str, str]
) -> None:
    assert compared.evidence(changed(compared.code, change)) is not None


def judged(course: Course, *changes: tuple[str, str], **options: Any) -> Judged:
    """Return what is said of wrong answers, as if they had kept all points."""
    assignment = course.assignment(NAME)
    solution = SourceNotebook(course, assignment).solution
    assert solution is not None
    full: Any = SimpleNamespace(score=100.0, max_score=100.0)
    rows = []
    for old, new in changes:
        code = changed(solution.code, (old, new))
        texts = [ast.unparse(ast.parse(source)) for source in (solution.code, code)]
        rows.append((Case("mutant", f"{new} for {old}", (code,), diff=diff(*texts)), full))
    return judge_survivors(rows, course, assignment, 1, lambda count: None, **options)


def test_the_author_reads_what_to_add(course: Course) -> None:
    found = judged(course, DIFFERENT["one row decides"], ALIKE["another order"], suggest=False)
    assert len(found.survivors) == len(found.equivalent) == 1
    check_block("docs/author/verify.md", 1, f"{found.problems[0]}\n")


def test_a_suggested_test_has_been_tried(course: Course, tmp_path: Path) -> None:
    change = DIFFERENT["never more than a hundred steps"]
    found = judged(course, change, suggest=True)
    assert "This test catches it, and the reference passes." in found.problems[0]
    test = found.problems[0].partition('\n@task("fit", points=1)\n')[2]
    assert test.startswith("def test_fit_")
    assert "(student, reference, rng):" in test
    assert "rng.normal(size=" in test
    assert "assert_close(" in test


def test_nothing_is_suggested_that_does_not_catch_it(course: Course) -> None:
    change = DIFFERENT["ends the process"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "autograder.authoring.verification.suggestions.Suggestions._tells",
            lambda *arguments: False,
        )
        found = judged(course, change, suggest=True)
    assert "No test was found that catches it." in found.problems[0]
