"""The fixtures that a suite builds on: `student`, `rng`, `hidden` and `record_array`.

`test_session` is the running TestSession. A fixture that requests `request` slows down every test.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
import pytest

from autograder.diagnosis.observations import Array
from autograder.sandbox.student_process import StudentProcess
from autograder.testing.failures import SuiteError
from autograder.testing.student import Process, Student

MADE_ONCE = "__made_once__"  # marks the function of a fixture


def fixture(function: Any = None, *, scope: Any = "function", **options: Any) -> Any:
    """Make a fixture as `pytest.fixture` does, which has one more scope, "submission".

    A fixture of this scope is made once for a submission, before the first test that uses it: a
    trained model, for example. If its process ends, what it asked is asked again.
    """
    if function is None:
        return lambda function: fixture(function, scope=scope, **options)
    if scope != "submission":
        return pytest.fixture(function, scope=scope, **options)
    setattr(function, MADE_ONCE, True)
    return pytest.fixture(function, scope="session", **options)


def is_made_once(function: object) -> bool:
    """Tell whether the function of a fixture is called once for a submission."""
    return getattr(function, MADE_ONCE, False) is True


class Session(Protocol):
    """What the fixtures need from the TestSession, which is in a higher layer."""

    reference: Process | None

    def run_attempt(self, attempt: Any) -> AbstractContextManager[StudentProcess]:
        """Run the cells of a submission and keep its process alive for the tests."""

    def hidden(self, name: str) -> np.random.Generator:
        """Return a generator for hidden inputs."""

    def rng(self) -> np.random.Generator:
        """Return the current test's own generator for hidden inputs."""

    def record_array(self, name: str, values: Array) -> None:
        """Record an array with the current attempt."""


@pytest.fixture(scope="session")
def attempt(test_session: Session, request: pytest.FixtureRequest) -> Iterator[StudentProcess]:
    """Run the cells of a submission and keep its process alive until its last test."""
    with test_session.run_attempt(request.param) as process:
        yield process


@pytest.fixture(scope="session")
def student(attempt: StudentProcess) -> Student:
    """Return the submission's code, which runs in its own process."""
    return Student(attempt)


@pytest.fixture(scope="session")
def reference(test_session: Session) -> Student:
    """Return the reference solution: the source notebook, which runs in a process of its own.

    It is asked as the student's code is; what it answers is kept for the whole class.
    """
    if test_session.reference is None:
        raise SuiteError("there is no source notebook, so there is no reference solution to ask")
    return Student(test_session.reference)


@pytest.fixture(scope="session")
def hidden(test_session: Session) -> Callable[[str], np.random.Generator]:
    """Return a function that returns a generator for hidden inputs, by name.

    A name gives the same inputs for every submission of a run, and in a regrade.
    """
    return test_session.hidden


@pytest.fixture(scope="session")
def record_array(test_session: Session, attempt: StudentProcess) -> Callable[[str, Array], None]:
    """Return a function that records an array by name, for pictures of what was observed."""
    return test_session.record_array


@pytest.fixture
def rng(test_session: Session) -> np.random.Generator:
    """Return the test's own generator for hidden inputs."""
    return test_session.rng()
