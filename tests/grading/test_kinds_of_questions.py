"""A mistake is named by whatever a suite asks: text, figures, variables, `in`, `with`, classes."""

from __future__ import annotations

import pytest

from autograder.course import load_course
from autograder.grading.batch import GradingContext, grade_batch
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import write_notebook

SOLUTION = """\
import contextlib
import matplotlib.pyplot as plt

class Tree(list):
    def __init__(self, items): self.items = list(items)
    def __getattr__(self, name): raise AttributeError(name)
    def __contains__(self, item): return item in self.items
    def __setitem__(self, index, item): self.items[index] = item

def build(items): return Tree(items)
def report(x): print("value", x)
def plot(losses): plt.plot(losses); plt.xlabel("epoch")
@contextlib.contextmanager
def scaled(x): yield 2 * x
best = 3
"""
TESTS = '''\
"""Suite of `shown`."""
import numpy as np
from autograder.testing import assert_close, assert_equal, check, instance_of, task


@task("text", points=10)
def test_text(student):
    """It prints the value."""
    assert_equal(student.printed(student.report, 7), "value 7\\n")


@task("figure", points=10)
def test_figure(student):
    """It plots the losses."""
    axes = student.figures(student.plot, [3.0, 1.0])[0].axes[0]
    assert_close(axes.lines[0].y, np.array([3.0, 1.0]))
    check(axes.xlabel == "epoch", "Label the axis.")
    student.figures()


@task("tree", points=10)
def test_tree(student):
    """It contains its items."""
    tree = student.build([1, 2])
    instance_of(tree, list)
    tree[0] = 5
    check(isinstance(tree, list), "It is a list.")
    assert_equal(5 in tree, True)


@task("context", points=10)
def test_context(student):
    """It is twice the number."""
    with student.scaled(3) as found:
        assert_equal(found, 6)
    assert_equal(student.best, 3)
'''
CHANGES = {
    "lower": ("text", '"value", x', '"value is", x'),
    "reversed": ("figure", "plt.plot(losses)", "plt.plot(losses[::-1])"),
    "sorted": ("tree", "self.items[index] = item", "self.items.insert(0, item + 1)"),
    "tripled": ("context", "yield 2 * x", "yield 3 * x"),
    "worst": ("context", "best = 3", "best = 4"),
}
LIBRARY = "from autograder.testing import Misconception\nMISCONCEPTIONS = (\n" + "".join(
    f"    Misconception({name!r}, {task!r}, ((({old!r}, {new!r}),),), 'It is {name}.', 'Why.', 'Where.', {task!r}),\n"
    for name, (task, old, new) in CHANGES.items()
) + ")\n"  # fmt: skip
COURSE = """\
course: own
isolation: best-effort
assignments:
  shown:
    notebook: shown
    tasks:
      - {name: text, points: 10, tests: test_text}
      - {name: figure, points: 10, tests: test_figure}
      - {name: tree, points: 10, tests: test_tree}
      - {name: context, points: 10, tests: test_context}
    preload: [numpy, matplotlib.pyplot]
"""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """Return the records of the solution and of one notebook with each mistake."""
    folder = tmp_path_factory.mktemp("course")
    files = {"__init__.py": "", "test_shown.py": TESTS, "solution.py": SOLUTION}
    (folder / "shown").mkdir()
    for name, text in (files | {"misconceptions.py": LIBRARY}).items():
        (folder / "shown" / name).write_text(text, encoding="utf-8")
    (folder / "course.yml").write_text(COURSE, encoding="utf-8")
    course = load_course(folder / "course.yml")
    cells = {"right": SOLUTION}
    cells |= {name: SOLUTION.replace(old, new) for name, (_, old, new) in CHANGES.items()}
    submissions = [
        Submission(name, write_notebook(folder / f"{name}.ipynb", [f"{cell}\nplt.plot([1])"]))
        for name, cell in cells.items()
    ]
    context = GradingContext(course, course.assignment(None), seed="")
    with WarmProcess(context.assignment.preload) as warm:
        graded = grade_batch(submissions, context, warm)
    return {result.record.student: result.record for result in graded}


def test_the_solution_is_right(records: dict[str, Record]) -> None:
    assert records["right"].score == 40


@pytest.mark.parametrize("name", CHANGES)
def test_the_mistake_is_named(name: str, records: dict[str, Record]) -> None:
    (task,) = (task for task in records[name].tasks if task.name == CHANGES[name][0])
    assert (task.score, task.misconceptions) == (0, (name,)), task.findings
    assert records[name].score == 30
