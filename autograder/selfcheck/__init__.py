"""Runs the public tests for a student, on the student's machine, in one process."""

from pathlib import Path

HELP_PAGE = Path(__file__).with_name("students.md")
