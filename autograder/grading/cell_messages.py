"""What a student reads when a test cell fails.

What a hidden test compares, and with which values, is never said.
"""

import re
from collections.abc import Sequence

from autograder.diagnosis.exception_advice import advice, error_of, why_missing
from autograder.sandbox.execution_errors import SourceLocation, StudentError, line_of
from autograder.sandbox.student_process import CellResult
from autograder.test_cells import TestCell, hidden_names

WORD = re.compile(r"\w+")
MISSING = re.compile(r"name '(\w+)' is not defined")


def location_of(cell: CellResult, cells: Sequence[str], index: int) -> SourceLocation | None:
    """Return the line of the student's that raised an exception; None if the test cell did.

    Args:
        cell: the result of the test cell.
        cells: all cells that were run.
        index: the index of the test cell.
    """
    for number, line in cell.error_lines[-1:]:
        if number != index + 1 and 1 <= number <= len(cells):
            return SourceLocation(number, line, line_of(cells[number - 1], line))
    return None


def message_of(
    test: TestCell, index: int, cells: Sequence[str], results: Sequence[CellResult]
) -> str:
    """Return what a student reads about a test cell that an exception has ended.

    Args:
        test: the test cell.
        index: its index.
        cells: all cells that were run.
        results: their results.
    """
    cell = results[index]
    kind, text = error_of(cell.outputs) or ("an error", "")
    own_line = next((line for number, line in cell.error_lines if number == index + 1), 0)
    hidden = test.is_hidden(own_line)
    place = location_of(cell, cells, index)
    if place is not None:
        error = StudentError(kind, "" if hidden else text, place)
        said = str(error).replace(f"{kind}: \n", f"{kind}\n")
        hint = advice(kind, text, own_line=True)
        return "\n".join(filter(None, ("In a hidden test:" if hidden else "", said, hint)))
    if kind == "NameError" and (found := MISSING.search(text)):
        errors = [
            error_of(result.outputs) or (("", str(result.failure)) if result.failure else None)
            for result in results[:index]
        ]
        return why_missing(found[1], cells[:index], errors)
    if hidden:
        what = "fails" if kind == "AssertionError" else f"raises {kind}"
        return f"A hidden test {what}."
    line = line_of(test.source, own_line)
    where = f"Line {own_line} of the tests fails: `{line}`" if line else "The tests fail."
    if kind != "AssertionError":
        return f"{where}\n{kind}: {text}"
    said = text or _sides(test, index, cells, cell, own_line)
    return f"{where}\n{said}" if said else where


def _sides(
    test: TestCell, index: int, cells: Sequence[str], cell: CellResult, own_line: int
) -> str:
    """Say what a bare assertion compared, "" if students must not know.

    They must not where a hidden test has bound a name that it uses.
    """
    line = [line for number, line in cell.error_lines if number == index + 1][-1]
    if len(cell.sides) != 2 or test.is_hidden(line):
        return ""
    code = line_of(test.source, line)
    if any(name in WORD.findall(code) for one in cells[: index + 1] for name in hidden_names(one)):
        return ""
    where = "" if line == own_line else f"It is `{code}` in line {line}. "
    left, right = cell.sides
    return f"{where}The left side is {left}, the right side is {right}."
