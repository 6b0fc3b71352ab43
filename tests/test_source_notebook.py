"""The source notebook: what it has is what course.yml says, and the files beside it are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.source_notebook import SourceNotebook
from tests.tiny import MINIMAL, make_course


def check(folder: Path, more: str, file_mb: int = 64) -> None:
    make_course(folder)
    text = MINIMAL.replace("limits: {", f"limits: {{file_mb: {file_mb}, ")
    (folder / "course.yml").write_text(text + more)
    course = load_course(folder / "course.yml")
    SourceNotebook(course, course.assignment(None)).check_files()


def beside(folder: Path, name: str, content: str = "") -> None:
    path = folder / "solutions/double" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_files_that_are_there_are_right(tmp_path: Path) -> None:
    beside(tmp_path, "houses.csv")
    beside(tmp_path, "images/a.png")
    check(tmp_path, "    files: [houses.csv, 'images/*.png']\n")


def test_a_file_that_is_missing_is_named_with_its_line(tmp_path: Path) -> None:
    beside(tmp_path, "houses.csv")
    with pytest.raises(
        CourseError, match=r"line 8: assignments\.double\.files\.1: there is no file"
    ):
        check(tmp_path, "    files: [houses.csv,\n      flats.csv]\n")


def test_a_file_that_would_hide_a_module_is_refused(tmp_path: Path) -> None:
    beside(tmp_path, "random.py")
    with pytest.raises(CourseError, match=r"line 7.*random\.py would hide the module random"):
        check(tmp_path, "    files: [random.py]\n")


def test_files_leave_half_of_the_space_to_the_submission(tmp_path: Path) -> None:
    beside(tmp_path, "large.csv", "1" * (600 << 10))
    files = "    files: [large.csv]\n"
    check(tmp_path, files)
    with pytest.raises(CourseError, match=r"line 7.*more than half of limits\.file_mb \(1\)"):
        check(tmp_path, files, file_mb=1)
