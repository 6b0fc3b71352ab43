"""The students' kit of a course with a suite of its own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring.student_kit.kit import students_wheel
from autograder.course import load_course
from autograder.errors import CourseError, UsageError
from tests.authoring.student_kit.kit import install, run
from tests.conftest import write_notebook

COURSE = """\
course: own
assignments:
  Problem Set 1:
    notebook: ps1
    suite: tests/doubles
    tasks: [{name: double, points: 3, tests: test_double}]
    preload: [numpy]
    files: [two.txt]
"""
SOLUTION = "def double(x):\n    return sum([x, x, 0 * x])\n"
PUBLIC = '''\
import pytest

from autograder.testing import close, number
from ..numbers import given


@pytest.mark.task("double")
def test_double_of_some(student):
    """The double of 3 is 6."""
    x = given()
    close(number(student.double(x), "double(3)"), 6, "It is not 6.", rtol=0, atol=0)
'''
NUMBERS = """\
from pathlib import Path

def given():
    return float(Path(__file__).with_name("given.txt").read_text())
"""
MISTAKES = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception(
        "squared", "double", ((("sum([x, x, 0 * x])", "x * x"),),),
        "It is squared.", "", "Look at the sign.", loses="double_of_some double_of_hidden",
    ),
)
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a course; files of its suite can be others."""

    def written(**files: str | None) -> Path:
        suite = tmp_path / "tests" / "doubles"
        content = {
            "__init__": "", "test_double": "def test_double_of_hidden():\n    pass\n",
            "solution": SOLUTION, "misconceptions": MISTAKES, "numbers": NUMBERS,
            "public/__init__": "", "public/test_double": PUBLIC,
        } | files  # fmt: skip
        for name, text in content.items():
            if text is not None:
                (suite / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
                (suite / f"{name}.py").write_text(text)
        (suite / "given.txt").write_text("3")
        (suite / "answers.txt").write_text("hidden")
        release = tmp_path / "assignments" / "Problem Set 1" / "ps1.ipynb"
        write_notebook(release, ["def double(x):\n    raise NotImplementedError"])
        (release.parent / "two.txt").write_text("2")
        (tmp_path / "course.yml").write_text(COURSE)
        return tmp_path / "course.yml"

    return written


def made(file: Path) -> tuple[str, bytes]:
    course = load_course(file)
    return students_wheel(course, list(course.assignments.values()))


@pytest.mark.slow
def test_students_check_against_it(write: Write, tmp_path: Path) -> None:
    name, content = made(write())
    wheel = tmp_path / name
    wheel.write_bytes(content)
    python = install(wheel, tmp_path / "installed")
    site = python.parent.parent
    there = {path.name for path in site.glob("lib/*/site-packages/autograder/suites/doubles/*")}
    there -= {"__pycache__"}
    assert there == {"__init__.py", "public", "numbers.py", "given.txt", "given", "signatures.json"}
    elsewhere = tmp_path.with_name(f"{tmp_path.name}_home")
    reads = "def double(x):\n    return int(open('two.txt').read()) * x"
    right = write_notebook(elsewhere / "right.ipynb", [reads])
    done = run(python, "-m", "autograder", "check", str(right), cwd=elsewhere)
    assert "1 of 1 check passes." in done.stdout, done.stderr
    wrong = write_notebook(elsewhere / "wrong.ipynb", ["double = lambda x: x ** 2"])
    done = run(python, "-m", "autograder", "check", "wrong.ipynb", cwd=elsewhere)
    assert wrong.exists()
    assert "It is squared." in done.stdout, done.stderr
    done = run(python, "-m", "autograder", "check", "-a", "ps9", "wrong.ipynb", cwd=elsewhere)
    assert "There are public tests for: Problem Set 1." in done.stderr


def test_what_is_known_of_a_mistake_names_no_hidden_test(write: Write) -> None:
    _, content = made(write(misconceptions=MISTAKES))
    assert b"double_of_hidden" not in content


def test_what_is_not_for_students_is_refused(write: Write) -> None:
    file = write(**{"public/test_double": PUBLIC + "from .. import solution\n"})
    with pytest.raises(CourseError, match=r"solution\.py is not for students, but .*public"):
        made(file)


def test_a_piece_of_the_solution_is_refused(write: Write) -> None:
    support = "def right(x):\n    total = sum([x, x, 0 * x])\n    return total\n"
    with pytest.raises(CourseError, match=r"right\.py, line 2: `sum\(\[x, x, 0 \* x\]\)`"):
        made(write(**{"support/right": support}))


def test_without_the_release_version_there_is_no_package(write: Write, tmp_path: Path) -> None:
    file = write()
    (tmp_path / "assignments" / "Problem Set 1" / "ps1.ipynb").unlink()
    with pytest.raises(CourseError, match="Make it with `autograder release`"):
        made(file)


def test_a_suite_that_knows_no_mistakes_is_enough(write: Write) -> None:
    name, _ = made(write(solution=None, misconceptions=None))
    assert name.startswith("ml_autograder_student-")


def test_helpers_for_the_field_come_with_their_support_code(write: Write) -> None:
    helpers = "from autograder.testing.sklearn import is_fitted\n" + PUBLIC
    _, content = made(write(**{"public/test_double": helpers}))
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    support = {Path(name).name for name in names if name.startswith("autograder/testing/support/")}
    assert support == {"after_calls.py", "estimators.py", "randomness.py"}


def test_there_must_be_public_tests(write: Write, tmp_path: Path) -> None:
    file = write(**{"public/__init__": None, "public/test_double": None})
    with pytest.raises(UsageError, match=r"No assignment .* has public tests"):
        made(file)
