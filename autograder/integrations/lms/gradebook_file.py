"""Fills grades into a file that an instructor exported from an LMS.

Students are never guessed: a row is filled in if one of its identities is exactly the student's,
and neither another row nor another student has it. Everybody who is left over is reported.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.integrations.lms.people import by_identity, folded
from autograder.integrations.platform_data import Grade
from autograder.reports.table import Table, read_table


@dataclass(frozen=True)
class Filled:
    """A table with grades filled in, and a sentence for everybody who was left over."""

    table: Table
    count: int
    problems: tuple[str, ...]


def read_export(path: Path, headings: Iterable[str], expected: str) -> Table:
    """Read a file that has columns with the headings.

    Raises:
        UsageError: it cannot be read, or has no such column.
    """
    table = read_table(path)
    for heading in headings:
        if table.column(heading) is None:
            raise UsageError(
                f"{path} has no column {heading!r}, so it is not {expected}. Export it again."
            )
    return table


def check_points(text: str, grades: Sequence[Grade], path: Path) -> None:
    """Refuse a file in which the assignment is worth other points than in the course."""
    try:
        there = float(text.replace(",", "."))
    except ValueError:
        return  # the file does not say
    here = grades[0].max_points
    if abs(there - here) > 1e-6:
        raise UsageError(
            f"{path}: the assignment is worth {there:g} points in this file and {here:g} in the "
            f"course. Set it to {here:g} points where the file is from, and export it again."
        )


def fill(
    table: Table,
    rows: Sequence[list[str]],
    identities: Sequence[Sequence[str]],
    grades: Sequence[Grade],
    column: int,
) -> Filled:
    """Write each student's total into a column of the student's row.

    `rows` are the table's rows of students; `identities` has, for each of them, the values of the
    columns that identify a student.
    """
    students = by_identity((grade.student, (grade.student, *grade.names)) for grade in grades)
    names = [[folded(name) for name in row] for row in identities]
    counts = [Counter(same) for same in zip(*names, strict=True)]
    matched: dict[str, list[list[str]]] = {grade.student: [] for grade in grades}
    ambiguous: set[str] = set()
    problems = []
    for row, own, raw in zip(rows, names, identities, strict=True):
        unique = {name for name, count in zip(own, counts, strict=True) if count[name] == 1}
        certain = [students[name] for name in unique if len(students.get(name, ())) == 1]
        found = set().union(*certain)
        others = set().union(*(students.get(name, ()) for name in own))
        if len(found) > 1 or (not found and len(others) > 1):
            could_be = ", ".join(sorted(found or others))
            problems.append(f"{next(filter(None, raw))}: could be {could_be}; not filled in")
        elif found:
            matched[found.pop()].append(row)
        else:
            ambiguous |= others  # by a name that another row has, too
    count = 0
    for grade in grades:
        own_rows = matched[grade.student]
        if len(own_rows) == 1:
            own_rows[0][column] = grade.total
            count += 1
        else:
            where = "several rows" if own_rows or grade.student in ambiguous else "no row"
            problems.append(f"{grade.student}: {where} in the file; not filled in")
    return Filled(table, count, tuple(problems))
