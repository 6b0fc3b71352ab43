"""Runs the public tests of an assignment, and nothing else, in this very process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from autograder.grading.session import Attempt, TestSession, name_of, task_marker, title_of
from autograder.grading.suite_run import run_session
from autograder.record import TestResult
from autograder.sandbox.execution_errors import StudentError
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.discovery import Checkable, SuiteAssignment, public_folder
from autograder.selfcheck.findings import explained
from autograder.selfcheck.in_process import LocalRun, NotebookRun, Stopped
from autograder.selfcheck.namespace import LiveRun, NotGiven
from autograder.submission import Submission, read_notebook

if TYPE_CHECKING:
    from autograder.course import Assignment


STOPPED = (
    "You stopped the check while {} was running. If it took long, look for a loop that never ends."
)


def public_assignment(assignment: Checkable) -> Assignment:
    """Return an assignment as an exam takes it, with the public tests as its suite."""
    return cast("Assignment", SuiteAssignment(assignment.name, public_folder(assignment)))


class PublicSession(TestSession):
    """An exam over the public tests alone; `begin` returns what runs a paper."""

    def __init__(
        self,
        assignment: Checkable,
        attempts: Sequence[Attempt],
        begin: Callable[[Attempt], LocalRun],
    ) -> None:
        super().__init__(public_assignment(assignment), attempts, seed="")
        self.stopped = False
        self.note = ""
        self.lacking: dict[str, str] = {}
        self.to_do: set[str] = set()
        self._begin = begin
        self._current: pytest.Item | None = None

    def start(self, attempt: Attempt) -> LocalRun:
        """Return what runs the cells of a paper and answers for it."""
        return self._begin(attempt)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remember which test is being run."""
        self._current = item

    def pytest_exception_interact(self, node: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Remember which tests ask for what was not given or is not filled in yet."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotGiven):
            self.lacking[name_of(node)] = error.name
        if isinstance(error, StudentError) and error.not_implemented:
            self.to_do.add(name_of(node))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the student stopped the check, and where."""
        self.stopped = True
        if isinstance(excinfo.value, Stopped):
            self.note = STOPPED.format(excinfo.value)
            self._current = None
        elif self._current is None:
            self.note = "You stopped the check before it began."

    def checked(self, attempt: Attempt) -> Checked:
        """Return what came of a paper."""
        tests = [result for result in attempt.results if result.name not in self.lacking]
        if self.stopped and self._current is not None:
            tests.append(_stopped(self._current))
        note = self.note
        if self.lacking and not tests:
            asked = ", ".join(f"`{name}`" for name in dict.fromkeys(self.lacking.values()))
            note = f"No check asks for what you gave. The checks ask for: {asked}."
        to_do = frozenset(self.to_do)
        return Checked(self.assignment.name, tuple(tests), attempt, to_do, note, self.stopped)


def _stopped(item: pytest.Item) -> TestResult:
    """Return the result of the test that was running when the student stopped the check."""
    task, _ = task_marker(item)
    message = STOPPED.format("this")
    return TestResult(name_of(item), task, title_of(item), "failed", 0.0, message)


def run_public_session(session: TestSession) -> None:
    """Run the public tests over the papers of an exam, silently.

    Raises:
        CourseError: they cannot be collected.
    """
    # The fixtures of the suite's conftest.py are for the public tests too.
    with suppress(KeyboardInterrupt):  # the exam has noted it
        run_session(session, f"--confcutdir={session.assignment.suite_folder.parent}")


def check_notebook(path: Path, assignment: Checkable) -> Checked:
    """Run the cells of a notebook, then the public tests on what they leave behind.

    Raises:
        SubmissionError: the notebook cannot be read.
        CourseError: the tests cannot be collected.
    """
    attempt = Attempt(Submission(path.stem, path), read_notebook(path).cells)
    session = PublicSession(
        assignment, [attempt], lambda p: NotebookRun(p.cells, assignment.preload)
    )
    run_public_session(session)
    return explained(session.checked(attempt), session.assignment, run_public_session)


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
        assignment: whose tests are run.
        everything: whether tests that ask for other names fail, rather than being left out.
        history: the sources of the cells that were run.

    Raises:
        CourseError: the tests cannot be collected.
    """
    attempt = Attempt(Submission("", Path()), tuple(history))
    session = PublicSession(
        assignment,
        [attempt],
        lambda p: LiveRun(names, everything=everything, history=p.cells),
    )
    run_public_session(session)
    return explained(session.checked(attempt), session.assignment, run_public_session)
