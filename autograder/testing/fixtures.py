"""The fixtures that a suite builds on: `student`, `rng`, `hidden` and `keep`.

`exam` is the session's exam itself. Whatever asks for `request` costs every test some time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.grading.session import Exam
from autograder.sandbox.student_process import Run
from autograder.testing.student import Student


@pytest.fixture(scope="session")
def paper(exam: Exam, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Run the cells of one submission and keep its process until its last test."""
    with exam.sit(request.param) as run:
        yield run


@pytest.fixture(scope="session")
def student(paper: Run) -> Student:
    """Return the submission's code, in its own process."""
    return Student(paper)


@pytest.fixture(scope="session")
def hidden(exam: Exam) -> Callable[[str], np.random.Generator]:
    """Return a function from a name to a generator for hidden inputs.

    The same name gives the same inputs for every submission of a run, and of a regrade.
    """
    return exam.hidden


@pytest.fixture(scope="session")
def keep(exam: Exam, paper: Run) -> Callable[[str, NDArray[np.float64]], None]:
    """Return a function that keeps an array by its name, for pictures of what was observed."""
    return exam.keep


@pytest.fixture
def rng(exam: Exam) -> np.random.Generator:
    """Return the test's own generator for hidden inputs."""
    return exam.rng()
