"""Runs a student's code in this very process and answers the tests' requests.

There is no child, no wall and no clock: it is the student's own machine, and whoever wrote an
endless loop stops it with Ctrl-C.
"""

from __future__ import annotations

import atexit
import contextlib
import difflib
import importlib
import io
import math
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, cast

from autograder.exam.advice import error_of
from autograder.sandbox.faults import CodeRaised, Garbled, Missing, Place, SubmissionFault
from autograder.sandbox.run import CellRun, Run, Seconds, code_raised
from autograder.sandbox.warm import WarmProcess
from autograder.selfcheck.state import numbers_kept, process_kept, traceback_kept
from autograder.worker.child import Child, seed_everything
from autograder.worker.limits import Limits
from autograder.worker.outputs import Collector
from autograder.worker.shell import Shell, build_shell, describe_error, take_over
from autograder.worker.values import lower

__all__ = ["LiveRun", "LocalRun", "NotGiven", "NotebookRun", "Stopped"]

MAX_OUTPUT = 4 << 20
NO_LIMITS = Limits(memory=0, cpu=0, file_size=0, output=MAX_OUTPUT)
NO_HURRY = Seconds(notebook=math.inf, cell=math.inf, request=math.inf)


class NotGiven(SubmissionFault):
    """A test asks for something that is not to be checked."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class Stopped(KeyboardInterrupt):
    """The student stopped the check while a cell ran."""

    def __init__(self, cell: int) -> None:
        self.cell = cell
        super().__init__(cell)

    def __str__(self) -> str:
        return f"cell {self.cell}"


class LocalRun(Run):
    """A `Run` without a process of its own: nothing is forked, nothing is limited."""

    def __init__(self, cells: Sequence[str]) -> None:
        super().__init__(cast("WarmProcess", None), cells, NO_LIMITS, NO_HURRY)
        self.generation = 1
        self._worker: Child | None = None
        self._to_restore = ExitStack()

    @property
    def alive(self) -> bool:
        """Whether requests are answered."""
        return self._worker is not None

    def request(self, operation: str, *arguments: Any) -> Any:
        """Do something with the student's code and return its answer, plain data.

        Raises:
            CodeRaised: the student's code raised an exception.
            KeyboardInterrupt: the student stopped it.
        """
        __tracebackhide__ = True
        assert self._worker is not None
        batch = [*self._waiting, (operation, arguments)]
        self._waiting.clear()
        try:
            answer = lower(self._worker.batch(batch), self._worker._keep)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise self._raised(error) from None
        self.asked.append((batch, answer))
        return answer

    def close(self) -> None:
        """Put back what was changed in this process."""
        self._worker = None
        self._to_restore.close()

    def _raised(self, error: BaseException) -> CodeRaised:
        return code_raised(describe_error(error))


class NotebookRun(LocalRun):
    """Runs the cells of a notebook in a fresh shell; nothing is shown."""

    def __init__(self, cells: Sequence[str], preload: Sequence[str] = ()) -> None:
        super().__init__(cells)
        self._preload = preload

    def execute(self) -> list[CellRun]:
        """Run all cells, each whatever became of the others; return what happened to each.

        Raises:
            Stopped: the student stopped one.
        """
        for name in self._preload:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        self._to_restore.enter_context(process_kept())
        shell = build_shell()
        _draw_nothing(shell)
        self._to_restore.callback(atexit.unregister, shell.atexit_operations)
        take_over(shell)
        seed_everything()
        self._worker = Child(shell, None, MAX_OUTPUT)
        for number, cell in enumerate(self.cells, 1):
            self.results.append(self._execute_here(self._worker, number, cell))
        return self.results

    def _execute_here(self, worker: Child, number: int, cell: str) -> CellRun:
        try:
            outputs, succeeded = worker.execute(number, cell, True)
        except KeyboardInterrupt:
            raise Stopped(number) from None
        except BaseException as error:  # the shell itself fell over: the cell's own doing
            return CellRun(fault=Garbled(str(self._raised(error))))
        if (error_of(outputs) or ("",))[0] == "KeyboardInterrupt":  # the shell shows them all
            raise Stopped(number)
        return CellRun(outputs, succeeded)


def _draw_nothing(shell: Shell) -> None:
    """Have figures not drawn at all: nobody looks at them."""
    assert shell.display_formatter is not None
    formatter = shell.display_formatter.formatters["image/png"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", lambda figure: None)


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

    def execute(self) -> list[CellRun]:
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
            raise Missing(
                f"`{name}` is no function or class any more: the name was used for something "
                "else. Run the cell that defines it again, then check again."
            )
        functions = [n for n, value in self._names.items() if callable(value)]
        if near := difflib.get_close_matches(name, functions, n=1, cutoff=0.6):
            raise Missing(
                f"There is no `{name}`, but there is `{near[0]}`. Keep the names of the assignment."
            )
        raise Missing(f"There is no `{name}`. Run the cell that defines it, then check again.")

    def _raised(self, error: BaseException) -> CodeRaised:
        raised = super()._raised(error)
        return CodeRaised(raised.type, raised.message, _place(error))


class _Names:
    """Stands in for a shell where none is made: names, and nothing is collected."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.user_ns, self.collector = names, Collector(0)


def _place(error: BaseException) -> Place | None:
    """Return the last line of a notebook's cell that an exception passed through."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    cells: Any = getattr(getattr(shell, "compile", None), "_filename_map", {})
    place = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in cells:
            place = Place(cells[frame.filename], frame.lineno or 0, (frame.line or "")[:200])
    return place
