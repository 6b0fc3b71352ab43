"""The grader's side of a judge process: runs test cells, and passes on what they ask.

A judge process is forked from the warm process and confined, as a student's is, and has the code of
the instructor's cells. Only plain data, and references to objects, cross between the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.sandbox.execution_errors import (
    InvalidResponse,
    ProcessCrashed,
    StudentError,
    TimedOut,
)
from autograder.sandbox.student_process import CellResult, StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker import wire
from autograder.sandbox.worker.limits import Limits

LEAST = 0.01  # seconds for what a cell asks that has asked for long
WHAT = "one test cell"

Answer = tuple[str, Any]
Asked = tuple[str, tuple[Any, ...], Any]
"""An operation that a test cell has asked for, its arguments, and what came of it."""


class JudgeProcess(StudentProcess):
    """Runs test cells outside the process of the student's code.

    Args:
        warm: the process that forks it.
        limits: the limits of the process.
        seconds: the time limits; a test cell may take as long as any cell, and so may what it asks.
        student: the process of the student's code.
        given_files: files that the instructor's code uses.
        draws: whether the figures that test cells show are drawn.
    """

    def __init__(
        self,
        warm: WarmProcess,
        limits: Limits,
        seconds: TimeLimits,
        student: StudentProcess,
        given_files: Mapping[str, bytes],
        *,
        draws: bool = False,
    ) -> None:
        super().__init__(warm, (), limits, seconds, given_files=given_files, draws=draws)
        self.room = None
        self._student = student
        self._failure: TimedOut | ProcessCrashed | InvalidResponse | None = (
            None  # of the student's process, in this cell
        )
        self._left = 0.0  # processor time of what this cell may ask
        self._cells_before: list[tuple[Any, ...]] = []  # to run again in a new process
        self.asked: list[Asked] = []  # by the last cell
        self._asking = False  # whether the student's process works on something that was asked

    def run(
        self,
        index: int,
        source: str,
        definitions: Mapping[str, str],
        forgotten: Sequence[str],
        shared: Sequence[str],
        *,
        in_place: bool = False,
    ) -> CellResult:
        """Run a test cell at this point of the notebook.

        Args:
            index: the index of the cell in the notebook.
            source: its code.
            definitions: code for the names that the instructor's other cells define.
            forgotten: names that earlier test cells have bound, and the student's code since.
            shared: names that the cell binds and that the student's process gets, too.
            in_place: whether changes in place are taken over, from either process.

        Raises:
            StudentError: the judge itself failed.
        """
        request = index + 1, source, dict(definitions), list(forgotten), list(shared), in_place
        try:
            if not self.alive:  # those before it have names that this one may need
                for earlier in self._cells_before:
                    self._run_in_judge(index, earlier)
            return self._with_pictures(self._run_in_judge(index, request))
        finally:
            self._cells_before.append(request)

    def _run_in_judge(self, index: int, request: tuple[Any, ...]) -> CellResult:
        self._begin(index)
        limit = self._seconds.cell, WHAT
        try:
            found = self.carry_out("judge", (*request, self._ask_student), limit)
            *cell, sides = found
            result = replace(self._checked(cell), sides=tuple(map(str, sides)))
        except (TimedOut, ProcessCrashed) as failure:
            result = CellResult(failure=failure)
        if self._failure is not None:
            result = CellResult(result.outputs, failure=self._failure)
        return result

    def _begin(self, index: int) -> None:
        """Begin a cell in both processes."""
        self._failure, self._left, self._asking = None, self._seconds.cell, False
        self.asked = []
        self._student.begin_test(index)
        self.begin_test(index)
        self._ask_student = self.hand_over(self._answer_ask, "ask", in_reference=False)

    def _answer_ask(self, args: list[Any], kwargs: dict[str, Any]) -> Answer:
        """Answer what a test cell asks the student's process."""
        operation, *rest = args
        if operation == "returned" or self._asking:
            return "error", ("RuntimeError", "this calls back and forth: it cannot be asked here")
        if self._failure is not None:
            return "error", ("RuntimeError", "the process of the student's code was stopped")
        before, left = self._student.cpu_seconds, self._left
        try:
            self._asking = True
            given = operation, *map(self._lent, rest)
            answer = self._student.carry_out("attempt", given, (left, WHAT))
            self.asked.append((operation, tuple(rest), answer))
            return "ok", answer
        except StudentError as error:  # none that `attempt` describes
            return "error", ("RuntimeError", str(error))
        except (TimedOut, ProcessCrashed, InvalidResponse) as error:
            self._failure = error
            if isinstance(error, TimedOut):  # it has used up what the whole cell may use
                whole = self._seconds.cell
                used = whole - left + error.used
                self._failure = TimedOut(whole, WHAT, used, loop=error.loop, line=error.line)
            return "error", ("RuntimeError", "the process of the student's code was stopped")
        finally:
            self._asking = False
            self._left = max(left - max(self._student.cpu_seconds - before, 0.0), LEAST)

    def _lent(self, value: Any) -> Any:
        """Return a value for the student's process, which may call the functions in it."""
        if isinstance(value, wire.Callback):
            return self._student.hand_over(
                lambda args, kwargs: self._returned(value.id, args, kwargs),
                value.name,
                in_reference=False,
            )
        if type(value) in (list, tuple):
            return type(value)(map(self._lent, value))
        if type(value) is dict:
            return {key: self._lent(item) for key, item in value.items()}
        return value

    def _returned(self, function: int, args: list[Any], kwargs: dict[str, Any]) -> Answer:
        """Return what a function of the test gives, which the student's code calls."""
        reply: Answer = "invoke", (function, args, kwargs)
        while True:
            _, (operation, *rest), _ = self.converse(reply)
            if operation == "returned":
                status, value = rest
                return status, tuple(value) if status == "error" else self._lent(value)
            reply = self._answer_ask([operation, *rest], {})
