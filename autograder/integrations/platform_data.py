"""What goes from a platform to the kit and back: submitted files and grades."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

DECIMALS = Decimal("0.01")


@dataclass(frozen=True)
class SubmittedFile:
    """One file of one student in a platform's bulk download.

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


@dataclass
class Grade:
    """One student's grade in an assignment.

    `points` are automatic and manual points together, before the late penalty. `pending` says why
    the grade is not final, "" if it is. `names` are other names and ids of the student.
    """

    student: str
    points: float = 0.0
    late_penalty: float = 0.0
    max_points: float = 0.0
    pending: str = ""
    names: tuple[str, ...] = ()

    @property
    def total(self) -> str:
        """Points minus the late penalty, rounded half up to two decimals."""
        remaining = max(self.points - self.late_penalty, 0.0)
        rounded = Decimal(repr(round(remaining, 6))).quantize(DECIMALS, ROUND_HALF_UP)
        return f"{rounded.normalize():f}"
