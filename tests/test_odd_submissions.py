"""Odd submissions get what a careful person would give, by both ways of grading."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.corpus import odd
from tests.corpus.hostile import new_course, records, run
from tests.corpus.odd import ODD

FAST = [name for name, one in ODD.items() if not one.slow][::5]
SLOW = [name for name in ODD if name not in FAST]


def write_class(course: Path, names: Iterable[str]) -> None:
    new_course(course)
    odd.write(course / "submitted", names)


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory, command: Command) -> dict[str, Any]:
    course = tmp_path_factory.mktemp("odd")
    write_class(course, FAST)
    command(course, "grade", "--json", "records.jsonl")
    return records(course)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course that both commands have graded, with the slow submissions."""
    course = tmp_path_factory.mktemp("odd-slow")
    write_class(course, ODD)
    run(course, "autograder", "grade", "--json", "records.jsonl")
    run(course, "nbgrader", "autograde", odd.NAME)
    return course


def check(record: dict[str, Any], name: str) -> None:
    """Check that a record has the score, or else says what is odd and asks a person."""
    wanted = ODD[name]
    if wanted.words and record["score"] < wanted.score:
        marks = [task["review"] for task in record["tasks"] if task["review"]]
        assert record["error"] or marks
        assert wanted.words in json.dumps(record, ensure_ascii=False)
    else:
        assert record["score"] >= wanted.score


@pytest.mark.parametrize("name", FAST)
def test_an_odd_submission_gets_what_is_right(fast: dict[str, Any], name: str) -> None:
    check(fast[name], name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_a_slow_one_gets_what_is_right(slow: Path, name: str) -> None:
    check(records(slow)[name], name)


@pytest.mark.slow
def test_nbgrader_gives_every_odd_submission_the_same(slow: Path) -> None:
    expected = {name: record["score"] for name, record in records(slow).items()}
    with sqlite3.connect(slow / "gradebook.db") as gradebook:
        rows = gradebook.execute(
            "SELECT s.student_id, COALESCE(SUM(COALESCE(g.manual_score, g.auto_score)), 0)"
            " FROM submitted_assignment s JOIN submitted_notebook n ON n.assignment_id = s.id"
            " JOIN grade g ON g.notebook_id = n.id GROUP BY s.student_id"
        ).fetchall()
    assert {student: score for student, score in rows if score} == {
        student: score for student, score in expected.items() if score
    }
