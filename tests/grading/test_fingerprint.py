"""What a grade depends on is in its fingerprint."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.grading.fingerprint import Fingerprint, fingerprint_of_course, installed
from tests.tiny import MINIMAL, make_course


def fingerprint(folder: Path) -> Fingerprint:
    course = load_course(folder / "course.yml")
    return fingerprint_of_course(course, course.assignment(None))


def test_a_file_that_comes_with_the_assignment_counts(tmp_path: Path) -> None:
    make_course(tmp_path)
    (tmp_path / "course.yml").write_text(MINIMAL + "    files: ['*.csv']\n")
    file = tmp_path / "solutions/double/houses.csv"
    found = []
    for content in ("1", "22", "1"):
        file.write_text(content)
        found.append(fingerprint(tmp_path))
    assert found[0].changes(found[1]) == ("the source notebook or a file beside it",)
    assert found[0] == found[2]
    (file.parent / "other.txt").touch()
    assert fingerprint(tmp_path) == found[0]


def test_what_a_library_has_within_itself_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = installed()
    (tmp_path / "setuptools/_vendor/tomli-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "setuptools/_vendor"))
    assert installed() == before
