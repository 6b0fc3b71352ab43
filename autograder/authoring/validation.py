"""Checks an assignment from end to end: course.yml, suite, source notebook, release version."""

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from autograder.authoring.student_kit.kit import check_marked_tests
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.grading.batch import decided, grade_batch, prepare
from autograder.grading.explainer import explainer
from autograder.grading.preload import require_preload
from autograder.record import Record
from autograder.sandbox.student_process import Series
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import SourceNotebook
from autograder.submission import Submission
from autograder.testing.support_code import FOLDER as SUPPORT


def validate_assignment(course: Course, assignment: Assignment) -> Iterator[str]:
    """Check an assignment and yield a line for each check that passes.

    Raises:
        CourseError: a check fails.
    """
    with WarmProcess(assignment.preload) as warm:
        context = decided(replace(prepare(course, assignment), given={}), warm)
        require_preload(course, assignment, warm)
        count = len(assignment.tasks)
        tasks = f"{count} task{'s' if count > 1 else ''}"
        yield f"{assignment.name}: {tasks}, {assignment.max_score:g} points"
        if assignment.has_suite:
            suite = _short(course, assignment.suite_folder)
            yield f"  suite      points of the tests add up, in {suite}"
        else:
            yield "  tests      the test cells of the source notebook"
        require_modules(course, assignment)
        source, release = (course.notebook_file(assignment, f) for f in ("source", "release"))
        if not release.exists():
            raise CourseError(f"{release} is missing: run `autograder release {assignment.name}`.")
        SourceNotebook(course, assignment).check()
        try:
            SourceNotebook(course, assignment, "release").check()
        except CourseError as error:
            raise CourseError(
                f"{error} Has the source notebook changed? Then run `autograder release "
                f"{assignment.name}`."
            ) from None
        yield "  notebooks  cells and points are those of course.yml"
        if importlib.util.find_spec("nbgrader") is None:
            yield "  release    not compared with the source: nbgrader is not installed"
        else:
            from autograder.integrations.nbgrader.release_version import check_release

            check_release(course, assignment)
            yield f"  release    up to date, in {_short(course, release)}"
        submissions = [Submission("source", source), Submission("release", release)]
        graded = grade_batch(submissions, context, warm)
        best, worst = (result.record for result in graded)
        revealed = []
        if assignment.has_suite:
            known = explainer(assignment, context.seed, warm, context.solution)
            known.check_library()
            revealed = list(_revealed(known.series.values()))
    if number := check_marked_tests(course, assignment):
        yield f"  public     {number} of the tests, for students too"
    _require(best, assignment.max_score, source)
    _require(worst, 0, release)
    yield f"  scores     source {best.score:g}, release {worst.score:g} of {best.max_score:g}"
    for name, value in (m for task in best.tasks for t in task.tests for m in t.measured):
        yield f"  measured   {name}: {value}"
    yield from revealed
    for name, decision in (context.decisions or {}).items():
        why = f", {decision.reason}" if decision.reason else ""
        yield f"  judged     {name}: {decision.place}{why}"


def _revealed(series: Iterable[Series]) -> Iterator[str]:
    """Yield a line for what tests show to student code, besides their questions."""
    found = list(series)
    own = {name for one in found for name in one.loaded if not (SUPPORT / name).exists()}
    if own:
        yield f"  readable   {', '.join(sorted(own))}: students can read what tests load"
    if lent := {name for one in found for name in one.lent}:
        yield f"  lent       {', '.join(sorted(lent))}: students' code may call the solution's"


def require_modules(course: Course, assignment: Assignment) -> None:
    """Check that the modules that students may use are installed.

    Raises:
        CourseError: some are not.
    """
    missing = [name for name in assignment.modules if not _is_installed(name)]
    if missing:
        raise CourseError(
            f"{course.where('assignments', assignment.name, 'modules')}: not installed here: "
            f"{', '.join(missing)}. Install them with {sys.executable} -m pip install, or drop "
            "them from the list."
        )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # of what it is part of
        return False


def _require(record: Record, score: float, path: Path) -> None:
    if record.score != score:
        tests = [test for task in record.tasks for test in task.tests]
        lost = [f"\n  {test.name}: {test.message}" for test in tests if test.outcome != "passed"]
        kept = [f"\n  {test.name} passes" for test in tests if test.points]
        details = "".join(lost if score else kept)
        got = "none, because the grader failed" if record.score is None else f"{record.score:g}"
        raise CourseError(f"{path} should get {score:g} points, but it gets {got}.{details}")


def _short(course: Course, path: Path) -> Path:
    return path.relative_to(course.root) if path.is_relative_to(course.root) else path
