"""What the gradebook holds about each cell of a submission, the same by every road."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import from_dict
from nbgrader.utils import compute_checksum

from autograder.course import Assignment
from autograder.integrations.nbgrader.cells import Cell
from autograder.integrations.nbgrader.sanitizing import sanitize_markdown
from autograder.notebook import grade_id
from autograder.record import Record, TaskScore

NO_RESPONSE = "No response."


@dataclass(frozen=True)
class CellScore:
    """One cell: its automatic score, or None; whether a person is asked; a comment, or None."""

    score: float | None = None
    review: bool = False
    comment: str | None = None


CellScores = tuple[dict[str, CellScore], dict[str, CellScore]]
"""The scores of graded cells, and those of cells that have comments, by `grade_id`."""


def results_by_cell(record: Record, assignment: Assignment) -> dict[str, TaskScore]:
    """Return the results of each task, by the grade_id of its test cell."""
    cells = {task.name: task.tests for task in assignment.tasks}
    return {cells[task.name]: task for task in record.tasks}


def cell_scores(cells: Iterable[Cell], record: Record, assignment: Assignment) -> CellScores:
    """Return the marks of graded cells, and those of cells that have comments, by grade_id.

    A test cell has the score of its task; where there is none to rely on, or something is to be
    looked at, it is marked for manual grading, with the reason as a comment on the solution
    above it. What students write in words waits for a person, and is worth nothing unchanged:
    that is nbgrader's rule.

    Args:
        cells: those of the repaired notebook.
        record: what grading came to.
        assignment: the assignment it was graded for.
    """
    results = results_by_cell(record, assignment)
    homes = {task.tests: task.solution for task in assignment.tasks}
    grades: dict[str, CellScore] = {}
    comments: dict[str, CellScore] = {}
    reasons: dict[str, list[str]] = {}
    above = ""
    for cell in cells:
        name, grading = grade_id(cell), cell.get("metadata", {}).get("nbgrader", {})
        unchanged = bool(record.tasks and grading.get("solution")) and _unchanged(cell)
        if grading.get("solution") or grading.get("task"):
            comments[name] = CellScore(comment=NO_RESPONSE if unchanged else None)
            above = name
        if name in homes:
            grades[name] = mark = score_of_test_cell(results.get(name), record)
            if mark.comment and (home := homes[name] or above):
                reasons.setdefault(home, []).append(mark.comment)
        elif grading.get("grade"):
            grades[name] = CellScore(0.0) if unchanged else CellScore(review=True)
    for name, texts in reasons.items():
        said = [text for text in (comments.get(name, CellScore()).comment, *texts) if text]
        comments[name] = CellScore(comment="\n\n".join(dict.fromkeys(said)))
    return grades, comments


def score_of_test_cell(task: TaskScore | None, record: Record) -> CellScore:
    """Return the mark of a test cell; its comment is why a person should look at it."""
    if task is None:
        return CellScore(review=True, comment=_said(f"To be graded by hand: {record.problem}"))
    if task.outcome == "error":
        return CellScore(
            review=True, comment=_said(f"To be graded again: {task.name}: {task.review}")
        )
    review = _said(f"To be looked at: {task.name}: {task.review}") if task.review else None
    return CellScore(task.score, task.review != "", review)


def _said(text: str) -> str:
    """Return a comment as a gradebook can hold it and a page can show it."""
    return sanitize_markdown(text.encode("utf-8", "replace").decode())


def _unchanged(cell: Cell) -> bool:
    """Say whether a cell is as it was given out."""
    return bool(compute_checksum(from_dict(cell)) == cell["metadata"]["nbgrader"].get("checksum"))
