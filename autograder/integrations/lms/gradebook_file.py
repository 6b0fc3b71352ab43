"""Fills grades into the file that an instructor exported from Canvas or Moodle.

Nobody is guessed: a row is filled in if one of its identities is the student's, exactly, and no
other row and no other student shares it. Whoever is left over is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.integrations.final_grades import Grade
from autograder.reports.table import Table

CANVAS = ("SIS Login ID", "SIS User ID", "ID", "Email", "Integration ID", "Student")
MOODLE = ("Email address", "Username", "ID number", "Identifier", "Full name")
POINTS_POSSIBLE = "Points Possible"

_LAST_NUMBER = re.compile(r"([0-9]+)\s*$")


@dataclass(frozen=True)
class Filled:
    """A sheet with grades filled in, and a sentence for everyone who was left over."""

    table: Table
    count: int
    problems: tuple[str, ...]


def fill_canvas(table: Table, path: Path, grades: Sequence[Grade], title: str) -> Filled:
    """Fill in Canvas's gradebook export; the assignment is found by its name, `Title (123)`.

    Raises:
        UsageError: it is not such a file, the assignment is not in it, or worth other points.
    """
    _require(table, path, ("Student", "ID"), "Canvas: Grades, Export")
    pattern = re.compile(rf"{re.escape(title)}( \(\d+\))?", re.IGNORECASE)
    columns = [i for i, name in enumerate(table.headings) if pattern.fullmatch(name.strip())]
    if len(columns) != 1:
        found = "several columns" if columns else "no column"
        raise UsageError(
            f"{path} has {found} for an assignment called {title!r}. Create it in Canvas, or name "
            "the column with --column."
        )
    (place,) = columns
    student = table.column("Student")
    assert student is not None
    rows = []
    for row in table.rows:
        if row[student].strip() == POINTS_POSSIBLE:
            _same_points(row[place], grades, path)
        elif row[student].strip() != "Student, Test":
            rows.append(row)
    return _fill(table, rows, CANVAS, grades, lambda row, grade: _set(row, place, grade.total))


def fill_moodle(table: Table, path: Path, grades: Sequence[Grade]) -> Filled:
    """Fill in the offline grading worksheet of a Moodle assignment.

    Raises:
        UsageError: it is not such a file.
    """
    _require(table, path, ("Identifier", "Grade"), "Moodle: the assignment's grading worksheet")
    place, highest = table.column("Grade"), table.column("Maximum Grade")
    assert place is not None
    if highest is not None:
        for row in table.rows:
            _same_points(row[highest], grades, path)
    return _fill(table, table.rows, MOODLE, grades, lambda row, g: _set(row, place, g.total))


def _set(row: list[str], place: int, text: str) -> None:
    row[place] = text


def _require(table: Table, path: Path, headings: Iterable[str], where: str) -> None:
    missing = [heading for heading in headings if table.column(heading) is None]
    if missing:
        raise UsageError(
            f"{path} has no column {missing[0]!r}: it is not what {where} gives. Export it again."
        )


def _same_points(cell: str, grades: Sequence[Grade], path: Path) -> None:
    """Refuse a file in which the assignment is worth other points than here."""
    try:
        there = float(cell.replace(",", "."))
    except ValueError:
        return  # it does not say
    here = grades[0].max_points
    if abs(there - here) > 1e-6:
        raise UsageError(
            f"{path}: the assignment is worth {there:g} points there and {here:g} here. Set its "
            f"points to {here:g} there, and export the file again."
        )


def _fill(
    table: Table,
    rows: Sequence[list[str]],
    identities: Sequence[str],
    grades: Sequence[Grade],
    write: Callable[[list[str], Grade], None],
) -> Filled:
    columns = {place: n for n in identities if (place := table.column(n)) is not None}
    owners = _owners(grades)
    shared = {p: Counter(_identity(n, row[p]) for row in rows) for p, n in columns.items()}
    certain: dict[str, list[list[str]]] = {grade.student: [] for grade in grades}
    doubtful: dict[str, int] = dict.fromkeys(certain, 0)
    problems = []
    for row in rows:
        names = {place: _identity(name, row[place]) for place, name in columns.items()}
        own = {name for place, name in names.items() if shared[place][name] == 1}
        found = {s for name in own if len(owners.get(name, ())) == 1 for s in owners[name]}
        others = {s for name in names.values() for s in owners.get(name, ())}
        if len(found) > 1 or (not found and len(others) > 1):
            said = ", ".join(sorted(found or others))
            problems.append(f"{row[next(iter(columns))]}: could be {said}; not filled in")
        elif found:
            certain[found.pop()].append(row)
        elif others:  # by a name that is another row's as well
            doubtful[others.pop()] += 1
    count = 0
    for grade in grades:
        mine = certain[grade.student]
        if len(mine) == 1:
            write(mine[0], grade)
            count += 1
        else:
            said = "several rows" if mine or doubtful[grade.student] else "no row"
            problems.append(f"{grade.student}: {said} in the file; not filled in")
    return Filled(table, count, tuple(problems))


def _owners(grades: Sequence[Grade]) -> Mapping[str, set[str]]:
    """Return which students go by a name."""
    owners: dict[str, set[str]] = {}
    for grade in grades:
        for name in (grade.student, *grade.names):
            if _plain(name):
                owners.setdefault(_plain(name), set()).add(grade.student)
    return owners


def _identity(heading: str, cell: str) -> str:
    """Return an identity as names are compared; `Participant 12` is the same in any language."""
    number = _LAST_NUMBER.search(cell) if heading == "Identifier" else None
    return _plain(f"Participant {number[1]}" if number else cell)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
