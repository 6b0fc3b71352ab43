"""Knows the mistakes behind failed public tests from the suite's library, which students lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.course import Assignment
from autograder.grading.explainer import Explainer, RunSession
from autograder.selfcheck.namespace import LiveRun


def explainer_of(public: Assignment, run_session: RunSession) -> Explainer:
    """Return what explains failed public tests.

    Args:
        public: the assignment, with the public tests as its suite.
        run_session: runs them.
    """
    return Explainer(public, "", _run, run_session, public.suite_folder.parent)


def _run(cells: Sequence[str]) -> LiveRun:
    """Return what answers for the code in cells, here, without a shell."""
    names: dict[str, Any] = {}
    exec("\n".join(cells), names)
    return LiveRun(names, everything=True)
