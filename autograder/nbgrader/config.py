"""Configures nbgrader from course.yml, in two lines of nbgrader_config.py.

from autograder.nbgrader import configure
configure(get_config(), __file__)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from autograder.course import find_course, load_course
from autograder.grading.checks import RELEASE, SOURCE

SANITIZE = (
    "autograder.nbgrader.preprocessors.RepairCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
)
AUTOGRADE = (
    "autograder.nbgrader.preprocessors.Grade",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.nbgrader.preprocessors.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)


def configure(config: Any, file: str | os.PathLike[str]) -> None:
    """Set nbgrader up for the course that the configuration file belongs to.

    Args:
        config: what `get_config()` returns.
        file: the configuration file, `__file__`; course.yml is beside it or above it.
    """
    course = load_course(find_course(Path(file).resolve().parent))
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = course.course
    config.CourseDirectory.source_directory = SOURCE
    config.CourseDirectory.release_directory = RELEASE
    config.CourseDirectory.db_url = course.gradebook_url
    config.Autograde.sanitize_preprocessors = list(SANITIZE)
    config.Autograde.autograde_preprocessors = list(AUTOGRADE)
    config.Autograde.pre_convert_hook = "autograder.nbgrader.preprocessors.accept_renamed"
    put_commands_on_path()


def put_commands_on_path() -> None:
    """Let nbgrader find `alembic`, which it calls by name, in this environment."""
    commands = str(Path(sys.executable).parent)
    if commands not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = commands + os.pathsep + os.environ.get("PATH", os.defpath)
