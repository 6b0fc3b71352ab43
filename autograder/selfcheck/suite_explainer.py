"""Knows the mistakes behind failed public tests from the suite's library, which students lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.course import Assignment
from autograder.grading.explainer import Explainer, HoldExam
from autograder.selfcheck.namespace import LiveRun

__all__ = ["explainer_of"]


def explainer_of(public: Assignment, hold_exam: HoldExam) -> Explainer:
    """Return what explains failed public tests.

    Args:
        public: the assignment, with the public tests as its suite.
        hold_exam: runs them.
    """
    return Explainer(public, "", _run, hold_exam, public.suite_folder.parent)


def _run(cells: Sequence[str]) -> LiveRun:
    """Return what answers for the code in cells, here, without a shell."""
    names: dict[str, Any] = {}
    exec("\n".join(cells), names)
    return LiveRun(names, everything=True)
