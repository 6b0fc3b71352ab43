"""Writes the page that a student reads, and has a suite draw what it observed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.course import Assignment
from autograder.diagnosis.misconceptions import suite_module
from autograder.files import write_whole
from autograder.grading.batch import GradingResult
from autograder.reports.charts.chart import Picture
from autograder.reports.feedback_page import feedback_page, page_path

Draw = Callable[[Mapping[str, Any]], tuple[Picture, ...]]


@lru_cache(maxsize=1)  # for a notebook and a page
def pictures_of(result: GradingResult, assignment: Assignment) -> tuple[Picture, ...]:
    """Return what the suite draws of a submission; nothing at a level that shows no pictures."""
    draw = _draw_of(assignment.suite_folder)
    return () if assignment.feedback != "full" or draw is None else draw(result.observed)


def _draw_of(suite: Path) -> Draw | None:
    """Return the function of a suite that draws, if it has one."""
    if not (suite / "pictures.py").exists():
        return None
    draw: Draw = suite_module(suite, "pictures").draw
    return draw


def write_feedback(result: GradingResult, assignment: Assignment, folder: Path) -> Path:
    """Write a submission's page, `<folder>/<student>/<assignment>.html`; return its path.

    Raises:
        OSError: it cannot be written.
    """
    page = feedback_page(
        result.record,
        title=assignment.title or assignment.name,
        code=result.code,
        pictures=pictures_of(result, assignment),
        level=assignment.feedback,
    )
    path = page_path(folder, result.record.student, assignment.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, page.encode("utf-8", "replace"))
    return path
