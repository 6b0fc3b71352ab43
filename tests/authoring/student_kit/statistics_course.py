"""A course in NumPy whose tests are public, or hidden, or both in one file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from autograder.authoring.student_kit.kit import students_wheel
from autograder.course import load_course
from autograder.integrations.nbgrader.warm_grading import forget_suite
from tests.conftest import write_notebook
from tests.tiny import graded_cell

COURSE = """\
course: own
isolation: best-effort
seed: a-secret-seed
assignments:
  statistics:
    notebook: statistics
    suite: suites/averages
    preload: [numpy]
    tasks:
      - {name: mean, points: 10, solution: mean, tests: test_mean}
      - {name: variance, points: 30, solution: variance, tests: test_variance}
      - {name: standardize, points: 60, solution: standardize, tests: test_standardize}
"""
IMPORTS = "import numpy as np"
MEAN = """\
def mean(x):
    ### BEGIN SOLUTION
    return np.add.reduce(np.asarray(x)) / len(x)
    ### END SOLUTION
"""
VARIANCE = """\
def variance(x):
    ### BEGIN SOLUTION
    return mean((np.asarray(x) - mean(x)) ** 2)
    ### END SOLUTION
"""
STANDARDIZE = """\
def standardize(x):
    ### BEGIN SOLUTION
    return (np.asarray(x) - mean(x)) / np.sqrt(variance(x))
    ### END SOLUTION
"""
SUITE = '''\
"""Suite of `statistics`: not for students."""

import os

import numpy as np

from autograder.testing import assert_close, fixture, task

SIZE = 7
SEVENS = [7.25, 7.25, 7.25]


@fixture
def numbers(rng):
    # A comment for authors.
    return rng.normal(size=SIZE).tolist()


@task("mean", points=4, public=True)
def test_mean_of_three(student):
    """The mean of 1, 2 and 6 is 3."""
    assert_close(student.mean([1, 2, 6]), 3.0)


@task("mean", points=6, public=True)
def test_mean(student, reference, numbers):
    """The mean of seven numbers is right."""
    assert_close(student.mean(numbers), reference.mean(numbers))


@task("variance", points=20, public=True)
def test_variance(student, reference, numbers):
    """The variance of seven numbers is right."""
    received = student.using(reference.mean).variance(numbers)
    assert_close(received, reference.variance(numbers))


@task("variance", points=10)
def test_variance_of_equal_numbers(student):
    """Equal numbers do not vary."""
    assert_close(student.variance(SEVENS), 0.0)


@task("standardize", points=60, public=True)
def test_standardize(student, reference, numbers):
    """Standardized numbers have the mean 0 and the variance 1."""
    mine = student.using(reference.mean, reference.variance)
    assert_close(mine.standardize(numbers), reference.standardize(numbers))
'''
CRITICAL_VALUES = "[7.25, 7.25, 7.25]"
MISTAKES = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception(
        "one less",
        "variance",
        (
            (
                (
                    "return mean((np.asarray(x) - mean(x)) ** 2)",
                    "return sum((np.asarray(x) - mean(x)) ** 2) / (len(x) - 1)",
                ),
            ),
        ),
        "The sum of squares is divided by one less than the number of values.",
        "That estimates the variance of all the values there are from a sample of them.",
        "Here, the variance of the values themselves is asked for.",
        "variance",
    ),
)
"""
RIGHT = (IMPORTS, MEAN, VARIANCE, STANDARDIZE)
OTHERWISE = (
    IMPORTS,
    "def mean(x):\n    return float(np.dot(np.ones(len(x)) / len(x), x))",
    "def variance(x):\n    return np.mean(np.square(x)) - np.mean(x) ** 2",
    "def standardize(x):\n    return [(one - mean(x)) / variance(x) ** 0.5 for one in x]",
)
WRONG_MEAN = MEAN.replace("/ len(x)", "/ (len(x) + 1)")
WRONG_VARIANCE = """\
def variance(x):
    return np.var(x, ddof=1)
"""


def write_course(folder: Path, **files: str) -> Path:
    """Write the course into a folder and return its course.yml; files of its suite can differ."""
    forget_suite(folder.parent)  # those of other tests, which have the same names
    suite = folder / "suites" / "averages"
    for name, text in (
        {"__init__": "", "test_all": SUITE, "misconceptions": MISTAKES} | files
    ).items():
        (suite / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (suite / f"{name}.py").write_text(text, encoding="utf-8")
    cells = [graded_cell(IMPORTS)]
    for name, source, points in (
        ("mean", MEAN, 10),
        ("variance", VARIANCE, 30),
        ("standardize", STANDARDIZE, 60),
    ):
        check = f"assert {name}([0, 2]) is not None"
        cells.append(graded_cell(source, name, solution=True))
        cells.append(graded_cell(check, f"test_{name}", points=points, grade=True, locked=True))
    write_notebook(folder / "solutions/statistics/statistics.ipynb", cells)
    write_notebook(folder / "assignments/statistics/statistics.ipynb", [
        cell | {"source": stub(cell["source"])} for cell in cells
    ])  # fmt: skip
    (folder / "course.yml").write_text(COURSE, encoding="utf-8")
    return folder / "course.yml"


def stub(source: str) -> str:
    """Return a cell as students get it."""
    head, mark, _ = source.partition("    ### BEGIN SOLUTION")
    return f"{head}    raise NotImplementedError()" if mark else source


def make_kit(course_file: Path) -> tuple[str, bytes]:
    """Return the name and the contents of the course's students' kit."""
    course = load_course(course_file)
    return students_wheel(course, list(course.assignments.values()))


def texts_of(wheel: bytes) -> dict[str, str]:
    """Return all that is in a wheel, by its name, as text."""
    archive = zipfile.ZipFile(io.BytesIO(wheel))
    return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
