"""Fingerprints: digests of all that a grade depends on. Equal digests, equal grades."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course, hidden_seed
from autograder.grading.environment import kit_digest, suite_digest
from autograder.submission import Submission


@dataclass(frozen=True)
class Fingerprint:
    """Digests of all that a record is made from; `WORDS` says what each stands for."""

    submission: str
    course: str
    notebook: str
    suite: str
    kit: str
    libraries: str

    def changes(self, later: Fingerprint) -> tuple[str, ...]:
        """Return what differs in a later fingerprint, in words."""
        return tuple(
            WORDS[part.name]
            for part in fields(self)
            if getattr(self, part.name) != getattr(later, part.name)
        )


WORDS = {
    "submission": "the submission or its due date",
    "course": "course.yml",
    "notebook": "the source notebook",
    "suite": "the tests",
    "kit": "the grader",
    "libraries": "Python or its libraries",
}


def fingerprint_of_course(course: Course, assignment: Assignment) -> Fingerprint:
    """Return the fingerprint of what judges submissions, without that of a submission."""
    source = course.notebook_file(assignment)
    rules = {
        "assignment": assignment.model_dump(mode="json", exclude={"due", "extensions"}),
        "neighbours": sorted(assignment.neighbours),
        "isolation": course.isolation,
        "seed": hidden_seed(course),
    }
    return Fingerprint(
        submission="",
        course=_digest(rules),
        notebook=Submission("", source).digest if source.exists() else "",
        suite=suite_digest(assignment.suite_folder),
        kit=kit_digest(),
        libraries=_digest([sys.version, platform.platform(), *installed()]),
    )


def with_submission(
    judges: Fingerprint, submission: Submission, due: datetime | None
) -> Fingerprint:
    """Return the fingerprint of a submission; its file is read, and nothing in it is trusted.

    Args:
        judges: the fingerprint of what judges it.
        submission: the submission.
        due: the student's own due date.
    """
    times = [time and time.isoformat() for time in (submission.submitted, due)]
    about = [
        submission.student,
        submission.note,
        submission.review_reason,
        *times,
        submission.digest,
    ]
    return replace(judges, submission=_digest(about))


def installed() -> list[str]:
    """Return the packages that can be imported, with their versions."""
    folders = (Path(entry) for entry in sys.path if Path(entry).is_dir())
    return sorted({info.name for folder in folders for info in folder.glob("*.dist-info")})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
