"""Names the mistakes behind failed public tests, with the suite's library of misconceptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.course import Assignment
from autograder.exam import diagnosis
from autograder.exam.misconception import load_library
from autograder.grading.diagnosis import Explainer, HoldExam
from autograder.scorecard import TaskScore
from autograder.selfcheck.names import LiveRun
from autograder.selfcheck.result import Checked


def explained(checked: Checked, public: Assignment, hold_exam: HoldExam) -> Checked:
    """Return a check with what is known about the mistakes in it.

    Args:
        checked: the public tests that were run.
        public: the assignment, with the public tests as its suite.
        hold_exam: runs them.
    """
    if checked.complete or checked.stopped or not checked.tests:
        return checked
    library = public.suite_folder.parent
    explainer = Explainer(public, "", _run, hold_exam, library)
    tasks = explainer.explain(_tasks(checked), checked.paper.traces)
    found = {task.name: task.findings for task in tasks if task.misconceptions}
    fails = {
        misconception.name: misconception.failing for misconception in load_library(library)[1]
    }
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


def _tasks(checked: Checked) -> list[TaskScore]:
    return [
        TaskScore(task, 0, tuple(test for test in checked.tests if test.task == task))
        for task in checked.tasks
    ]


def _run(cells: Sequence[str]) -> LiveRun:
    """Return what answers for the code in cells, here, without a shell."""
    names: dict[str, Any] = {}
    exec("\n".join(cells), names)
    return LiveRun(names, everything=True)
