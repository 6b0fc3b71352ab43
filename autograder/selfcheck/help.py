"""Knows where the students' page of help is: beside this module, or in the kit's documents."""

from __future__ import annotations

from pathlib import Path

__all__ = ["PAGE", "help_page"]

PAGE = "students.md"


def help_page() -> Path:
    """Return the page of help."""
    installed = Path(__file__).with_name(PAGE)
    return installed if installed.exists() else Path(__file__).parents[2] / "docs" / PAGE
