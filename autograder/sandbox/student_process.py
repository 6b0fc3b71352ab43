"""Runs one submission: its cells, then requests, in a child that is replaced when it ends."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard

from autograder.sandbox.execution_errors import (
    BACKSTOP,
    ExecutionError,
    InvalidResponse,
    ProcessCrashed,
    SourceLocation,
    StudentError,
    SupportLine,
    TimedOut,
)
from autograder.sandbox.stopped_code import endless_loop, location, stopped_at
from autograder.sandbox.warm_process import Child, ChildKilled, Exit, WarmProcess, despite_kills
from autograder.sandbox.worker import scratch, wire
from autograder.sandbox.worker.limits import MAX_DELETED, MAX_THREADS, Limits
from autograder.sandbox.worker.outputs import MAX_LINES, MAX_MESSAGE, MAX_NAME, MAX_OUTPUTS

SLOW_IMPORTS = re.compile(r"\b(optim|func|functorch|compile|SGD|Adam)\b")
"""What makes torch import most of itself at first use: a second, best spent once."""
OUTPUT_OVERHEAD = 1 << 20  # bytes that outputs take besides their contents
QUESTIONS = 1 << 16  # more than any test asks: each test has its own range of question numbers
MAX_SKIPPED = 100  # skipped statements of a notebook that are kept
MAX_CALLS = 10_000  # of the functions that a test has handed over
DRAWING = 4  # drawing all figures may take this part of the time of all cells
REPLAYS = 3  # how often the whole notebook may be run again, in processor time

Limit = tuple[float, str]
"""Seconds of processor time, and what may use them."""

Answerer = Callable[[list[Any], dict[str, Any]], tuple[str, Any]]
"""Answers a call from the child: ("ok", value), or ("error", (builtin exception, message))."""

Bound = Mapping[str, wire.Ref | wire.Callback]
"""What names of the notebook stand for instead."""

Question = list[tuple[str, tuple[Any, ...]]]
"""Operations that are carried out one after the other; the last one's value is the answer."""


@dataclass(frozen=True)
class TimeLimits:
    """Limits in seconds of processor time: for all cells together, for one cell, for one request.

    Ten times as much time may pass, for code that waits. `by_task` has those for one request of
    tasks with a limit of their own.
    """

    notebook: float
    cell: float
    request: float
    by_task: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SkippedStatement:
    """A statement that failed because of where it ran: its exception, the names it would bind."""

    type: str
    message: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        if module := re.fullmatch(r"No module named '([\w.]+)'", self.message):
            return f"needs the module {module[1]}, which is not installed here"
        return f"has a line that cannot run here ({self.type}: {self.message})"


@dataclass
class CellResult:
    """The outcome of a cell: nbformat outputs (images as bytes), and how it ended.

    In `outputs`, the image of a figure is empty. `pictures` are those images, in their order, or
    why one is missing; there are none if nobody wants to see them, so nothing is judged by them.
    `skipped` are the statements that could not run on this machine; those after them did run.
    `statements` is how many statements had ended before the process did. `error_lines` are the
    cells and lines that the exception passed through which ended it, the innermost last. `sides`
    are what a bare assertion compared that failed in a test cell, as far as a judge has run it.
    """

    outputs: list[dict[str, Any]] = field(default_factory=list)
    succeeded: bool = False
    failure: TimedOut | ProcessCrashed | InvalidResponse | None = None
    skipped: tuple[SkippedStatement, ...] = ()
    statements: int = 0
    error_lines: tuple[tuple[int, int], ...] = ()
    pictures: tuple[bytes | str, ...] = ()
    sides: tuple[str, ...] = ()


