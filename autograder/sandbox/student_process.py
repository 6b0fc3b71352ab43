"""Runs one submission: its cells, then requests, in a child that is replaced when it ends."""

import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.sandbox.execution_errors import (
    ExecutionError,
    InvalidResponse,
    ProcessCrashed,
    SourceLocation,
    StudentError,
    SupportLine,
    TimedOut,
)
from autograder.sandbox.warm_process import Child, Exit, WarmProcess
from autograder.sandbox.worker import scratch, wire
from autograder.sandbox.worker.limits import Limits

LEAST_SECONDS = 0.3
SLOW_IMPORTS = re.compile(r"\b(optim|func|functorch|compile|SGD|Adam)\b")
"""What makes torch import most of itself at first use: a second, best spent once."""
OUTPUT_OVERHEAD = 1 << 20  # bytes that outputs take besides their contents
QUESTIONS = 1 << 16  # more than any test asks: each test has its own range of question numbers

Question = list[tuple[str, tuple[Any, ...]]]
"""Operations that are carried out one after the other; the last one's value is the answer."""


@dataclass(frozen=True)
class TimeLimits:
    """Wall-time limits in seconds: for all cells together, for one cell, for one request.

    Each time a submission uses up the time of a cell or a request, its later limits are halved,
    so that an endless loop does not cost the full time again and again. All children of a
    submission together get three times the limit of the notebook plus that of ten requests.
    """

    notebook: float
    cell: float
    request: float

    @property
    def total(self) -> float:
        """The limit for the whole submission."""
        return 3 * self.notebook + 10 * self.request


