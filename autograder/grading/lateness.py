"""Computes late penalties, by the same rule for every command and platform."""

import math
from datetime import datetime, timedelta

from autograder.course import Assignment, Late
from autograder.record import Lateness

DAY = timedelta(days=1)


def lateness(assignment: Assignment, student: str, submitted: datetime | None) -> Lateness:
    """Return how late a submission is; without a due date or a submission time, it is on time.

    Args:
        assignment: has the due date, the late rule and the extensions.
        student: the student who submitted.
        submitted: the time of submission, with a time zone.
    """
    due = assignment.due_of(student)
    if due is None or submitted is None:
        return Lateness()
    return lateness_after(assignment.late, submitted - due)


def lateness_after(rule: Late, late_by: timedelta) -> Lateness:
    """Return the lateness of a submission `late_by` after its due date; negative means early.

    Within `grace` there is no penalty. After that, each day begun since the due date costs the
    fraction `penalty_per_day` of the points earned, up to `max_penalty`.
    """
    if late_by <= rule.grace:
        return Lateness()
    days = math.ceil(late_by / DAY)
    return Lateness(days, min(days * rule.penalty_per_day, rule.max_penalty))
