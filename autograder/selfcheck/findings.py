"""Names the known mistakes behind failed public tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.diagnosis.matching import consequence
from autograder.diagnosis.signatures import FILE_NAME, read_signatures
from autograder.record import by_task
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.namespace import namespace_of

if TYPE_CHECKING:
    from autograder.course import Assignment
    from autograder.diagnosis.matching import Lookup
    from autograder.grading.session import TestSession

    RunSession = Callable[[TestSession], None]


def with_findings(checked: Checked, public: Assignment, run_session: RunSession) -> Checked:
    """Return a check with the known mistakes in it named.

    Args:
        checked: the public tests that were run.
        public: the assignment, with the public tests as its suite.
        run_session: runs them.
    """
    if checked.complete or checked.stopped or not checked.tests:
        return checked
    lookup = _lookup(public, run_session)
    if lookup is None:
        return checked
    graded = by_task(checked.tests, [(task, 0) for task in checked.tasks])
    tasks = lookup.explain(graded, checked.attempt.traces, every=True)
    found = {task.name: task.findings for task in tasks if task.misconceptions}
    fails = lookup.known.failing if found else {}
    for task in tasks:
        failed = {test.name for test in task.tests if test.outcome == "failed"}
        causes = [
            other.name
            for other in tasks
            if other is not task and any(failed & fails[name] for name in other.misconceptions)
        ]
        if causes and task.name not in found:
            found[task.name] = (consequence(causes).text,)
    return replace(checked, findings=found)


def _lookup(public: Assignment, run_session: RunSession) -> Lookup | None:
    """Return what knows the mistakes: a student has a file, an instructor the suite's library."""
    precomputed = public.suite_folder.parent / FILE_NAME
    if precomputed.exists():
        return read_signatures(precomputed)
    try:
        from autograder.grading.explainer import Explainer
    except ModuleNotFoundError:  # the students' kit, and a suite that knows no mistakes
        return None
    return Explainer(public, "", namespace_of, run_session, public.suite_folder.parent)
