"""Fingerprints: digests of everything a grade depends on. Equal fingerprints mean equal grades."""

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
    """Digests of all inputs of a record; `DESCRIPTIONS` names each in words."""

    submission: str
    course: str
    notebook: str
    suite: str
    kit: str
    libraries: str

    def changes(self, later: Fingerprint) -> tuple[str, ...]:
        """Describe the inputs that differ in a later fingerprint."""
        return tuple(
            DESCRIPTIONS[part.name]
            for part in fields(self)
            if getattr(self, part.name) != getattr(later, part.name)
        )


DESCRIPTIONS = {
    "submission": "the submission or its due date",
    "course": "course.yml",
    "notebook": "the source notebook",
    "suite": "the tests",
    "kit": "the grader",
    "libraries": "Python or its libraries",
}


def fingerprint_of_course(course: Course, assignment: Assignment) -> Fingerprint:
    """Return the fingerprint of course, suite and grader; its `submission` is empty."""
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
    course: Fingerprint, submission: Submission, due: datetime | None
) -> Fingerprint:
    """Return the fingerprint of a submission; reads its file as bytes and runs nothing.

    Args:
        course: the fingerprint of course, suite and grader.
        submission: the submission.
        due: the student's own due date.
    """
    times = [time and time.isoformat() for time in (submission.submitted, due)]
    inputs = [
        submission.student,
        submission.note,
        submission.review_reason,
        *times,
        submission.digest,
    ]
    return replace(course, submission=_digest(inputs))


def installed() -> list[str]:
    """Return the importable packages, with their versions."""
    folders = (Path(entry) for entry in sys.path if Path(entry).is_dir())
    return sorted({info.name for folder in folders for info in folder.glob("*.dist-info")})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
