"""Runs a student's code in this process and answers the tests' requests.

There is no child, no sandbox and no time limit: it is the student's own machine, and Ctrl-C stops
an endless loop.
"""

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
from autograder.selfcheck.isolation import preserve_process

MAX_OUTPUT = 4 << 20
NO_LIMITS = Limits(memory=0, cpu=0, file_size=0, output=MAX_OUTPUT)
NO_TIME_LIMITS = TimeLimits(notebook=math.inf, cell=math.inf, request=math.inf)


class CheckInterrupted(KeyboardInterrupt):
    """The student stopped the check while a cell ran."""

    def __init__(self, cell: int) -> None:
        self.cell = cell
        super().__init__(cell)

    def __str__(self) -> str:
        return f"cell {self.cell}"


class LocalProcess(StudentProcess):
    """A `StudentProcess` without a process of its own: nothing is forked or limited."""

    def __init__(self, cells: Sequence[str]) -> None:
        super().__init__(cast("WarmProcess", None), cells, NO_LIMITS, NO_TIME_LIMITS)
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
            StudentError: the student's code raised an exception.
            KeyboardInterrupt: the student stopped it.
        """
        __tracebackhide__ = True
        assert self._worker is not None
        batch = [*self._deferred, (operation, arguments)]
        self._deferred.clear()
        try:
            answer = lower(self._worker.batch(batch), self._worker.store)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise self._raised(error) from None
        self.exchanges.append((batch, answer))
        return answer

    def close(self) -> None:
        """Restore what was changed in this process."""
        self._worker = None
        self._to_restore.close()

    def _raised(self, error: BaseException) -> StudentError:
        return student_error(describe_error(error))


class NotebookProcess(LocalProcess):
    """Runs the cells of a notebook in a new shell; nothing is displayed."""

    def __init__(self, cells: Sequence[str], preload: Sequence[str] = ()) -> None:
        super().__init__(cells)
        self._preload = preload

    def execute(self) -> list[CellResult]:
        """Run all cells, also after one has failed, and return the result of each.

        Raises:
            CheckInterrupted: the student stopped one.
        """
        for name in self._preload:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        self._to_restore.enter_context(preserve_process())
        shell = build_shell()
        _skip_figures(shell)
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
            raise CheckInterrupted(number) from None
        except BaseException as error:  # the shell itself failed: the cell broke it
            return CellResult(failure=InvalidResponse(str(self._raised(error))))
        if (error_of(outputs) or ("",))[
            0
        ] == "KeyboardInterrupt":  # the shell shows exceptions instead of raising them
            raise CheckInterrupted(number)
        return CellResult(outputs, succeeded)


def _skip_figures(shell: Shell) -> None:
    """Draw no figures: nobody sees them."""
    assert shell.display_formatter is not None
    formatter = shell.display_formatter.formatters["image/png"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", lambda figure: None)
