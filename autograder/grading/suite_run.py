"""Runs suites in pytest, silently and without third-party plugins, and checks them."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.errors import CourseError
from autograder.grading.session import Attempt, TestSession
from autograder.submission import Submission

if TYPE_CHECKING:  # the student kit runs suites without a course
    from autograder.course import Assignment, Course

# Plugins of pytest that a test session does not need; each costs time in every test.
NOT_NEEDED = (
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "logging",
    "pastebin",
    "recwarn",
    "setuponly",
    "setupplan",
    "stepwise",
    "terminal",
    "threadexception",
    "unraisableexception",
    "warnings",
)


def run_session(session: TestSession, *options: str) -> None:
    """Run the suite on the attempts of a session.

    Raises:
        CourseError: the suite cannot be collected.
        KeyboardInterrupt: Ctrl-C was pressed.
        Exception: recording a result failed.
    """
    folder = session.assignment.suite_folder
    arguments = [
        str(folder),
        f"--rootdir={folder.anchor}",  # module names depend on it: two suites never share a module
        f"--confcutdir={folder}",
        f"-c{os.devnull}",
        *(f"-pno:{name}" for name in NOT_NEEDED),
        "--import-mode=importlib",
        "--capture=no",
        *options,
    ]
    with pytest.MonkeyPatch.context() as environment, redirect_stdout(io.StringIO()):
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        environment.delenv("PYTEST_PLUGINS", raising=False)
        environment.delenv("PYTEST_ADDOPTS", raising=False)
        status = pytest.main(arguments, plugins=[session])
    if session.internal_error is not None:
        raise session.internal_error
    if session.collect_errors or status in (
        pytest.ExitCode.USAGE_ERROR,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        details = "\n".join(session.collect_errors) or f"pytest ended with {status!r}"
        raise CourseError(f"{folder}: the suite cannot be run. {details}")
    if status == pytest.ExitCode.INTERRUPTED:  # pytest swallows Ctrl-C
        raise KeyboardInterrupt


def collect_suite(assignment: Assignment) -> TestSession:
    """Collect the tests of a suite without running them; return the session.

    Raises:
        CourseError: the suite cannot be collected.
    """
    session = TestSession(assignment, [Attempt(Submission("", Path()), ())], seed="")
    try:
        run_session(session, "--collect-only")
    except CourseError:
        raise
    except Exception as error:
        folder = assignment.suite_folder
        raise CourseError(
            f"{folder}: the suite cannot be collected. {type(error).__name__}: {error}"
        ) from error
    return session


def check_suite(course: Course, assignment: Assignment) -> None:
    """Check that a suite agrees with course.yml: tasks, their points, names in `visibility`.

    Raises:
        CourseError: it does not, or it cannot be collected.
    """
    session, folder = collect_suite(assignment), assignment.suite_folder
    names = {task.name for task in assignment.tasks}
    for name in session.points:
        if name not in names:
            raise CourseError(
                f"{folder}: a test belongs to "
                + (f"the task {name!r}" if name else "no task")
                + f", but {course.where('assignments', assignment.name, 'tasks')} has "
                + f"{', '.join(sorted(names))}. "
                + "Mark each test with @pytest.mark.task(name, points=…)."
            )
    for index, task in enumerate(assignment.tasks):
        found = session.points.get(task.name, 0.0)
        if abs(found - task.points) > 1e-9:
            where = course.where("assignments", assignment.name, "tasks", index, "points")
            raise CourseError(
                f"{where}: {task.points:g} points, but the tests of {task.name} in {folder} "
                f"add up to {found:g}."
            )
    names |= {part for test in session.test_index for part in (test, test.partition("[")[0])}
    for name in assignment.visibility:  # otherwise students might see what should stay hidden
        if name not in names:
            where = course.where("assignments", assignment.name, "visibility", name)
            raise CourseError(f"{where}: there is no such task or test in {folder}.")
