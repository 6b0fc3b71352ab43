"""Judges whether a function leaves its arguments as they are."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from autograder.diagnosis.observations import derived, observe, observe_weakly, recording
from autograder.testing.comparison import assert_close
from autograder.testing.failures import Mismatch, SuiteError
from autograder.testing.support_code import SupportCode, require_function

ARGUMENTS = SupportCode("after_calls.py", "numpy")


def assert_kept(function: Any, arguments: Mapping[str, Any], **options: Any) -> None:
    """Call a function of the student's, and fail if it changes one of its arguments.

    It gets copies, so a change shows nowhere else. What it returns is not looked at. For example:
    `assert_kept(student.scale, {"X_train": X, "X_test": X_new})`.

    Args:
        function: a function or method in the student's process.
        arguments: its arguments in their order: arrays, tensors, tables or lists, by the names
            that messages call them.
        options: further arguments by name, which are not looked at.

    Raises:
        Mismatch: an argument has changed; or the notebook has no function there.
        StudentError: the function raises an exception.
        SuiteError: `function` is not in the student's process.
    """
    __tracebackhide__ = True
    require_function(function, "assert_kept")
    found = ARGUMENTS.load(function).arguments_after(function, [*arguments.values()], options)
    called = str(function._name).rpartition(".")[2]
    if not isinstance(found, list) or len(found) != len(arguments):
        raise SuiteError("assert_kept: every argument should be plain data")
    changes = derived(found, partial(_changes, called, arguments))
    observe_weakly(found)
    observe("values", derived(changes, lambda some: f"changed: {', '.join(some)}"))
    for change in changes.values():
        raise change


def _changes(called: str, arguments: Mapping[str, Any], after: list[Any]) -> dict[str, Mismatch]:
    """Return which arguments have changed, and how.

    Known mistakes are compared by which they change, not by what they make of them.
    """
    found = {}
    for (name, before), now in zip(arguments.items(), after, strict=True):
        try:
            with recording([]):
                assert_close(now, before, f"{called} has changed {name}.", what=name)
        except Mismatch as change:
            found[name] = change
    return found
