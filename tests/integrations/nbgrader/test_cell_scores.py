"""What the gradebook has about each cell."""

from __future__ import annotations

from typing import Any

from nbformat import from_dict
from nbgrader.utils import compute_checksum

from autograder.course import Assignment, Task
from autograder.integrations.nbgrader.cell_scores import CellScore, cell_scores
from autograder.record import Record, TaskScore, TestResult

ASSIGNMENT = Assignment(
    notebook="a",
    tasks=(
        Task(name="first", points=10, solution="first", tests="test_first"),
        Task(name="second", points=10, tests="test_second"),
    ),
)


def cell(grade_id: str, kind: str = "code", changed: bool = True, **grading: Any) -> dict[str, Any]:
    known = {"grade": False, "solution": False, "locked": False, "task": False, "points": 10}
    metadata = {"nbgrader": {"grade_id": grade_id, "cell_type": kind, **known, **grading}}
    whole = {"cell_type": kind, "source": "", "metadata": metadata}
    metadata["nbgrader"]["checksum"] = compute_checksum(from_dict(whole))
    return {**whole, "source": "changed" if changed else ""}


CELLS = [
    cell("first", solution=True),
    cell("test_first", grade=True, locked=True),
    cell("test_second", grade=True, locked=True),
    cell("why", "markdown", grade=True, solution=True),
]


def task(name: str, outcome: Any = "passed", review_reason: str = "") -> TaskScore:
    return TaskScore(
        name, 10, (TestResult("test_x", name, "", outcome, 10, "It broke."),), (), review_reason
    )


def record(*tasks: TaskScore, **fields: Any) -> Record:
    return Record("ada", "a", "a.ipynb", 20, tasks, **fields)


def test_a_task_has_its_score_and_text_waits_for_manual_grading() -> None:
    grades, comments = cell_scores(
        CELLS, record(task("first"), task("second", "failed")), ASSIGNMENT
    )
    assert grades == {
        "test_first": CellScore(10), "test_second": CellScore(0), "why": CellScore(review=True)
    }  # fmt: skip
    assert comments == {"first": CellScore(), "why": CellScore()}


def test_tests_without_points_wait_for_nobody() -> None:
    cells = [*CELLS, cell("test_more", grade=True, locked=True, points=0)]
    grades, _ = cell_scores(cells, record(task("first"), task("second")), ASSIGNMENT)
    assert grades["test_more"] == CellScore(0)


def test_what_is_unchanged_is_no_response() -> None:
    cells = [
        cell("first", solution=True, changed=False),
        cell("why", "markdown", grade=True, solution=True, changed=False),
    ]
    grades, comments = cell_scores(cells, record(task("first", "failed")), ASSIGNMENT)
    assert grades == {"why": CellScore(0.0)}
    assert comments == dict.fromkeys(("first", "why"), CellScore(comment="No response."))


def test_a_grader_error_leaves_its_task_without_a_score() -> None:
    grades, comments = cell_scores(
        CELLS, record(task("first", "error"), task("second")), ASSIGNMENT
    )
    reason = "Needs regrading: first: Grader error in test_x: It broke."
    assert grades["test_first"] == CellScore(None, True, reason)
    assert grades["test_second"] == CellScore(10)
    assert comments["first"] == CellScore(comment=reason)


def test_a_review_reason_keeps_the_score_and_requests_manual_grading() -> None:
    to_review = record(task("first"), task("second", review_reason="Hm."))
    grades, comments = cell_scores(CELLS, to_review, ASSIGNMENT)
    assert grades["test_second"] == CellScore(10, True, "Needs review: second: Hm.")
    assert comments["first"] == CellScore(comment="Needs review: second: Hm.")  # the cell above


def test_an_unreadable_notebook_waits_for_manual_grading() -> None:
    cells = [{**one, "source": ""} for one in CELLS]
    grades, comments = cell_scores(cells, record(error="a.ipynb is damaged."), ASSIGNMENT)
    assert all(mark.score is None and mark.review for mark in grades.values())
    assert comments["first"] == CellScore(comment="Needs manual grading: The notebook is damaged.")
    assert comments["why"] == CellScore()


def test_what_a_comment_says_is_inert() -> None:
    bad = record(error="a.ipynb is for <script>\ud800[x](javascript:1)</script>.")
    comment = cell_scores(CELLS, bad, ASSIGNMENT)[1]["first"].comment
    assert comment is not None
    assert "<script" not in comment
    assert comment.encode()