class Series:
    """All questions of a test, known in advance and sent at once, to save the round trips."""

    def __init__(self, test_index: int, task: str, questions: Sequence[Question]) -> None:
        self.test_index, self.task, self.questions = test_index, task, tuple(questions)

    @property
    def reveals(self) -> bool:
        """Whether it shows something to student code, besides its questions."""
        return bool(self.loaded or self.lent)

    @property
    def loaded(self) -> set[str]:
        """The files of support code that the student's process gets."""
        return {arguments[1] for name, arguments in self._operations if name == "load"}

    @property
    def lent(self) -> set[str]:
        """The functions of the reference solution that student code may call."""
        return {name for _, arguments in self._operations for name in lent_functions(arguments)}

    @property
    def _operations(self) -> list[tuple[str, tuple[Any, ...]]]:
        return [operation for question in self.questions for operation in question]

    @cached_property
    def frame(self) -> bytes:
        """The message, the same for every submission."""
        arguments = self.task, list(self.questions)
        return wire.pack((_first_number(self.test_index), "series", arguments))


def _same(one: Question, other: Question) -> bool:
    """Tell whether two questions are the same on the wire; tables and NaN have no equality."""
    try:
        if one == other:
            return True
    except ValueError:  # of a table, which gives one answer for each cell
        pass
    return wire.pack(one) == wire.pack(other)


def lent_functions(value: Any, *, of_suite: bool = False) -> Iterator[str]:
    """Yield the functions of the reference, or of the suite, in the arguments of an operation."""
    if isinstance(value, wire.Callback) and value.in_reference != of_suite:
        yield value.name
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list | tuple):
        for part in parts:
            yield from lent_functions(part, of_suite=of_suite)


def _first_number(test_index: int) -> int:
    return (test_index + 1) * QUESTIONS


@dataclass
class _Kept:
    """What a fixture asked whose objects several tests use: asked again in each new child."""

    test_index: int
    task: str
    questions: list[Question] = field(default_factory=list)


class Allowance:
    """What a child may use for one message: processor time, and ten times as much time.

    Once a submission has waited too long altogether, no more time than processor time. It may wait
    for one cell's time, and for nine times as long as it has computed, as on a busy machine.
    """

    def __init__(self, child: Child, seconds: float, waiting_left: float) -> None:
        self.seconds = seconds
        self._child, self._cpu, self._began = child, child.cpu_seconds, time.monotonic()
        self.deadline = self._began + min(BACKSTOP * seconds, seconds + max(waiting_left, 0))

    def give_back(self, seconds: float) -> None:
        """Not count time that the child has waited for the grader."""
        self._began += seconds
        self.deadline += seconds

    @property
    def used(self) -> float:
        """The processor time that the child has used since."""
        return self._child.cpu_seconds - self._cpu

    @property
    def more_waiting(self) -> float:
        """By how much longer the child may wait in total since it ran; negative if it waited."""
        return BACKSTOP * self.used - (time.monotonic() - self._began)


Elsewhere = Callable[[int], CellResult | None]
"""Returns the result of a cell that runs in another process, None for one that does not."""


def nowhere(index: int) -> None:
    """Leave all cells to the student's process."""


