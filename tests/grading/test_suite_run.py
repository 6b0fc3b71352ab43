"""What is wrong with a suite is said with its own file and line, before anything is graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.grading.suite_run import check_suite
from tests.tiny import MINIMAL, TESTS, make_course


def check(folder: Path, files: dict[str, str], course: str = MINIMAL) -> None:
    make_course(folder)
    for name, text in files.items():
        (folder / "suite" / name).write_text(text)
    (folder / "course.yml").write_text(course)
    loaded = load_course(folder / "course.yml")
    check_suite(loaded, loaded.assignment(None))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"test_double.py": "import math\nimport no_such_module\n"},
            "test_double.py, line 2: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            {"test_double.py": "x = 1\ny = = 2\n"},
            "test_double.py, line 2: SyntaxError: invalid syntax",
        ),
        ({"test_double.py": "\n\n1 / 0\n"}, "test_double.py, line 3: ZeroDivisionError: division"),
        (
            {"test_double.py": "from .data import X\n", "data.py": "\nX = y\n"},
            "data.py, line 2: NameError: name 'y' is not defined",
        ),
        (
            {"conftest.py": "import no_such_module\n"},
            "conftest.py, line 1: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            {"conftest.py": "def f(:\n"},
            "conftest.py, line 1: SyntaxError: ",
        ),
    ],
    ids=["import", "syntax", "exception", "helper", "conftest", "conftest syntax"],
)
def test_an_error_while_a_suite_is_imported_has_the_suites_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], files: dict[str, str], words: str
) -> None:
    with pytest.raises(CourseError) as caught:
        check(tmp_path, files)
    message = str(caught.value)
    assert message.startswith(
        f"{tmp_path}/suite: the suite cannot be run. {tmp_path}/suite/{words}"
    )
    assert len(message.splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_points_that_do_not_add_up_name_the_cell_that_gives_them(tmp_path: Path) -> None:
    words = r"double\.ipynb, cell 'test_double': 10 points, but the tests of double in .* up to 9\."
    with pytest.raises(CourseError, match=words):
        check(tmp_path, {"test_double.py": TESTS.replace("points=4", "points=3")})


def test_a_task_that_the_notebook_does_not_have_names_the_notebook(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"task 'twice', but .*double\.ipynb has double"):
        check(
            tmp_path, {"test_double.py": TESTS.replace('"double", points=4', '"twice", points=4')}
        )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("-1", "give a number above 0"), ("'9'", "give a number"), ("61", r"cpu_seconds \(120\)")],
)
def test_the_time_of_a_test_must_be_possible(tmp_path: Path, seconds: str, words: str) -> None:
    marked = TESTS.replace("points=4", f"points=4, seconds={seconds}")
    with pytest.raises(CourseError, match=rf"suite: test_positive has seconds={seconds}.*{words}"):
        check(tmp_path, {"test_double.py": marked})


def test_the_time_of_a_task_must_be_possible(tmp_path: Path) -> None:
    task = "{name: double, points: 10, tests: test_double, limits: {request_seconds: 61}}"
    with pytest.raises(
        CourseError, match=r"line 7.*request_seconds: 61 seconds are more than half"
    ):
        check(tmp_path, {}, f"{MINIMAL}    tasks: [{task}]\n")


def test_a_suite_needs_no_init_file(tmp_path: Path) -> None:
    make_course(tmp_path)
    (tmp_path / "suite/__init__.py").unlink()
    (tmp_path / "suite/data.py").write_text("FACTOR = 2.0\n")
    (tmp_path / "suite/test_double.py").write_text(
        TESTS.replace("FACTOR = 2.0", "from .data import FACTOR")
    )
    course = load_course(tmp_path / "course.yml")
    check_suite(course, course.assignment(None))


def test_suites_in_folders_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    check(tmp_path / "one", {})
    with pytest.raises(CourseError, match="add up to 9"):
        check(tmp_path / "two", {"test_double.py": TESTS.replace("points=4", "points=3")})
