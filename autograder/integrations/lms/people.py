"""Students: their identities, what a roster says about them, and the names of their folders."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from autograder.integrations.download import SubmittedFile

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
        found: dict[str, list[Person]] = {}
        for person in self.people:
            for name in {folded(name) for name in person.ids}:
                found.setdefault(name, []).append(person)
        return found


def identify(file: SubmittedFile, platform: str, roster: Roster) -> Identified:
    """Return the student of a file by any identity that a roster may have, of any platform."""
    ids = (file.student, *file.also)
    email = file.student if "@" in file.student else ""
    for name in ids:
        people = roster.by_identity.get(folded(name), ())
        if len(people) == 1:
            (found,) = people
            all_ids = tuple(dict.fromkeys((*found.ids, *ids)))
            person = replace(found, ids=all_ids, email=found.email or email)
            note = f"is called {file.label!r} in the download and was identified by {name!r}"
            known = not found.name or found.is_called(file.label)
            return [(person, "" if known else note)]
    first, last = split_name(file.label)
    return [(Person(f"{platform} {folded(ids[0])}", ids, first, last, email), "")]


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


def existing_folders(submitted: Path) -> dict[str, str]:
    """Return the names of the folders in submitted/, by their folded names."""
    if not submitted.is_dir():
        return {}
    return {folded(path.name): path.name for path in sorted(submitted.iterdir())}


def assign_folders(
    people: Iterable[Person], others: Iterable[Person], existing: Mapping[str, str]
) -> dict[str, str]:
    """Return a folder's name for each person, by key; never one for two, and always the same.

    It is the person's first identity that can be a folder's name, or one that has a folder
    already. Identities that two people share, also with `others` who need no folder, are not used;
    a person without any gets no folder.
    """
    wanted = {person.key: person for person in people}
    everybody = {person.key: person for person in others} | wanted
    owners = Counter(
        name for person in everybody.values() for name in {folded(name) for name in person.ids}
    )
    found = {}
    for key, person in wanted.items():
        own = [name for name in person.ids if owners[folded(name)] == 1]
        safe = [name for raw in own if (name := safe_folder(raw)) is not None]
        used = [existing[folded(name)] for name in safe if folded(name) in existing]
        if safe:
            found[key] = (used or safe)[0]
    return found
