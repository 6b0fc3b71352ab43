"""Whom a person should look at, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.insight.gathered import Gathered, Row

Reason = Literal["grader error", "unreadable", "review", "nothing done", "stopped", "low score"]
LOW = 0.5  # of the points: below it somebody may need a word


@dataclass(frozen=True)
class Look:
    """A student to look at: why, and what is known about it."""

    student: str
    reason: Reason
    detail: str


def people(found: Gathered) -> list[Look]:
    """Return whom to look at, each student once for each reason; pressing reasons come first."""
    looks = [look for row in found.rows for look in _looks(row, found)]
    order: tuple[Reason, ...] = (
        "grader error", "unreadable", "review", "nothing done", "stopped", "low score",
    )  # fmt: skip
    return sorted(looks, key=lambda look: (order.index(look.reason), look.student))


def _looks(row: Row, found: Gathered) -> Iterator[Look]:
    if row.grader_error:
        yield Look(row.student, "grader error", row.problem)
        return
    if row.problem:
        yield Look(row.student, "unreadable", row.problem)
        return
    if row.reviews:
        yield Look(row.student, "review", " ".join(row.reviews))
    if row.stopped:
        yield Look(row.student, "stopped", row.stopped)
    if row.empty and not row.score:
        yield Look(row.student, "nothing done", f"not filled in: {', '.join(row.empty)}")
    elif row.score is not None and row.score < LOW * found.max_score:
        yield Look(row.student, "low score", "")
