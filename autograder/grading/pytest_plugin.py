"""The pytest plugin: `pytest autograder/suites/<assignment> --submission my.ipynb`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autograder.grading.session import TestSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the notebooks to test."""
    group = parser.getgroup("autograder", "autograder: run a suite on submissions")
    group.addoption(
        "--submission",
        action="append",
        default=[],
        metavar="NOTEBOOK",
        help="run the suite of an assignment on this notebook (can be repeated)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register a test session if the command line names submissions."""
    notebooks = config.getoption("--submission")
    if notebooks:
        from autograder.grading.session import PLUGIN

        config.pluginmanager.register(_session_of(config, notebooks), PLUGIN)


def _session_of(config: pytest.Config, notebooks: list[str]) -> TestSession:
    """Return a test session for the assignment whose suite is run."""
    from autograder.course import find_course, hidden_seed, load_course
    from autograder.errors import AutograderError
    from autograder.grading.attempt import Attempt
    from autograder.grading.session import TestSession
    from autograder.sandbox.isolation_report import isolation_report
    from autograder.sandbox.warm_process import WarmProcess
    from autograder.submission import Submission

    start = config.invocation_params.dir
    try:
        course = load_course(find_course(start))
        targets = [(start / str(arg).split("::")[0]).resolve() for arg in config.args]
        assignment = next(
            (a for a in course.assignments.values() if _contains_any(a.suite_folder, targets)),
            None,
        ) or course.assignment(None)
        submissions = [Submission(path.stem, path) for path in (start / n for n in notebooks)]
        attempts = [Attempt(submission, submission.notebook.cells) for submission in submissions]
    except AutograderError as error:
        raise pytest.UsageError(str(error)) from None
    warm = WarmProcess(assignment.preload)
    config.add_cleanup(warm.close)
    try:
        isolation_report(course, assignment, warm)
    except AutograderError as error:
        raise pytest.UsageError(str(error)) from None
    return TestSession(assignment, attempts, hidden_seed(course), warm)


def _contains_any(folder: Path, targets: list[Path]) -> bool:
    return any(target.is_relative_to(folder) for target in targets)
