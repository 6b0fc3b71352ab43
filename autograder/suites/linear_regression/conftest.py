"""Fixtures of the suite: fresh models with hidden parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.testing import Remote, Student

SUPPORT = Path(__file__).parent / "support"


@pytest.fixture
def correct_model(student: Student) -> Remote:
    """Return a module with a correct `Linear(w, b)`, so that a wrong `forward` costs no step."""
    return student.load(SUPPORT / "model.py")


@pytest.fixture
def probe(student: Student) -> Any:
    """Return a module that inspects gradients in the student's process."""
    return student.load(SUPPORT / "probe.py")
