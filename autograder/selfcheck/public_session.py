"""Runs the public tests of an assignment, and no others, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from autograder.grading.attempt import Attempt
from autograder.grading.items import name_of, task_marker, title_of
from autograder.grading.session import TestSession
from autograder.grading.suite_run import run_session
from autograder.notebook import read_notebook
from autograder.record import TestResult
from autograder.sandbox.execution_errors import StudentError
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.discovery import Checkable, SuiteAssignment, public_folder
from autograder.selfcheck.findings import with_findings
from autograder.selfcheck.in_process import CheckInterrupted, LocalProcess, NotebookProcess
from autograder.selfcheck.namespace import NamespaceProcess, NotGivenError
from autograder.submission import Submission

if TYPE_CHECKING:
    from autograder.course import Assignment


STOPPED = (
    "You stopped the check while {} was running. If it took long, look for a loop that never ends."
)


def public_assignment(assignment: Checkable) -> Assignment:
    """Return the assignment with the public tests as its suite."""
    return cast("Assignment", SuiteAssignment(assignment.name, public_folder(assignment)))


class PublicSession(TestSession):
    """A session of the public tests alone; `begin` returns the process of an attempt."""

    def __init__(
        self,
        assignment: Checkable,
        attempts: Sequence[Attempt],
        begin: Callable[[Attempt], LocalProcess],
    ) -> None:
        super().__init__(public_assignment(assignment), attempts, seed="")
        self.stopped = False
        self.note = ""
        self.not_given: dict[str, str] = {}
        self.to_do: set[str] = set()
        self._begin = begin
        self._current: pytest.Item | None = None

    def start(self, attempt: Attempt) -> LocalProcess:
        """Return the process that runs the cells of an attempt."""
        return self._begin(attempt)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remember which test is running."""
        self._current = item

    def pytest_exception_interact(self, node: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Remember which tests ask for a name that was not given, or for a part that is a stub."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotGivenError):
            self.not_given[name_of(node)] = error.name
        if isinstance(error, StudentError) and error.not_implemented:
            self.to_do.add(name_of(node))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the student stopped the check, and where."""
        self.stopped = True
        if isinstance(excinfo.value, CheckInterrupted):
            self.note = STOPPED.format(excinfo.value)
            self._current = None
        elif self._current is None:
            self.note = "You stopped the check before it began."

    def checked(self, attempt: Attempt) -> Checked:
        """Return the result of an attempt."""
        tests = [result for result in attempt.results if result.name not in self.not_given]
        if self.stopped and self._current is not None:
            tests.append(_stopped(self._current))
        note = self.note
        if self.not_given and not tests:
            asked = ", ".join(f"`{name}`" for name in dict.fromkeys(self.not_given.values()))
            note = f"No check asks for what you gave. The checks ask for: {asked}."
        to_do = frozenset(self.to_do)
        return Checked(self.assignment.name, tuple(tests), attempt, to_do, note, self.stopped)


def _stopped(item: pytest.Item) -> TestResult:
    """Return the result of the test that was running when the student stopped the check."""
    task, _ = task_marker(item)
    message = STOPPED.format("this")
    return TestResult(name_of(item), task, title_of(item), "failed", 0.0, message)


def run_public_session(session: TestSession) -> None:
    """Run the public tests on the attempts of a session, silently.

    Raises:
        CourseError: they cannot be collected.
    """
    # The fixtures of the suite's conftest.py are for the public tests too.
    with suppress(KeyboardInterrupt):  # the session has noted it
        run_session(session, f"--confcutdir={session.assignment.suite_folder.parent}")


def check_notebook(path: Path, assignment: Checkable) -> Checked:
    """Run the cells of a notebook, then the public tests on its final namespace.

    Raises:
        SubmissionError: the notebook cannot be read.
        CourseError: the tests cannot be collected.
    """
    attempt = Attempt(Submission(path.stem, path), read_notebook(path).cells)
    return _check(assignment, attempt, lambda own: NotebookProcess(own.cells, assignment.preload))


def check_names(
    names: Mapping[str, Any],
    assignment: Checkable,
    *,
    everything: bool,
    history: Sequence[str] = (),
) -> Checked:
    """Run the public tests on functions and classes, by their names.

    Args:
        names: the functions and classes.
        assignment: its public tests are run.
        everything: whether a test that asks for another name fails, rather than being left out.
        history: the sources of the cells that were run.

    Raises:
        CourseError: the tests cannot be collected.
    """
    attempt = Attempt(Submission("", Path()), tuple(history))
    return _check(
        assignment,
        attempt,
        lambda own: NamespaceProcess(names, everything=everything, history=own.cells),
    )


def _check(
    assignment: Checkable, attempt: Attempt, begin: Callable[[Attempt], LocalProcess]
) -> Checked:
    session = PublicSession(assignment, [attempt], begin)
    run_public_session(session)
    return with_findings(session.checked(attempt), session.assignment, run_public_session)
