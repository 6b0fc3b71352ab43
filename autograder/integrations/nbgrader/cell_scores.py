"""Computes the score and comment of each cell, the same for every command that grades."""

from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import from_dict

from autograder.course import Assignment
from autograder.integrations.nbgrader.api import compute_checksum
from autograder.integrations.nbgrader.sanitizing import Cell, sanitize_markdown
from autograder.notebook import grade_id
from autograder.record import Record, TaskScore

NO_RESPONSE = "No response."


@dataclass(frozen=True)
class CellScore:
    """The automatic score of a cell, whether it needs manual grading, and its comment."""

    score: float | None = None
    review: bool = False
    comment: str | None = None


CellScores = tuple[dict[str, CellScore], dict[str, CellScore]]
"""The scores of graded cells, and the comments of cells that can have one, by `grade_id`."""


def results_by_cell(record: Record, assignment: Assignment) -> dict[str, TaskScore]:
    """Return the result of each task, by the grade_id of its test cell."""
    cells = {task.name: task.tests for task in assignment.tasks}
    return {cells[task.name]: task for task in record.tasks}


def cell_scores(cells: Iterable[Cell], record: Record, assignment: Assignment) -> CellScores:
    """Return the scores of graded cells and the comments of commented cells, by grade_id.

    A test cell has the score of its task. If the score is unreliable or needs review, the cell is
    marked for manual grading, with the reason as a comment on the solution above it. Free-text
    answers need manual grading; an unchanged one scores 0, as in nbgrader.

    Args:
        cells: the cells of the repaired notebook.
        record: the record of the submission.
        assignment: the assignment it was graded for.
    """
    results = results_by_cell(record, assignment)
    solutions = {task.tests: task.solution for task in assignment.tasks}
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
        if name in solutions:
            grades[name] = score = score_of_test_cell(results.get(name), record)
            if score.comment and (commented := solutions[name] or above):
                reasons.setdefault(commented, []).append(score.comment)
        elif grading.get("grade"):
            ungraded = not (grading.get("solution") or grading.get("points"))  # tests of no task
            grades[name] = CellScore(0.0) if unchanged or ungraded else CellScore(review=True)
    for name, texts in reasons.items():
        found = [text for text in (comments.get(name, CellScore()).comment, *texts) if text]
        comments[name] = CellScore(comment="\n\n".join(dict.fromkeys(found)))
    return grades, comments


def score_of_test_cell(task: TaskScore | None, record: Record) -> CellScore:
    """Return the score of a test cell; its comment says why a person should review it."""
    if task is None:
        return CellScore(
            review=True, comment=comment_text(f"Needs manual grading: {record.problem}")
        )
    if task.outcome == "error":
        return CellScore(
            review=True, comment=comment_text(f"Needs regrading: {task.name}: {task.review}")
        )
    review = comment_text(f"Needs review: {task.name}: {task.review}") if task.review else None
    return CellScore(task.score, task.review != "", review)


def comment_text(text: str) -> str:
    """Return a comment that a gradebook can store and a page can show safely."""
    return sanitize_markdown(text.encode("utf-8", "replace").decode())


def _unchanged(cell: Cell) -> bool:
    """Tell whether a cell is as it was released."""
    return bool(compute_checksum(from_dict(cell)) == cell["metadata"]["nbgrader"].get("checksum"))
