"""One submission's run: its cells, then requests, in a child that is replaced when it ends."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.sandbox.execution_errors import (
    InvalidResponse,
    ProcessCrashed,
    SourceLocation,
    StudentError,
    TimedOut,
)
from autograder.sandbox.warm_process import Child, Exit, WarmProcess
from autograder.sandbox.worker import scratch, wire
from autograder.sandbox.worker.limits import Limits

LEAST_SECONDS = 0.3
SLOW_IMPORTS = re.compile(r"\b(optim|func|functorch|compile|SGD|Adam)\b")
"""What torch imports most of itself for when it is first used: a second, best spent once."""
LEAST_ROOM = 1 << 20  # bytes for what outputs consist of beside their contents
QUESTIONS = 1 << 16  # more than any test asks: each test's questions have numbers of their own

Question = list[tuple[str, tuple[Any, ...]]]
"""Operations that are carried out one after the other; the last one's value is the answer."""


@dataclass(frozen=True)
class TimeLimits:
    """Wall time: for all cells together, for one cell, for one request of a test.

    Each time a submission uses up the time of a cell or a request, the next ones get half as
    much, so that an endless loop is not waited for in full again and again. All children of a
    submission together get three times what its cells may take, and the time of ten requests.
    """

    notebook: float
    cell: float
    request: float

    @property
    def in_all(self) -> float:
        """What a submission gets altogether."""
        return 3 * self.notebook + 10 * self.request


