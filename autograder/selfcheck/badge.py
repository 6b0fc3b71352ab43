"""The badge of a check: how many checks pass, which is no grade and does not look like one."""

from __future__ import annotations

from autograder.drawing.badge import badge
from autograder.selfcheck.result import Checked

__all__ = ["badge_of"]


def badge_of(checked: Checked) -> str:
    """Return the badge of a check as SVG."""
    total = len(checked.tests)
    if checked.fault or checked.stopped or not total:
        return badge("checks", "unknown", None)
    return badge("checks", f"{checked.passed} of {total}", checked.passed / total)
