"""What besides a wrong answer costs points: files, modules, a newer Python, a damaged notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.grading.batch import grade_batch
from autograder.grading.circumstances import HERE, MAX_CELL, MOST, _cell_errors, _needed
from autograder.grading.session import Attempt
from autograder.record import Record
from autograder.sandbox.student_process import CellResult, SkippedStatement
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission, in_students_folder
from tests.conftest import context_of, write_notebook

HELPERS = "import torch\n\nFACTOR = 3\n"
ANSWER = """\
def polynomial_gradients(a, b):
    a, b = (torch.tensor(float(x), requires_grad=True) for x in (a, b))
    (a**{power} - b**2 + 3).backward()
    return a.grad.item(), b.grad.item()
"""
RIGHT = ANSWER.format(power=3)
NEWER = pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python is new enough")

Graded = Callable[..., Record]


@pytest.fixture
def graded(tmp_path: Path, course: Course, assignment: Assignment, warm: WarmProcess) -> Graded:
    """Return a function that grades cells with files beside them."""

    def grade(
        *cells: str, takes: tuple[str, ...] = (), files: dict[str, str] | None = None, **fields: Any
    ) -> Record:
        folder = tmp_path / "ada" / assignment.name
        write_notebook(folder / f"{assignment.notebook}.ipynb", cells, **fields)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        ours = assignment.model_copy(update={"takes": takes})
        submission = in_students_folder(folder, ours)
        return grade_batch([submission], context_of(course, ours, "test"), warm)[0].record

    return grade


def gradients(record: Record) -> float:
    return record.tasks[0].score


def test_a_helper_module_and_data_are_taken(graded: Graded) -> None:
    cells = (
        "from helpers import FACTOR, torch\npower = FACTOR - 3 + int(open('power.txt').read())",
        ANSWER.format(power="power"),
        "import os\nos._exit(1)",  # the next process has the files, too
    )
    files = {"helpers.py": HELPERS, "power.txt": "3"}
    assert gradients(graded(*cells, takes=("helpers.py", "*.txt"), files=files)) == 20


def test_a_file_that_is_not_taken_is_named(graded: Graded) -> None:
    files = {"helpers.py": HELPERS, "unused.csv": "", "power.txt": "3"}
    late = "def polynomial_gradients(a, b):\n    from helpers import FACTOR\n    return FACTOR"
    for cells in (("from helpers import FACTOR", RIGHT), (late,)):
        record = graded(*cells, files=files)
        words = "the file helpers.py lies beside the notebook but is not taken"
        assert words in record.note
        assert "The file helpers.py lies" in record.tasks[0].review + record.tasks[1].review
        assert "unused" not in record.note
    record = graded("import torch\nopen('power.txt')", RIGHT, files=files)
    assert "power.txt lies beside" in record.note
    record = graded("import torch", RIGHT, takes=("*.py",), files={"torch.py": "x = 1"})
    assert gradients(record) == 20
    assert "torch.py lies beside the notebook but is not taken: it would hide" in record.note


@NEWER
@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("info = {'a': 1}\nprint(f'{info['a']}')", "3.12"),
        ("type Pair = tuple[float, float]", "3.12"),
        ("def first[T](x: list[T]) -> T:\n    return x[0]", "3.12"),
        ("try:\n    pass\nexcept ValueError, TypeError:\n    pass", "3.14"),
        ("name = 'x'\nt'{name}'", "3.14"),
    ],
)
def test_newer_syntax_is_told(graded: Graded, line: str, version: str) -> None:
    record = graded("import torch", f"{RIGHT}\n{line}")
    assert f"cell 2 needs Python {version}, and is graded with Python 3.11" in record.note
    assert f"Cell 2 needs Python {version}" in record.tasks[0].review
    metadata = {"language_info": {"name": "python", "version": "3.15.1"}}
    record = graded("import torch", f"{RIGHT}\n{line}", metadata=metadata)
    assert "written with Python 3.15 and is graded with Python 3.11" in record.note


def test_a_mistake_in_syntax_is_not_taken_for_newer_python(graded: Graded) -> None:
    record = graded("import torch", f"{RIGHT}\nprint(f'{{1')\ntype = 3\nx[1]: int = (")
    assert record.note == ""
    assert gradients(record) == 0


@NEWER
def test_a_library_of_newer_python_is_told(graded: Graded) -> None:
    metadata = {"language_info": {"name": "python", "version": "3.12.0"}}
    cell = f"import torch\nfrom itertools import batched\n{RIGHT}"
    record = graded(cell, metadata=metadata)
    assert "written with Python 3.12" in record.note


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([], "the notebook has no cells"),
        ([{"cell_type": "markdown", "metadata": {}, "source": "x"}], "has no code cells"),
        ([{"cell_type": "code", "metadata": {}, "source": 5}], "the text of cell 1 is damaged"),
        ([{"cell_type": "code", "metadata": {}, "source": None}], "the text of cell 1 is damaged"),
        (["x = 1", 7], "some of the notebook's cells are damaged"),
    ],
)
def test_a_notebook_without_code_is_told(graded: Graded, cells: list[Any], words: str) -> None:
    record = graded(*cells)
    assert words in record.note
    assert any(words[3:] in task.review for task in record.tasks)


def test_only_the_first_errors_of_a_notebook_are_looked_at() -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": []}
    skipped = (SkippedStatement("OSError", "x"),) * 60
    cells = [CellResult([error] * 60, skipped=skipped) for _ in range(1000)]
    attempt = Attempt(Submission("ada", Path("ada.ipynb")), (), cell_results=cells)
    assert len(_cell_errors(attempt)) == 2 * MOST


@pytest.mark.parametrize(
    ("cell", "version"),
    [
        ("type X = int", (3, 12)),
        ("\n  async def f[T](): pass", (3, 12)),
        ("x = f'{a['b']}'", (3, 12)),
        ('x = f"{names[0]} {"a" + "b"}"', (3, 12)),
        ("x = f'{\"\\n\".join(lines)}'", (3, 12)),
        ("try: pass\nexcept A, B:\n    pass", (3, 14)),
        ("x = t'{a}'", (3, 14)),
        ("x = f'{a}' + '{b}'", HERE),
        ("typed = 1", HERE),
        ("\n" * MAX_CELL + "x = t'{a}'", HERE),  # beyond what is searched
    ],
)
def test_newer_syntax_is_found(cell: str, version: tuple[int, int]) -> None:
    assert _needed(cell) == max(version, HERE)