@dataclass
class CellResult:
    """What happened when a cell ran: nbformat outputs (images as bytes), and how it ended."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    succeeded: bool = False
    failure: TimedOut | ProcessCrashed | InvalidResponse | None = None


class Series:
    """All that a test asks, whatever the answers. Sent at once, it saves waiting for each answer.

    `place` is that of the test in its suite.
    """

    def __init__(self, place: int, questions: Sequence[Question]) -> None:
        self.place, self.questions = place, tuple(questions)

    @cached_property
    def frame(self) -> bytes:
        """The message, the same for every submission."""
        return wire.pack((_first_number(self.place), "series", self.questions))


def _first_number(place: int) -> int:
    return (place + 1) * QUESTIONS


class StudentProcess:
    """Runs a submission's cells in a child, then passes requests to it.

    A child that hangs, crashes or sends garbage is killed. The next request starts another
    one, which runs the cells again, without those that were its end.

    Where it is known what a test will ask, its first question brings all the others along, and
    the child goes on while its answers are judged. It stops at the first exception.
    """

    def __init__(
        self, warm: WarmProcess, cells: Sequence[str], limits: Limits, seconds: TimeLimits
    ) -> None:
        self.cells = tuple(cells)
        self.results: list[CellResult] = []
        self.generation = 0
        self.disturbed = False  # a child was killed from outside, or something else was asked
        self.handed_out: list[Any] = []  # answers that tests got since `forget`
        self.known: dict[Any, Any] = {}  # what was looked up by name
        self.support_objects: set[tuple[int, int]] = (
            set()
        )  # what came with the suite: generation, number
        self.asked: list[tuple[list[Any], Any]] = []  # the questions to them, and raw answers
        self._warm, self._limits, self._seconds = warm, limits, seconds
        self._child: Child | None = None
        self._number = 0
        self._end_of_all = time.monotonic() + seconds.in_all
        self._room = 2 * limits.output + LEAST_ROOM
        self._patience = 1.0
        self._first_time_up: tuple[float, float | None] | None = None
        self._patrolled = 0.0
        self._waiting: Question = []
        self._reader: wire.Reader
        self._series: Series | None = None  # what the test will ask
        self._coming: deque[Question] = deque()  # was sent, and is not answered yet
        self._objects = 0

    @property
    def alive(self) -> bool:
        """Whether there is a child, as far as is known."""
        return self._child is not None

    def execute(self) -> list[CellResult]:
        """Run all cells, each whatever became of the others; return what happened to each."""
        self._deadline = time.monotonic() + self._seconds.notebook
        while len(self.results) < len(self.cells):
            if self._child is None:
                self._start()
            index = len(self.results)
            empty = not self.cells[index].strip()
            result = CellResult(succeeded=True) if empty else self._execute_cell(index)
            self.results.append(result)
        return self.results

    def later(self, operation: str, *arguments: Any) -> None:
        """Have something done together with the next request, in the same message."""
        self._waiting.append((operation, arguments))

    def begin(self, place: int, series: Series | None = None) -> None:
        """Begin with a test, at its place in the suite; `series` is what it will ask."""
        self._number = self._objects = _first_number(place) - 1
        self._series = series
        self.known.clear()

    def new_object(self) -> int:
        """Return a number for an object that the child is to make."""
        self._objects += 1
        return -self._objects

    def forget(self) -> None:
        """End a test: drop what waits for a request that never came, and what was not read."""
        self._waiting.clear()
        try:
            while self._coming and time.monotonic() <= self._end_of_all:
                self._answer(self._patient(self._seconds.request))
        except (StudentError, TimedOut, ProcessCrashed, InvalidResponse):
            self._coming.clear()  # the test has failed already
        self.handed_out.clear()
        self.asked.clear()

    def request(self, operation: str, *arguments: Any) -> Any:
        """Ask the child to do something and return its answer, plain data.

        Raises:
            CodeRaised: the student's code raised an exception.
            TimeUp, Died, Garbled: the child is gone; the next request gets a new one.
            WarmProcessError: a fault of ours.
        """
        __tracebackhide__ = True
        if time.monotonic() > self._end_of_all:
            raise TimedOut(self._seconds.in_all)
        if self._child is None:
            self._deadline = time.monotonic() + self._seconds.notebook
            self._start()
        question = [*self._waiting, (operation, arguments)]
        self._waiting.clear()
        answer = self._ask(question, self._patient(self._seconds.request))
        self.asked.append((question, answer))
        return answer

    def _ask(self, question: Question, seconds: float) -> Any:
        """Return the answer to a question, which may be on its way already."""
        __tracebackhide__ = True
        series, self._series = self._series, None
        if self._coming and self._coming[0] != question:
            self.disturbed = True  # the child has done what nobody asked for
            self._end()
            raise ProcessCrashed("it was asked something else than any other submission")
        if not self._coming:
            if series is None or series.questions[:1] != (question,):
                return self._exchange("batch", (question,), seconds)
            self._coming.extend(series.questions)
            self._send(series.frame, seconds)
        return self._answer(seconds)

    def _answer(self, seconds: float) -> Any:
        """Return the answer to the next question that was sent."""
        __tracebackhide__ = True
        self._coming.popleft()
        try:
            return self._receive(seconds)
        except StudentError:  # there it stopped
            self._coming.clear()
            raise

    def close(self) -> None:
        """End the child and remove its scratch folder."""
        if self._child is not None:
            self._end()

    def _start(self) -> None:
        """Start a child and bring it to where the last one was."""
        slow, number = any(SLOW_IMPORTS.search(cell) for cell in self.cells), self._number
        self._child = self._warm.fork(self._limits, all_of_torch=slow)
        self._reader = wire.Reader(self._child.wire)
        self.generation += 1
        for index, result in enumerate(self.results):
            if result.failure is not None or not self.cells[index].strip():
                continue
            if self._execute_cell(index, show=False).failure is not None:
                raise ProcessCrashed("a cell that ran before did not run again")
        self._number = number  # a test goes on counting where it was

    def _execute_cell(self, index: int, *, show: bool = True) -> CellResult:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            return CellResult(failure=TimedOut(self._seconds.notebook))
        try:
            answer = self._exchange(
                "execute",
                (index + 1, self.cells[index], show),
                min(self._patient(self._seconds.cell), remaining),
            )
            outputs, succeeded = answer
            self._room -= _size(outputs)
            if self._room < 0:
                raise ValueError
            return CellResult(_checked_outputs(outputs), bool(succeeded))
        except StudentError as error:  # the shell itself fell over: the cell's own doing
            return CellResult(failure=InvalidResponse(str(error)))
        except (TimedOut, ProcessCrashed, InvalidResponse) as failure:
            return CellResult(failure=failure)
        except (TypeError, ValueError):
            self._end()
            return CellResult(
                failure=InvalidResponse("the outputs of a cell are not outputs, or too large")
            )

    def _patient(self, seconds: float) -> float:
        return max(seconds * self._patience, min(seconds, LEAST_SECONDS))

    def _exchange(self, operation: str, arguments: Sequence[Any], seconds: float) -> Any:
        __tracebackhide__ = True
        self._send(wire.pack((self._number + 1, operation, tuple(arguments))), seconds)
        return self._receive(seconds)

    def _send(self, frame: bytes, seconds: float) -> None:
        __tracebackhide__ = True
        assert self._child is not None
        with self._faults(seconds):
            self._reader.expect_nothing()
            wire.send(self._child.wire, frame, time.monotonic() + seconds)

    def _receive(self, seconds: float) -> Any:
        """Return what the child answers next."""
        __tracebackhide__ = True
        self._number += 1
        with self._faults(seconds):
            number, status, value = self._reader.receive(time.monotonic() + seconds, self._patrol)
            if number != self._number or status not in ("ok", "error"):
                raise wire.WireError("an answer to another question")
            if not self._coming:
                self._reader.expect_nothing()
        self._patrol()
        if status == "error":
            raise student_error(value)
        return value

    @contextmanager
    def _faults(self, seconds: float) -> Iterator[None]:
        """End the child when something is wrong with it, and say what."""
        __tracebackhide__ = True
        try:
            yield
        except wire.DeadlinePassed:
            if self._first_time_up is None:  # the next ones get too little time to tell
                assert self._child is not None
                self._first_time_up = seconds, self._child.cpu_seconds
            self._end()
            self._patience /= 2
            raise TimedOut(*self._first_time_up) from None
        except wire.ConnectionLost:
            end = self._end()
            self.disturbed |= end.from_outside(self._limits.cpu)
            raise ProcessCrashed(str(end)) from None
        except (wire.WireError, TypeError, ValueError) as error:
            self._end()
            raise InvalidResponse(str(error)) from None

    def _patrol(self) -> None:
        """Look, four times a second at most, at what the child has written.

        Raises:
            Died: it was too much, and the child is ended.
        """
        now = time.monotonic()
        if self._child is None or now < self._patrolled + wire.PATROL_SECONDS:
            return
        self._patrolled = now
        if scratch.usage(self._child.folder) > self._limits.file_size:
            self._end()
            size = self._limits.file_size >> 20
            raise ProcessCrashed(f"it was stopped for keeping more than {size} MiB in files")

    def _end(self) -> Exit:
        assert self._child is not None
        child, self._child = self._child, None
        self._waiting.clear()
        self._coming.clear()
        return self._warm.end(child)


def student_error(details: Any) -> StudentError:
    """Turn the child's account of an exception into ours, whatever it holds."""
    details = details if isinstance(details, dict) else {}
    where = details.get("where")
    place = None
    if isinstance(where, dict):
        cell, line, source = (where.get(key) for key in ("cell", "line", "source"))
        if type(cell) is int and type(line) is int and type(source) is str:
            place = SourceLocation(cell, line, source[:200])
    kind, message = (details.get(key) for key in ("type", "message"))
    return StudentError(
        kind[:100] if isinstance(kind, str) else "an error",
        message[:2000] if isinstance(message, str) else "",
        place,
    )


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
        kind = output.get("output_type") if isinstance(output, dict) else None
        match kind:
            case "stream":
                texts = [output.get("text")]
                good = output.get("name") in ("stdout", "stderr")
            case "error":
                trace = output.get("traceback")
                good = isinstance(trace, list)
                texts = [output.get("ename"), output.get("evalue"), *(trace or [])]
            case "display_data" | "execute_result":
                data = output.get("data")
                good = isinstance(data, dict)
                texts = [v for k, v in (data or {}).items() if k.startswith("text/")]
                images = {k: v for k, v in (data or {}).items() if not k.startswith("text/")}
                good = good and all(type(image) is bytes for image in images.values())
                good = good and set(images) <= {"image/png", "image/jpeg"}
            case _:
                raise ValueError
        if not good or not all(type(text) is str for text in texts):
            raise ValueError
    return outputs
