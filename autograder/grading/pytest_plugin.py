"""The pytest plugin: `pytest autograder/suites/<assignment> --submission my.ipynb`."""

import pytest


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
    if not notebooks:
        return
    from autograder.course import find_course, hidden_seed, load_course
    from autograder.errors import AutograderError
    from autograder.grading.explainer import explainer
    from autograder.grading.preload import require_preload
    from autograder.grading.session import Attempt, TestSession
    from autograder.sandbox.isolation_report import isolation_report
    from autograder.sandbox.warm_process import WarmProcess
    from autograder.source_notebook import SourceNotebook
    from autograder.submission import Submission

    start = config.invocation_params.dir
    targets = [(start / str(arg).split("::")[0]).resolve() for arg in config.args]
    try:
        course = load_course(find_course(start))
        for assignment in course.assignments.values():
            if any(target.is_relative_to(assignment.suite_folder) for target in targets):
                break
        else:
            assignment = course.assignment(None)
        assignment = course.assignment(assignment.name)
        submissions = [Submission(path.stem, path) for path in (start / n for n in notebooks)]
        attempts = [Attempt(submission, submission.notebook.cells) for submission in submissions]
        warm = WarmProcess(assignment.preload)
        config.add_cleanup(warm.close)
        require_preload(course, assignment, warm)
        isolation_report(course, assignment, warm)
    except AutograderError as error:
        raise pytest.UsageError(str(error)) from None
    solution = SourceNotebook(course, assignment).solution
    reference = explainer(assignment, hidden_seed(course), warm, solution).reference
    session = TestSession(assignment, attempts, hidden_seed(course), warm, reference)
    config.pluginmanager.register(session)