class StudentProcess:
    """Runs a submission's cells in a child, then passes requests to it.

    A child that hangs, crashes or sends garbage is killed. The next request starts a new one,
    which first runs the cells again, except those that ended a child.

    If a test's questions are known in advance, its first one sends them all, and the child works
    on while its answers are judged. It stops at the first exception.

    With `draws`, the figures that each cell shows are drawn after it. What that takes, and whether
    it fails, changes nothing else. With `of_course`, the code is the course's own: it may answer as
    much as it is asked, and that another process kills it is an error of the grader.
    """

    blames_suite = False  # the reference solution, which may stand in its place, does
    is_local = False  # the student's own process, which must be closed to be as it was before

    def __init__(
        self,
        warm: WarmProcess,
        cells: Sequence[str],
        limits: Limits,
        seconds: TimeLimits,
        checks: Mapping[int, Sequence[str]] = MappingProxyType({}),
        files: Mapping[str, bytes] = MappingProxyType({}),
        given_files: Mapping[str, bytes] = MappingProxyType({}),
        *,
        draws: bool = False,
        of_course: bool = False,
    ) -> None:
        self.cells = tuple(cells)
        self.results: list[CellResult] = []
        self.children = 0  # that there have been
        self.needs_rerun = False  # killed from outside, or the child did what was not asked
        self.answers: list[Any] = []  # what the current test got, as it got it
        self.kept_answers: list[Any] = []  # what fixtures got that several tests use
        self.exchanges: list[tuple[Question, Any]] = []  # its questions and the raw answers
        self.keeps_exchanges = False
        self.lookups: dict[Any, Any] = {}  # what it looked up by name
        self.names: dict[str, set[str]] = {}  # what the tests of each task looked up
        self.bound: Bound = {}  # names that stand for functions of the test
        self.room = None if of_course else wire.Room()  # for all that its children send
        self.missing: dict[str, str] = {}  # why there are names that they did not find
        self.support_objects: set[tuple[int, int]] = set()  # generation, number
        self.elsewhere: Elsewhere = nowhere  # asked about each cell after those before it have run
        self._warm, self._limits, self._seconds, self._checks = warm, limits, seconds, checks
        self._files = files  # for the scratch folder of each child
        self._given_files = given_files  # the same, which it may only read
        self._of_course = of_course
        self._draws = draws  # figures, until one cannot be drawn in time
        self._request_seconds = seconds.request  # of the current test
        self._child: Child | None = None
        self._number = 0  # of the last question
        self._objects = 0  # of the last object that the grader numbered
        self._notebook_left = seconds.notebook  # processor time of the cells' first run
        self._replays_left = REPLAYS * seconds.notebook  # processor time for running them again
        self._waiting_left = BACKSTOP * seconds.cell  # time without processor time
        self._output_left = self._pictures_left = 2 * limits.output + OUTPUT_OVERHEAD
        self._drawing_left = seconds.notebook / DRAWING  # processor time
        self._skipped_left = MAX_SKIPPED
        self._patrolled = 0.0
        self._statement = 0  # how many statements of the running cell have been started
        self._deferred: Question = []
        self._reader: wire.Reader
        self._task = ""  # of the current test
        self._restored = False  # whether the child has the names that this task's check saw
        self._series: Series | None = None  # the questions of the test, not sent yet
        self._pending: deque[Question] = deque()  # sent and not answered yet
        self._functions: list[Answerer] = []  # that the test has handed over
        self._calls_left = MAX_CALLS
        self._fault: Exception | None = None  # of such a function, which is the suite's
        self._kept: list[_Kept] = []
        self._keeping: _Kept | None = None  # while a fixture asks what several tests use

    @property
    def generation(self) -> int:
        """The number of the child that present objects belong to, 0 if each child makes them."""
        return 0 if self._keeping else self.children

    @property
    def alive(self) -> bool:
        """Whether there is a child, as far as is known."""
        return self._child is not None

    @property
    def cpu_seconds(self) -> float:
        """The processor time that its present child has used."""
        return self._child.cpu_seconds if self._child is not None else 0.0

    @property
    def is_ahead(self) -> bool:
        """Whether the child works on questions that the test has yet to ask."""
        return bool(self._pending)

    def changed_files(self) -> frozenset[str]:
        """Return the files that it was given and that are no longer as they were.

        They are read, so this is not for a process in which a student's code has run.
        """
        given = {**self._files, **self._given_files}
        folder = Path(self._child.files) if self._child is not None else None
        return frozenset(
            name for name, content in given.items() if folder and not _holds(folder / name, content)
        )

    def shown(self) -> list[dict[str, Any]]:
        """Return the outputs of all cells."""
        return [output for result in self.results for output in result.outputs]

    def execute(self) -> list[CellResult]:
        """Run all cells, also after one has failed, and return the result of each."""
        while len(self.results) < len(self.cells):
            index = len(self.results)
            result = self.elsewhere(index)
            if result is None:
                if self._child is None:
                    self._start()
                result = self._run_cell(index)
            self.results.append(result)
        if self._child is not None:
            with suppress(ExecutionError):  # it will be started again
                self._save("")
        return self.results

    def carry_out(self, operation: str, arguments: Sequence[Any], limit: Limit) -> Any:
        """Carry out an operation at once, between two cells, and return its answer.

        Raises:
            StudentError: it raised an exception.
            TimedOut, ProcessCrashed, InvalidResponse: the child is gone.
        """
        if self._child is None:
            self._start()
        return self._exchange(operation, arguments, limit)

    def converse(self, reply: tuple[str, Any]) -> Any:
        """Answer the child's call, which waits for an answer, and return its next call.

        Raises:
            TimedOut, ProcessCrashed, InvalidResponse: the child is gone.
        """
        with self._allowing(self._request_limit) as allowance:
            assert self._child is not None
            wire.send(self._child.wire, wire.pack(reply), allowance.deadline)
            number, status, call = self._reader.receive(
                allowance.deadline, partial(self._patrol, allowance)
            )
            if (number, status) != (self._number, "call"):
                raise wire.WireError("no call where one was expected")
        return call

    def defer(self, operation: str, *arguments: Any) -> None:
        """Send an operation together with the next request, in the same message."""
        self._deferred.append((operation, arguments))

    def begin_test(
        self,
        index: int,
        task: str = "",
        series: Series | None = None,
        seconds: float | None = None,
        *,
        kept: bool = False,
    ) -> None:
        """Begin a test of a task; its tests see the names that the task's check saw.

        Args:
            index: the position of the test in its suite.
            task: the task's name.
            series: the questions of the test, if they are known.
            seconds: the processor time for one of its requests; by default, that of the task.
            kept: whether it is rather a fixture, whose objects later tests use too.
        """
        self._keeping = _Kept(index, task) if kept else None
        if self._keeping is not None:
            self._kept.append(self._keeping)
        self._number = self._objects = _first_number(index) - 1
        self._task, self._restored, self._series = task, False, series
        self.lookups.clear()
        self._functions.clear()
        self.bound, self._calls_left, self._fault = {}, MAX_CALLS, None
        of_task = self._seconds.by_task.get(task, self._seconds.request)
        self._request_seconds = of_task if seconds is None else seconds
        if self._child is not None and self._has_used_too_much(self._child):
            self._end()  # what earlier tests have used up is not missing in this one

    def _has_used_too_much(self, child: Child) -> bool:
        """Tell whether less than half of what a new child has is left, or less than one request."""
        new = self._limits.cpu - (self._seconds.notebook - self._notebook_left)
        left = self._limits.cpu - child.cpu_seconds
        return left < max(new / 2, min(self._request_seconds, 0.9 * new))

    def hand_over(self, answer: Answerer, name: str, *, in_reference: bool) -> wire.Callback:
        """Return what stands for a function that the child may call until the test ends."""
        self._functions.append(answer)
        return wire.Callback(len(self._functions), name, in_reference)

    def use(self, functions: Bound) -> None:
        """Let names of the notebook stand for functions of the test, and no others."""
        if functions != self.bound:
            self.defer("use", dict(functions))
            self.bound = functions

    def flush(self) -> None:
        """Send the operations that no request has followed.

        Raises:
            StudentError: one of them raised an exception.
        """
        if self._deferred:
            self.request("done")

    def new_object(self) -> int:
        """Return a number for an object that the child will make."""
        self._objects += 1
        return -self._objects

    def end_test(self) -> None:
        """End a test: drop operations that no request followed, and answers not yet read."""
        self._deferred.clear()
        try:
            while self._pending:
                self._answer()
        except ExecutionError:
            self._pending.clear()  # the test has failed already
        self.answers.clear()
        self.exchanges.clear()
        self._functions.clear()

    def request(self, operation: str, *arguments: Any) -> Any:
        """Send an operation to the child and return its answer, plain data.

        Raises:
            StudentError: the student's code raised an exception.
            TimedOut, ProcessCrashed, InvalidResponse: the child is gone; the next request starts
                a new one.
            ChildKilled: so it is, and the code is the course's own.
            WarmProcessError: the grader failed.
            Exception: a function failed that the test handed over, and not for what it was given.
        """
        __tracebackhide__ = True
        try:
            return self._request(operation, *arguments)
        finally:
            if self._fault is not None:
                fault, self._fault = self._fault, None
                raise fault

    def request_alone(self, operation: str, *arguments: Any) -> Any:
        """Request what depends on no other request: once more, if another process kills the child.

        Raises:
            StudentError, TimedOut, ProcessCrashed, InvalidResponse: as in `request`; a child that
                is killed each time has crashed.
        """
        try:
            return despite_kills(partial(self.request, operation, *arguments))
        except ChildKilled as error:
            raise ProcessCrashed(str(error)) from error

    def _request(self, operation: str, *arguments: Any) -> Any:
        __tracebackhide__ = True
        if self._child is None:
            self._start(all_of_torch=operation == "replay")  # to code that comes later, too
        question = [*self._deferred, (operation, arguments)]
        self._deferred.clear()
        if operation == "get" and arguments[0] is None:
            self.names.setdefault(self._task, set()).add(arguments[1])
        try:
            answer = self._ask(question)
        finally:
            if self._keeping is not None and self._child is not None:
                self._keeping.questions.append(question)
        if self.keeps_exchanges:
            self.exchanges.append((question, answer))
        return answer

    def rebinds(self, task: str) -> bool:
        """Tell whether the notebook ends with other values for what the tests of a task used."""
        names = sorted(self.names.get(task, ()))
        if not names or not any(task in tasks for tasks in self._checks.values()):
            return False
        try:
            return self.request("rebound", task, names) is True
        except ExecutionError:
            return True

    def _ask(self, question: Question) -> Any:
        """Return the answer to a question, which may have been sent already."""
        __tracebackhide__ = True
        series, self._series = self._series, None
        if self._pending and not _same(self._pending[0], question):
            self.needs_rerun = True  # the child has worked on another question
            self._end()
            raise ProcessCrashed("it was asked something that no other submission was asked")
        if not self._pending:
            if series is None or not _same(series.questions[0], question):
                restore = [] if self._restored else [("restore", (self._task,))]
                self._restored = True
                return self._exchange("batch", ([*restore, *question],), self._request_limit)
            self._pending.extend(series.questions)
            self._restored = True
            self._send(series.frame, self._request_limit)
        return self._answer()

    def _answer(self) -> Any:
        """Return the answer to the next question that was sent."""
        __tracebackhide__ = True
        self._pending.popleft()
        try:
            return self._receive(self._request_limit)
        except StudentError:  # the child stopped there
            self._pending.clear()
            raise

    def close(self) -> None:
        """End the child and remove its scratch folder."""
        if self._child is not None:
            self._end()

    def _start(self, *, all_of_torch: bool = False) -> None:
        """Start a child, and bring it to the state of the last one.

        With `all_of_torch` it has what torch otherwise imports at first use.

        A cell that does not run as it ran before is from now on left out.

        Raises:
            TimedOut: the cells have been run again too often.
        """
        slow, number = any(map(SLOW_IMPORTS.search, self.cells)) or all_of_torch, self._number
        while self._child is None:
            if self._replays_left <= 0:
                raise TimedOut(
                    self._seconds.notebook,
                    "running all cells again",
                    self._seconds.notebook,
                    review="Its code was stopped so often that some tests did not run.",
                )
            self._child = self._warm.fork(self._limits, all_of_torch=slow)
            scratch.fill(self._child.files, self._files)
            scratch.fill(self._child.files, self._given_files, mode=0o444)
            self._reader = wire.Reader(self._child.wire, self.room)
            self._restored = False
            self.children += 1
            self._replay()
            if self._child is not None:
                self._ask_again()
        self._number = number  # a test continues its numbering

    def _replay(self) -> None:
        """Run the cells again that have been run, without their outputs, while there is a child."""
        for index, result in enumerate(self.results):
            statements = None if result.failure is None else result.statements
            again = self._execute_cell(index, 2 * self._seconds.cell, statements)
            if again.failure is not None:
                self.results[index] = replace(
                    result, failure=again.failure, statements=again.statements
                )
                return
        if len(self.results) == len(self.cells):
            self._save("")

    def _ask_again(self) -> None:
        """Ask what fixtures have asked, to make their objects, while there is a child."""
        before = self.cpu_seconds
        for kept in self._kept:
            self._number = _first_number(kept.test_index) - 1
            restore = [("restore", (kept.task,))]
            for question in kept.questions:
                with suppress(ExecutionError):  # an exception was raised before, too
                    self._exchange("batch", ([*restore, *question],), self._request_limit)
                restore = []
                if not self.alive:
                    return
        self._replays_left -= self.cpu_seconds - before

    def _run_cell(self, index: int) -> CellResult:
        """Run a cell for the first time."""
        if self._notebook_left <= 0:
            whole = self._seconds.notebook
            return CellResult(failure=TimedOut(whole, "all cells together", whole))
        seconds = min(self._seconds.cell, self._notebook_left)
        return self._with_pictures(self._execute_cell(index, seconds, show=True))

    def _with_pictures(self, result: CellResult) -> CellResult:
        """Return the result of the last cell with the pictures that it shows, if they are drawn."""
        if count := sum(image == b"" for image in _images(result.outputs)):
            result.pictures = self._drawn(count)
        return result

    def _drawn(self, count: int) -> tuple[bytes | str, ...]:
        """Return the figures of the last cell as pictures, or why they could not be drawn."""
        if not self._draws or self._child is None:
            return ()
        if self._drawing_left <= 0:
            return ("the time for drawing figures is used up",) * count
        before = self.cpu_seconds
        try:
            drawn = self._exchange("pictures", (), (self._drawing_left, "drawing figures"))
            return self._checked_pictures(drawn, count)
        except (ExecutionError, ValueError) as error:
            self._draws = False
            self._replays_left += self._seconds.notebook - self._notebook_left  # to come back here
            late = isinstance(error, TimedOut)
            return ("drawing it takes too long" if late else str(error),) * count
        finally:
            self._drawing_left -= self.cpu_seconds - before if self._child else 0

    def _checked_pictures(self, drawn: Any, count: int) -> tuple[bytes | str, ...]:
        """Return pictures, and why others could not be drawn.

        Raises:
            ValueError: they are none, or too large.
        """
        self._pictures_left -= size_of(drawn)
        kinds = [*map(type, drawn)] if type(drawn) is list else []
        if len(kinds) != count or not {*kinds} <= {bytes, str} or self._pictures_left < 0:
            raise ValueError("the pictures are none, or too large")
        return tuple(one[:MAX_MESSAGE] if isinstance(one, str) else one for one in drawn)

    def _execute_cell(
        self, index: int, seconds: float, statements: int | None = None, *, show: bool = False
    ) -> CellResult:
        """Run a cell, or only its first statements."""
        assert self._child is not None
        before, self._statement = self._child.cpu_seconds, 0
        try:
            if tasks := self._checks.get(index):
                self._save(*tasks)
            if not self.cells[index].strip() or statements == 0:
                return CellResult(succeeded=True)
            request = index + 1, self.cells[index], show, statements
            found = self._exchange("execute", request, (seconds, "one cell"))
            result = self._checked(found)
        except StudentError as error:  # the cell broke the shell itself
            result = CellResult(failure=InvalidResponse(str(error)))
        except (TimedOut, ProcessCrashed, InvalidResponse) as failure:
            result = CellResult(failure=failure, statements=self._statement)
        used = (self._child.cpu_seconds if self._child else self._last_exit.cpu) - before
        if show:
            self._notebook_left -= used
        else:
            self._replays_left -= used
        return result

    def _checked(self, found: Any) -> CellResult:
        """Return what a child says of a cell.

        Raises:
            InvalidResponse: it is not the result of a cell, or too large.
        """
        try:
            outputs, succeeded, skipped, lines = found
            self._output_left -= size_of(outputs) + size_of(skipped)
            if self._output_left < 0:
                raise ValueError
            reasons = tuple(
                SkippedStatement(_text(kind), _text(message, 2000), tuple(map(_text, names)))
                for kind, message, names in skipped[: self._skipped_left]
            )
            self._skipped_left -= len(reasons)
            if not all(_is_count(cell) and _is_count(line) for cell, line in lines[:MAX_LINES]):
                raise ValueError
            return CellResult(
                _checked_outputs(outputs),
                bool(succeeded),
                skipped=reasons,
                error_lines=tuple(map(tuple, lines[:MAX_LINES])),
            )
        except (TypeError, ValueError):
            self._end()
            raise InvalidResponse("the outputs of a cell are not outputs, or too large") from None

    def _save(self, *states: str) -> None:
        """Have the child keep the present names of the notebook, as these states."""
        self._exchange("save", (list(states),), self._request_limit)

    @property
    def _request_limit(self) -> Limit:
        return self._request_seconds, "one call"

    def _exchange(self, operation: str, arguments: Sequence[Any], limit: Limit) -> Any:
        __tracebackhide__ = True
        self._send(wire.pack((self._number + 1, operation, tuple(arguments))), limit)
        return self._receive(limit)

    def _send(self, frame: bytes, limit: Limit) -> None:
        __tracebackhide__ = True
        assert self._child is not None
        with self._allowing(limit) as allowance:
            self._reader.expect_nothing()
            wire.send(self._child.wire, frame, allowance.deadline)

    def _receive(self, limit: Limit) -> Any:
        """Return the child's next answer."""
        __tracebackhide__ = True
        self._number += 1
        with self._allowing(limit) as allowance:
            while True:
                number, status, value = self._reader.receive(
                    allowance.deadline, partial(self._patrol, allowance)
                )
                if number != self._number or status not in ("ok", "error", "running", "call"):
                    raise wire.WireError("an answer to another question")
                if status == "call":
                    self._answer_call(value, allowance)
                    continue
                if status != "running":
                    break
                if not _is_count(value):
                    raise wire.WireError("a statement that no cell has")
                self._statement = value
            if not self._pending:
                self._reader.expect_nothing()
        self._patrol()
        if status == "error":
            raise self._with_cause(student_error(value))
        return value

    def _answer_call(self, call: Any, allowance: Allowance) -> None:
        """Answer the child's call of a function that the test has handed over."""
        __tracebackhide__ = True
        assert self._child is not None
        began = time.monotonic()
        try:
            frame = wire.pack(self.result_of(*call))
        except wire.WireError as error:
            frame = wire.pack(("error", ("ValueError", str(error))))
        allowance.give_back(time.monotonic() - began)
        wire.send(self._child.wire, frame, allowance.deadline)

    def result_of(self, number: int, args: list[Any], kwargs: dict[str, Any]) -> tuple[str, Any]:
        """Return what a function gives that the test has handed over, or the error it raises."""
        if type(args) is not list or type(kwargs) is not dict:
            raise TypeError("a call without arguments")
        if not _is_count(number) or not 1 <= number <= len(self._functions):
            return "error", ("RuntimeError", "the test that gave this function has ended")
        self._calls_left -= 1
        if self._calls_left < 0:
            message = f"the functions of the test were called more than {MAX_CALLS:,} times"
            return "error", ("RuntimeError", message)
        try:
            return self._functions[number - 1](args, kwargs)
        except Exception as error:
            self._fault = self._fault or error
            return "error", ("RuntimeError", "a function of the test failed")

    def _with_cause(self, error: StudentError) -> StudentError:
        """Name the statement that left a missing name without value, if it could not run here."""
        if error.type == "NameError":
            name = re.sub(r"^name '(\w+)' is not defined$", r"\1", error.message)
            for number, result in enumerate(self.results, 1):
                for skipped in result.skipped:
                    if name in skipped.names:
                        why = f"{error.message}, because cell {number} {skipped}"
                        return StudentError(error.type, why, error.location)
        return error

    @contextmanager
    def _allowing(self, limit: Limit) -> Iterator[Allowance]:
        """Give the child what it may use for a message.

        On any error of the wire, end the child and raise what happened.
        """
        __tracebackhide__ = True
        assert self._child is not None
        allowance = Allowance(self._child, limit[0], self._waiting_left)
        try:
            yield allowance
            self._waiting_left += allowance.more_waiting
        except wire.DeadlinePassed:
            used = allowance.used
            self._waiting_left += allowance.more_waiting
            lines = stopped_at(self._child, self.cells)
            self._end()
            loop = endless_loop(lines, self.cells)
            line = location(lines[0], self.cells) if lines else None
            raise TimedOut(*limit, used, loop=loop, line=line) from None
        except wire.ConnectionLost:
            end = self._end()
            if end.from_outside(self._limits.cpu):
                if self._of_course:
                    raise ChildKilled("another process killed the course's own code") from None
                self.needs_rerun = True
            raise ProcessCrashed(str(end)) from None
        except (wire.WireError, TypeError, ValueError) as error:
            self._end()
            raise InvalidResponse(str(error)) from None

    def _patrol(self, allowance: Allowance | None = None) -> None:
        """Look after the child, four times a second at most while it works.

        Raises:
            DeadlinePassed: it has used up its processor time.
            ProcessCrashed: it keeps too many files, or has too many threads.
        """
        now = time.monotonic()
        if self._child is None or now < self._patrolled + wire.PATROL_SECONDS:
            return
        self._patrolled = now
        problem = ""
        most = self._limits.file_size
        if scratch.usage(self._child.files) > most:
            problem = f"keeping more than {most >> 20} MiB in files"
        elif scratch.deleted(self._child.pid, self._child.folder, most) > MAX_DELETED * most:
            problem = f"keeping more than {MAX_DELETED * most >> 20} MiB in deleted files"
        elif self._child.threads > MAX_THREADS:
            problem = f"starting more than {MAX_THREADS} threads"
        if problem:
            self._end()
            raise ProcessCrashed(f"it was stopped for {problem}")
        if allowance is not None and allowance.used >= allowance.seconds:
            raise wire.DeadlinePassed("no processor time is left")

    def _end(self) -> Exit:
        assert self._child is not None
        child, self._child = self._child, None
        self.bound = {}
        self._deferred.clear()
        self._pending.clear()
        self._last_exit = self._warm.end(child)
        return self._last_exit


