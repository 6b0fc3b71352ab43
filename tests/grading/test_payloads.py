"""Payloads for a cluster: none is too large, and one that fails fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.beside import FilesBeside
from autograder.course import Assignment, load_course
from autograder.errors import ClusterError
from autograder.grading import cluster
from autograder.grading.batch import GradingContext, empty_record
from autograder.grading.cluster_worker import Payload, pack_context
from autograder.grading.result import GradingResult
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.tiny import MINIMAL, make_course


@pytest.fixture
def submissions(tmp_path: Path) -> list[Submission]:
    names = ("ada", "bob", "zoe")
    return [Submission(name, write_notebook(tmp_path / f"{name}.ipynb", ["x"])) for name in names]


def test_files_beside_a_notebook_count(submissions: Sequence[Submission]) -> None:
    for submission in submissions[:2]:
        taken = {"data.csv": bytes(cluster.MAX_PAYLOAD)}
        submission.__dict__["beside"] = FilesBeside(taken)
    assert [len(payload) for payload in cluster.payloads([submissions])] == [1, 1, 1]


@dataclass
class Pool:
    """A worker that cannot send back the results of bob."""

    assignment: Assignment
    error: Exception
    size: int = 1
    checked: set[str] = field(default_factory=set)

    def send(self, payload: Payload) -> Any:
        return SimpleNamespace(done=lambda: True, payload=payload)

    def result(self, future: Any) -> list[GradingResult]:
        if "bob" in [submission.student for submission in future.payload]:
            raise self.error
        return [GradingResult(empty_record(s, self.assignment, None)) for s in future.payload]

    def refresh(self) -> None:
        """Nothing changes."""


def test_a_payload_that_fails_costs_one_submission(
    submissions: list[Submission], assignment: Assignment
) -> None:
    pool: Any = Pool(assignment, OverflowError("too large to send"))
    context: Any = SimpleNamespace(assignment=assignment)
    results = cluster._in_order(pool, iter([tuple(submissions)]), context)
    errors = {result.record.student: result.record.error for result in results}
    assert (errors["ada"], errors["zoe"]) == (None, None)
    assert "grading it failed: OverflowError in test_payloads.py" in str(errors["bob"])
    pool.error = ClusterError("the course is wrong")
    with pytest.raises(ClusterError):
        list(cluster._in_order(pool, iter([tuple(submissions)]), context))


def test_the_files_of_an_assignment_travel_with_its_suite(tmp_path: Path) -> None:
    make_course(tmp_path / "here")
    (tmp_path / "here/course.yml").write_text(MINIMAL + "    files: ['*.csv']\n")
    (tmp_path / "here/solutions/double/data").mkdir()
    (tmp_path / "here/solutions/double/data/a.csv").write_text("1")
    course = load_course(tmp_path / "here/course.yml")
    packed = pack_context(GradingContext(course, course.assignment(None), seed=""))
    there = packed.unpack(tmp_path / "there").assignment
    assert there.given_files == {"data/a.csv": b"1"}
    assert there.tasks == course.assignment(None).tasks
    assert (there.suite_folder / "test_double.py").exists()
