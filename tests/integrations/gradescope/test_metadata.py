"""Students, times and earlier results of a submission, as far as they can be read."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Extension
from autograder.integrations.gradescope.metadata import Metadata, read_metadata, with_due_dates
from tests.integrations.gradescope.container import DUE, submission_metadata

LATER = "2026-12-20T23:59:00+01:00"


def read(tmp_path: Path, content: Any) -> Metadata:
    path = tmp_path / "submission_metadata.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_metadata(path)


def due(assignment: Assignment, metadata: Metadata) -> datetime | None:
    return with_due_dates(assignment, metadata).due_of(metadata.student)


def test_student_time_and_the_latest_submission_before(tmp_path: Path) -> None:
    previous = (
        {"submission_time": "2026-12-01T10:00:00+01:00", "results": {"score": 30, "tests": []}},
        {"submission_time": "2026-12-03T10:00:00+01:00", "results": {"score": 45, "tests": []}},
        {"submission_time": "2026-12-04T10:00:00+01:00", "results": {"tests": []}},
    )
    found = read(tmp_path, submission_metadata(previous=previous))
    assert found.student == "ada@uni.example"
    assert found.submitted == datetime.fromisoformat("2026-12-10T12:00:00+01:00")
    assert found.score_before == 45


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '"text"', "[" * 100_000, {}, {"users": 3, "assignment": [], "created_at": 5},
     {"users": [None, {}, {"email": ""}], "created_at": "yesterday", "previous_submissions": [1, {}]},
     {"created_at": "2026-12-10T12:00:00"}],
)  # fmt: skip
def test_unreadable_metadata_are_ignored(tmp_path: Path, content: Any) -> None:
    found = read(tmp_path, content)
    assert (found.student, found.submitted, found.due, found.earlier) == ("student", None, None, None)  # fmt: skip


def test_a_missing_file_gives_empty_metadata(tmp_path: Path) -> None:
    assert read_metadata(tmp_path / "none.json") == Metadata()


@pytest.mark.parametrize("score", ["NaN", "true", '"9"', "null"])
def test_a_score_before_is_a_number(tmp_path: Path, score: str) -> None:
    results = f'{{"submission_time": "2026-12-01T10:00:00+01:00", "results": {{"score": {score}}}}}'
    assert read(tmp_path, f'{{"previous_submissions": [{results}]}}').score_before is None


def test_the_due_date_is_the_courses_or_else_gradescopes(
    tmp_path: Path, assignment: Assignment
) -> None:
    metadata = read(tmp_path, submission_metadata(due=LATER))
    assert due(assignment, metadata) == assignment.due
    open_end = assignment.model_copy(update={"due": None})
    assert due(open_end, metadata) == datetime.fromisoformat(LATER)
    assert due(open_end, Metadata()) is None


def test_a_students_own_due_date_counts_from_course_or_gradescope(
    tmp_path: Path, assignment: Assignment
) -> None:
    later = datetime.fromisoformat(LATER)
    in_gradescope = read(tmp_path, submission_metadata(due=DUE, own=LATER))
    assert due(assignment, in_gradescope) == later
    extension = Extension(student="ada@uni.example", due=later)
    in_course = assignment.model_copy(update={"extensions": (extension,)})
    assert due(in_course, read(tmp_path, submission_metadata())) == later


def test_group_members_share_the_latest_of_their_due_dates(
    tmp_path: Path, assignment: Assignment
) -> None:
    later = datetime.fromisoformat(LATER)
    extension = Extension(student="bob@uni.example", due=later)
    given = assignment.model_copy(update={"extensions": (extension,)})
    both = read(tmp_path, submission_metadata(users=("ada@uni.example", "bob@uni.example")))
    assert due(given, both) == later
