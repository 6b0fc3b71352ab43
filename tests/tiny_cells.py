"""A tiny course without a suite: the test cells of its notebook are its tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import write_notebook
from tests.tiny import graded_cell

NAME = "double"
COURSE = """\
course: ml_course
seed: 3
assignments:
  double:
    preload: [numpy]
    limits: {cell_seconds: 1, request_seconds: 1, notebook_seconds: 10}
"""
SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return FACTOR * x\n    ### END SOLUTION"
HIDDEN = "assert double(-17) == -34, double(-17)"
CELLS = (
    graded_cell(SOLUTION, "double", solution=True),
    graded_cell("FACTOR = 2", "given", locked=True),
    graded_cell(
        '"""It doubles a number"""\nimport sys\nprint("a warning", file=sys.stderr)\n'
        f"assert double(1) == 2\n### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS",
        "test_early",
        grade=True,
        locked=True,
        points=4,
    ),
    graded_cell(
        "points = 0\nif double(2) == 4:\n    points += 1\nif double('a') == 'aa':\n"
        "    points += 1.5\npoints",
        "test_late",
        grade=True,
        locked=True,
        points=2.5,
    ),
)


def make_cell_course(folder: Path, course: str = COURSE, late: str = "") -> Path:
    """Write the course into a folder and return it; `late` is other code for the last cell."""
    (folder / "course.yml").write_text(course)
    cells = [*CELLS[:-1], CELLS[-1] | {"source": late or CELLS[-1]["source"]}]
    write_notebook(folder / "solutions" / NAME / f"{NAME}.ipynb", cells)
    return folder


def submit_cells(course: Path, student: str, code: str, **others: str) -> Path:
    """Submit code as a student; `others` are cells that differ, by their `grade_id`."""
    changed: Mapping[str, str] = {"double": code, **others}
    cells: list[str | dict[str, Any]] = [
        cell | {"source": changed.get(cell["id"], cell["source"])} for cell in CELLS
    ]
    return write_notebook(course / "submitted" / student / NAME / f"{NAME}.ipynb", cells)
