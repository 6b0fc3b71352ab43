"""The test cells of a source notebook, and their places in a submission.

Where an assignment has no suite, they are its tests. As in nbgrader, a submission runs with the
instructor's own test cells, hidden tests included, and with locked cells as they were given.
"""

import ast
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent
from typing import Any

from autograder.course import Assignment
from autograder.instructor_code import CellKind, Surroundings, names_bound_in, surroundings
from autograder.notebook import Notebook, grade_id

HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?(?:^[^\n]*END HIDDEN TESTS[^\n]*$|\Z)", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class TestCell:
    """A test cell with points: its `grade_id`, its task, its points, its code.

    `surroundings` is what it may use of the instructor's other cells.
    """

    __test__ = False  # keeps pytest from collecting it as a test class

    name: str
    task: str
    points: float
    source: str
    surroundings: Surroundings

    @cached_property
    def title(self) -> str:
        """The first line of the text that the cell begins with, or else its name."""
        try:
            text = ast.get_docstring(ast.parse(self.source)) or ""
        except (SyntaxError, ValueError):  # of IPython, or a mistake
            text = ""
        return text.strip().partition("\n")[0] or self.name

    def is_hidden(self, line: int) -> bool:
        """Tell whether students cannot see a line, counted from 1."""
        return any(first <= line <= last for first, last in self._hidden)

    @cached_property
    def _hidden(self) -> list[tuple[int, int]]:
        """The first and last lines of the hidden tests."""
        return [
            (
                self.source.count("\n", 0, match.start()) + 1,
                self.source.count("\n", 0, match.end()) + 1,
            )
            for match in HIDDEN.finditer(self.source)
        ]


@dataclass(frozen=True)
class SourceCells:
    """The code cells of a source notebook that a submission runs with.

    `tests` are the test cells with points, `restored` the sources of all cells that students
    cannot change, and `order` all code cells that have a `grade_id`: each by its `grade_id`.
    """

    tests: Mapping[str, TestCell]
    restored: Mapping[str, str]
    order: tuple[str, ...]


@dataclass(frozen=True)
class PlacedCells:
    """The cells that a submission runs, and their positions in it; None for one that it lacks.

    `tests` are the test cells, by their indices.
    """

    cells: tuple[str, ...]
    positions: tuple[int | None, ...]
    tests: Mapping[int, TestCell]


def hidden_names(source: str) -> set[str]:
    """Return the names that the hidden tests of a cell bind."""
    return {name for found in HIDDEN.finditer(source) for name in names_bound_in(dedent(found[0]))}


def source_cells(
    notebook: Notebook, assignment: Assignment, completed: Mapping[str, str] | None = None
) -> SourceCells:
    """Return the code cells of a source notebook that a submission runs with.

    Args:
        notebook: the source notebook.
        assignment: the assignment.
        completed: the sources of cells that differ, by their `grade_id`.
    """
    sources = [
        (completed or {}).get(name, source)
        for name, source in zip(notebook.grade_ids, notebook.cells, strict=True)
    ]
    tasks = {task.tests: task for task in assignment.tasks}
    code = [notebook.document["cells"][position] for position in notebook.positions]
    kinds = [_kind(cell, tasks) for cell in code]
    around = surroundings(zip(kinds, sources, strict=True))
    tests, restored, order = {}, {}, []
    for cell, source in zip(code, sources, strict=True):
        if name := grade_id(cell):
            grading = cell["metadata"]["nbgrader"]
            order.append(name)
            if not grading.get("solution") and (grading.get("grade") or grading.get("locked")):
                restored[name] = source
            if task := tasks.get(name):
                tests[name] = TestCell(name, task.name, task.points, source, next(around))
    return SourceCells(tests, restored, tuple(order))


def _kind(cell: dict[str, Any], tests: Container[str]) -> CellKind:
    """Return what a code cell of a source notebook is."""
    if grade_id(cell) in tests:
        return "test"
    grading = cell.get("metadata", {}).get("nbgrader", {})
    return "answer" if grading.get("solution") else "given"


def released(source: str) -> str:
    """Return the code of a test cell as students get it."""
    return HIDDEN.sub("", source).strip()


def placed(notebook: Notebook, source: SourceCells) -> PlacedCells:
    """Return the cells of a submission as they are graded.

    The last cell with a `grade_id` counts, as in nbgrader, or the last one with a test cell's code
    if its `grade_id` is lost. A test cell that is missing comes after the cell that it followed.
    """
    names = list(_names(notebook, source))
    last = {name: index for index, name in enumerate(names) if name}
    cells: list[tuple[str, str, int | None]] = []
    for index, (name, cell) in enumerate(zip(names, notebook.cells, strict=True)):
        own = name if last.get(name) == index else ""
        cells.append((own, source.restored.get(own, cell), notebook.positions[index]))
    before = len(cells)
    for name in source.order:
        found = [index for index, (own, _, _) in enumerate(cells) if own == name]
        if found:
            before = found[0] + 1
        elif name in source.tests:
            cells.insert(before, (name, source.tests[name].source, None))
            before += 1
    tests = {i: source.tests[name] for i, (name, _, _) in enumerate(cells) if name in source.tests}
    return PlacedCells(tuple(c for _, c, _ in cells), tuple(p for _, _, p in cells), tests)


def _names(notebook: Notebook, source: SourceCells) -> Iterator[str]:
    """Yield the `grade_id` of each code cell, as far as the source notebook has it."""
    known = set(source.order)
    present = known.intersection(notebook.grade_ids)
    by_code = {
        code: name
        for name, test in source.tests.items()
        for code in (released(test.source), test.source.strip())
        if name not in present and code
    }
    for name, cell in zip(notebook.grade_ids, notebook.cells, strict=True):
        yield name if name in known else by_code.get(cell.strip(), "")
