"""One file of a platform's bulk download: student, name, time of submission."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SubmittedFile:
    """One file of one student.

    `student` identifies the student on the platform: Canvas's id, Moodle's participant number, an
    e-mail address. `label` is the name that the platform shows, `also` are other identifiers.
    `order` increases with the time of submission, and is 0 if that is unknown.
    """

    student: str
    name: str
    label: str = ""
    order: int = 0
    when: datetime | None = None
    late: bool = False
    also: tuple[str, ...] = ()
