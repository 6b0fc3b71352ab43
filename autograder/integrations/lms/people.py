"""Students: their identities, what a roster says about them, and the names of their folders."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")

LONGEST = 150  # bytes: with the suffixes that programs add, a file system takes 255

_SAFE = re.compile(r"\w([\w .@+'~-]*[\w+~-])?")


@dataclass(frozen=True)
class Person:
    """A student: identities that are theirs alone, the best one first, and names for people.

    `key` is the same for the same person in every download: the platform and its number. A roster
    may also know the group, and when something was submitted.
    """

    key: str
    ids: tuple[str, ...]
    first: str = ""
    last: str = ""
    email: str = ""
    lms_id: str = ""
    group: str = ""
    when: datetime | None = None

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.first} {self.last}".strip()

    def is_called(self, name: str) -> bool:
        """Return whether a name is this person's, however it is ordered, accented or spaced."""
        return letters(self.name) == letters(name)


Identified = Sequence[tuple[Person, str]]
"""The students whose file it is, each with a note on what is unusual."""


@dataclass(frozen=True)
class Roster:
    """The students of a course, from Canvas's gradebook export or Moodle's grading worksheet."""

    platform: str = ""
    people: tuple[Person, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Person]:
        """The students, by platform and number."""
        return {person.key: person for person in self.people}

    @cached_property
    def by_identity(self) -> dict[str, list[Person]]:
        """The students who have an identity, by identity."""
        return by_identity((person, person.ids) for person in self.people)


def by_identity(people: Iterable[tuple[T, Iterable[str]]]) -> dict[str, list[T]]:
    """Return the people who have an identity, by the folded identity."""
    found: dict[str, list[T]] = {}
    for person, ids in people:
        for name in {folded(name) for name in ids} - {""}:
            found.setdefault(name, []).append(person)
    return found


def split_name(name: str) -> tuple[str, str]:
    """Split a full name into first and last name; a single name is the last."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    return first, last


def folded(name: str) -> str:
    """Return a name such that two are equal if a file system or an export could mix them up."""
    return unicodedata.normalize("NFC", _normalized(name).casefold())


def _normalized(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def letters(name: str) -> list[str]:
    """Return the letters and digits of a name, sorted and without accents."""
    return sorted(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


def safe_folder(name: str) -> str | None:
    """Return a name as a folder that nbgrader accepts, None if it cannot be one."""
    plain = _normalized(name)
    fits = _SAFE.fullmatch(plain) and len(plain.encode()) <= LONGEST
    return plain if fits else None


def assign_folders(
    people: Iterable[Person], others: Iterable[Person], existing: Mapping[str, str]
) -> dict[str, str]:
    """Return a folder's name for each person, by key; never one for two, and always the same.

    It is the person's first identity that can be a folder's name, or one that has a folder
    already, of the `existing` ones by their folded names. Identities that two people share, also
    with `others` who need no folder, are not used; a person without any gets no folder.
    """
    wanted = {person.key: person for person in people}
    everybody = {person.key: person for person in others} | wanted
    owners = by_identity((key, person.ids) for key, person in everybody.items())
    found = {}
    for key, person in wanted.items():
        own = [name for name in person.ids if owners.get(folded(name)) == [key]]
        safe = [name for raw in own if (name := safe_folder(raw)) is not None]
        used = [existing[folded(name)] for name in safe if folded(name) in existing]
        if safe:
            found[key] = (used or safe)[0]
    return found
