"""An assignment is added to a course.yml, and everything else in it stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.course_entry import with_entry
from autograder.errors import CourseError

FILE = Path("course.yml")
ENTRY = "new:\n  title: New\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "course: c  # mine\nassignments:\n  a:\n    title: A  # the first\n",
            "course: c  # mine\nassignments:\n  a:\n    title: A  # the first\n\n"
            "  new:\n    title: New\n",
        ),
        (
            "assignments:\n    a:\n        title: A\n        # due: later\n    # b:\nseed: 1\n",
            "assignments:\n    a:\n        title: A\n        # due: later\n\n"
            "    new:\n      title: New\n    # b:\nseed: 1\n",
        ),
        (
            "assignments:\n  a:\n    title: |\n      A\n    takes:\n    - a.csv\n\n\nseed: 1\n",
            "assignments:\n  a:\n    title: |\n      A\n    takes:\n    - a.csv\n\n"
            "  new:\n    title: New\n\n\nseed: 1\n",
        ),
        ("assignments:\n  a:", "assignments:\n  a:\n\n  new:\n    title: New\n"),
        (
            "assignments:\r\n  a:\r\n    title: A\r\n",
            "assignments:\r\n  a:\r\n    title: A\r\n\r\n  new:\r\n    title: New\r\n",
        ),
        (
            "x: &late {grace: PT1H}\nassignments:\n  a:\n    late: *late\nseed: 1\n",
            "x: &late {grace: PT1H}\nassignments:\n  a:\n    late: *late\n\n"
            "  new:\n    title: New\nseed: 1\n",
        ),
    ],
    ids=["at the end", "before other keys", "after a list", "no newline", "Windows", "alias"],
)
def test_an_entry_comes_below_the_others(before: str, after: str) -> None:
    assert with_entry(before, ENTRY, FILE) == after


@pytest.mark.parametrize("text", ["assignments: {a: {title: A}}\n", "{assignments: {a: {}}}"])
def test_a_course_on_one_line_is_left_alone_and_the_entry_shown(text: str) -> None:
    with pytest.raises(CourseError, match=r"course\.yml cannot be extended(.|\n)*new:\n  title"):
        with_entry(text, ENTRY, FILE)
