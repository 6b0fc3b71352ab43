"""Small courses without suites, in the styles of public nbgrader notebooks.

Each has the cells of a source notebook, and answers with the points that they deserve.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tiny import graded_cell


@dataclass(frozen=True)
class CellCourse:
    """A source notebook, answers to it with their points, and where its test cells run.

    `answers` are the sources of the answer cells that differ, by their `grade_id`.
    """

    name: str
    cells: Sequence[dict[str, Any]]
    answers: Mapping[str, tuple[Mapping[str, str], float]]
    inside: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The points of all test cells together."""
        grading = (cell["metadata"].get("nbgrader", {}) for cell in self.cells)
        return sum((found.get("points", 0) for found in grading), 0.0)


def answer(name: str, code: str) -> dict[str, Any]:
    """Return a cell that students fill in; `code` has the solution between its marks."""
    return graded_cell(code, name, solution=True)


def check(name: str, points: float, code: str) -> dict[str, Any]:
    """Return a test cell."""
    return graded_cell(code, name, grade=True, locked=True, points=points)


def given(name: str, code: str) -> dict[str, Any]:
    """Return a cell of the instructor's that students cannot change."""
    return graded_cell(code, name, locked=True)


def free(code: str) -> dict[str, Any]:
    """Return a cell of the instructor's that nbgrader does not know."""
    return graded_cell(code) | {"id": f"free-{zlib.crc32(code.encode())}"}