@dataclass
class CellResult:
    """The outcome of a cell: nbformat outputs (images as bytes), and how it ended."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    succeeded: bool = False
    failure: TimedOut | ProcessCrashed | InvalidResponse | None = None


class Series:
    """All questions of a test, known in advance and sent at once, to save the round trips."""

    def __init__(self, test_index: int, questions: Sequence[Question]) -> None:
        self.test_index, self.questions = test_index, tuple(questions)

    @cached_property
    def frame(self) -> bytes:
        """The message, the same for every submission."""
        return wire.pack((_first_number(self.test_index), "series", self.questions))


def _first_number(test_index: int) -> int:
    return (test_index + 1) * QUESTIONS


class StudentProcess:
    """Runs a submission's cells in a child, then passes requests to it.

    A child that hangs, crashes or sends garbage is killed. The next request starts a new one,
    which first runs the cells again, except those that ended a child.

    If a test's questions are known in advance, its first one sends them all, and the child works
    on while its answers are judged. It stops at the first exception.
    """

    def __init__(
        self, warm: WarmProcess, cells: Sequence[str], limits: Limits, seconds: TimeLimits
    ) -> None:
        self.cells = tuple(cells)
        self.results: list[CellResult] = []
        self.generation = 0  # counts the children
        self.needs_rerun = False  # killed from outside, or the child did what was not asked
        self.answers: list[Any] = []  # what the current test got, as it got it
        self.exchanges: list[tuple[Question, Any]] = []  # its questions and the raw answers
        self.lookups: dict[Any, Any] = {}  # what it looked up by name
        self.support_objects: set[tuple[int, int]] = set()  # generation, number
        self._warm, self._limits, self._seconds = warm, limits, seconds
        self._child: Child | None = None
        self._number = 0  # of the last question
        self._objects = 0  # of the last object that the grader numbered
        self._total_deadline = time.monotonic() + seconds.total
        self._output_left = 2 * limits.output + OUTPUT_OVERHEAD
        self._time_factor = 1.0
        self._first_timeout: tuple[float, float | None] | None = None
        self._disk_checked = 0.0
        self._deferred: Question = []
        self._reader: wire.Reader
        self._series: Series | None = None  # the questions of the test, not sent yet
        self._pending: deque[Question] = deque()  # sent and not answered yet

    @property
    def alive(self) -> bool:
        """Whether there is a child, as far as is known."""
        return self._child is not None

    def execute(self) -> list[CellResult]:
        """Run all cells, also after one has failed, and return the result of each."""
        self._deadline = time.monotonic() + self._seconds.notebook
        while len(self.results) < len(self.cells):
            if self._child is None:
                self._start()
            index = len(self.results)
            empty = not self.cells[index].strip()
            result = CellResult(succeeded=True) if empty else self._execute_cell(index)
            self.results.append(result)
        return self.results

    def defer(self, operation: str, *arguments: Any) -> None:
        """Send an operation together with the next request, in the same message."""
        self._deferred.append((operation, arguments))

    def begin_test(self, index: int, series: Series | None = None) -> None:
        """Begin the test with this index in its suite; `series` holds its questions, if known."""
        self._number = self._objects = _first_number(index) - 1
        self._series = series
        self.lookups.clear()

    def new_object(self) -> int:
        """Return a number for an object that the child will make."""
        self._objects += 1
        return -self._objects

    def end_test(self) -> None:
        """End a test: drop operations that no request followed, and answers not yet read."""
        self._deferred.clear()
        try:
            while self._pending and time.monotonic() <= self._total_deadline:
                self._answer(self._scaled(self._seconds.request))
        except ExecutionError:
            self._pending.clear()  # the test has failed already
        self.answers.clear()
        self.exchanges.clear()

    def request(self, operation: str, *arguments: Any) -> Any:
        """Send an operation to the child and return its answer, plain data.

        Raises:
            StudentError: the student's code raised an exception.
            TimedOut, ProcessCrashed, InvalidResponse: the child is gone; the next request starts
                a new one.
            WarmProcessError: the grader failed.
        """
        __tracebackhide__ = True
        if time.monotonic() > self._total_deadline:
            raise TimedOut(self._seconds.total)
        if self._child is None:
            self._deadline = time.monotonic() + self._seconds.notebook
            self._start()
        question = [*self._deferred, (operation, arguments)]
        self._deferred.clear()
        answer = self._ask(question, self._scaled(self._seconds.request))
        self.exchanges.append((question, answer))
        return answer

    def _ask(self, question: Question, seconds: float) -> Any:
        """Return the answer to a question, which may have been sent already."""
        __tracebackhide__ = True
        series, self._series = self._series, None
        if self._pending and self._pending[0] != question:
            self.needs_rerun = True  # the child has worked on another question
            self._end()
            raise ProcessCrashed("it was asked something that no other submission was asked")
        if not self._pending:
            if series is None or series.questions[:1] != (question,):
                return self._exchange("batch", (question,), seconds)
            self._pending.extend(series.questions)
            self._send(series.frame, seconds)
        return self._answer(seconds)

    def _answer(self, seconds: float) -> Any:
        """Return the answer to the next question that was sent."""
        __tracebackhide__ = True
        self._pending.popleft()
        try:
            return self._receive(seconds)
        except StudentError:  # the child stopped there
            self._pending.clear()
            raise

    def close(self) -> None:
        """End the child and remove its scratch folder."""
        if self._child is not None:
            self._end()

    def _start(self) -> None:
        """Start a child and bring it to the state of the last one."""
        slow, number = any(map(SLOW_IMPORTS.search, self.cells)), self._number
        self._child = self._warm.fork(self._limits, all_of_torch=slow)
        self._reader = wire.Reader(self._child.wire)
        self.generation += 1
        for index, result in enumerate(self.results):
            if result.failure is not None or not self.cells[index].strip():
                continue
            if self._execute_cell(index, show=False).failure is not None:
                raise ProcessCrashed("a cell that ran before did not run again")
        self._number = number  # a test continues its numbering

    def _execute_cell(self, index: int, *, show: bool = True) -> CellResult:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            return CellResult(failure=TimedOut(self._seconds.notebook))
        try:
            seconds = min(self._scaled(self._seconds.cell), remaining)
            request = index + 1, self.cells[index], show
            outputs, succeeded = self._exchange("execute", request, seconds)
            self._output_left -= _size(outputs)
            if self._output_left < 0:
                raise ValueError
            return CellResult(_checked_outputs(outputs), bool(succeeded))
        except StudentError as error:  # the cell broke the shell itself
            return CellResult(failure=InvalidResponse(str(error)))
        except (TimedOut, ProcessCrashed, InvalidResponse) as failure:
            return CellResult(failure=failure)
        except (TypeError, ValueError):
            self._end()
            return CellResult(
                failure=InvalidResponse("the outputs of a cell are not outputs, or too large")
            )

    def _scaled(self, seconds: float) -> float:
        return max(seconds * self._time_factor, min(seconds, LEAST_SECONDS))

    def _exchange(self, operation: str, arguments: Sequence[Any], seconds: float) -> Any:
        __tracebackhide__ = True
        self._send(wire.pack((self._number + 1, operation, tuple(arguments))), seconds)
        return self._receive(seconds)

    def _send(self, frame: bytes, seconds: float) -> None:
        __tracebackhide__ = True
        assert self._child is not None
        with self._ending_on_error(seconds):
            self._reader.expect_nothing()
            wire.send(self._child.wire, frame, time.monotonic() + seconds)

    def _receive(self, seconds: float) -> Any:
        """Return the child's next answer."""
        __tracebackhide__ = True
        self._number += 1
        with self._ending_on_error(seconds):
            number, status, value = self._reader.receive(
                time.monotonic() + seconds, self._check_disk_usage
            )
            if number != self._number or status not in ("ok", "error"):
                raise wire.WireError("an answer to another question")
            if not self._pending:
                self._reader.expect_nothing()
        self._check_disk_usage()
        if status == "error":
            raise student_error(value)
        return value

    @contextmanager
    def _ending_on_error(self, seconds: float) -> Iterator[None]:
        """End the child on any error of the wire, and raise what happened."""
        __tracebackhide__ = True
        try:
            yield
        except wire.DeadlinePassed:
            if self._first_timeout is None:  # later ones get too little time to tell
                assert self._child is not None
                self._first_timeout = seconds, self._child.cpu_seconds
            self._end()
            self._time_factor /= 2
            raise TimedOut(*self._first_timeout) from None
        except wire.ConnectionLost:
            end = self._end()
            self.needs_rerun |= end.from_outside(self._limits.cpu)
            raise ProcessCrashed(str(end)) from None
        except (wire.WireError, TypeError, ValueError) as error:
            self._end()
            raise InvalidResponse(str(error)) from None

    def _check_disk_usage(self) -> None:
        """End the child if it keeps too many files; looks four times a second at most.

        Raises:
            ProcessCrashed: it kept too many.
        """
        now = time.monotonic()
        if self._child is None or now < self._disk_checked + wire.PATROL_SECONDS:
            return
        self._disk_checked = now
        if scratch.usage(self._child.folder) > self._limits.file_size:
            self._end()
            size = self._limits.file_size >> 20
            raise ProcessCrashed(f"it was stopped for keeping more than {size} MiB in files")

    def _end(self) -> Exit:
        assert self._child is not None
        child, self._child = self._child, None
        self._deferred.clear()
        self._pending.clear()
        return self._warm.end(child)


