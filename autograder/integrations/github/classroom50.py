"""The file result.json that Classroom 50 collects, `classroom50/result/v1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograder.course import Feedback
from autograder.errors import UsageError
from autograder.integrations.github.parts import parts
from autograder.record import Record

SCHEMA = "classroom50/result/v1"
NEEDED = ("CLASSROOM", "ASSIGNMENT", "USERNAME", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")


@dataclass(frozen=True)
class HandIn:
    """What Classroom 50's runner says of a submission: whose it is, and where it is."""

    classroom: str
    assignment: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str
    mode: str
    datetime: str


def hand_in_of(environment: Mapping[str, str], now: datetime) -> HandIn:
    """Return what the runner of Classroom 50 put into the environment of its autograder.

    Raises:
        UsageError: something is not there.
    """
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: not in the environment. The format classroom50 is for an "
            "autograder.py that the runner of Classroom 50 starts; it sets them."
        )
    classroom, assignment, owner, submission, commit, release = map(environment.__getitem__, NEEDED)
    return HandIn(
        classroom,
        assignment,
        owner,
        submission,
        commit,
        release,
        environment.get("REVIEW_URL") or commit,
        environment.get("MODE") or "individual",
        now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def classroom50_result(record: Record, level: Feedback, hand_in: HandIn) -> dict[str, Any]:
    """Return what came of a submission as Classroom 50 reads it; points are whole numbers.

    Lateness costs nothing in it: Classroom 50 marks late submissions itself.
    """
    found = parts(record, level)
    return {
        "schema": SCHEMA,
        "classroom": hand_in.classroom,
        "assignment": hand_in.assignment,
        "assignment_type": hand_in.mode,
        "owner": hand_in.owner,
        "submission": hand_in.submission,
        "commit": hand_in.commit,
        "release": hand_in.release,
        "review": hand_in.review,
        "datetime": hand_in.datetime,
        "score": sum(part.score for part in found),
        "max-score": sum(part.max_score for part in found),
        "tests": [
            {
                "test-name": part.name,
                "passed": part.outcome == "passed",
                "score": part.score,
                "max-score": part.max_score,
            }
            for part in found
        ],
    }
