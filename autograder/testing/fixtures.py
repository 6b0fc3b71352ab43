"""The fixtures that a suite builds on: `student`, `rng`, `hidden` and `keep`.

`exam` is the session's exam itself. Whatever asks for `request` costs every test some time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.sandbox.student_process import StudentProcess
from autograder.testing.student import Student


class Session(Protocol):
    """What the fixtures need of the session that runs the suite."""

    def run_attempt(self, attempt: Any) -> AbstractContextManager[StudentProcess]:
        """Run the cells of one submission and keep its process for the tests."""

    def hidden(self, name: str) -> np.random.Generator:
        """Return a generator for hidden inputs."""

    def rng(self) -> np.random.Generator:
        """Return the current test's own generator for hidden inputs."""

    def record_array(self, name: str, values: NDArray[np.float64]) -> None:
        """Record an array with the current attempt."""


@pytest.fixture(scope="session")
def attempt(test_session: Session, request: pytest.FixtureRequest) -> Iterator[StudentProcess]:
    """Run the cells of one submission and keep its process until its last test."""
    with test_session.run_attempt(request.param) as run:
        yield run


@pytest.fixture(scope="session")
def student(attempt: StudentProcess) -> Student:
    """Return the submission's code, in its own process."""
    return Student(attempt)


@pytest.fixture(scope="session")
def hidden(test_session: Session) -> Callable[[str], np.random.Generator]:
    """Return a function from a name to a generator for hidden inputs.

    The same name gives the same inputs for every submission of a run, and of a regrade.
    """
    return test_session.hidden


@pytest.fixture(scope="session")
def record_array(
    test_session: Session, attempt: StudentProcess
) -> Callable[[str, NDArray[np.float64]], None]:
    """Return a function that keeps an array by its name, for pictures of what was observed."""
    return test_session.record_array


@pytest.fixture
def rng(test_session: Session) -> np.random.Generator:
    """Return the test's own generator for hidden inputs."""
    return test_session.rng()
