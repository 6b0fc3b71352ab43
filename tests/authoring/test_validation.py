"""`validate` and `release` go through all assignments, and name what is wrong with each."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.validation import _require, _revealed
from autograder.errors import CourseError
from autograder.record import Record, TaskScore, TestResult
from autograder.sandbox.student_process import Series
from autograder.sandbox.worker.wire import Callback
from tests.conftest import Command
from tests.tiny import LIBRARY, MINIMAL, TESTS, make_course

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other

LATER = "  later:\n    title: Later\n"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """Return a course in which the first assignment is not ready, and the second is released."""
    folder = make_course(tmp_path_factory.mktemp("course"))
    text = MINIMAL.replace("assignments:\n", f"assignments:\n{LATER}")
    (folder / "course.yml").write_text(text + "    files: [data/two.txt]\n")
    (folder / "solutions/double/data").mkdir()
    (folder / "solutions/double/data/two.txt").write_text("2")
    said = command(folder, "release", status=2)
    assert "double.ipynb: generated from the source notebook." in said
    assert "autograder: later: " in said
    return folder


def test_each_assignment_is_validated_by_itself(two: Path, command: Command) -> None:
    said = command(two, "validate", status=2)
    assert "autograder: later: " in said
    assert "course.yml, line 4: assignments.later.suite: there are no test_*.py files" in said
    assert "double: 1 task, 10 points" in said
    assert "scores     source 10, release 0 of 10" in said
    assert "scores" in command(two, "validate", "double")
    assert "no test_*.py files" in command(two, "grade", "-a", "later", status=2)


@pytest.mark.slow
def test_a_release_without_a_file_of_the_assignment_is_out_of_date(
    two: Path, command: Command
) -> None:
    copy = two / "assignments/double/data/two.txt"
    assert copy.read_text() == "2"
    copy.write_text("3")
    assert "data/two.txt is missing or out of date" in command(two, "validate", "double", status=2)
    copy.write_text("2")


@pytest.mark.slow
def test_what_was_never_released_is_said_so(tmp_path: Path, command: Command) -> None:
    make_course(tmp_path)
    said = command(tmp_path, "validate", status=2)
    assert "double.ipynb is missing: run `autograder release double`." in said


@pytest.mark.slow
def test_a_missing_file_is_said_before_anything_is_graded(tmp_path: Path, command: Command) -> None:
    make_course(tmp_path)
    (tmp_path / "course.yml").write_text(MINIMAL + "    files: [houses.csv]\n")
    for action in ("validate", "release"):
        said = command(tmp_path, action, status=2)
        assert (
            "course.yml, line 7: assignments.double.files.0: there is no file 'houses.csv'" in said
        )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    close(", "    closed(", "NameError: name 'closed' is not defined"),
        ("positive(student, rng)", "positive(student, rgn)", "there is no fixture 'rgn'"),
    ],
)
def test_an_error_in_a_test_has_the_suites_line(
    two: Path, command: Command, old: str, new: str, said: str
) -> None:
    suite, wrong = two / "suite/test_double.py", TESTS.replace(old, new)
    suite.write_text(wrong)
    shown = command(two, "validate", "double", status=2)
    suite.write_text(TESTS)
    assert "gets none, because the grader failed" in shown
    (line,) = [number for number, text in enumerate(wrong.splitlines(), 1) if new in text]
    before = 1 if "fixture" in said else 0  # a test begins with its marker
    assert f"{said} (test_double.py, line {line - before})" in shown


@pytest.mark.slow
def test_a_known_mistake_that_changes_nothing_is_said_before_a_class_is_graded(
    two: Path, command: Command
) -> None:
    library = two / "suite/misconceptions.py"
    library.write_text(LIBRARY.replace('("2 * x", ', '("2*x", '))
    said = command(two, "validate", "double", status=2)
    library.write_text(LIBRARY)
    assert "misconceptions.py: the misconception 'absolute' replaces text that is not in" in said


def test_what_tests_reveal_is_said() -> None:
    lent = Callback(1, "sigmoid", in_reference=True)
    own = Callback(2, "double", in_reference=False)
    series = [
        Series(0, "a", [[("load", ("code", "given.py"))], [("load", ("code", "models.py"))]]),
        Series(1, "a", [[("use", ({"sigmoid": lent},)), ("call", (own, [own], {}))]]),
    ]
    assert [line.split(":")[0].split() for line in _revealed(series)] == [
        ["readable", "given.py"],  # models.py comes with the kit
        ["lent", "sigmoid"],
    ]


def test_a_release_that_earns_points_is_told_by_which_tests(tmp_path: Path) -> None:
    tests = (
        TestResult("test_shape", "a", "shape", "passed", 5, ""),
        TestResult("test_value", "a", "value", "failed", 5, ""),
    )
    record = Record("release", "a", "a.ipynb", 10, tasks=(TaskScore("a", 10, tests),))
    with pytest.raises(
        CourseError, match=r"should get 0 points, but it gets 5\.\n  test_shape passes$"
    ):
        _require(record, 0, tmp_path)
