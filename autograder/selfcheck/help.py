"""Knows where the students' page of help is: beside this module."""

from __future__ import annotations

from pathlib import Path

PAGE = "students.md"


def help_page() -> Path:
    """Return the page of help."""
    return Path(__file__).with_name(PAGE)
