"""Answers the tests' requests with functions and classes that exist already."""

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
from autograder.selfcheck.in_process import LocalProcess
from autograder.selfcheck.isolation import preserve_random_state, preserve_traceback


class NotGivenError(ExecutionError):
    """A test asks for a name that the student did not ask to check."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class NamespaceProcess(LocalProcess):
    """Answers for functions and classes of an open notebook.

    Args:
        names: the functions and classes that the tests may ask for, by name.
        everything: whether a test that asks for another name fails, rather than being left out.
        history: the sources of the cells that were run.
    """

    def __init__(
        self, names: Mapping[str, Any], *, everything: bool, history: Sequence[str] = ()
    ) -> None:
        super().__init__(history)
        self._names, self._everything = dict(names), everything

    def execute(self) -> list[CellResult]:
        """Run nothing: the cells have been run."""
        self._to_restore.enter_context(preserve_random_state())
        self._to_restore.enter_context(preserve_traceback())
        self._to_restore.enter_context(contextlib.redirect_stderr(io.StringIO()))
        self._worker = Child(cast("Shell", _Names(self._names)), None, 0)
        return self.results

    def request(self, operation: str, *arguments: Any) -> Any:
        """Do something with the student's code and return its answer, plain data.

        Raises:
            NotGivenError, NameNotFound: it asks for a name that does not exist.
        """
        __tracebackhide__ = True
        if operation == "get" and arguments[0] is None:
            self._require(arguments[1])
        return super().request(operation, *arguments)

    def _require(self, name: str) -> None:
        if callable(self._names.get(name)):
            return
        if not self._everything:
            raise NotGivenError(name)
        if name in self._names:
            raise NameNotFound(
                f"`{name}` is not a function or class any more: the name was used for something "
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
        return StudentError(raised.type, raised.message, _location(error))


def namespace_of(cells: Sequence[str]) -> NamespaceProcess:
    """Return what answers for the code in cells, run here and without a shell."""
    names: dict[str, Any] = {}
    exec("\n".join(cells), names)
    return NamespaceProcess(names, everything=True)


class _Names:
    """Stands in for a shell: it has names, and collects no output."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.user_ns, self.collector = names, Collector(0)


def _location(error: BaseException) -> SourceLocation | None:
    """Return the last line of a notebook's cell that an exception passed through."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    cells: Any = getattr(getattr(shell, "compile", None), "_filename_map", {})
    location = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in cells:
            location = SourceLocation(
                cells[frame.filename], frame.lineno or 0, (frame.line or "")[:200]
            )
    return location
