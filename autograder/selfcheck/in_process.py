"""Runs a student's code in this very process and answers the tests' requests.

There is no child, no wall and no clock: it is the student's own machine, and whoever wrote an
endless loop stops it with Ctrl-C.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import math
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, cast

from autograder.diagnosis.exception_advice import error_of
from autograder.sandbox.execution_errors import InvalidResponse, StudentError
from autograder.sandbox.student_process import CellResult, StudentProcess, TimeLimits, student_error
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.child import Child, seed_everything
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.shell import Shell, build_shell, describe_error, take_over
from autograder.sandbox.worker.values import lower
from autograder.selfcheck.isolation import process_kept

MAX_OUTPUT = 4 << 20
NO_LIMITS = Limits(memory=0, cpu=0, file_size=0, output=MAX_OUTPUT)
NO_HURRY = TimeLimits(notebook=math.inf, cell=math.inf, request=math.inf)


class Stopped(KeyboardInterrupt):
    """The student stopped the check while a cell ran."""

    def __init__(self, cell: int) -> None:
        self.cell = cell
        super().__init__(cell)

    def __str__(self) -> str:
        return f"cell {self.cell}"


class LocalRun(StudentProcess):
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

    def _raised(self, error: BaseException) -> StudentError:
        return student_error(describe_error(error))


class NotebookRun(LocalRun):
    """Runs the cells of a notebook in a fresh shell; nothing is shown."""

    def __init__(self, cells: Sequence[str], preload: Sequence[str] = ()) -> None:
        super().__init__(cells)
        self._preload = preload

    def execute(self) -> list[CellResult]:
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

    def _execute_here(self, worker: Child, number: int, cell: str) -> CellResult:
        try:
            outputs, succeeded = worker.execute(number, cell, True)
        except KeyboardInterrupt:
            raise Stopped(number) from None
        except BaseException as error:  # the shell itself fell over: the cell's own doing
            return CellResult(failure=InvalidResponse(str(self._raised(error))))
        if (error_of(outputs) or ("",))[0] == "KeyboardInterrupt":  # the shell shows them all
            raise Stopped(number)
        return CellResult(outputs, succeeded)


def _draw_nothing(shell: Shell) -> None:
    """Have figures not drawn at all: nobody looks at them."""
    assert shell.display_formatter is not None
    formatter = shell.display_formatter.formatters["image/png"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", lambda figure: None)
