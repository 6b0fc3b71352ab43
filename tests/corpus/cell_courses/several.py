"""An assignment with several notebooks: two that are tested, and one without tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.conftest import write_notebook
from tests.corpus.cell_courses import CellCourse, free, globals, sequences

NAME = "week 1"
TESTED = {one.COURSE.name: one.COURSE for one in (globals, sequences)}
SUBMITTED: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "ada": {"globals": ("right", 3), "sequences": ("right", 7)},
    "bob": {"globals": ("fixed", 0), "sequences": ("unchecked", 6)},
    "cyd": {"sequences": ("two_of_three", 6.33)},
}
"""The answers of each student to each notebook, with their points."""
POINTS = {
    student: sum(points for _, points in notebooks.values())
    for student, notebooks in SUBMITTED.items()
}


def write_sources(source: Path) -> None:
    """Write the source notebooks into a folder of source notebooks."""
    for name, course in TESTED.items():
        write_notebook(source / NAME / f"{name}.ipynb", list(course.cells))
    write_notebook(source / NAME / "notes.ipynb", [free("1 + 1")])


def submit(submitted: Path) -> None:
    """Write all submissions into a folder in nbgrader's layout."""
    for student, notebooks in SUBMITTED.items():
        for name, (answers, _) in notebooks.items():
            answer(submitted / student / NAME / f"{name}.ipynb", TESTED[name], answers)


def answer(path: Path, course: CellCourse, name: str) -> None:
    """Write a notebook with the answers of that name."""
    answers, _ = course.answers[name]
    cells = [cell | {"source": answers.get(cell["id"], cell["source"])} for cell in course.cells]
    write_notebook(path, cells)
