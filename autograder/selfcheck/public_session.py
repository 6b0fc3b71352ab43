"""Runs the public tests of an assignment in this process, and names the known mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from autograder.diagnosis.matching import Lookup, consequence
from autograder.diagnosis.signatures import FILE_NAME, read_signatures
from autograder.errors import AutograderError, UsageError
from autograder.grading.public_tests import targets
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession, name_of, task_marker, title_of
from autograder.grading.suite_run import run_session
from autograder.notebook import read_notebook
from autograder.recognition import recognized_by_names
from autograder.record import TestResult, by_task
from autograder.sandbox.execution_errors import StudentError
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.discovery import Checkable, find_assignment, reference_of
from autograder.selfcheck.in_process import (
    CheckInterrupted,
    LocalProcess,
    NamespaceProcess,
    NotebookProcess,
    NotGivenError,
    namespace_of,
)
from autograder.submission import Submission
from autograder.suites import PUBLIC_SEED

if TYPE_CHECKING:
    from autograder.course import Assignment

NO_NOTEBOOK = Submission("", Path())
STOPPED = (
    "You stopped the check while {} was running. If it took long, look for a loop that never ends."
)


OWN_USED = "This check uses your own {}."


class PublicSession(TestSession):
    """A session of the public tests alone.

    Args:
        assignment: the assignment whose public tests are run.
        attempts: what is tested.
        begin: returns the process of an attempt.
        reference: what answers for the reference solution; None if nothing does.
    """

    def __init__(
        self,
        assignment: Checkable,
        attempts: Sequence[Attempt],
        begin: Callable[[Attempt], LocalProcess],
        reference: Reference | None = None,
    ) -> None:
        super().__init__(
            cast("Assignment", assignment), attempts, seed=PUBLIC_SEED, reference=reference
        )
        self.stopped = False
        self.note = ""
        self.not_given: dict[str, str] = {}
        self.to_do: set[str] = set()
        self._asked: dict[str, set[str]] = {}  # the names that each test has asked for
        self._own_used: dict[str, set[str]] = {}  # in the place of the reference's functions
        self._begin = begin
        self._current: pytest.Item | None = None

    def start(self, attempt: Attempt) -> LocalProcess:
        """Return the process that runs the cells of an attempt."""
        return self._begin(attempt)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remember which test is running."""
        self._current = item

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Remember which of the student's functions a test has asked for and used."""
        if isinstance(self._process, LocalProcess):
            self._asked[name_of(item)] = set(self._process.asked)
            self._own_used[name_of(item)] = set(self._process.own_used)
        super().pytest_runtest_teardown(item)

    def pytest_exception_interact(self, node: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Remember which tests ask for a name that was not given, or for a part that is a stub."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotGivenError):
            self.not_given[name_of(node)] = str(error)
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
        asked = [result for result in attempt.results if result.name not in self.not_given]
        wrong = {result.name for result in asked if result.outcome == "failed"}
        tests = [self._charged_once(result, wrong) for result in asked]
        if self.stopped and self._current is not None:
            task, _ = task_marker(self._current)
            name, title = name_of(self._current), title_of(self._current)
            tests.append(TestResult(name, task, title, "failed", 0.0, STOPPED.format("this")))
        note = self.note
        if self.not_given and not tests:
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(self.not_given.values()))
            note = f"No check asks for what you gave. The checks ask for: {names}."
        to_do = frozenset(test.name for test in tests if test.outcome == "failed") & self.to_do
        return Checked(self.assignment.name, tuple(tests), attempt, to_do, note, self.stopped)

    def _charged_once(self, result: TestResult, wrong: AbstractSet[str]) -> TestResult:
        """Let a test wait whose own function is wrong where grading uses the reference's."""
        own = self._own_used.get(result.name, set())
        if result.outcome != "failed" or not own:
            return result
        asked = [self._asked[name] for name in wrong - {result.name}]
        causes = sorted(name for name in own if any(name in names for names in asked))
        if causes:
            return replace(result, outcome="skipped", message=f"This waits for {listed(causes)}.")
        if result.name in self.to_do:
            return result
        used = OWN_USED.format(listed(sorted(f"`{name}`" for name in own)))
        return replace(result, message=f"{result.message}\n{used}")


