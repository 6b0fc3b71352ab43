"""Each suite's calls as plain code next to the student's: the same calls and nothing else.

Unlike a suite, these modules send nothing between processes and do not use pytest: they call the
functions and compare with NumPy. They stand for the least that checking can cost. Inputs and right
answers are made once, when a module is imported: the kit asks its reference once for a class, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

Names = Mapping[str, Any]
Limit = Callable[[], AbstractContextManager[None]]
Check = Callable[[Names], None]
"""Checks a task; raises an exception if it is wrong."""


def results(names: Names, limit: Limit, checks: Sequence[Check]) -> list[bool]:
    """Return whether each task is right. `limit` wraps what may never end."""
    found = []
    for check in checks:
        try:
            with limit():
                check(names)
            found.append(True)
        except Exception:
            found.append(False)
    return found


def close(received: Any, expected: Any, tolerance: float = 1e-4) -> None:
    """Raise AssertionError unless the numbers are the same."""
    assert np.allclose(received, expected, rtol=tolerance, atol=tolerance)
