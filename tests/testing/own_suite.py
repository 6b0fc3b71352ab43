"""Grades notebooks with a suite that a test writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course import load_course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.integrations.nbgrader.warm_grading import forget_suite
from autograder.record import Record, TestResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook

COURSE = """\
course: own
isolation: best-effort
assignments:
  own:
    notebook: own
    preload: [{preload}]
    tasks:
"""


def grade_with(
    folder: Path,
    suite: Mapping[str, str],
    notebooks: Mapping[str, str],
    *,
    tasks: Mapping[str, int],
    preload: Sequence[str],
) -> dict[str, Record]:
    """Return the records of notebooks, each given as the code of its only cell, by their names.

    `suite` has the texts of the suite's files by their names, `tasks` the points of its tasks.
    """
    course = COURSE.format(preload=", ".join(preload))
    for task, points in tasks.items():
        course += f"      - {{name: {task}, points: {points}, tests: test_{task}}}\n"
    (folder / "course.yml").write_text(course)
    for name, text in {"__init__.py": "", **suite}.items():
        (folder / "own").mkdir(exist_ok=True)
        (folder / "own" / name).write_text(text, "utf-8")
    loaded = load_course(folder / "course.yml")
    context = GradingContext(loaded, loaded.assignment(None), seed="7")
    submissions = [
        Submission(name, write_notebook(folder / f"{name}.ipynb", [code]))
        for name, code in notebooks.items()
    ]
    with WarmProcess(context.assignment.preload) as warm:
        graded = grade_batch(submissions, context, warm)
    forget_suite(folder)  # the next one has modules of the same names
    return {result.record.student: result.record for result in graded}


TEST = "@task('all', points=1)\ndef test_{}(student, rng):\n    {}\n"


def results_of_cases(
    folder: Path, head: str, cases: Mapping[str, str], notebook: str, preload: Sequence[str]
) -> dict[str, TestResult]:
    """Return the result of each case, given as the body of a test, on one notebook."""
    tests = [TEST.format(name, body) for name, body in cases.items()]
    suite = {"test_all.py": "\n".join([head, *tests])}
    tasks = {"all": len(cases)}
    (record,) = grade_with(folder, suite, {"a": notebook}, tasks=tasks, preload=preload).values()
    return {test.name.removeprefix("test_"): test for test in record.tasks[0].tests}