def listed(names: Sequence[str]) -> str:
    """Return names in a list: a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def run_public_session(session: TestSession) -> None:
    """Run the public tests on the attempts of a session, silently.

    Raises:
        CourseError: they cannot be collected.
    """
    with suppress(KeyboardInterrupt):  # the session has noted it
        run_session(session, tests=targets(session.assignment.suite_folder))


def check_notebook(
    path: Path, assignment: Checkable, reference: Reference | None = None
) -> Checked:
    """Run the cells of a notebook, then the public tests on its final namespace.

    Raises:
        SubmissionError: the notebook cannot be read.
        CourseError: the tests cannot be collected.
    """
    cells = read_notebook(path).cells
    process = NotebookProcess(cells, assignment.preload, assignment.given_files)
    return check_code(process, Submission(path.stem, path), assignment, reference)


def check_code(
    process: LocalProcess,
    submission: Submission,
    assignment: Checkable,
    reference: Reference | None = None,
) -> Checked:
    """Run the public tests on the code that a process has, and name the known mistakes.

    Raises:
        CourseError: the tests cannot be collected.
    """
    attempt = Attempt(submission, process.cells)
    session = PublicSession(assignment, [attempt], lambda _: process, reference)
    run_public_session(session)
    return with_findings(session.checked(attempt), session.assignment, reference)


def check_live(given: Sequence[Any], namespace: dict[str, Any], assignment: str | None) -> Checked:
    """Check the functions and classes that were given, or everything in the caller's namespace.

    An error becomes the note of the result: in a notebook, a traceback would hide it.
    """
    try:
        names = {name: value for thing in given for name, value in named(thing, namespace).items()}
        written = {*(names if given else namespace)}
        chosen = find_assignment(
            assignment, Path.cwd(), recognize=lambda marks: recognized_by_names(written, marks)
        )
        run: Any = namespace.get("In", [])  # IPython keeps the cells that were run there
        history = [cell for cell in run if isinstance(cell, str)]
        process = NamespaceProcess(
            names if given else namespace,
            everything=not given,
            history=history,
            scope=namespace,
        )
        with reference_of(chosen, Path.cwd()) as reference:
            return check_code(process, NO_NOTEBOOK, chosen, reference)
    except AutograderError as error:
        return Checked(assignment or "", (), Attempt(NO_NOTEBOOK, ()), note=str(error))


def named(thing: Any, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function or class by its own name and by its names in the namespace.

    Raises:
        UsageError: it is neither a function nor a class.
    """
    if not callable(thing):
        raise UsageError(
            f"check takes functions and classes, as in check(my_function); this is {thing!r:.60}."
        )
    names = [n for n, value in namespace.items() if value is thing and not n.startswith("_")]
    own = getattr(thing, "__name__", "")
    return dict.fromkeys([*names, own] if isinstance(own, str) else names, thing)


def with_findings(
    checked: Checked, assignment: Assignment, reference: Reference | None = None
) -> Checked:
    """Name the known mistakes in a check."""
    if checked.complete or checked.stopped or not checked.tests:
        return checked
    lookup = _lookup(assignment, reference)
    if lookup is None:
        return checked
    graded = by_task(checked.tests, [(task, 0) for task in checked.tasks])
    tasks = lookup.explain(graded, checked.attempt.traces, every=True)
    found = {task.name: task.findings for task in tasks if task.misconceptions}
    fails = lookup.known.failing if found else {}
    for task in tasks:
        failed = {name for t in task.tests if t.outcome == "failed" for name in t.names}
        causes = [
            other.name
            for other in tasks
            if other is not task and any(failed & fails[name] for name in other.misconceptions)
        ]
        if causes and task.name not in found:
            found[task.name] = (consequence(causes).text,)
    return replace(checked, findings=found)


def _lookup(assignment: Assignment, reference: Reference | None) -> Lookup | None:
    """Return what knows the mistakes: a student has a file, an instructor the suite's library."""
    precomputed = assignment.suite_folder / FILE_NAME
    if precomputed.exists():
        return read_signatures(precomputed)
    try:
        from autograder.grading.explainer import Explainer
    except ModuleNotFoundError:  # the students' kit, and a suite that knows no mistakes
        return None
    solution = "" if reference is None else reference.code
    return Explainer(
        assignment,
        PUBLIC_SEED,
        namespace_of,
        run_public_session,
        solution=solution,
        reference=reference,
    )
