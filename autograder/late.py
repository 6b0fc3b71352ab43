"""What lateness costs: one rule for every way a submission is graded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course import Assignment

__all__ = ["Lateness", "lateness"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lateness:
    """How late a submission was: `days` begun after the due date, the `share` of points lost."""

    days: int = 0
    share: float = 0.0

    def penalty(self, points: float) -> float:
        """Return what is taken off the points that were earned."""
        return round(self.share * points, 6)


def lateness(assignment: Assignment, submitted: datetime | None) -> Lateness:
    """Return how late a submission was; without a due date or a time, it was not late.

    Within `late.grace` after the due date nothing is lost. After that every day begun since the
    due date costs `late.penalty_per_day` of the points earned, `late.max_penalty` at most.

    Args:
        assignment: its due date and its rule.
        submitted: when it was handed in, with a time zone.
    """
    due, rule = assignment.due, assignment.late
    if due is None or submitted is None or submitted <= due + rule.grace:
        return Lateness()
    days = math.ceil((submitted - due) / DAY)
    return Lateness(days, min(days * rule.penalty_per_day, rule.max_penalty))
