"""An automated grading kit for machine-learning assignments."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.selfcheck.check_result import Checked

__all__ = ["__version__", "check"]

__version__ = "0.1.0"


def check(*functions: Any, assignment: str | None = None) -> Checked:
    """Check your work in a notebook with the public tests.

        from autograder import check

        check(mean)           # the tests of this function, for example
        check(Model, train)   # the tests of a class and a function
        check()               # all tests

    Run it as the last line of a cell: it shows a table of what passes, what does not, and why.
    Nothing is graded, sent or stored.

    Arguments:
        functions: functions and classes of the assignment, by default all in the notebook.
        assignment: the assignment's name, by default that of the nearest course.yml, or of the
            only assignment in the kit.
    """
    from autograder.selfcheck.public_session import check_live

    return check_live(functions, sys._getframe(1).f_globals, assignment)
