"""The folder beside course.yml for what grading keeps: records, decisions, completed tests."""

import os
from pathlib import Path

from autograder.course import Course

FOLDER_VARIABLE = "AUTOGRADER_RECORDS"  # environment variable: another folder


def records_folder(course: Course) -> Path:
    """Return the folder for what grading keeps."""
    return Path(os.environ.get(FOLDER_VARIABLE) or course.root / ".autograder")
