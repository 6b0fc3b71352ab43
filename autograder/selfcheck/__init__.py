"""A student's own check: the public tests, on the student's own machine, in one process."""

from pathlib import Path

HELP_PAGE = Path(__file__).with_name("students.md")
