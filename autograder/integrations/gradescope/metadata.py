"""Reads Gradescope's metadata of a submission: students, times and earlier results.

Source: https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from autograder.course import Assignment, Extension

T = TypeVar("T")


@dataclass(frozen=True)
class Metadata:
    """What is known about a submission; everything may be missing.

    `students` are the names of all who submitted it, `own_due` the due dates that Gradescope has
    for single ones of them. `earlier` are the results of the latest earlier submission that has a
    score.
    """

    students: tuple[str, ...] = ()
    submitted: datetime | None = None
    due: datetime | None = None
    own_due: tuple[datetime, ...] = ()
    earlier: dict[str, Any] | None = None

    @property
    def student(self) -> str:
        """The student; of a group's submission, the first."""
        return self.students[0] if self.students else "student"

    @property
    def score_before(self) -> float | None:
        """The score of the earlier submission."""
        return None if self.earlier is None else float(self.earlier["score"])


def read_metadata(path: Path) -> Metadata:
    """Return what submission_metadata.json says, without what cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Metadata()
    users = _value(found, "users", list)
    due, *own_due = (_time(_value(of, "assignment", dict), "due_date") for of in (found, *users))
    return Metadata(
        tuple(map(_name, users)),
        _time(found, "created_at"),
        due,
        tuple(date for date in own_due if date is not None and date != due),
        _latest(_value(found, "previous_submissions", list)),
    )


def with_due_dates(assignment: Assignment, metadata: Metadata) -> Assignment:
    """Return the assignment with the due date of a submission.

    It is `due` in course.yml, or else Gradescope's date. A student's own date, in course.yml or in
    Gradescope, replaces it. Group members share the latest of their due dates.
    """
    due = assignment.due or metadata.due
    assignment = assignment.model_copy(update={"due": due})
    dates = map(assignment.due_of, metadata.students)
    known = [date for date in (*dates, *metadata.own_due) if date is not None]
    if not known:
        return assignment
    own = Extension(student=metadata.student, due=max(known))
    return assignment.model_copy(update={"extensions": (*(assignment.extensions or ()), own)})


def _name(user: Any) -> str:
    names = [user.get(key) for key in ("email", "name", "id")] if isinstance(user, dict) else []
    return next((str(name) for name in names if name), "student")


def _latest(submissions: list[Any]) -> dict[str, Any] | None:
    """Return the results of the latest submission that has a score."""
    known = []
    for submission in submissions:
        when, results = _time(submission, "submission_time"), _value(submission, "results", dict)
        if when is not None and type(results.get("score")) in (int, float) and _is_json(results):
            known.append((when, results))
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _is_json(results: dict[str, Any]) -> bool:
    """Return whether results can be written as they were read: there is no NaN in JSON."""
    try:
        json.dumps(results, allow_nan=False)
    except ValueError:
        return False
    return True


def _time(found: Any, key: str) -> datetime | None:
    """Return a time with a zone, None if there is none."""
    try:
        time = datetime.fromisoformat(_value(found, key, str))
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def _value(found: Any, key: str, kind: type[T]) -> T:
    """Return the value of a key, an empty one of its kind if there is none of that kind."""
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, kind) else kind()
