"""Who handed something in: what a student is called, exactly, and what a roster adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from autograder.integrations.download import Parsed
from autograder.integrations.lms import canvas, moodle
from autograder.integrations.lms.safe_names import folded, squashed

PARTICIPANT = "Participant {}"  # as Moodle's worksheet has it, and `autograder export` finds it


@dataclass(frozen=True)
class Person:
    """A student: identities that are theirs alone, the best one first, and names for people.

    `key` is the same for the same person in one download after the other.
    """

    key: str
    ids: tuple[str, ...]
    first: str = ""
    last: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """The name as people write it."""
        return f"{self.first} {self.last}".strip()


@dataclass(frozen=True)
class Row:
    """A line of a roster. `number` is what a download calls the person by."""

    person: Person
    number: str = ""
    group: str = ""
    when: datetime | None = None


@dataclass(frozen=True)
class Roster:
    """Who is in a course, as Canvas's gradebook export or Moodle's grading worksheet says."""

    place: str = ""
    rows: tuple[Row, ...] = ()
    by_number: Mapping[str, Row] = field(default_factory=dict)
    by_name: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, place: str, rows: Sequence[Row]) -> Roster:
        """Return a roster in which people are found by number and by identity."""
        by_name: dict[str, tuple[Row, ...]] = {}
        for row in rows:
            for name in {folded(name) for name in row.person.ids}:
                by_name[name] = (*by_name.get(name, ()), row)
        return cls(place, tuple(rows), {row.number: row for row in rows}, by_name)


@dataclass(frozen=True)
class Match:
    """Who a file belongs to, when the roster says it was handed in, and what is odd about it."""

    person: Person
    when: datetime | None = None
    note: str = ""


def who(parsed: Parsed, place: str, roster: Roster) -> Sequence[Match] | str:
    """Return whose a file is, several people for a group's; or why that is not known."""
    if place == canvas.PLACE:
        return _of_canvas(parsed, roster if roster.place == place else Roster())
    if place == moodle.PLACE:
        return _of_moodle(parsed, roster if roster.place == place else Roster())
    ids = (parsed.student, *parsed.also)
    email = parsed.student if "@" in parsed.student else ""
    for name in ids:
        rows = roster.by_name.get(folded(name), ())
        if len(rows) == 1:
            found = rows[0].person
            all_ids = tuple(dict.fromkeys((*found.ids, *ids)))
            person = replace(found, ids=all_ids, email=found.email or email)
            same = not person.name or squashed(person.name) == squashed(parsed.label)
            note = f"is called {parsed.label!r} in the download, and was found by {name!r}"
            return [Match(person, note="" if same else note)]
    first, last = split(parsed.label)
    return [Match(Person(f"{place} {folded(ids[0])}", ids, first, last, email))]


def _of_canvas(parsed: Parsed, roster: Roster) -> Sequence[Match] | str:
    row = roster.by_number.get(parsed.student)
    if row is None:
        number = parsed.student.isdecimal()
        key = f"{canvas.PLACE} {folded(parsed.student)}"
        person = Person(key, (parsed.student,), lms_id=parsed.student if number else "")
        note = "" if number else "is anonymous: Canvas's gradebook does not know this name"
        return [Match(person, note=note or _missing(roster))]
    if squashed(row.person.name) == squashed(parsed.label):
        return [Match(row.person)]
    note = f"is called {parsed.label!r} in the download: of a group, only one member is known"
    return [Match(row.person, note=note)]


def _of_moodle(parsed: Parsed, roster: Roster) -> Sequence[Match] | str:
    row = roster.by_number.get(parsed.student)
    names = row.person.name if row else ""
    if row is not None and (not names or squashed(names) == squashed(parsed.label)):
        return [Match(row.person, row.when)]
    group = [r for r in roster.rows if r.group and squashed(r.group) == squashed(parsed.label)]
    if group:
        return [Match(member.person, member.when) for member in group]
    if row is not None:
        return f"is {names} by the roster: not placed, as this may be a group"
    if not parsed.student:
        return "is a group without a number: give Moodle's worksheet with --roster"
    first, last = split(parsed.label)
    name = PARTICIPANT.format(parsed.student)
    key = f"{moodle.PLACE} {parsed.student}"
    return [Match(Person(key, (name,), first, last), note=_missing(roster))]


def _missing(roster: Roster) -> str:
    return "is not in the roster" if roster.rows else ""


def split(name: str) -> tuple[str, str]:
    """Return the first and the last name of a full one; a single name is the last."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    return first, last
