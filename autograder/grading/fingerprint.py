"""What a grade depends on, as digests: the same digests, the same grade."""

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
from autograder.files import read_file
from autograder.grading.environment import digest, kit_digest
from autograder.submission import Submission


@dataclass(frozen=True)
class Fingerprint:
    """Digests of all that a record is made from; what each stands for is in `WORDS`."""

    submission: str
    course: str
    notebook: str
    suite: str
    kit: str
    libraries: str

    def changes(self, later: Fingerprint) -> tuple[str, ...]:
        """Return what is different in a later fingerprint, in words."""
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


def judges(course: Course, assignment: Assignment) -> Fingerprint:
    """Return the fingerprint of what judges submissions, with that of no submission."""
    source = course.folder("source") / assignment.name / f"{assignment.notebook}.ipynb"
    rules = {
        "assignment": assignment.model_dump(mode="json", exclude={"due", "extensions"}),
        "neighbours": sorted(assignment.neighbours),
        "isolation": course.isolation,
        "seed": hidden_seed(course),
    }
    return Fingerprint(
        submission="",
        course=_digest(rules),
        notebook=_digest(_content(source)),
        suite=digest(assignment.suite_folder),
        kit=kit_digest(),
        libraries=_digest([sys.version, platform.platform(), *installed()]),
    )


def of_submission(
    submission: Submission, due: datetime | None, judged_by: Fingerprint
) -> Fingerprint:
    """Return the fingerprint of a submission; its file is read, and nothing of it believed.

    Args:
        submission: the submission.
        due: the student's own due date.
        judged_by: the fingerprint of what judges it.
    """
    times = [time and time.isoformat() for time in (submission.submitted, due)]
    about = [
        submission.student,
        submission.note,
        submission.review_reason,
        *times,
        _content(submission.path),
    ]
    return replace(judged_by, submission=_digest(about))


def installed() -> list[str]:
    """Return the packages that can be imported, with their versions."""
    folders = (Path(entry) for entry in sys.path if Path(entry).is_dir())
    return sorted({info.name for folder in folders for info in folder.glob("*.dist-info")})


def _content(path: Path) -> str:
    """Return the digest of a file, or why there is none."""
    try:
        return hashlib.sha256(read_file(path)).hexdigest()
    except OSError as error:
        return type(error).__name__


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
