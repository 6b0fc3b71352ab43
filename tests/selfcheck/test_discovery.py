"""Which assignment is checked: that of a course.yml, or the kit's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import CourseError, UsageError
from autograder.selfcheck.discovery import find_assignment
from autograder.suites import SUITES
from tests.conftest import ROOT

COURSE = """\
course: own
assignments:
  own:
    notebook: own
    tasks: [{name: double, points: 3, tests: test_double}]
"""


def own_course(folder: Path, *, public: bool) -> Path:
    (folder / "course.yml").write_text(COURSE)
    (folder / "own" / "public").mkdir(parents=True) if public else (folder / "own").mkdir()
    (folder / "own" / "test_double.py").touch()
    return folder


def test_the_kit_alone_knows_its_suites(tmp_path: Path) -> None:
    for name in ("linear_regression", "model_selection"):
        assignment = find_assignment(name, tmp_path)
        assert assignment.name == name
        assert assignment.suite_folder == SUITES / name


def test_a_course_nearby_says_what_there_is(tmp_path: Path, course: Course) -> None:
    assert find_assignment("linear_regression", ROOT / "docs") == course.assignment(None)
    own = own_course(tmp_path, public=True)
    (own / "below").mkdir()
    assert find_assignment(None, own / "below").suite_folder == own / "own"
    assert find_assignment("own", Path("/"), own / "course.yml").name == "own"


def test_the_kit_s_suites_are_known_beside_a_course(tmp_path: Path) -> None:
    own_course(tmp_path, public=True)
    assert find_assignment("linear_regression", tmp_path).name == "linear_regression"


def test_a_name_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no assignment 'x'.*linear_regression"):
        find_assignment("x", tmp_path)
    with pytest.raises(UsageError, match="no assignment 'x': it has own"):
        find_assignment("x", own_course(tmp_path, public=True))


def test_a_suite_without_public_tests_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'own' has no public tests"):
        find_assignment(None, own_course(tmp_path, public=False))


def test_of_several_the_notebook_says_which(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several assignments"):
        find_assignment(None, ROOT)
    for start in (ROOT, tmp_path):  # the course, and the kit alone
        chosen = find_assignment(None, start, recognize=lambda marks: marks[-1].name)
        assert chosen.name == "model_selection"
    assert find_assignment(None, tmp_path, recognize=lambda marks: marks[0].name) != chosen


def test_a_wrong_course_is_said(tmp_path: Path) -> None:
    (tmp_path / "course.yml").write_text("course: 1\n")
    with pytest.raises(CourseError, match=r"course\.yml"):
        find_assignment(None, tmp_path)
