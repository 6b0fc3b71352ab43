"""Names the mistakes behind failed public tests, as far as they are known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.diagnosis import matching as diagnosis
from autograder.diagnosis.signatures import FILE_NAME, read_signatures
from autograder.record import TaskScore
from autograder.selfcheck.check_result import Checked

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograder.course import Assignment
    from autograder.diagnosis.lookup import Lookup
    from autograder.grading.session import TestSession


def explained(
    checked: Checked, public: Assignment, run_session: Callable[[TestSession], None]
) -> Checked:
    """Return a check with what is known about the mistakes in it.

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
    tasks = lookup.explain(_tasks(checked), checked.attempt.traces, every=True)
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
            found[task.name] = (diagnosis.consequence(causes).text,)
    return replace(checked, findings=found)


def _lookup(public: Assignment, run_session: Callable[[TestSession], None]) -> Lookup | None:
    """Return what knows the mistakes: a student has a file, an instructor the suite's library."""
    learnt = public.suite_folder.parent / FILE_NAME
    if learnt.exists():
        return read_signatures(learnt)
    try:
        from autograder.selfcheck.suite_explainer import explainer_of
    except ModuleNotFoundError:  # the students' kit, and a suite that knows no mistakes
        return None
    return explainer_of(public, run_session)


def _tasks(checked: Checked) -> list[TaskScore]:
    return [
        TaskScore(task, 0, tuple(test for test in checked.tests if test.task == task))
        for task in checked.tasks
    ]
