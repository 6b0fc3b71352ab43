"""Grades within nbgrader's process: stays warm, and stays current when the course changes.

A command grades many students. The server of formgrader runs for days, while the instructor edits
course.yml, notebook and suite.
"""

import atexit
import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.grading.batch import GradingContext, decided, grade_batch, prepare
from autograder.grading.completed_tests import TEMPLATES_FILE
from autograder.grading.explainer import explainer
from autograder.grading.result import GradingResult
from autograder.integrations.nbgrader.completing import complete_tests
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission

State = tuple[tuple[str, int, int], ...]

# State of this process, for its whole life.
_warm: dict[Sequence[str], WarmProcess] = {}
_contexts: dict[tuple[Path, str], tuple[State, GradingContext]] = {}


def grade(course: Course, assignment: Assignment, submission: Submission) -> GradingResult:
    """Grade one submission.

    Raises:
        CourseError: course.yml, suite and notebook disagree.
    """
    if assignment.preload not in _warm:
        _warm[assignment.preload] = WarmProcess(assignment.preload)
        atexit.register(_warm[assignment.preload].close)
    warm = _warm[assignment.preload]
    context = replace(_context(course, assignment, warm), assignment=assignment)
    return grade_batch([submission], context, warm)[0]


def _context(course: Course, assignment: Assignment, warm: WarmProcess) -> GradingContext:
    """Return the context of an assignment; prepare it again after a file has changed."""
    key, state = (course.file, assignment.name), _state(course, assignment)
    if key not in _contexts or _contexts[key][0] != state:
        if key in _contexts:
            forget_suite(assignment.suite_folder)
        complete_tests(course, assignment)
        _contexts[key] = state, decided(prepare(course, assignment, draws=True), warm)
    return _contexts[key][1]


def _state(course: Course, assignment: Assignment) -> State:
    """Return the times and sizes of course.yml, the source notebook and the suite."""
    suite = sorted(assignment.suite_folder.rglob("*.py"))
    source = course.notebook_file(assignment)
    templates = [folder / TEMPLATES_FILE for folder in (source.parent, course.root)]
    files = [course.file, source, *templates, *suite]
    return tuple(
        (str(file), (stat := file.stat()).st_mtime_ns, stat.st_size)
        for file in files
        if file.exists()
    )


def forget_suite(suite: Path) -> None:
    """Forget the modules imported from a folder, and the explainers computed with them."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).is_relative_to(suite):
            del sys.modules[name]
    importlib.invalidate_caches()
    explainer.cache_clear()
