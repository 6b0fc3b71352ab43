"""The reference solution: the source notebook, run in a process of its own.

Tests ask it as they ask a submission. What it answers is kept for the whole class: a question is
asked once a run, together with those before it in the same test, as these may have made objects.
"""

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any

from autograder.diagnosis.exception_advice import error_of
from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.student_process import Answerer, Bound, Question, StudentProcess, size_of
from autograder.sandbox.worker import wire
from autograder.testing.failures import SuiteError

MAX_KEPT = 256 << 20  # bytes of questions and answers
SECONDS = 40.0  # of processor time for calls from a submission's process, in one test

Start = Callable[[], StudentProcess]


class Reference:
    """Answers for the reference solution, in the place of a `StudentProcess`.

    Args:
        start: returns a process that runs the cells of the source notebook.
        path: the path of the source notebook, for messages.
    """

    blames_suite = True
    alive = True
    generation = 0

    def __init__(self, start: Start, path: str) -> None:
        self.answers: list[Any] = []
        self.lookups: dict[Any, Any] = {}
        self.support_objects: set[tuple[int, int]] = set()
        self._start, self._path = start, path
        self._kept: dict[tuple[int, bytes], Any] = {}  # answers and errors, by test and questions
        self._kept_size = 0
        self._at: tuple[int, bytes] | None = None  # where the process is
        self._handed = 0  # how many functions of the test it has
        self.begin_test(0, "")

    def begin_test(self, index: int, task: str) -> None:
        """Begin a test of a task; `index` is its position in the suite."""
        self._index, self._task = index, task
        self._asked: list[Question] = []
        self._digest = b""
        self._deferred: Question = []
        self._functions: list[tuple[Answerer, str, bool]] = []
        self._objects = 0
        self._callee_ready = False
        self.lookups.clear()
        self.answers.clear()

    def new_object(self) -> int:
        """Return a number for an object that the process will make."""
        self._objects += 1
        return -(self._index + 1 << 16) - self._objects

    def defer(self, operation: str, *arguments: Any) -> None:
        """Send an operation together with the next request."""
        self._deferred.append((operation, arguments))

    def use(self, functions: Bound) -> None:
        """Do nothing: the reference uses its own functions."""

    def hand_over(self, answer: Answerer, name: str, *, in_reference: bool) -> wire.Callback:
        """Return what stands for a function that the reference may call until the test ends."""
        self._functions.append((answer, name, in_reference))
        return wire.Callback(len(self._functions), name, in_reference)

    def request(self, operation: str, *arguments: Any) -> Any:
        """Return the reference's answer, plain data.

        Raises:
            SuiteError: it has none.
            WireError: the question cannot be sent.
        """
        __tracebackhide__ = True
        question: Question = [*self._deferred, (operation, arguments)]
        self._deferred = []
        frame = wire.pack(question)
        before = self._index, self._digest
        self._digest = hashlib.sha256(self._digest + frame).digest()
        key = self._index, self._digest
        if key in self._kept:
            answer = self._kept[key]
        else:
            answer = self._ask(question, before)
            self._at = key
            if (size := len(frame) + size_of(answer)) <= MAX_KEPT - self._kept_size:
                self._kept[key] = answer
                self._kept_size += size
        self._asked.append(question)
        if isinstance(answer, ExecutionError):
            raise SuiteError(self._describe(answer, question[-1])) from None
        return answer

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Return what a function of the reference gives, asked by a submission's process.

        Raises:
            ExecutionError: it gives nothing for these arguments.
            SuiteError: there is no such function.
        """
        callee = self._callee
        if not self._callee_ready:
            callee.begin_test(self._index, self._task)
            self._callee_ready, self._callee_seconds = True, SECONDS
        if self._callee_seconds < 0:
            raise StudentError("RuntimeError", f"{name} has computed for too long", None)
        before = callee.cpu_seconds
        try:
            function = callee.request("get", None, name)
            return callee.request("call", function, args, kwargs)
        finally:
            self._callee_seconds -= max(callee.cpu_seconds - before, 0.0)

    def _ask(self, question: Question, before: tuple[int, bytes]) -> Any:
        """Return the answer of the process, or the error that it gives."""
        process = self._process
        if self._at != before or not process.alive:
            process.begin_test(self._index, self._task)
            self._handed = 0
            self._hand_over(process)
            for earlier in self._asked:
                _put(process, earlier)
        self._hand_over(process)
        return _put(process, question)

    def _hand_over(self, process: StudentProcess) -> None:
        """Hand over the functions of the test that the process does not have yet."""
        for answer, name, in_reference in self._functions[self._handed :]:
            process.hand_over(answer, name, in_reference=in_reference)
        self._handed = len(self._functions)

    @cached_property
    def _process(self) -> StudentProcess:
        return self._started()

    @cached_property
    def _callee(self) -> StudentProcess:
        """Another process, so that what a submission calls changes nothing in the first."""
        return self._started()

    def _started(self) -> StudentProcess:
        process = self._start()
        process.execute()
        return process

    def _describe(self, error: ExecutionError, asked: tuple[str, tuple[Any, ...]]) -> str:
        """Say why there is no answer, for the author."""
        if not isinstance(error, StudentError):
            return f"{self._path}: the reference solution gives no answer. {error}"
        operation, arguments = asked
        if error.type == "NameError" and operation == "get" and error.location is None:
            results = enumerate(self._process.results, 1)
            failed = ((number, error_of(result.outputs)) for number, result in results)
            cells = [f"cell {n} raises {e[0]}: {e[1]}" for n, e in failed if e is not None]
            because = f" ({cells[0]})" if cells else ""
            return f"{self._path} defines no {arguments[1]!r}{because}."
        where = f", {error.location}" if error.location else ""
        return f"{self._path}{where}: the reference solution raises {error.type}: {error.message}"


def _put(process: StudentProcess, question: Question) -> Any:
    """Put a question to the process; return its answer, or the error that it gives."""
    *deferred, (operation, arguments) = question
    for earlier, given in deferred:
        process.defer(earlier, *given)
    try:
        return process.request(operation, *arguments)
    except ExecutionError as error:
        return error
