"""Records what a suite asks, and replays it to other solutions.

The suite runs once on the reference solution; its questions become a recording, which is then
replayed to any number of solutions in one child. This is correct as long as no test asks
something that depends on an answer: inputs are drawn, not taken from what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.diagnosis.observations import Kind, Observation, Trace
from autograder.grading.attempt import Attempt
from autograder.grading.items import name_of, task_marker
from autograder.grading.session import TestSession
from autograder.sandbox.student_process import Series, StudentProcess
from autograder.sandbox.worker.wire import Ref

AT_ONCE = 40  # solutions in a message

Path = tuple[int, ...]


@dataclass(frozen=True)
class RecordedObservation:
    """An observation of an answer: after how many questions, of which one, where in it, as what."""

    after: int
    kind: Kind
    question: int | None
    path: Path = ()


@dataclass
class Questions:
    """What a test of a task asks and observes; `test_index` is its position in the suite."""

    task: str
    test_index: int
    asked: list[tuple[list[Any], Any]] = field(default_factory=list)
    observations: list[RecordedObservation] = field(default_factory=list)

    def for_child(self) -> list[tuple[list[Any], Any, str]]:
        """Return the questions as a child takes them."""
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
        """The questions as a student process takes them."""
        return Series(self.test_index, [batch for batch, _ in self.asked])

    def trace(self, found: Mapping[str, Any]) -> Trace:
        """Return what the test would have observed of a child's answers."""
        answers, answered, error = found["answers"], found["answered"], found["error"]
        trace: list[Observation] = []
        for seen in self.observations:
            if seen.after > answered and (seen.kind != "weak" or seen.question == answered):
                continue  # it raised an exception before, or there
            if seen.after > len(answers):
                continue  # it was not asked any more
            exists, value = _at(answers, seen)
            if not exists:
                return tuple(trace)
            trace.append(Observation(seen.kind if seen.question is not None else "unknown", value))
        if error is not None:
            trace.append(Observation("raised", (str(error["type"]), str(error["message"]))))
        return tuple(trace)


Recording = Mapping[str, Questions]


class RecordingSession(TestSession):
    """A session with the reference solution as its attempt, which records what is asked."""

    def __init__(
        self,
        assignment: Assignment,
        attempt: Attempt,
        seed: str,
        begin: Callable[[Sequence[str]], StudentProcess],
    ) -> None:
        super().__init__(assignment, [attempt], seed)
        self.recording = dict[str, Questions]()
        self._begin = begin

    def start(self, attempt: Attempt) -> StudentProcess:
        """Return the process that runs the reference solution."""
        return self._begin(attempt.cells)

    def new_trace(self) -> list[Observation]:
        """Return a list that notes for each observation how many questions came before."""
        return _InterleavedTrace(self)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Turn what a test asked and observed into its part of the recording."""
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
    process: StudentProcess, recording: Recording, sources: Sequence[str]
) -> list[dict[str, Trace]]:
    """Replay a recording to solutions; return for each what every test would observe.

    Raises:
        ExecutionError: the child did not survive it.
    """
    questions = [part.for_child() for part in recording.values()]
    traces: list[dict[str, Trace]] = []
    for start in range(0, len(sources), AT_ONCE):
        some = list(sources[start : start + AT_ONCE])
        traces += [
            {
                name: part.trace(found)
                for (name, part), found in zip(recording.items(), answers, strict=True)
            }
            for answers in process.request("replay", some, questions)
        ]
    return traces


def _where(value: Any, answers: Sequence[Any]) -> tuple[int | None, Path]:
    """Return the answer that a value is, or is in: the latest, by identity."""
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
    """Return whether the observed part of the answers exists, and what it is."""
    if seen.question is None:
        return True, None
    answer = answers[seen.question]
    for index in seen.path:
        if not isinstance(answer, list | tuple) or index >= len(answer):
            return False, None
        answer = answer[index]
    return True, answer


def _refs_only(answer: Any) -> Any:
    """Return an answer of which only the objects that stay in the child matter."""
    if isinstance(answer, list | tuple):
        return [_refs_only(part) for part in answer]
    return answer if isinstance(answer, Ref) else None
