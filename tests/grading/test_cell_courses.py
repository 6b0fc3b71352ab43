"""Courses without suites: right answers have all points, wrong ones those of nbgrader's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.grading.batch import decided, grade_batch, prepare
from autograder.grading.cell_tests import Decisions
from autograder.grading.result import GradingResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.corpus.cell_courses import CellCourse
from tests.corpus.cell_courses.courses import COURSES

QUICK = ("sequences", "classes", "globals", "saved")
PRELOAD = ("numpy", "pandas", "matplotlib.pyplot")


@pytest.fixture(scope="module")
def tables_warm() -> Iterator[WarmProcess]:
    with WarmProcess(PRELOAD) as process:
        yield process


def grade(
    course: CellCourse, folder: Path, warm: WarmProcess
) -> tuple[Mapping[str, GradingResult], Decisions]:
    """Grade all answers to a course; return the results, and where its test cells run."""
    files = f"[{', '.join(course.files)}]"
    (folder / "course.yml").write_text(
        f"course: c\nseed: 3\nassignments:\n  {course.name}:\n    preload: "
        f"[{', '.join(PRELOAD)}]\n    files: {files}\n    limits: {{cell_seconds: 2}}\n"
    )
    source = folder / "solutions" / course.name / f"{course.name}.ipynb"
    write_notebook(source, list(course.cells))
    for name, text in course.files.items():
        (source.parent / name).write_text(text)
    submissions = []
    for student, (answers, _) in course.answers.items():
        path = folder / "submitted" / student / course.name / f"{course.name}.ipynb"
        cells = [
            cell | {"source": answers.get(cell["id"], cell["source"])} for cell in course.cells
        ]
        submissions.append(Submission(student, write_notebook(path, cells)))
    loaded = load_course(folder / "course.yml")
    assignment = loaded.assignment(None)
    context = decided(prepare(loaded, assignment), warm)
    results = grade_batch(submissions, context, warm)
    assert context.decisions is not None
    return {result.record.student: result for result in results}, context.decisions


@pytest.mark.parametrize(
    "name",
    [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in COURSES],
)
def test_answers_have_the_points_that_they_deserve(
    name: str, tmp_path: Path, tables_warm: WarmProcess
) -> None:
    course = COURSES[name]
    results, decisions = grade(course, tmp_path, tables_warm)
    found = {student: result.record.score for student, result in results.items()}
    messages = {
        student: [(t.name, t.message) for task in r.record.tasks for t in task.tests if t.message]
        for student, r in results.items()
    }
    assert found == {s: points for s, (_, points) in course.answers.items()}, messages
    tests = {cell["id"].removeprefix("test_"): cell["id"] for cell in course.cells}
    inside = [tests[task] for task, one in decisions.items() if one.place == "inside"]
    assert inside == list(course.inside), decisions
