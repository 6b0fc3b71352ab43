"""Records what a suite asks, and replays it to other solutions.

The suite runs once on the reference solution; its questions become a recording, which is then
replayed to any number of solutions in one child. This is correct as long as no question depends
on an answer: tests draw their inputs and do not derive them from earlier answers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.diagnosis.observations import (
    ATOL,
    RTOL,
    How,
    Kind,
    Observation,
    Tolerance,
    Trace,
)
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession, is_spoiler, name_of, task_marker
from autograder.sandbox.student_process import Series, StudentProcess, lent_functions
from autograder.sandbox.worker.wire import Ref

BATCH_SIZE = 40  # solutions in a message, at most
SECONDS = 30.0  # of processor time that they take at most

Path = tuple[Any, ...]
"""The indices and keys that lead to a part of an answer."""


@dataclass(frozen=True)
class RecordedObservation:
    """An observation of an answer, or of a part of it.

    `after` is the number of questions asked before it, `question` the index of the answer (None
    for a value from elsewhere), `path` the position within the answer. The answer is one to the
    test itself or to a fixture, whose name is in `fixture`. The rest is an observation's.
    """

    after: int
    kind: Kind
    question: int | None
    path: Path = ()
    fixture: str = ""
    how: How | None = None
    bound: float = 0.0
    tolerance: Tolerance = (RTOL, ATOL)


@dataclass
class Questions:
    """What a test asks and observes; `test_index` is its position in the suite.

    `fixtures` are those that it uses and that are made once for a submission. They are recorded
    like tests, with `is_test` false. `spoils` is true for a test that is marked `spoiler`.
    """

    task: str
    test_index: int
    asked: list[tuple[list[Any], Any]] = field(default_factory=list)
    observations: list[RecordedObservation] = field(default_factory=list)
    fixtures: tuple[str, ...] = ()
    is_test: bool = True
    spoils: bool = False
    observed: set[int] = field(default_factory=set)  # the questions whose answers are wanted

    def for_child(self) -> list[tuple[list[Any], Any, str]]:
        """Return the questions in the form that a child replays."""
        weak = {seen.question for seen in self.observations if seen.kind == "weak"}
        return [
            (
                batch,
                refs_only(answer),
                "always" if index in weak else "yes" if self.is_plain(index) else "no",
            )
            for index, (batch, answer) in enumerate(self.asked)
        ]

    def is_plain(self, index: int) -> bool:
        """Tell whether a test may look at an answer, and not only pass on what it stands for."""
        return index in self.observed or not isinstance(self.asked[index][1], Ref | None)

    @cached_property
    def judged_after(self) -> list[int]:
        """How many questions come before each observation that is judged."""
        return [seen.after for seen in self.observations if seen.kind != "weak"]

    def first(self, count: int) -> "Questions":
        """Return the first questions, and what is observed of their answers."""
        seen = [one for one in self.observations if one.after <= count]
        return replace(self, asked=self.asked[:count], observations=seen)

    @property
    def names(self) -> set[str]:
        """The names that the test looks up in the notebook."""
        operations = (one for batch, _ in self.asked for one in batch)
        return {
            arguments[1]
            for operation, arguments in operations
            if operation == "get" and arguments[0] is None
        }

    @cached_property
    def answerable(self) -> int:
        """How many questions a replay can answer: all before one that lends a suite's function."""
        for index, (batch, _) in enumerate(self.asked):
            if any(lent_functions(batch, of_suite=True)):
                return index
        return len(self.asked)

    @property
    def series(self) -> Series:
        """The questions in the form that a student process takes."""
        return Series(self.test_index, self.task, [batch for batch, _ in self.asked])


Recording = Mapping[str, Questions]


