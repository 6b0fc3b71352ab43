"""What a kept record still says after something has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.diagnosis.explained import file_of
from autograder.grading.cache import CacheEntry
from autograder.grading.fingerprint import fingerprint_of_course
from tests.insight.made_up import record, task
from tests.tiny import make_course

RECORD = record("ada", task("double", "pf"), task("triple", "pp"))


@pytest.mark.parametrize(
    ("explained", "still_holds"),
    [
        ({"triple": "a"}, True),
        ({"double": "a"}, False),
        ({"": "a"}, False),
        ({"double": "b", "triple": "b"}, False),
        ({}, True),
    ],
)
def test_what_is_explained_counts_where_a_test_failed(
    tmp_path: Path, explained: dict[str, str], still_holds: bool
) -> None:
    course = load_course(make_course(tmp_path) / "course.yml")
    found = fingerprint_of_course(course, course.assignment(None))
    before, after = CacheEntry("ada.ipynb", found, RECORD), replace(found, explained=explained)
    assert before.holds(after) == still_holds
    assert replace(before, fingerprint=after).holds(found) == still_holds  # it was taken away
    assert not before.holds(replace(after, suite="other"))


def test_a_file_counts_for_the_task_that_it_names(tmp_path: Path) -> None:
    course = load_course(make_course(tmp_path) / "course.yml")
    assignment = course.assignment(None)
    folder = assignment.suite_folder / "explained"
    before = fingerprint_of_course(course, assignment)
    folder.mkdir()
    (folder / "one.py").write_text(file_of("double", ["test_double"], "Words.", "x = 1"))
    (folder / "two.py").write_text("Unreadable.")
    after = fingerprint_of_course(course, assignment)
    assert {*after.explained} == {"double", ""}
    assert replace(after, explained={}) == before
    assert before.changes(after) == ("what was explained",)
