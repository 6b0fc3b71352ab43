"""nbgrader's gradebook, without the server and the applications that nbgrader imports before it.

These take longer than all that the gradebook needs. What imports another part of nbgrader later
gets the whole package, with this gradebook in it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec


@contextmanager
def _parts_alone(package: str) -> Iterator[None]:
    """Import parts of a package, as long as the context lasts, without what it imports itself."""
    spec = find_spec(package)
    if package in sys.modules or spec is None:
        yield
        return
    sys.modules[package] = module_from_spec(spec)  # it only knows where the parts are
    try:
        yield
    finally:
        del sys.modules[package]


with _parts_alone("nbgrader"):
    from nbgrader.api import (
        Assignment,
        Base,
        BaseCell,
        Comment,
        Course,
        Grade,
        Gradebook,
        GradeCell,
        MissingEntry,
        Notebook,
        SolutionCell,
        SourceCell,
        Student,
        SubmittedAssignment,
        SubmittedNotebook,
        TaskCell,
        new_uuid,
    )
    from nbgrader.utils import compute_checksum

__all__ = (
    "Assignment",
    "Base",
    "BaseCell",
    "Comment",
    "Course",
    "Grade",
    "GradeCell",
    "Gradebook",
    "MissingEntry",
    "Notebook",
    "SolutionCell",
    "SourceCell",
    "Student",
    "SubmittedAssignment",
    "SubmittedNotebook",
    "TaskCell",
    "compute_checksum",
    "new_uuid",
)
