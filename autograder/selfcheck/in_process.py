"""Runs a student's code in this process and answers the tests' requests.

There is no child, no sandbox and no time limit: it is the student's own machine, and Ctrl-C stops
an endless loop.
"""

import atexit
import contextlib
import difflib
import importlib
import io
import math
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

from autograder.diagnosis.exception_advice import error_of
from autograder.sandbox.execution_errors import (
    ExecutionError,
    InvalidResponse,
    NameNotFound,
    SourceLocation,
    StudentError,
)
from autograder.sandbox.student_process import (
    Bound,
    CellResult,
    Series,
    StudentProcess,
    TimeLimits,
    lent_functions,
    student_error,
)
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker import scratch, wire
from autograder.sandbox.worker.child import Child, seed_everything
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.outputs import Collector
from autograder.sandbox.worker.shell import Shell, build_shell, describe_error, take_over
from autograder.sandbox.worker.values import lower
from autograder.selfcheck.isolation import (
    preserve_process,
    preserve_random_state,
    preserve_traceback,
)
from autograder.testing.failures import SuiteError

MAX_OUTPUT = 4 << 20
NO_LIMITS = Limits(memory=0, cpu=0, file_size=0, output=MAX_OUTPUT)
NO_TIME_LIMITS = TimeLimits(notebook=math.inf, cell=math.inf, request=math.inf)


NOT_AN_ARGUMENT = (
    "a function of the reference solution is an argument here, and students have none. Give a "
    "function of the suite, or let this test not be public"
)


class CheckInterrupted(KeyboardInterrupt):
    """The student stopped the check while a cell ran; the argument names the cell."""


class LocalChild(Child):
    """Carries out the operations of a `LocalProcess`, which answers its calls.

    `scope` are the names that the student's code uses, if not those in the shell.
    """

    def __init__(
        self, shell: Shell, process: "LocalProcess", scope: dict[str, Any] | None = None
    ) -> None:
        super().__init__(shell, None, MAX_OUTPUT)
        self._process, self._scope = process, scope

    @property
    def names(self) -> dict[str, Any]:
        """The names that the student's code uses."""
        return super().names if self._scope is None else self._scope

    def _result_of(self, given: tuple[int, list[Any], dict[str, Any]]) -> tuple[str, Any]:
        status, value = self._process.result_of(*wire.decode(*wire.encode(given)))
        return status, wire.decode(*wire.encode(value))


