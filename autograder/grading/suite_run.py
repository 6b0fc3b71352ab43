"""Runs suites in pytest, silently and without third-party plugins, and checks them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Sequence
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


def run_session(session: TestSession, *options: str, tests: Sequence[str] | None = None) -> None:
    """Run the suite, or only some of its tests, on the attempts of a session.

    `tests` are files, folders or tests, as pytest takes them.

    Raises:
        CourseError: the suite cannot be collected.
        KeyboardInterrupt: Ctrl-C was pressed.
        Exception: recording a result failed.
    """
    folder = session.assignment.suite_folder
    _forget_namesakes(folder)
    arguments = [
        *([str(folder)] if tests is None else tests),
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
    if session.internal_error is not None and not session.collect_errors:
        raise session.internal_error
    if session.collect_errors or status in (
        pytest.ExitCode.USAGE_ERROR,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        errors = dict.fromkeys(session.collect_errors)
        details = "\n".join(errors) or f"pytest ended with {status!r}"
        raise CourseError(f"{folder}: the suite cannot be run. {details}")
    if status == pytest.ExitCode.INTERRUPTED:  # pytest swallows Ctrl-C
        raise KeyboardInterrupt


def _forget_namesakes(folder: Path) -> None:
    """Forget the modules of another suite whose folder has the same name and an `__init__.py`.

    pytest takes such modules by their names, wherever they are.
    """
    for name, module in list(sys.modules.items()):
        file = name.partition(".")[0] == folder.name and getattr(module, "__file__", None)
        if file:
            depth = name.count(".") - (Path(file).name != "__init__.py")
            other = Path(file).parents[max(depth, 0)]
            if other != folder and any(other.glob("test_*.py")):
                del sys.modules[name]


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
                + f", but {course.where_tasks(assignment)} has "
                + f"{', '.join(sorted(names))}. "
                + "Mark each test with @pytest.mark.task(name, points=…)."
            )
    for index, task in enumerate(assignment.tasks):
        found = session.points.get(task.name, 0.0)
        if abs(found - task.points) > 1e-9:
            where = course.where_tasks(assignment, index, "points")
            raise CourseError(
                f"{where}: {task.points:g} points, but the tests of {task.name} in {folder} "
                f"add up to {found:g}."
            )
    _check_seconds(session, course, assignment)
    names |= {part for test in session.test_index for part in (test, test.partition("[")[0])}
    check_visibility(course, assignment, names, folder)
    source = course.notebook_file(assignment, "source")
    if session.asking_reference and not source.exists():
        raise CourseError(
            f"{folder}: {session.asking_reference[0]} asks the reference solution, but there is no "
            f"source notebook {source}. Put it there."
        )


def check_visibility(
    course: Course, assignment: Assignment, names: Collection[str], tests: Path
) -> None:
    """Check the names in `visibility`: otherwise students might see what should stay hidden.

    Args:
        course: the course.
        assignment: one of its assignments.
        names: the tasks and tests that there are.
        tests: where the tests are, for messages.

    Raises:
        CourseError: there is no such task or test.
    """
    for name in assignment.visibility:
        if name not in names:
            where = course.where("assignments", assignment.folder, "visibility", name)
            raise CourseError(f"{where}: there is no such task or test in {tests}.")


def _check_seconds(session: TestSession, course: Course, assignment: Assignment) -> None:
    """Check the time that tasks and tests give to one call.

    Raises:
        CourseError: it is not a time, or more than half of what a process may use.
    """
    cpu = assignment.limits.cpu_seconds
    too_much = f"more than half of limits.cpu_seconds ({cpu}). Raise that limit."
    for index, task in enumerate(assignment.tasks):
        if (task.limits.request_seconds or 0) > cpu / 2:
            where = course.where_tasks(assignment, index, "limits", "request_seconds")
            raise CourseError(f"{where}: {task.limits.request_seconds:g} seconds are {too_much}")
    for name, seconds in session.seconds.items():
        place = f"{assignment.suite_folder}: {name}"
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds <= 0:
            raise CourseError(f"{place} has seconds={seconds!r}: give a number above 0.")
        if seconds > cpu / 2:
            raise CourseError(f"{place} has seconds={seconds:g}, {too_much}")
