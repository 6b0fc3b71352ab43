"""Cells after the answers: what a check has confirmed stays right."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import Assignment, Course
from autograder.grading.batch import grade_batch, prepare
from autograder.notebook import course_notebook
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from tests.conftest import write_notebook

HARMLESS = (
    "%reset -f",
    "%reset -sf",
    "from pylab import *",
    "from math import *",
    "from torch.nn import *",
    "from torch.nn import Linear, MSELoss\nprint(Linear(1, 1)(X[:2]))",
    "import numpy as torch",
    "N, F = X.shape",
    "X, y = y, X",
    "X = X.numpy(); y = None",
    "step = 0.1",
    "for step in range(30): pass",
    "del step, Linear",
    "def step(X, y, model, lr=0.1):\n    raise NotImplementedError('momentum, some day')",
    "class Linear:\n    pass",
    "Linear.forward = lambda self, x: 0 * x",
    "Linear.__init__ = None",
    "del Linear.forward",
    "def polynomial_gradients(a, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "import warnings; warnings.simplefilter('error')",
    "import numpy; numpy.seterr(all='raise')",
    "torch.set_grad_enabled(False)",
    "torch.set_default_dtype(torch.float64)",
    "torch.manual_seed(0); import random; random.seed(1)",
    "1 / 0",
    "def broken(:",
    "sum = len = abs = float = None",
    "model = Linear(1, 1)\nfor _ in range(3): step(X, y, model, lr=10.0)",
    "import sys; sys.exit()",
    "plt.plot(losses)\nplt.show()",
    "Linear",
    "display(X[:3], y[:3])",
    "torch.default_generator = torch.Generator()",
)
"""Cells that students append to a finished notebook."""


def notebooks(harmless: Sequence[str], count: int, right: Sequence[str]) -> dict[str, list[str]]:
    """Return notebooks with right answers and the checks, then harmless cells in some order."""
    draw = random.Random(17)
    found = {f"alone_{number}": [*right, cell] for number, cell in enumerate(harmless)}
    for number in range(count):
        found[f"several_{number}"] = [*right, *draw.sample(harmless, draw.randint(2, 6))]
    return found


Grade = Callable[..., dict[str, Record]]


@pytest.fixture
def right(course: Course, assignment: Assignment) -> Sequence[str]:
    """Return the code cells of the source notebook without plots, which take most of the time."""
    cells = course_notebook(SourceNotebook(course, assignment).path).cells
    return [cell for cell in cells if "plt." not in cell]


@pytest.fixture
def grade(course: Course, assignment: Assignment, warm: WarmProcess, tmp_path: Path) -> Grade:
    """Return a function that grades notebooks, given as lists of cells."""
    context = replace(prepare(course, assignment), seed="test")

    def grade(**cells: Sequence[str]) -> dict[str, Record]:
        paths = [write_notebook(tmp_path / f"{name}.ipynb", texts) for name, texts in cells.items()]
        submissions = [Submission(path.stem, path) for path in paths]
        records = [graded.record for graded in grade_batch(submissions, context, warm)]
        return {record.student: record for record in records}

    return grade


@pytest.mark.parametrize(
    ("share", "count"),
    [(6, 2), pytest.param(1, 12, marks=pytest.mark.slow)],
    ids=["a sixth", "all"],
)
def test_harmless_cells_after_the_answers_cost_nothing(
    grade: Grade, right: Sequence[str], share: int, count: int
) -> None:
    found = grade(**notebooks(HARMLESS[::share], count, right))
    assert {name: record.score for name, record in found.items() if record.score != 100} == {}


def test_an_answer_that_is_corrected_later_counts_and_the_record_says_so(
    grade: Grade, right: Sequence[str]
) -> None:
    corrected = list(right)
    index = next(index for index, cell in enumerate(right) if "def step(" in cell)
    corrected[index] = "def step(X, y, model, lr=0.1):\n    raise NotImplementedError()"
    record = grade(corrected=[*corrected, right[index]])["corrected"]
    assert record.score == 100
    assert (
        "judged at the end of the notebook, after later changes: convergence, step" in record.note
    )
