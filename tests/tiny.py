"""A tiny course: one task, two tests, a known mistake. It is graded in a fraction of a second."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conftest import write_notebook

NAME = "double"
COURSE = """\
course: ml_course
seed: 3
assignments:
  double:
    notebook: double
    suite: suite
    limits: {cell_seconds: 2, request_seconds: 2, notebook_seconds: 10}
    tasks:
      - {name: double, points: 10, solution: double, tests: test_double}
"""
CONFIGURATION = """\
from autograder.nbgrader import configure
configure(get_config(), __file__)
"""
TESTS = '''\
"""Suite of `double`."""

import pytest

from autograder.testing import close, number

FACTOR = 2.0


def check(student, x):
    close(number(student.double(x), "double(x)"), FACTOR * x, "double(x) is not twice x.")


@pytest.mark.task("double", points=4)
def test_positive(student, rng):
    """It doubles a positive number."""
    check(student, float(rng.uniform(1, 2)))


@pytest.mark.task("double", points=6)
def test_negative(student, rng):
    """It doubles a negative number."""
    check(student, -float(rng.uniform(1, 2)))
'''
SOLUTION = "def double(x):\n    return 2 * x\n"
LIBRARY = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception(
        "absolute",
        "double",
        ((("2 * x", "2 * abs(x)"),),),
        "The sign is lost.",
        "A negative number times two is negative.",
        "Look at what happens to the sign.",
        "negative",
    ),
)
"""
FILES = {
    "course.yml": COURSE,
    "nbgrader_config.py": CONFIGURATION,
    "suite/__init__.py": "",
    "suite/test_double.py": TESTS,
    "suite/solution.py": SOLUTION,
    "suite/misconceptions.py": LIBRARY,
    "suite/support/given.py": "VALUE = 1\n",
}
RIGHT, WRONG = "def double(x):\n    return 2 * x", "def double(x):\n    return 2 * abs(x)"


def graded_cell(source: str, grade_id: str = "", **nbgrader: Any) -> dict[str, Any]:
    """Return a code cell; with a `grade_id`, it is one of nbgrader's."""
    grading = {
        "schema_version": 3, "grade_id": grade_id, "locked": False, "solution": False,
        "grade": False, "task": False, **nbgrader,
    }  # fmt: skip
    return {
        "cell_type": "code",
        "id": grade_id or "intro",
        "metadata": {"nbgrader": grading} if grade_id else {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }


MINIMAL = """\
course: ml_course
seed: 3
assignments:
  double:
    suite: suite
    limits: {cell_seconds: 2, request_seconds: 2, notebook_seconds: 10}
"""
"""The same course: notebook and tasks are where the defaults look for them."""
SOURCE = (
    graded_cell("import math"),
    graded_cell(
        "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        "double",
        solution=True,
    ),
    graded_cell("assert double(1) == 2", "test_double", grade=True, locked=True, points=10),
)


def make_course(folder: Path) -> Path:
    """Write the course into a folder and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_notebook(folder / "solutions" / NAME / f"{NAME}.ipynb", list(SOURCE))
    return folder


def submit(course: Path, student: str, code: str | Sequence[str]) -> Path:
    """Submit cells as a student; the test cell is as it was given."""
    first, *others = [code] if isinstance(code, str) else code
    cells: list[str | dict[str, Any]] = [SOURCE[0], graded_cell(first, "double", solution=True)]
    cells += [*others, SOURCE[2]]
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    return write_notebook(path, cells)


def scores(course: Path, file: str) -> dict[str, float]:
    """Return the scores in a file that `--json` wrote."""
    lines = (course / file).read_text().splitlines()
    return {record["student"]: record["score"] for record in map(json.loads, lines)}