def in_order_of_tests(recording: Recording) -> dict[str, Questions]:
    """Return a recording in the order in which tests run when it is known what they reveal."""

    def late(item: tuple[str, Questions]) -> tuple[bool, bool]:
        part = item[1]
        return part.spoils, part.is_test and part.series.reveals

    return dict(sorted(recording.items(), key=late))


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

    def end_fixture(self, name: str) -> None:
        """Add the questions and observations of a fixture to the recording."""
        assert self._process is not None
        self._record(name, self.fixture_index[name], is_test=False)
        super().end_fixture(name)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Add the questions and observations of a test to the recording."""
        if self._process is not None:
            name = name_of(item)
            self._record(name, self.test_index[name], tuple(self.fixtures_of(item)))
        super().pytest_runtest_teardown(item)

    def _record(
        self, name: str, index: int, fixtures: tuple[str, ...] = (), *, is_test: bool = True
    ) -> None:
        assert isinstance(self.trace, _InterleavedTrace)
        assert self._process is not None
        assert self._item is not None
        asked, answers = list(self._process.exchanges), self._process.answers
        task, spoils = task_marker(self._item)[0], is_spoiler(self._item) and is_test
        part = Questions(task, index, asked, [], fixtures, is_test, spoils)
        self.recording[name] = part
        for after, seen in zip(self.trace.after, self.trace, strict=True):
            question, path = _where(seen.value, answers[:after])
            source, where = part, ""
            if question is None:
                for where in fixtures:
                    question, path = _where(seen.value, self._fixture_answers[where])
                    source = self.recording[where]
                    if question is not None:
                        break
            if question is not None:
                source.observed.add(question)
            own = seen.how, seen.bound, seen.tolerance
            part.observations.append(
                RecordedObservation(after, seen.kind, question, path, where, *own)
            )


class _InterleavedTrace(list[Observation]):
    def __init__(self, session: TestSession) -> None:
        super().__init__()
        self.session, self.after = session, list[int]()

    def append(self, seen: Observation) -> None:
        process = self.session._process
        self.after.append(len(process.exchanges) if process is not None else 0)
        super().append(seen)


STOPPED: Trace = (Observation("stopped", None),)


@dataclass(frozen=True)
class Replayed:
    """What a test would observe of a solution, and the processor time that this took.

    The time that its fixtures take is part of it.
    """

    trace: Trace
    seconds: float


def trace_of(recording: Recording, test: str, found: Mapping[str, Any]) -> Trace:
    """Return what a test would have observed, given the answers of a child to each dialog.

    What comes after a question that a replay cannot answer is unknown.
    """
    dialogs = [*recording[test].fixtures, test]
    if any(found[name]["stopped"] for name in dialogs):
        return STOPPED
    answers = [seen for name in dialogs for seen in _all_answers(recording[name], found[name])]
    return (*_observed(recording, test, found), Observation("answers", answers))


def _all_answers(part: Questions, found: Mapping[str, Any]) -> Iterator[Observation]:
    """Yield all answers, also those that no assertion looks at."""
    for index, value in enumerate(found["answers"][: found["answered"]]):
        yield Observation("values" if part.is_plain(index) else "unknown", value)


def _observed(recording: Recording, test: str, found: Mapping[str, Any]) -> Iterator[Observation]:
    """Yield what a test would have observed."""
    known = None  # the number of questions before one that a replay cannot answer
    for name in (*recording[test].fixtures, test):
        answered, error = found[name]["answered"], found[name]["error"]
        if known is not None:
            known, error = -1, None  # a fixture asked that question
        elif answered == recording[name].answerable < len(recording[name].asked):
            known, error = answered, None
        for seen in recording[name].observations:
            if known is not None and seen.after > known:
                yield Observation("weak" if seen.kind == "weak" else "unknown", None)
                continue
            answers = found[seen.fixture or name]["answers"]
            if seen.after > answered and (seen.kind != "weak" or seen.question == answered):
                continue  # an exception came first
            if seen.after > len(found[name]["answers"]):
                continue  # the question was never asked
            exists, value = True, None
            if seen.question is not None:
                exists, value = part_at(answers[seen.question], seen.path)
            if seen.after > answered and value is None:
                continue  # what raised again: a test would not have come so far
            if not exists:  # which ends the test
                yield Observation("form", value)
                return
            is_told = seen.question is not None or seen.kind == "weak"
            own = seen.how, seen.bound, seen.tolerance
            yield Observation(seen.kind if is_told else "unknown", value, *own)
        if error is not None:
            yield Observation("raised", (str(error["type"]), str(error["message"])))
            return


def replay(
    process: StudentProcess,
    recording: Recording,
    reference: str,
    sources: Sequence[str],
    limit: float | None = None,
) -> list[dict[str, Replayed]]:
    """Replay a recording to solutions; return what each test would observe of each solution.

    Args:
        process: what replays it.
        recording: the questions of some tests, and of the fixtures that they use.
        reference: the reference solution, whose functions a test may hand over.
        sources: the solutions.
        limit: the processor time in seconds that a test may take with one solution.

    Raises:
        ExecutionError: the child ended or took too long.
    """
    questions = [part.for_child() for part in recording.values()]
    tests = [name for name, part in recording.items() if part.is_test]
    longest = (limit or 0.0) * len(tests)
    size = BATCH_SIZE if not longest else min(BATCH_SIZE, max(1, int(SECONDS / longest)))
    replayed: list[dict[str, Replayed]] = []
    for start in range(0, len(sources), size):
        some = list(sources[start : start + size])
        for answers in process.request_alone("replay", reference, some, questions, limit):
            found = dict(zip(recording, answers, strict=True))
            replayed.append(
                {
                    name: Replayed(
                        trace_of(recording, name, found), _seconds(recording, name, found)
                    )
                    for name in tests
                }
            )
    return replayed


def _seconds(recording: Recording, test: str, found: Mapping[str, Any]) -> float:
    return sum(float(found[name]["seconds"]) for name in (*recording[test].fixtures, test))


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
    if isinstance(answer, list | tuple | dict):
        for index, part in answer.items() if isinstance(answer, dict) else enumerate(answer):
            inner = _path_to(value, part)
            if inner is not None:
                return (index, *inner)
    return None


def part_at(answer: Any, path: Path) -> tuple[bool, Any]:
    """Return whether a part of an answer exists, and its value.

    If it does not, the value is the whole in which it is missing.
    """
    for index in path:
        if not isinstance(answer, list | tuple | dict):
            return False, answer
        if index not in (answer if isinstance(answer, dict) else range(len(answer))):
            return False, answer
        answer = answer[index]
    return True, answer


def refs_only(answer: Any) -> Any:
    """Return an answer reduced to its references to objects in the child."""
    if isinstance(answer, list | tuple):
        return [refs_only(part) for part in answer]
    return answer if isinstance(answer, Ref) else None
