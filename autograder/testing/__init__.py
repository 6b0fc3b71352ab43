"""The pytest side: suites ask for `student` and judge what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autograder.sandbox.execution_errors import CodeRaised, Missing

__all__ = ["waits_for"]


@contextmanager
def waits_for(what: str) -> Iterator[None]:
    """Skip the test when what other tasks ask for is missing: it was charged there."""
    try:
        yield
    except (CodeRaised, Missing) as error:
        if isinstance(error, Missing) or error.not_there_yet:
            pytest.skip(f"This waits for {what}.")
        raise
