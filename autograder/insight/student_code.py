"""Reads students' code where their notebooks are at hand, for excerpts and to compare it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import CourseError, SubmissionError
from autograder.insight.gathered import Row
from autograder.insight.similarity import Compared, Similar
from autograder.insight.tokens import without_comments
from autograder.notebook import DEFINITION, Notebook, course_notebook, read_notebook
from autograder.source_notebook import Definitions, SourceNotebook, answer_cells

TRIED = 20  # students among whom the shortest code is looked for
LINES, COLUMNS = 24, 120  # of an excerpt


@dataclass(frozen=True)
class Excerpt:
    """A student's code for a task without comments: its first lines, and how many are left out."""

    lines: tuple[str, ...]
    left_out: int


class StudentCode:
    """The code of a class.

    Args:
        course: the course, None if only records are at hand.
        assignment: the assignment in it.
    """

    def __init__(self, course: Course | None = None, assignment: Assignment | None = None) -> None:
        self._assignment, self._released = assignment, list[str]()
        self._definitions: Definitions = {}
        if course is not None and assignment is not None:
            source = SourceNotebook(course, assignment)
            try:
                self._definitions = source.definitions
                self._released = _cells(SourceNotebook(course, assignment, "release").path)
                self._released += source.given_cells
            except CourseError:  # grading says so
                pass

    def excerpt(self, rows: Iterable[Row], task: str) -> Excerpt | None:
        """Return the shortest code for a task of the first few; None if none is at hand."""
        code = self.shortest(rows, task)
        if not code:
            return None
        lines = code.split("\n")
        shown = tuple(line[:COLUMNS] for line in lines[:LINES])
        return Excerpt(shown, len(lines) - len(shown))

    def shortest(self, rows: Iterable[Row], task: str) -> str:
        """Return the shortest code for a task of the first few, without comments; "" for none."""
        found = (self._answer(row, task) for row in list(rows)[:TRIED])
        codes = (code for code in map(without_comments, filter(None, found)) if code)
        return min(codes, key=len, default="")

    def similar(self, rows: Iterable[Row]) -> tuple[list[Similar], int]:
        """Return what submissions have in common, and of how many the code was at hand."""
        compared, count = Compared(self._released), 0
        for row in rows:
            if (notebook := _notebook(row)) is not None:
                compared.add(row.student, notebook.cells)
                count += 1
        return compared.similar(), count

    def _answer(self, row: Row, task: str) -> str:
        notebook = None if self._assignment is None else _notebook(row)
        if self._assignment is None or notebook is None:
            return ""
        index = answer_cells(notebook, self._assignment, self._definitions).get(task)
        return (
            ""
            if index is None
            else _of_task(notebook.cells[index], self._definitions.get(task, ()))
        )


def _of_task(cell: str, names: Collection[str]) -> str:
    """Return the functions and classes of a task, or the whole cell where they are not found."""
    found, inside = list[str](), False
    for line in cell.splitlines():
        if line and not line[0].isspace() and line[0] not in ")]}#":
            start = DEFINITION.match(line)
            inside = start is not None and start[1] in names
        if inside:
            found.append(line)
    return "\n".join(found) or cell


def _cells(path: Path) -> list[str]:
    return list(course_notebook(path).cells) if path.exists() else []


def _notebook(row: Row) -> Notebook | None:
    path = Path(row.notebook)
    if not path.is_file():  # reading it would look for what is there instead
        return None
    try:
        return read_notebook(path)
    except SubmissionError:
        return None
