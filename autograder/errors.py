"""What the kit tells a person who gave it something it cannot use.

AutograderError
├── CourseError       course.yml, a notebook of the course or a suite is wrong
├── SubmissionError   one submission cannot be read: it gets a record, the others go on
├── UsageError        the command was given a path or name that does not exist
├── GradebookError    grades could not be written to nbgrader's gradebook
└── ClusterError      the machines that are to grade are not there, or not fit to
"""

from __future__ import annotations

__all__ = [
    "AutograderError",
    "ClusterError",
    "CourseError",
    "GradebookError",
    "SubmissionError",
    "UsageError",
]


class AutograderError(Exception):
    """An error whose message names the file, what is wrong and what to do."""


class CourseError(AutograderError):
    """The course is wrong: its course.yml, notebooks and suites do not fit or cannot be read."""


class SubmissionError(AutograderError):
    """A submission cannot be graded as it is."""


class UsageError(AutograderError):
    """A path or a name that was given does not exist."""


class GradebookError(AutograderError):
    """Somebody else holds the gradebook, or it cannot be written."""


class ClusterError(AutograderError):
    """A Dask cluster cannot be reached, has lost its workers, or one of them is not fit."""
