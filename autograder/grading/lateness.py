"""What lateness costs: one rule for every way a submission is graded."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from autograder.course import Assignment, Late
from autograder.record import Lateness

DAY = timedelta(days=1)


def lateness(assignment: Assignment, student: str, submitted: datetime | None) -> Lateness:
    """Return how late a submission was; without a due date or a time, it was not late.

    Args:
        assignment: its due date, its rule, and who has more time.
        student: who handed it in.
        submitted: when it was handed in, with a time zone.
    """
    due = assignment.due_of(student)
    if due is None or submitted is None:
        return Lateness()
    return lateness_after(assignment.late, submitted - due)


def lateness_after(rule: Late, late_by: timedelta) -> Lateness:
    """Return how late a submission was that came some time after its due date, or before it.

    Within `grace` nothing is lost. After that every day begun since the due date costs
    `penalty_per_day` of the points earned, `max_penalty` at most.
    """
    if late_by <= rule.grace:
        return Lateness()
    days = math.ceil(late_by / DAY)
    return Lateness(days, min(days * rule.penalty_per_day, rule.max_penalty))
