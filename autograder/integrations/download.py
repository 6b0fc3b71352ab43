"""One file of a platform's bulk download: whose it is, what it is called, when it was submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SubmittedFile:
    """One file of one student.

    `student` identifies the student on the platform: Canvas's id, Moodle's participant number, an
    e-mail address. `label` is the name that the platform shows, `also` are other identities.
    `order` grows with the time of submission, 0 if that is not known.
    """

    student: str
    name: str
    label: str = ""
    order: int = 0
    when: datetime | None = None
    late: bool = False
    also: tuple[str, ...] = ()
