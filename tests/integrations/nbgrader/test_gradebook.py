"""Writing grades: what goes wrong with one submission costs that one alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from autograder.integrations.nbgrader import gradebook
from autograder.integrations.nbgrader.cells import show_results as show
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import Command, write_notebook
from tests.corpus.hostile import NAME, new_course, new_submission

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


def test_grades_that_cannot_be_written_keep_no_others_waiting(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One folder's name is no text, and one notebook fails for a reason that nobody foresaw."""
    course = tmp_path / "course"
    course.mkdir()
    new_course(course)
    for student in ("ada", "bob", os.fsdecode(b"\xff"), "zoe"):
        write_notebook(new_submission(course, student), ACCEPTED[0].cells())
    write_waiting = gradebook.GradeWriter._write_waiting
    waiting: list[str] = []

    def show_results(document: Any, result: Any, assignment: Any) -> None:
        if result.record.student == "ada":
            raise KeyError("source")
        show(document, result, assignment)

    def wait(writer: gradebook.GradeWriter) -> None:
        waiting.extend(submission.student for submission, _ in writer._waiting)
        write_waiting(writer)

    monkeypatch.setattr(gradebook, "show_results", show_results)
    monkeypatch.setattr(gradebook.GradeWriter, "_write_waiting", wait)
    monkeypatch.setattr(gradebook, "PAUSE", 0)
    output = command(course, "grade", "--json", "records.jsonl", status=2)
    assert waiting == ["ada", "\udcff"]
    assert "the grades of ada, \ufffd could not be written: KeyError in test_gradebook.py" in output
    assert "zoe" in output.partition("what happened")[2]  # the table is shown
    assert sorted(path.parts[-3] for path in course.glob(f"autograded/*/{NAME}/*")) == [
        "bob",
        "zoe",
    ]
    command(course, "export", "--format", "gradescope", "-o", "all.zip")
    assert (course / "all.zip").stat().st_size > 0
