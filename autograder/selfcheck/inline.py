"""The function `check` of a notebook: finds the names to check, and the assignment."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError, UsageError
from autograder.grading.session import Attempt
from autograder.selfcheck.check_result import Checked
from autograder.selfcheck.discovery import find_assignment
from autograder.selfcheck.in_process import NamespaceProcess
from autograder.selfcheck.public_session import check_code
from autograder.submission import Submission

NO_NOTEBOOK = Submission("", Path())


def check_live(
    given: Sequence[Any], namespace: Mapping[str, Any], assignment: str | None
) -> Checked:
    """Check the functions and classes that were given, or everything in the caller's namespace.

    An error becomes the note of the result: in a notebook, a traceback would hide it.
    """
    try:
        chosen = find_assignment(assignment, Path.cwd())
        names = {name: value for thing in given for name, value in named(thing, namespace).items()}
        run: Any = namespace.get("In", [])  # IPython keeps the cells that were run there
        history = [cell for cell in run if isinstance(cell, str)]
        process = NamespaceProcess(
            names if given else namespace, everything=not given, history=history
        )
        return check_code(process, NO_NOTEBOOK, chosen)
    except AutograderError as error:
        return Checked(assignment or "", (), Attempt(NO_NOTEBOOK, ()), note=str(error))


def named(thing: Any, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function or class by its own name and by its names in the namespace.

    Raises:
        UsageError: it is neither a function nor a class.
    """
    if not callable(thing):
        raise UsageError(
            f"check takes functions and classes, as in check(step); this is {thing!r:.60}."
        )
    names = [n for n, value in namespace.items() if value is thing and not n.startswith("_")]
    own = getattr(thing, "__name__", "")
    return dict.fromkeys([*names, own] if isinstance(own, str) else names, thing)
