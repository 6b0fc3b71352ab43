"""Learns what the tests would see of other solutions, from one run of the suite.

The suite runs once over the reference solution; its questions become a script. The script is
then put to any number of solutions at once, in one child. This is right as long as no test asks
something that depends on an answer: inputs are drawn, not taken from what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.diagnosis.observations import Kind, Observation, Trace
from autograder.grading.session import Attempt, TestSession, name_of, task_marker
from autograder.sandbox.student_process import Series, StudentProcess
from autograder.sandbox.worker.wire import Ref

AT_ONCE = 40  # solutions in a message

Path = tuple[int, ...]


@dataclass(frozen=True)
class RecordedObservation:
    """A look at an answer, after so many questions: which one, where in it, as what."""

    after: int
    kind: Kind
    question: int | None
    path: Path = ()


@dataclass
class Questions:
    """What a test of a task asks and looks at; `place` is that of the test in its suite."""

    task: str
    place: int
    asked: list[tuple[list[Any], Any]] = field(default_factory=list)
    observations: list[RecordedObservation] = field(default_factory=list)

    def for_child(self) -> list[tuple[list[Any], Any, str]]:
        """Return the questions as a child takes them."""
        hints = {look.question for look in self.observations if look.kind == "weak"}
        wanted = {look.question for look in self.observations}
        return [
            (
                batch,
                _numbers_only(answer),
                "always" if index in hints else "yes" if index in wanted else "no",
            )
            for index, (batch, answer) in enumerate(self.asked)
        ]

    @property
    def series(self) -> Series:
        """The questions as a submission's run takes them."""
        return Series(self.place, [batch for batch, _ in self.asked])

    def trace(self, found: Mapping[str, Any]) -> Trace:
        """Return what the test would have seen of a child's answers."""
        answers, answered, error = found["answers"], found["answered"], found["error"]
        seen: list[Observation] = []
        for look in self.observations:
            if look.after > answered and (look.kind != "weak" or look.question == answered):
                continue  # it raised an exception before, or there
            if look.after > len(answers):
                continue  # it was not asked any more
            there, value = _at(answers, look)
            if not there:
                return tuple(seen)
            seen.append(Observation(look.kind if look.question is not None else "unknown", value))
        if error is not None:
            seen.append(Observation("raised", (str(error["type"]), str(error["message"]))))
        return tuple(seen)


Recording = Mapping[str, Questions]


class RecordingSession(TestSession):
    """An exam with the reference solution as its paper, that notes what is asked."""

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
        """Return what runs the reference solution."""
        return self._begin(attempt.cells)

    def notebook(self) -> list[Observation]:
        """Return a list that notes for each look how many questions came before."""
        return _Interleaved(self)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Turn what was asked and seen in a test into its part of the script."""
        run = self._sitting
        if run is not None and isinstance(self.seen, _Interleaved):
            observations = [
                RecordedObservation(after, seen.kind, *_where(seen.value, run.handed_out))
                for after, seen in zip(self.seen.after, self.seen, strict=True)
            ]
            name, (task, _) = name_of(item), task_marker(item)
            self.recording[name] = Questions(task, self.places[name], list(run.asked), observations)
        super().pytest_runtest_teardown(item)


class _Interleaved(list[Observation]):
    def __init__(self, session: TestSession) -> None:
        super().__init__()
        self.session, self.after = session, list[int]()

    def append(self, seen: Observation) -> None:
        run = self.session._sitting
        self.after.append(len(run.asked) if run is not None else 0)
        super().append(seen)


def replay(
    run: StudentProcess, recording: Recording, sources: Sequence[str]
) -> list[dict[str, Trace]]:
    """Put a script to solutions; return for each what every test would see of it.

    Raises:
        SubmissionFault: the child did not survive it.
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
            for answers in run.request("replay", some, questions)
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


def _at(answers: Sequence[Any], look: RecordedObservation) -> tuple[bool, Any]:
    """Return whether what a look was at is there, and what it is."""
    if look.question is None:
        return True, None
    answer = answers[look.question]
    for index in look.path:
        if not isinstance(answer, list | tuple) or index >= len(answer):
            return False, None
        answer = answer[index]
    return True, answer


def _numbers_only(answer: Any) -> Any:
    """Return an answer of which only the kept objects matter."""
    if isinstance(answer, list | tuple):
        return [_numbers_only(part) for part in answer]
    return answer if isinstance(answer, Ref) else None
