"""Errors that the user can fix.

AutograderError
├── CourseError       course.yml, a notebook of the course or a suite is wrong
├── SubmissionError   one submission cannot be read: it gets a record, and grading continues
├── UsageError        a path, name or option is wrong
├── GradebookError    nbgrader's gradebook cannot be written
└── ClusterError      a Dask cluster cannot be reached, or cannot grade
"""

import traceback
from pathlib import Path


class AutograderError(Exception):
    """An error whose message names the file, what is wrong and what to do."""


class CourseError(AutograderError):
    """course.yml, notebooks or suites are inconsistent or cannot be read."""


class SubmissionError(AutograderError):
    """A submission cannot be read."""


class UsageError(AutograderError):
    """A path, name or option is wrong, or a file cannot be read or written."""


class GradebookError(AutograderError):
    """The gradebook is locked or cannot be written."""


class ClusterError(AutograderError):
    """A Dask cluster cannot be reached, has lost its workers, or a worker cannot grade."""


def described(error: Exception) -> str:
    """Return an unforeseen exception, and where it was raised, in a line."""
    *_, frame = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frame.filename).name}, line {frame.lineno}"
    return f"{type(error).__name__} in {where}: {str(error)[:200]}"
