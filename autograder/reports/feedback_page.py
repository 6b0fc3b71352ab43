"""The page that a student reads: points, advice beside the code, pictures.

It is complete in itself: no scripts, nothing from elsewhere, and a policy that forbids both.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from autograder.course import Assignment, Feedback
from autograder.diagnosis.misconception import suite_module
from autograder.files import write_whole
from autograder.grading.result import GradingResult
from autograder.record import Record
from autograder.reports.charts.chart import Picture
from autograder.reports.charts.training import drawn
from autograder.reports.html import render
from autograder.reports.presentation import present_task, submission_messages
from autograder.reports.text import plain

LINES, COLUMNS = 400, 1000  # code beyond this is not shown: a page stays small


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
    path = assignment.page_of(result.record.student, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, page.encode("utf-8", "replace"))
    return path


@lru_cache(maxsize=1)  # the same pictures go into a notebook and onto a page
def pictures_of(result: GradingResult, assignment: Assignment) -> tuple[Picture, ...]:
    """Return the pictures that the suite draws of a submission; none below the level "full"."""
    if assignment.feedback != "full" or not (assignment.suite_folder / "pictures.py").exists():
        return ()
    suite = suite_module(assignment.suite_folder, "pictures")
    pictures = drawn(getattr(suite, "PICTURES", ()), result.arrays)
    if draw := getattr(suite, "draw", None):  # by code of its own
        pictures += tuple(draw(result.arrays))
    return pictures


def feedback_page(
    record: Record,
    *,
    title: str,
    code: Mapping[str, str],
    pictures: Sequence[Picture],
    level: Feedback,
) -> str:
    """Return the page of one submission as HTML.

    At the level "score" it shows points only; at "hints" also what went wrong, and `code`, the
    student's own source of each task; at "full" also every test, and at the end each picture once.
    """
    return render(
        "reports/feedback_page",
        record=record,
        title=title,
        messages=list(submission_messages(record, level)),
        tasks=[present_task(task, level) for task in record.tasks],
        code={} if level == "score" else {name: _lines(text) for name, text in code.items()},
        pictures=dict.fromkeys(pictures) if level == "full" else (),
    )


def _lines(source: str) -> tuple[list[str], int]:
    """Return the first lines of some code, and how many there are."""
    text = plain(source).strip("\n")
    if not text or text.isspace():
        return [], 0
    lines = text.split("\n", LINES)[:LINES]
    return [line[:COLUMNS] for line in lines], text.count("\n") + 1
