"""Fixtures of the suite: fresh models with hidden parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.testing.student import Remote, Student

LENT = Path(__file__).parent / "lent"


@pytest.fixture
def lent_model(student: Student) -> Remote:
    """Return a module with a correct `Linear(w, b)`, so that a wrong `forward` costs no step."""
    return student.lend(LENT / "model.py")


@pytest.fixture
def probe(student: Student) -> Any:
    """Return a module that looks at gradients where they are, in the student's process."""
    return student.lend(LENT / "probe.py")
