"""Reads rosters: Canvas's gradebook export, and Moodle's grading worksheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.errors import UsageError
from autograder.integrations.lms import canvas, moodle
from autograder.integrations.lms.moodle_times import moodle_time
from autograder.integrations.lms.people import PARTICIPANT, Person, Roster, Row, split
from autograder.reports.table import Table, read_table

Cell = Callable[[str], str]

_LAST_NUMBER = re.compile(r"([0-9]{1,18})\s*$")


def read_roster(path: Path, zone: tzinfo) -> Roster:
    """Read a roster. The times in Moodle's have no zone: they are read in `zone`.

    Raises:
        UsageError: it is neither of the two.
    """
    table = read_table(path)
    if table.column("Identifier") is not None:
        return Roster.of(moodle.PLACE, list(_of_moodle(_cells(table), zone)))
    if table.column("Student") is not None and table.column("ID") is not None:
        return Roster.of(canvas.PLACE, list(_of_canvas(_cells(table))))
    raise UsageError(
        f"{path} is no roster. Give what Canvas exports under Grades (columns Student and ID), or "
        "the grading worksheet of Moodle's assignment (column Identifier)."
    )


def _cells(table: Table) -> Iterator[Cell]:
    """Yield, for each row, a function from a heading to what stands there."""
    for row in table.rows:

        def cell(heading: str, row: list[str] = row) -> str:
            place = table.column(heading)
            return "" if place is None else row[place].strip()

        yield cell


def _of_canvas(rows: Iterable[Cell]) -> Iterator[Row]:
    for cell in rows:
        number = cell("ID")
        if not number.isdecimal():  # the line with the points
            continue
        last, comma, first = (part.strip() for part in cell("Student").partition(","))
        if not comma:
            first, last = split(last)
        login, email = cell("SIS Login ID"), cell("Email")
        ids = dict.fromkeys(filter(None, (login, cell("SIS User ID"), number)))
        email = email or (login if "@" in login else "")
        person = Person(f"{canvas.PLACE} {number}", tuple(ids), first, last, email, number)
        yield Row(person, number)


def _of_moodle(rows: Iterable[Cell], zone: tzinfo) -> Iterator[Row]:
    for cell in rows:
        found = _LAST_NUMBER.search(cell("Identifier"))  # `Participant 12`, in any language
        if found is None:
            continue
        first, last = split(cell("Full name"))
        email = cell("Email address")
        named = PARTICIPANT.format(found[1])
        ids = (email, cell("Username"), cell("ID number"), named)
        key, own = f"{moodle.PLACE} {found[1]}", tuple(dict.fromkeys(filter(None, ids)))
        person = Person(key, own, first, last, email)
        when = moodle_time(cell("Last modified (submission)"), zone)
        yield Row(person, found[1], cell("Group"), when)


def due_zone(due: datetime | None) -> tzinfo:
    """Return the zone of the course: that of its due date, or else this machine's."""
    zone = due.tzinfo if due is not None else datetime.now().astimezone().tzinfo
    assert zone is not None
    return zone
