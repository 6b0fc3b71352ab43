"""Which folder of submitted/ is whose: never one for two students, and the same one every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.integrations.lms.people import Person
from autograder.integrations.lms.safe_names import folded, safe_folder


def existing_folders(submitted: Path) -> dict[str, str]:
    """Return the folders that are there, by what they are the same as."""
    if not submitted.is_dir():
        return {}
    return {folded(path.name): path.name for path in sorted(submitted.iterdir())}


def folders(
    people: Iterable[Person], others: Iterable[Person], existing: Mapping[str, str]
) -> dict[str, str]:
    """Return a folder's name for each person, by key; nobody is in it who cannot have one.

    Of a person's identities the first that is safe is taken, or one for which a folder is there
    already. An identity that two people have is nobody's.

    Args:
        people: whose folders are wanted.
        others: whoever else has identities, as in a roster.
        existing: the folders that are there.
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
        there = [existing[folded(name)] for name in safe if folded(name) in existing]
        if safe:
            found[key] = (there or safe)[0]
    return found
