"""Test cells that nbgrader completes: `### AUTOTEST` lines become tests of the solution's values.

nbgrader does so when it makes the release version. What it made is kept beside the records.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.grading.records_folder import records_folder
from autograder.notebook import course_notebook, grade_id

TEMPLATE = re.compile(r"^[ \t]*#.*\bAUTOTEST\b", re.MULTILINE)
TEMPLATES_FILE = "autotests.yml"

CompletedTests = Mapping[str, str]
"""The sources of cells as nbgrader completes them, by their `grade_id`."""


def needs_completion(course: Course, assignment: Assignment) -> bool:
    """Tell whether test cells of an assignment have lines that nbgrader turns into tests.

    Raises:
        CourseError: the source notebook cannot be read.
    """
    if assignment.has_suite or not course.notebook_file(assignment).exists():
        return False
    notebook = course_notebook(course.notebook_file(assignment))
    cells = zip(notebook.grade_ids, notebook.cells, strict=True)
    return any(name and TEMPLATE.search(source) for name, source in cells)


def completed_tests(course: Course, assignment: Assignment) -> CompletedTests:
    """Return the cells that nbgrader has completed; none if there is nothing to complete.

    Raises:
        CourseError: it has not completed them yet.
    """
    if not needs_completion(course, assignment):
        return {}
    found = kept_tests(course, assignment)
    if found is None:
        raise CourseError(
            f"{course.notebook_file(assignment)}: it has `### AUTOTEST` lines, which nbgrader "
            "turns into tests. Install the extra [nbgrader]."
        )
    return found


def kept_tests(course: Course, assignment: Assignment) -> CompletedTests | None:
    """Return what nbgrader has made of this source notebook; None if it has not made it yet."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(_file(course, assignment).read_text(encoding="utf-8"))
        if kept["key"] == _key(course, assignment):
            return {str(name): str(source) for name, source in kept["cells"].items()}
    return None


def keep_tests(course: Course, assignment: Assignment, cells: CompletedTests) -> None:
    """Keep what nbgrader has made of the source notebook.

    Raises:
        OSError: the file cannot be written.
    """
    file = _file(course, assignment)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {"key": _key(course, assignment), "cells": dict(cells)}
    write_whole(file, json.dumps(kept, indent=1).encode())


def with_tests(source: Path, completed: CompletedTests) -> bytes:
    """Return a source notebook with the cells that nbgrader has completed."""
    document = course_notebook(source).document
    cells = [
        cell | {"source": completed.get(grade_id(cell), cell["source"])}
        for cell in document["cells"]
    ]
    return json.dumps(document | {"cells": cells}, indent=1).encode()


def _file(course: Course, assignment: Assignment) -> Path:
    return records_folder(course) / f"{assignment.name}.tests.json"


def _key(course: Course, assignment: Assignment) -> str:
    """Return a digest of what the completed cells depend on."""
    source = course.notebook_file(assignment)
    whole = hashlib.sha256()
    for path in (source, source.with_name(TEMPLATES_FILE), course.root / TEMPLATES_FILE):
        content = path.read_bytes() if path.is_file() else b""
        whole.update(f"{len(content)}\0".encode() + content)
    for name, content in assignment.given_files.items():
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()
