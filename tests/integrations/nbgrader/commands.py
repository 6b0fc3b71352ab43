"""What tests of nbgrader share: its commands as a user runs them, and the contents of a gradebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

NAME = "linear_regression"
BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def run(folder: Path, *command: str, status: int = 0) -> str:
    """Run a command of this environment; return what it printed."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=folder, env=ENVIRONMENT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def grades(
    course: Path, assignment: str = NAME, course_id: str = "ml_course"
) -> dict[str, dict[str, Any]]:
    """Return all that a course's gradebook has about each student."""
    return grades_in(f"sqlite:///{course}/gradebook.db", assignment, course_id)


def grades_in(
    url: str, assignment: str = NAME, course_id: str = "ml_course"
) -> dict[str, dict[str, Any]]:
    """Return all that a gradebook has about each student.

    A cell has its automatic and its manual score, and whether it waits for a person.
    """
    with Gradebook(url, course_id) as gradebook:
        return {
            submission.student.id: {
                "score": submission.score,
                "max": submission.max_score,
                "when": submission.timestamp,
                "penalty": submission.late_submission_penalty,
                "waits": submission.needs_manual_grade,
                "cells": {
                    grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                },
                "comments": {
                    comment.name: comment.comment
                    for notebook in submission.notebooks
                    for comment in notebook.comments
                },
            }
            for submission in gradebook.assignment_submissions(assignment)
        }
