"""Answers the tests' requests with functions and classes that are there already."""

from __future__ import annotations

import contextlib
import difflib
import io
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, cast

from autograder.sandbox.execution_errors import (
    ExecutionError,
    NameNotFound,
    SourceLocation,
    StudentError,
)
from autograder.sandbox.student_process import CellResult
from autograder.sandbox.worker.child import Child
from autograder.sandbox.worker.outputs import Collector
from autograder.sandbox.worker.shell import Shell
from autograder.selfcheck.in_process import LocalRun
from autograder.selfcheck.isolation import numbers_kept, traceback_kept


class NotGiven(ExecutionError):
    """A test asks for something that is not to be checked."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class LiveRun(LocalRun):
    """Answers for functions and classes that are there already, in a notebook that is open.

    Args:
        names: what the tests may ask for, by name.
        everything: whether what is not among them is missing, rather than not to be checked.
        history: the sources of the cells that were run.
    """

    def __init__(
        self, names: Mapping[str, Any], *, everything: bool, history: Sequence[str] = ()
    ) -> None:
        super().__init__(history)
        self._names, self._everything = dict(names), everything

    def execute(self) -> list[CellResult]:
        """Run nothing: the cells have been run."""
        self._to_restore.enter_context(numbers_kept())
        self._to_restore.enter_context(traceback_kept())
        self._to_restore.enter_context(contextlib.redirect_stderr(io.StringIO()))
        self._worker = Child(cast("Shell", _Names(self._names)), None, 0)
        return self.results

    def request(self, operation: str, *arguments: Any) -> Any:
        """Do something with the student's code and return its answer, plain data.

        Raises:
            NotGiven, Missing: it asks for something that is not there.
        """
        __tracebackhide__ = True
        if operation == "get" and arguments[0] is None:
            self._require(arguments[1])
        return super().request(operation, *arguments)

    def _require(self, name: str) -> None:
        if callable(self._names.get(name)):
            return
        if not self._everything:
            raise NotGiven(name)
        if name in self._names:
            raise NameNotFound(
                f"`{name}` is no function or class any more: the name was used for something "
                "else. Run the cell that defines it again, then check again."
            )
        functions = [n for n, value in self._names.items() if callable(value)]
        if near := difflib.get_close_matches(name, functions, n=1, cutoff=0.6):
            raise NameNotFound(
                f"There is no `{name}`, but there is `{near[0]}`. Keep the names of the assignment."
            )
        raise NameNotFound(f"There is no `{name}`. Run the cell that defines it, then check again.")

    def _raised(self, error: BaseException) -> StudentError:
        raised = super()._raised(error)
        return StudentError(raised.type, raised.message, _place(error))


class _Names:
    """Stands in for a shell where none is made: names, and nothing is collected."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.user_ns, self.collector = names, Collector(0)


def _place(error: BaseException) -> SourceLocation | None:
    """Return the last line of a notebook's cell that an exception passed through."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    cells: Any = getattr(getattr(shell, "compile", None), "_filename_map", {})
    place = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in cells:
            place = SourceLocation(
                cells[frame.filename], frame.lineno or 0, (frame.line or "")[:200]
            )
    return place
