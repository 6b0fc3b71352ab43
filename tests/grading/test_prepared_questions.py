"""Questions sent together give the same grades as questions asked one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.explainer import explainer
from autograder.grading.result import GradingResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.grading.test_session import own_course

SOLUTION = "def double(x):\n    return 2 * x\n"
LIBRARY = "MISCONCEPTIONS = ()\n"
DEPENDS = """
@pytest.mark.task('double', points=3)
def test_depends(student):
    first = student.double(1)
    second = student.double(5 if first == 2 else 7)
    assert student.double(2) == 4
    assert second == (10 if first == 2 else 14), f"{first}, then {second}"
"""
EARLY = """
@pytest.mark.task('double', points=1)
def test_early(student):
    assert student.double(1) == 2
    assert student.double(2) == 4
@pytest.mark.task('double', points=2)
def test_late(student):
    assert student.double(3) == 6
    assert student.double(4) == 8
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/solution.py").write_text(SOLUTION)
    (tmp_path / "own/misconceptions.py").write_text(LIBRARY)
    return tmp_path


def graded(context: GradingContext, folder: Path, *codes: str) -> list[GradingResult]:
    submissions = [
        Submission(f"s{n}", write_notebook(folder / f"s{n}.ipynb", [code]))
        for n, code in enumerate(codes)
    ]
    with WarmProcess(context.assignment.preload) as warm:
        found = grade_batch(submissions, context, warm)
    explainer.cache_clear()
    return found


def outcomes(found: GradingResult) -> list[str]:
    return [test.outcome for test in found.record.tasks[0].tests]


def test_a_submission_that_gets_other_questions_is_regraded_one_by_one(suite: Path) -> None:
    context = own_course(suite, DEPENDS)
    odd = "def double(x):\n    return 3 if x == 1 else 2 * x"
    counts = "calls = []\ndef double(x):\n    calls.append(x)\n    return 3 if x == 1 else calls"
    right, same, different = graded(context, suite, SOLUTION, odd, counts)
    assert outcomes(right) == outcomes(same) == ["passed"]
    assert outcomes(different) == ["failed"]


def test_a_failed_check_and_an_exception_end_one_test_and_no_other(suite: Path) -> None:
    context = own_course(suite, EARLY)
    wrong = "def double(x):\n    return 0 if x == 1 else 2 * x"
    raises = "def double(x):\n    return 1 / 0 if x == 1 else 2 * x"
    dies = "import os\ndef double(x):\n    return os._exit(1) if x == 2 else 2 * x"
    for found in graded(context, suite, wrong, raises, dies):
        assert outcomes(found) == ["failed", "passed"]


def test_a_suite_without_a_solution_asks_one_by_one(suite: Path) -> None:
    (suite / "own/solution.py").unlink()
    context = own_course(suite, EARLY)
    (found,) = graded(context, suite, SOLUTION)
    assert outcomes(found) == ["passed", "passed"]


def test_the_order_of_submissions_changes_nothing(suite: Path) -> None:
    """The first submission gets the same questions as the others."""
    context = own_course(suite, EARLY)
    third = (
        "n = 0\ndef double(x):\n    global n\n    n += 1\n    return 0 if n in (1, 3) else 2 * x"
    )
    found = graded(context, suite, third, SOLUTION, third)
    assert outcomes(found[0]) == outcomes(found[2])
