"""What lateness costs: one rule for every way a submission is graded."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from autograder.course import Assignment
from autograder.scorecard import Lateness

DAY = timedelta(days=1)


def lateness(assignment: Assignment, student: str, submitted: datetime | None) -> Lateness:
    """Return how late a submission was; without a due date or a time, it was not late.

    Within `late.grace` after the due date nothing is lost. After that every day begun since the
    due date costs `late.penalty_per_day` of the points earned, `late.max_penalty` at most.

    Args:
        assignment: its due date, its rule, and who has more time.
        student: who handed it in.
        submitted: when it was handed in, with a time zone.
    """
    due, rule = assignment.due_of(student), assignment.late
    if due is None or submitted is None or submitted <= due + rule.grace:
        return Lateness()
    days = math.ceil((submitted - due) / DAY)
    return Lateness(days, min(days * rule.penalty_per_day, rule.max_penalty))