def student_error(details: Any) -> StudentError:
    """Return a child's description of an exception as an error; it may hold anything."""
    details = details if isinstance(details, dict) else {}
    where, location = details.get("where"), None
    if isinstance(where, dict):
        cell, line, source = (where.get(key) for key in ("cell", "line", "source"))
        if type(cell) is int and type(line) is int and type(source) is str:
            location = SourceLocation(cell, line, source[:200])
    kind, message = (details.get(key) for key in ("type", "message"))
    return StudentError(
        kind[:100] if isinstance(kind, str) else "an error",
        message[:2000] if isinstance(message, str) else "",
        location,
        _support_line(details.get("support")),
        refused=details.get("refused") is True,
    )


def _support_line(details: Any) -> SupportLine | None:
    match details:
        case {"file": str(file), "line": int(line), "certain": bool(certain)}:
            return SupportLine(file[:100], line, certain)
    return None


def _size(value: Any) -> int:
    """Return about how many bytes an answer takes."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(key) + _size(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_size, value), 8)
    return 8


def _checked_outputs(outputs: Any) -> list[dict[str, Any]]:
    """Return the outputs if they have the form of notebook outputs.

    Raises:
        ValueError: they do not.
    """
    if type(outputs) is not list:
        raise ValueError
    for output in outputs:
        images: dict[str, Any] = {}
        match output:
            case {"output_type": "stream", "name": "stdout" | "stderr", "text": text}:
                texts = [text]
            case {
                "output_type": "error",
                "ename": ename,
                "evalue": evalue,
                "traceback": list(trace),
            }:
                texts = [ename, evalue, *trace]
            case {"output_type": "display_data" | "execute_result", "data": dict(data)}:
                texts = [value for kind, value in data.items() if kind.startswith("text/")]
                images = {k: value for k, value in data.items() if not k.startswith("text/")}
            case _:
                raise ValueError
        allowed = set(images) <= {"image/png", "image/jpeg"}
        if not allowed or {*map(type, texts)} - {str} or {*map(type, images.values())} - {bytes}:
            raise ValueError
    return outputs
