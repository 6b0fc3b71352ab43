"""The reference solution: the source notebook, run in a process of its own.

Tests ask it as they ask a submission. What it answers is kept for the whole class: a question is
asked once a run, together with those before it in the same test, as these may have made objects.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from autograder.diagnosis.exception_advice import error_of
from autograder.grading.reference_calls import ReferenceCalls
from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.student_process import Answerer, Bound, Question, StudentProcess, size_of
from autograder.sandbox.warm_process import despite_kills
from autograder.sandbox.worker import wire
from autograder.testing.failures import SuiteError

MAX_KEPT = 256 << 20  # bytes of questions and answers

Start = Callable[[bool], StudentProcess]
"""Returns a process for the notebook: as a whole, or only as far as its answers need it."""


@dataclass
class _Dialog:
    """What a test, or a fixture, has asked so far; `digest` is that of all questions."""

    index: int
    task: str
    digest: bytes
    asked: list[Question] = field(default_factory=list)
    functions: list[tuple[Answerer, str, bool]] = field(default_factory=list)
    objects: int = 0


class Reference:
    """Answers for the reference solution, in the place of a `StudentProcess`.

    Args:
        start: returns a process that runs cells of the source notebook.
        path: the path of the source notebook, for messages.
        code: what its answers need; known mistakes are changes to it.
    """

    blames_suite = True
    alive = True
    is_ahead = False
    generation = 0

    def __init__(self, start: Start, path: str, code: str = "") -> None:
        self.answers: list[Any] = []
        self.kept_answers: list[Any] = []
        self.lookups: dict[Any, Any] = {}
        self.support_objects: set[tuple[int, int]] = set()
        self._start, self._path, self.code = start, path, code
        self._whole = False  # whether a question was asked for which the whole notebook must run
        self._known: dict[tuple[int, bytes], Any] = {}  # answers and errors, by test and questions
        self._size = 0
        self._fixtures: dict[int, _Dialog] = {}  # whose objects several tests use
        self._made: dict[int, bytes] = {}  # the fixtures whose objects the process has
        self._at: tuple[int, bytes] | None = None  # what it was asked last
        self._handed = 0  # how many functions of the present dialog it has
        self._calls = ReferenceCalls(self._started)  # in another process than its own questions
        self.begin_test(0, "")

    def begin_test(
        self, index: int, task: str, fixtures: Collection[int] = (), *, kept: bool = False
    ) -> None:
        """Begin a test of a task, or a fixture whose objects are kept for the tests that use it.

        `fixtures` are the indices of those that it may use.
        """
        self.end_fixture(index)
        used = b"".join(self._fixtures[i].digest for i in sorted(fixtures) if i in self._fixtures)
        self._dialog = _Dialog(index, task, hashlib.sha256(used).digest())
        if kept:
            self._fixtures[index] = self._dialog
        self._deferred: Question = []
        self._calls.begin_test(index, task)
        self.lookups.clear()
        self.answers.clear()

    def end_fixture(self, index: int) -> None:
        """Forget a fixture: if it is made again, it may ask something else."""
        self._fixtures.pop(index, None)

    def new_object(self) -> int:
        """Return a number for an object that the process will make."""
        self._dialog.objects += 1
        return -(self._dialog.index + 1 << 16) - self._dialog.objects

    def defer(self, operation: str, *arguments: Any) -> None:
        """Send an operation together with the next request."""
        self._deferred.append((operation, arguments))

    def flush(self) -> None:
        """Send the operations that no request has followed."""
        if self._deferred:
            self.request("done")

    def shown(self) -> list[dict[str, Any]]:
        """Return the outputs of all cells of the source notebook."""
        self._run_everything()
        return self._process.shown()

    def use(self, functions: Bound) -> None:
        """Do nothing: the reference uses its own functions."""

    def hand_over(self, answer: Answerer, name: str, *, in_reference: bool) -> wire.Callback:
        """Return what stands for a function that the reference may call until the test ends."""
        self._dialog.functions.append((answer, name, in_reference))
        return wire.Callback(len(self._dialog.functions), name, in_reference)

    def request(self, operation: str, *arguments: Any) -> Any:
        """Return the reference's answer, plain data.

        Raises:
            SuiteError: it has none.
            WireError: the question cannot be sent.
        """
        __tracebackhide__ = True
        dialog = self._dialog
        question: Question = [*self._deferred, (operation, arguments)]
        self._deferred = []
        frame, before = wire.pack(question), dialog.digest
        dialog.digest = hashlib.sha256(before + frame).digest()
        key = dialog.index, dialog.digest
        if key in self._known:
            answer = self._known[key]
        else:
            answer = self._ask(question, before)
            if (size := len(frame) + size_of(answer)) <= MAX_KEPT - self._size:
                self._known[key] = answer
                self._size += size
        dialog.asked.append(question)
        if isinstance(answer, ExecutionError):
            raise SuiteError(self._describe(answer, question[-1])) from None
        return answer

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Return what a function of the reference gives, asked by a submission's process.

        Raises:
            ExecutionError: it gives nothing for these arguments.
        """
        return self._calls.call(name, args, kwargs)

    def _ask(self, question: Question, before: bytes) -> Any:
        """Return the answer of the process, or the error that it gives."""
        answer = despite_kills(partial(self._answer, question, before))
        if not self._whole and _is_about_more(question, answer):
            self._run_everything()
            answer = despite_kills(partial(self._answer, question, before))
        return answer

    def _answer(self, question: Question, before: bytes) -> Any:
        process, dialog = self._process, self._dialog
        if not process.alive:
            self._at = None
            self._made.clear()
        if self._at != (dialog.index, before):
            for fixture in self._fixtures.values():
                if fixture is not dialog and self._made.get(fixture.index) != fixture.digest:
                    self._ask_again(process, fixture)
                    self._made[fixture.index] = fixture.digest
            self._ask_again(process, dialog)
        self._hand_over(process, dialog)
        answer = _put(process, question)
        self._at = dialog.index, dialog.digest
        if dialog.index in self._fixtures:
            self._made[dialog.index] = dialog.digest
        return answer

    def _ask_again(self, process: StudentProcess, dialog: _Dialog) -> None:
        """Begin a dialog in the process, and ask what has been asked in it."""
        process.begin_test(dialog.index, dialog.task)
        self._handed = 0
        self._hand_over(process, dialog)
        for question in dialog.asked:
            _put(process, question)

    def _hand_over(self, process: StudentProcess, dialog: _Dialog) -> None:
        """Hand over the functions of a dialog that the process does not have yet."""
        for answer, name, in_reference in dialog.functions[self._handed :]:
            process.hand_over(answer, name, in_reference=in_reference)
        self._handed = len(dialog.functions)

    @cached_property
    def _process(self) -> StudentProcess:
        return self._started()

    def _run_everything(self) -> None:
        """Start anew, with all cells, not only those that the answers need."""
        if not self._whole:
            self._whole, self._at = True, None
            self._made.clear()
            self._calls.forget()
            if process := vars(self).pop("_process", None):
                process.close()

    def _started(self) -> StudentProcess:
        process = self._start(self._whole)
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


def _is_about_more(question: Question, answer: Any) -> bool:
    """Tell whether a question is about what later cells may define, change or show.

    That is a variable, what is missing so far, or a figure, but no function or class.
    """
    operation, arguments = question[-1]
    if operation == "get" and arguments[0] is None:
        return not (isinstance(answer, wire.Ref) and answer.type in ("function", "type"))
    return operation == "shown_figures"


def _put(process: StudentProcess, question: Question) -> Any:
    """Put a question to the process; return its answer, or the error that it gives."""
    *deferred, (operation, arguments) = question
    for earlier, given in deferred:
        process.defer(earlier, *given)
    try:
        return process.request(operation, *arguments)
    except ExecutionError as error:
        return error
