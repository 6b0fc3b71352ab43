"""Runs a test session in pytest, silently and without third-party plugins."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.errors import CourseError
from autograder.grading.attempt import Attempt
from autograder.grading.session import PLUGIN, TestSession
from autograder.submission import Submission

if TYPE_CHECKING:  # the student kit runs suites without a course
    from autograder.course import Assignment

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
    with _no_other_plugins(), contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main(arguments, plugins=[_SessionPlugin(session)])
    if session.collect_errors or status in (
        pytest.ExitCode.USAGE_ERROR,
        pytest.ExitCode.INTERNAL_ERROR,
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
    run_session(session, "--collect-only")
    return session


class _SessionPlugin:
    """Registers a session as a plugin with a fixed name."""

    def __init__(self, session: TestSession) -> None:
        self._session = session

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self._session, PLUGIN)
        config.option.tbstyle = "native"  # the cheapest style: tracebacks are never shown


@contextlib.contextmanager
def _no_other_plugins() -> Iterator[None]:
    """Ignore installed plugins, and pytest options in the environment."""
    names = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