class LocalProcess(StudentProcess):
    """A `StudentProcess` without a process of its own: nothing is forked or limited.

    There is no reference solution that could be called. Where a test lends one of its functions,
    the student's own is used, and `own_used` has its name.
    """

    is_local = True

    def __init__(self, cells: Sequence[str]) -> None:
        super().__init__(cast("WarmProcess", None), cells, NO_LIMITS, NO_TIME_LIMITS)
        self.children = 1
        self.asked: set[str] = set()  # names of the notebook that the test has asked for
        self.own_used: set[str] = set()
        self._worker: Child | None = None
        self._to_restore = ExitStack()

    @property
    def alive(self) -> bool:
        """Whether requests are answered."""
        return self._worker is not None

    def begin_test(
        self,
        index: int,
        task: str = "",
        series: Series | None = None,
        seconds: float | None = None,
        *,
        kept: bool = False,
    ) -> None:
        """Begin a test of a task, with seeded random generators as in grading."""
        super().begin_test(index, task, series, seconds, kept=kept)
        self.asked.clear()
        self.own_used.clear()
        seed_everything()

    def end_test(self) -> None:
        """End a test: names stand again for what they stood for before."""
        super().end_test()
        if self._worker is not None:
            self._worker.use({})
        self.bound = {}

    def use(self, functions: Bound) -> None:
        """Let names stand for functions of the test, but not for those of the reference."""
        lent = {name for name, one in functions.items() if any(lent_functions(one))}
        self.own_used |= lent
        super().use({name: one for name, one in functions.items() if name not in lent})

    def request(self, operation: str, *arguments: Any) -> Any:
        """Note which names are asked for; otherwise as in a process of its own."""
        __tracebackhide__ = True
        if operation == "get" and arguments[0] is None:
            self.asked.add(arguments[1])
        return super().request(operation, *arguments)

    def _request(self, operation: str, *arguments: Any) -> Any:
        """Do something with the student's code and return its answer, plain data.

        Raises:
            StudentError: the student's code raised an exception.
            SuiteError: the reference solution would have to be called.
            KeyboardInterrupt: the student stopped it.
        """
        __tracebackhide__ = True
        assert self._worker is not None
        batch = [*self._deferred, (operation, arguments)]
        self._deferred.clear()
        if any(lent_functions(batch)):
            raise SuiteError(NOT_AN_ARGUMENT)
        try:
            plain = lower(self._worker.batch(batch), self._worker.store)
            answer = wire.decode(*wire.encode(plain))  # as a child's answers
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
    """Runs the cells of a notebook in a new shell, with some files; nothing is displayed."""

    def __init__(
        self,
        cells: Sequence[str],
        preload: Sequence[str] = (),
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        super().__init__(cells)
        self._preload, self._files = preload, files

    def execute(self) -> list[CellResult]:
        """Run all cells, also after one has failed, and return the result of each.

        Raises:
            CheckInterrupted: the student stopped one.
        """
        for name in self._preload:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        self._to_restore.enter_context(preserve_process())
        scratch.fill("", self._files)
        shell = build_shell()
        self._to_restore.callback(atexit.unregister, shell.atexit_operations)
        take_over(shell)
        seed_everything()
        if torch := sys.modules.get("torch"):
            torch.set_num_threads(1)  # as in grading: small models take a fraction of the time
        self._worker = LocalChild(shell, self)
        for number, cell in enumerate(self.cells, 1):
            self.results.append(self._execute_here(self._worker, number, cell))
        return self.results

    def _execute_here(self, worker: Child, number: int, cell: str) -> CellResult:
        try:
            outputs, succeeded, *_ = worker.execute(number, cell, True)
        except KeyboardInterrupt:
            raise CheckInterrupted(f"cell {number}") from None
        except BaseException as error:  # the shell itself failed: the cell broke it
            return CellResult(failure=InvalidResponse(str(self._raised(error))))
        shown = error_of(outputs)  # the shell shows exceptions instead of raising them
        if shown is not None and shown[0] == "KeyboardInterrupt":
            raise CheckInterrupted(f"cell {number}")
        return CellResult(outputs, succeeded)


class NotGivenError(ExecutionError):
    """A test asks for a name, the argument, that the student did not ask to check."""


class NamespaceProcess(LocalProcess):
    """Answers for functions, classes and variables of an open notebook.

    Args:
        names: what the tests may ask for, by name.
        everything: whether a test that asks for another name fails, rather than being left out.
        history: the sources of the cells that were run.
        scope: the names that their code uses; a test may let some stand for something else.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        *,
        everything: bool,
        history: Sequence[str] = (),
        scope: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(history)
        self._names, self._everything, self._scope = dict(names), everything, scope

    def execute(self) -> list[CellResult]:
        """Run nothing: the cells have been run."""
        self._to_restore.enter_context(preserve_random_state())
        self._to_restore.enter_context(preserve_traceback())
        self._to_restore.enter_context(contextlib.redirect_stderr(io.StringIO()))
        shell = SimpleNamespace(user_ns=self._names, collector=Collector(0))
        self._worker = LocalChild(cast("Shell", shell), self, self._scope)
        return self.results

    def _request(self, operation: str, *arguments: Any) -> Any:
        """Do something with the student's code and return its answer, plain data.

        Raises:
            NotGivenError, NameNotFound: it asks for a name that does not exist.
        """
        __tracebackhide__ = True
        if operation == "get" and arguments[0] is None:
            self._require(arguments[1])
        if operation == "shown_figures":
            raise NotGivenError("figures")
        return super()._request(operation, *arguments)

    def shown(self) -> list[dict[str, Any]]:
        """Return the outputs of the cells.

        Raises:
            NotGivenError: always; only the notebook has them.
        """
        raise NotGivenError("printed")

    def _require(self, name: str) -> None:
        if callable(self._names.get(name)):
            return
        definition = re.compile(rf"^[ \t]*(?:def|class)[ \t]+{name}\b", re.MULTILINE)
        if name in self._names and self.cells and not any(map(definition.search, self.cells)):
            return  # a variable
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
        return StudentError(raised.type, raised.message, _location(error), raised.support)


def namespace_of(cells: Sequence[str]) -> NamespaceProcess:
    """Return what answers for the code in cells, run here and without a shell."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("\n".join(cells), names)
    return NamespaceProcess(names, everything=True, history=cells, scope=names)


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
