"""Downloads in the format of Canvas, Moodle and Gradescope, and the contents of submitted/."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.course import Assignment, Course
from tests.conftest import notebook

NAME = "linear_regression"
NOTEBOOK = f"{NAME}.ipynb"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Autograd and linear regression (812)
    Points Possible,,,,,100.0
"Lovelace, Ada",101,S1,ada,ML,
"Bool, Bob",102,S2,bob@uni.example,ML,
"Čapek, Žofie",103,S3,zofie,ML,
"Student, Test",104,,,ML,
"""
MOODLE = """\
\N{BYTE ORDER MARK}Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (submission),\
Feedback comments
Participant 11,Ada Lovelace,ada@uni.example,Submitted for grading,,"100,00",\
"Monday, 14 December 2026, 11:58 PM",
Participant 12,Bob Bool,bob@uni.example,Submitted for grading,,"100,00",\
"Tuesday, 15 December 2026, 10:00 AM",
Participant 13,Ada Lovelace,ada2@uni.example,No submission,,"100,00",-,
"""


def code(text: str) -> bytes:
    """Return a notebook in which something is written."""
    return json.dumps(notebook([text])).encode()


def zipped(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Make a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def course_in(folder: Path, course: Course) -> tuple[Course, Assignment]:
    """Return a course with an empty folder of its own."""
    copy = course.model_copy(update={"gradebook": "sqlite:///gradebook.db"})
    copy._file = folder / "course.yml"
    return copy, copy.assignment(NAME)


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def notebooks(folder: Path) -> dict[str, str]:
    """Return what each student's notebook says."""
    return {
        path.parent.parent.name: json.loads(path.read_text())["cells"][0]["source"]
        for path in sorted(folder.glob(f"*/{NAME}/{NOTEBOOK}"))
    }
