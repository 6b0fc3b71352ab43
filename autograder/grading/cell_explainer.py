"""Names known mistakes in what test cells asked of a submission, and in what came back.

The cells run once on the source notebook. What they ask there is replayed to its solution with each
mistake of the library, as with a suite. A mistake is named if all that a cell saw agrees with it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.course import Assignment
from autograder.diagnosis.matching import Traces
from autograder.diagnosis.observations import Observation, Trace, agrees
from autograder.grading.explainer import Explainer
from autograder.grading.recording import Questions, RecordedObservation, Recording
from autograder.grading.replays import Begin, Replays
from autograder.grading.suite_run import run_session
from autograder.sandbox.judge_process import Asked
from autograder.sandbox.worker import wire
from autograder.sandbox.worker.wire import Callback, Ref
from autograder.source_notebook import Solution
from autograder.test_cells import TestCell

REPLAYED = ("get", "call", "item", "length", "part", "text", "contains")
"""What a judge asks that a replay asks in the same way; and names, by `get`."""

AskedByCells = Mapping[str, tuple[int, TestCell, Sequence[Asked]]]
"""For each test cell by its name: its index, the cell, and what it asked."""


@dataclass(frozen=True)
class Question:
    """A question that can be replayed, and what came back: a value, or an exception."""

    operation: str
    arguments: tuple[Any, ...]
    answer: Any = None
    raised: tuple[str, str] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether plain data came back, which a cell may judge."""
        return self.raised is None and not any(isinstance(one, Ref) for one in _parts(self.answer))


class CellExplainer(Explainer):
    """Explains failures in an assignment without a suite.

    Args:
        assignment: the assignment.
        begin: starts the process that runs cells and answers questions about them.
        solution: the solution in the source notebook.
        ask: runs the test cells on the source notebook.
    """

    def __init__(
        self,
        assignment: Assignment,
        begin: Begin,
        solution: Solution,
        ask: Callable[[], AskedByCells],
    ) -> None:
        super().__init__(
            assignment,
            "",
            begin,
            solution=solution.code,
            definitions=dict(solution.definitions),
            cells=solution.cells,
            checks=solution.given,
        )
        self._ask = ask
        self._replays = _CellReplays(assignment, begin, solution.code, self._recording)

    @cached_property
    def _questions(self) -> Mapping[str, list[Question]]:
        """What each test cell asks the reference."""
        return {name: list(questions(asked)) for name, (_, _, asked) in self._asked.items()}

    @cached_property
    def _asked(self) -> AskedByCells:
        return self._ask()

    def _recording(self) -> Recording:
        return {
            name: recorded(self._questions[name], test.task, index)
            for name, (index, test, _) in self._asked.items()
        }

    def trace(self, test: str, asked: Sequence[Asked]) -> Trace:
        """Return what a test cell has seen of a submission, as far as it asked the usual."""
        return seen(list(questions(asked)), self._questions.get(test, []))

    def of_reference(self, task: str) -> Traces:
        """Return what the cell of a task sees of the reference; nothing if a replay differs."""
        traces = super().of_reference(task)
        right = {name: seen(self._questions[name], self._questions[name]) for name in traces}
        same = all(agrees(right[name], traces[name], passed=True) for name in traces)
        return traces if same else {}


class _CellReplays(Replays):
    """Replays what test cells ask."""

    def __init__(
        self,
        assignment: Assignment,
        begin: Begin,
        solution: str,
        record: Callable[[], Recording],
    ) -> None:
        super().__init__(assignment, "", begin, run_session, solution, None)
        self._record = record

    @cached_property
    def recording(self) -> Recording:
        """The questions of all test cells."""
        return self._record()


def questions(asked: Sequence[Asked]) -> Iterator[Question]:
    """Yield what can be replayed of what a cell asked: all up to what cannot, or an exception."""
    for name, given, answer in asked:
        operation, arguments = ("get", (None, *given)) if name == "name" else (name, given)
        if operation not in REPLAYED or any(isinstance(a, Callback) for a in _parts(arguments)):
            return
        match answer:
            case ["ok", value, *_]:
                yield Question(operation, arguments, value)
            case ["raised", [str(kind), *_], _, str(message), *_]:
                raised = kind.rpartition(".")[2], message
                yield Question(operation, arguments, raised=raised)
                return
            case _:
                return


def recorded(asked: Sequence[Question], task: str, index: int) -> Questions:
    """Return questions in the form that is replayed, with their plain answers observed."""
    part = Questions(task, index, [([(q.operation, q.arguments)], q.answer) for q in asked])
    for number, question in enumerate(asked):
        if question.is_plain:
            part.observed.add(number)
            part.observations.append(RecordedObservation(number + 1, "values", number))
    return part


def seen(asked: Sequence[Question], usual: Sequence[Question]) -> Trace:
    """Return what a cell has observed, up to where it asked something else than usual.

    Args:
        asked: what it asked, and what came back.
        usual: what it asks the reference.
    """
    found: list[Observation] = []
    for ours, theirs in zip(_numbered(asked), _numbered(usual), strict=False):
        (own, key), (other, other_key) = ours, theirs
        if key != other_key:
            break
        if own.raised is not None:
            found.append(Observation("raised", own.raised))
            break
        if other.is_plain or other.raised is not None:
            found.append(Observation("values", own.answer))
    return tuple(found)


def _numbered(asked: Sequence[Question]) -> Iterator[tuple[Question, bytes]]:
    """Yield questions, each with a key in which objects have the numbers of their appearance."""
    numbers: dict[int, int] = {}
    for question in asked:
        yield question, wire.pack(_renamed([question.operation, *question.arguments], numbers))
        for part in _parts(question.answer):
            if isinstance(part, Ref):
                numbers.setdefault(part.id, len(numbers) + 1)


def _renamed(value: Any, numbers: Mapping[int, int]) -> Any:
    if isinstance(value, Ref):
        return Ref(numbers.get(value.id, 0), "object", callable=False)
    if type(value) in (list, tuple):
        return [_renamed(one, numbers) for one in value]
    if type(value) is dict:
        return {key: _renamed(one, numbers) for key, one in value.items()}
    return value


def _parts(value: Any) -> Iterator[Any]:
    """Yield what is in a value that is not a container."""
    if type(value) in (list, tuple):
        for one in value:
            yield from _parts(one)
    elif type(value) is dict:
        for one in value.values():
            yield from _parts(one)
    else:
        yield value
