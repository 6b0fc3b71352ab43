"""Reads what Gradescope tells about a submission: whose it is, when it came, what came before.

Source: https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Extension


@dataclass(frozen=True)
class User:
    """One of those who handed in together; `due` is the date that Gradescope has for them."""

    name: str
    due: datetime | None = None


@dataclass(frozen=True)
class Metadata:
    """What is known of a submission; everything may be missing.

    `earlier` are the results of the latest submission before this one that has a score.
    """

    users: tuple[User, ...] = ()
    submitted: datetime | None = None
    due: datetime | None = None
    earlier: dict[str, Any] | None = None

    @property
    def student(self) -> str:
        """Whose submission it is: the first of those who handed in together."""
        return self.users[0].name if self.users else "student"

    @property
    def score_before(self) -> float | None:
        """The score of the submission before."""
        return None if self.earlier is None else float(self.earlier["score"])


def read_metadata(path: Path) -> Metadata:
    """Return what submission_metadata.json says, as far as it can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Metadata()
    assignment = _dictionary(found, "assignment")
    return Metadata(
        tuple(_user(user) for user in _list(found, "users")),
        _time(found, "created_at"),
        _time(assignment, "due_date"),
        _latest(_list(found, "previous_submissions")),
    )


def with_due_dates(assignment: Assignment, metadata: Metadata) -> Assignment:
    """Return the assignment with the dates that count for a submission.

    The class has until `due` in course.yml, and where that says nothing, until Gradescope's date.
    Whoever has a date of their own, in course.yml or in Gradescope, has until then; those who hand
    in together have the latest of their dates.
    """
    due = assignment.due or metadata.due
    assignment = assignment.model_copy(update={"due": due})
    dates = [assignment.due_of(user.name) for user in metadata.users]
    dates += [user.due for user in metadata.users if user.due != metadata.due]
    known = [date for date in dates if date is not None]
    if not known:
        return assignment
    own = Extension(student=metadata.student, due=max(known))
    return assignment.model_copy(update={"extensions": (*(assignment.extensions or ()), own)})


def _user(user: Any) -> User:
    names = [user.get(key) for key in ("email", "name", "id")] if isinstance(user, dict) else []
    name = next((str(name) for name in names if name), "student")
    return User(name, _time(_dictionary(user, "assignment"), "due_date"))


def _latest(submissions: list[Any]) -> dict[str, Any] | None:
    """Return the results of the latest submission that has a score, with that score."""
    known = []
    for submission in submissions:
        when, results = _time(submission, "submission_time"), _dictionary(submission, "results")
        score = results.get("score")
        if when is not None and type(score) in (int, float) and _sound(results):
            known.append((when, results))
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _sound(results: dict[str, Any]) -> bool:
    """Say whether results can be written as they were read: JSON knows no NaN."""
    try:
        json.dumps(results, allow_nan=False)
    except ValueError:
        return False
    return True


def _time(found: Any, key: str) -> datetime | None:
    """Return a time with a zone, None if there is none."""
    try:
        time = datetime.fromisoformat(_dictionary({"": found}, "")[key])
    except (KeyError, TypeError, ValueError):
        return None
    return time if time.tzinfo is not None else None


def _dictionary(found: Any, key: str) -> dict[str, Any]:
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, dict) else {}


def _list(found: Any, key: str) -> list[Any]:
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, list) else []
