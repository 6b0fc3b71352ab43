"""Records what a suite asks, and replays it to other solutions.

The suite runs once on the reference solution; its questions become a recording, which is then
replayed to any number of solutions in one child. This is correct as long as no question depends
on an answer: tests draw their inputs and do not derive them from earlier answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.diagnosis.observations import Kind, Observation, Trace
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession, name_of, task_marker
from autograder.sandbox.student_process import Series, StudentProcess
from autograder.sandbox.worker.wire import Ref

BATCH_SIZE = 40  # solutions in a message

Path = tuple[int, ...]


@dataclass(frozen=True)
class RecordedObservation:
    """An observation of an answer, or of a part of it.

    `after` is the number of questions asked before it, `question` the index of the answer (None
    for a value from elsewhere), `path` the position within the answer.
    """

    after: int
    kind: Kind
    question: int | None
    path: Path = ()


@dataclass
class Questions:
    """What a test asks and observes; `test_index` is its position in the suite."""

    task: str
    test_index: int
    asked: list[tuple[list[Any], Any]] = field(default_factory=list)
    observations: list[RecordedObservation] = field(default_factory=list)

    def for_child(self) -> list[tuple[list[Any], Any, str]]:
        """Return the questions in the form that a child replays."""
        weak = {seen.question for seen in self.observations if seen.kind == "weak"}
        wanted = {seen.question for seen in self.observations}
        return [
            (
                batch,
                _refs_only(answer),
                "always" if index in weak else "yes" if index in wanted else "no",
            )
            for index, (batch, answer) in enumerate(self.asked)
        ]

    @property
    def series(self) -> Series:
        """The questions in the form that a student process takes."""
        return Series(self.test_index, self.task, [batch for batch, _ in self.asked])

    def trace(self, found: Mapping[str, Any]) -> Trace:
        """Return what the test would have observed, given the answers of a child."""
        answers, answered, error = found["answers"], found["answered"], found["error"]
        trace: list[Observation] = []
        for seen in self.observations:
            if seen.after > answered and (seen.kind != "weak" or seen.question == answered):
                continue  # an exception came first
            if seen.after > len(answers):
                continue  # the question was never asked
            exists, value = _at(answers, seen)
            if not exists:
                return tuple(trace)
            if seen.after > answered and value is None:
                continue  # what raised again: a test would not have come so far
            trace.append(Observation(seen.kind if seen.question is not None else "unknown", value))
        if error is not None:
            trace.append(Observation("raised", (str(error["type"]), str(error["message"]))))
        return tuple(trace)


Recording = Mapping[str, Questions]


class RecordingSession(TestSession):
    """A session that runs on the reference solution and records the questions of each test."""

    def __init__(
        self,
        assignment: Assignment,
        attempt: Attempt,
        seed: str,
        begin: Callable[[Sequence[str]], StudentProcess],
        reference: Reference | None = None,
    ) -> None:
        super().__init__(assignment, [attempt], seed, reference=reference)
        self.recording = dict[str, Questions]()
        self._begin = begin

    def start(self, attempt: Attempt) -> StudentProcess:
        """Return the process that runs the reference solution."""
        process = self._begin(attempt.cells)
        process.keeps_exchanges = True
        return process

    def new_trace(self) -> list[Observation]:
        """Return a list that also stores how many questions came before each observation."""
        return _InterleavedTrace(self)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Add the questions and observations of a test to the recording."""
        process = self._process
        if process is not None and isinstance(self.trace, _InterleavedTrace):
            observations = [
                RecordedObservation(after, seen.kind, *_where(seen.value, process.answers))
                for after, seen in zip(self.trace.after, self.trace, strict=True)
            ]
            name, (task, _) = name_of(item), task_marker(item)
            self.recording[name] = Questions(
                task, self.test_index[name], list(process.exchanges), observations
            )
        super().pytest_runtest_teardown(item)


class _InterleavedTrace(list[Observation]):
    def __init__(self, session: TestSession) -> None:
        super().__init__()
        self.session, self.after = session, list[int]()

    def append(self, seen: Observation) -> None:
        process = self.session._process
        self.after.append(len(process.exchanges) if process is not None else 0)
        super().append(seen)


def replay(
    process: StudentProcess, recording: Recording, reference: str, sources: Sequence[str]
) -> list[dict[str, Trace]]:
    """Replay a recording to solutions; return what each test would observe of each solution.

    Functions of the reference solution that a test hands over are those of the code `reference`.

    Raises:
        ExecutionError: the child ended or took too long.
    """
    questions = [part.for_child() for part in recording.values()]
    traces: list[dict[str, Trace]] = []
    for start in range(0, len(sources), BATCH_SIZE):
        some = list(sources[start : start + BATCH_SIZE])
        traces += [
            {
                name: part.trace(found)
                for (name, part), found in zip(recording.items(), answers, strict=True)
            }
            for answers in process.request("replay", reference, some, questions)
        ]
    return traces


def _where(value: Any, answers: Sequence[Any]) -> tuple[int | None, Path]:
    """Find a value in the answers by identity, latest first; return question and path."""
    for index in range(len(answers) - 1, -1, -1):
        path = _path_to(value, answers[index])
        if path is not None:
            return index, path
    return None, ()


def _path_to(value: Any, answer: Any) -> Path | None:
    if answer is value:
        return ()
    if isinstance(answer, list | tuple):
        for index, part in enumerate(answer):
            inner = _path_to(value, part)
            if inner is not None:
                return (index, *inner)
    return None


def _at(answers: Sequence[Any], seen: RecordedObservation) -> tuple[bool, Any]:
    """Return whether the observed part of the answers exists, and its value."""
    if seen.question is None:
        return True, None
    answer = answers[seen.question]
    for index in seen.path:
        if not isinstance(answer, list | tuple) or index >= len(answer):
            return False, None
        answer = answer[index]
    return True, answer


def _refs_only(answer: Any) -> Any:
    """Return an answer reduced to its references to objects in the child."""
    if isinstance(answer, list | tuple):
        return [_refs_only(part) for part in answer]
    return answer if isinstance(answer, Ref) else None
