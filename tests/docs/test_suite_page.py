"""The examples of docs/author/suite.md on variables and on what was shown grade as they say."""

from __future__ import annotations

import pytest

from autograder.course import load_course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.record import Outcome
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook
from tests.docs.pages import blocks

COURSE = """\
course: own
isolation: best-effort
assignments:
  report:
    notebook: report
    tasks: [{name: report, points: 8, tests: test_report}]
"""
RIGHT = """\
import matplotlib.pyplot as plt

class Classifier:
    def __init__(self): self.weights = [1.0, 2.0]

def report(accuracy): print(f"Right: {100 * accuracy:.0f} %")

def plot(losses):
    plt.plot(losses)
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.show()

classifier = Classifier()
accuracy = 0.93
plt.plot([3.0, 1.0])
plt.yscale("log")
plt.show()
{"petal": [1, 2]}
"""
CHANGES: dict[str, tuple[str, str, str, str]] = {
    "variable": ("accuracy = 0.93", "accuracy = 0.3", "test_variables", "The accuracy is 0.3"),
    "missing": ("accuracy = 0.93", "acc = 0.93", "test_variables", "There is no `accuracy`"),
    "class": ("Classifier()", "[1, 2]", "test_variables", "should be a Classifier, but it is a list"),
    "report": ("100 * ", "", "test_report", "Print percent."),
    "plotted": ("plt.plot(losses)", "plt.plot(losses[1:])", "test_plot", "Plot the loss of every"),
    "no_line": ("plt.plot(losses)", "plt.bar([0], [1])", "test_plot", "Your code plots no lines"),
    "label": ('plt.ylabel("loss")', "pass", "test_plot", "Label both axes."),
    "scale": ('plt.yscale("log")', "", "test_shown", "Use a log scale."),
    "table": ("petal", "sepal", "test_shown", "Show the table."),
}  # fmt: skip
"""For each mistake what is changed, the test that fails, and what the student reads."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, tuple[Outcome, str]]]:
    folder = tmp_path_factory.mktemp("course")
    (example,) = (b for b in blocks("python", "docs/author/suite.md") if "figures(" in b.text)
    (folder / "report").mkdir()
    (folder / "report/__init__.py").touch()
    (folder / "report/test_report.py").write_text(example.text, encoding="utf-8")
    (folder / "course.yml").write_text(COURSE, encoding="utf-8")
    course = load_course(folder / "course.yml")
    cells = {name: RIGHT.replace(old, new) for name, (old, new, _, _) in CHANGES.items()}
    submissions = [
        Submission(name, write_notebook(folder / f"{name}.ipynb", [cell]))
        for name, cell in ({"right": RIGHT} | cells).items()
    ]
    context = GradingContext(course, course.assignment(None), seed="")
    with WarmProcess(context.assignment.preload) as warm:
        graded = grade_batch(submissions, context, warm)
    return {
        one.record.student: {t.name: (t.outcome, t.message) for t in one.record.tasks[0].tests}
        for one in graded
    }


def test_a_right_notebook_passes(results: dict[str, dict[str, tuple[Outcome, str]]]) -> None:
    assert {outcome for outcome, _ in results["right"].values()} == {"passed"}, results["right"]


@pytest.mark.parametrize("name", CHANGES)
def test_a_mistake_fails_its_test_and_is_told(
    results: dict[str, dict[str, tuple[Outcome, str]]], name: str
) -> None:
    *_, test, words = CHANGES[name]
    failed = {
        test: message for test, (outcome, message) in results[name].items() if outcome != "passed"
    }
    assert list(failed) == [test]
    assert words in failed[test]
