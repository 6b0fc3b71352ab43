"""Keeps the engine warm in a process that nbgrader grades in, and fresh when the course changes.

A command grades many students; formgrader's server lives for days, while the instructor edits
course.yml, notebook and suite.
"""

from __future__ import annotations

import atexit
import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.grading.batch import GradingContext, GradingResult, grade_chunk
from autograder.grading.consistency import notebook_file
from autograder.grading.explainer import explainer
from autograder.grading.pool import prepare
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission

State = tuple[tuple[str, int, int], ...]

_warm: dict[Sequence[str], WarmProcess] = {}
_terms: dict[tuple[Path, str], tuple[State, GradingContext]] = {}


def grade(course: Course, assignment: Assignment, submission: Submission) -> GradingResult:
    """Grade one submission.

    Raises:
        CourseError: the course is not fit to grade with.
    """
    if assignment.preload not in _warm:
        _warm[assignment.preload] = WarmProcess(assignment.preload)
        atexit.register(_warm[assignment.preload].close)
    warm = _warm[assignment.preload]
    context = replace(_current_terms(course, assignment), assignment=assignment)
    return grade_chunk([submission], context, warm)[0]


def _current_terms(course: Course, assignment: Assignment) -> GradingContext:
    """Return the terms of an assignment, made anew when a file they stand in has changed."""
    key, state = (course.file, assignment.name), _state(course, assignment)
    if key not in _terms or _terms[key][0] != state:
        if key in _terms:
            _forget(assignment.suite_folder)
        _terms[key] = state, prepare(course, assignment)
    return _terms[key][1]


def _state(course: Course, assignment: Assignment) -> State:
    """Return what changes when course.yml, the source notebook or the suite does."""
    suite = sorted(assignment.suite_folder.rglob("*.py"))
    files = [course.file, notebook_file(course, assignment), *suite]
    return tuple(
        (str(file), (stat := file.stat()).st_mtime_ns, stat.st_size)
        for file in files
        if file.exists()
    )


def _forget(suite: Path) -> None:
    """Forget what was imported from a suite and what was learnt with it."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).is_relative_to(suite):
            del sys.modules[name]
    importlib.invalidate_caches()
    explainer.cache_clear()