def student_error(details: Any) -> StudentError:
    """Return a child's description of an exception as an error; it may hold anything."""
    details = details if isinstance(details, dict) else {}
    where, location = details.get("where"), None
    if isinstance(where, dict):
        cell, line, source = (where.get(key) for key in ("cell", "line", "source"))
        if _is_count(cell) and _is_count(line) and type(source) is str:
            location = SourceLocation(cell, line, source[:200])
    kind, message = (details.get(key) for key in ("type", "message"))
    return StudentError(
        kind[:100] if isinstance(kind, str) else "an error",
        message[:2000] if isinstance(message, str) else "",
        location,
        _support_line(details.get("support")),
        refused=details.get("refused") is True,
    )


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False


def _is_count(value: Any) -> TypeGuard[int]:
    """Tell whether a value may be the number of a line, a cell or a statement."""
    return type(value) is int and 0 <= value < wire.MAX_TEXT


def _support_line(details: Any) -> SupportLine | None:
    match details:
        case {"file": str(file), "line": line, "certain": bool(certain)} if _is_count(line):
            return SupportLine(file[:100], line, certain)
    return None


def _text(value: Any, length: int = 100) -> str:
    """Return the start of a text.

    Raises:
        TypeError: it is something else.
    """
    if type(value) is not str:
        raise TypeError
    return value[:length]


def size_of(value: Any) -> int:
    """Return about how many bytes an answer takes."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, wire.Tensor):
        return len(value.data)
    if isinstance(value, dict):
        return sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, list | tuple | set):
        return sum(map(size_of, value), 8)
    return 8


def _images(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield the images of outputs."""
    for output in outputs:
        for kind, content in output.get("data", {}).items():
            if kind.startswith("image/"):
                yield content


def _checked_outputs(outputs: Any) -> list[dict[str, Any]]:
    """Return the outputs if they have the form of notebook outputs.

    Raises:
        ValueError: they do not.
    """
    if type(outputs) is not list or len(outputs) > MAX_OUTPUTS + 1:  # one says what is missing
        raise ValueError
    for output in outputs:
        images: dict[str, Any] = {}
        match output:
            case {"output_type": "stream", "name": "stdout" | "stderr", "text": text}:
                texts = [text]
            case {
                "output_type": "error",
                "ename": str(ename),
                "evalue": str(evalue),
                "traceback": list(trace),
            } if len(ename) <= MAX_NAME and len(evalue) <= MAX_MESSAGE:
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
