"""An automated grading kit for machine-learning assignments."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.selfcheck.check_result import Checked

__all__ = ["__version__", "check"]

__version__ = "0.1.0"


def check(*functions: Any, assignment: str | None = None) -> Checked:
    """Check your work in a notebook, with the tests that everybody may see.

        from autograder import check

        check(step)           # what can be checked of this function alone
        check(Linear, step)   # of a class and a function
        check()               # everything in the notebook

    Run it as the last line of a cell: it shows a table of what passes and what does not, and
    why. Nothing is graded, sent or kept.

    Arguments:
        functions: functions and classes of the assignment; without any, all that the notebook
            has are checked.
        assignment: its name. Left out: that of the course.yml in this folder or above it, or
            the only one that the kit comes with.
    """
    from autograder.selfcheck.inline import check_live

    return check_live(functions, sys._getframe(1).f_globals, assignment)
