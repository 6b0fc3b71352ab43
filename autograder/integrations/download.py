"""What a file's path in a download says: who handed it in, when, and what they called it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Parsed:
    """One file of one student.

    `student` is what the place that it was handed in at knows them by, exactly: Canvas's id,
    Moodle's participant, an e-mail address. `label` is the name that it shows for them, `also`
    other identities. `order` is larger for what was handed in later, 0 if that is not known.
    """

    student: str
    name: str
    label: str = ""
    order: int = 0
    when: datetime | None = None
    late: bool = False
    also: tuple[str, ...] = ()


Parse = Callable[[str], Sequence[Parsed] | str]
"""Understands a path: the file it is, for each student it belongs to, or why it is none."""


@dataclass(frozen=True)
class Scheme:
    """How a place names what it lets download."""

    place: str
    parse: Parse
