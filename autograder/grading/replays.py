"""Learns on demand what a suite's tests observe of changed reference solutions."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from autograder.course import Assignment
from autograder.diagnosis.matching import Signature, Traces
from autograder.diagnosis.names import outliving_a_call
from autograder.grading.recording import (
    STOPPED,
    Recording,
    RecordingSession,
    Replayed,
    in_order_of_tests,
    replay,
)
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import Series, StudentProcess
from autograder.submission import Submission

SECONDS = 20.0  # of processor time, about, that it takes at most to replay one test
MOST_TIMES = 10.0  # the reference's time that a variant may take in a test, and a little more
A_LITTLE = 0.2

Begin = Callable[[Sequence[str]], StudentProcess]
RunSession = Callable[[TestSession], None]


class Replays:
    """Records what a suite asks, from one run over the reference, and replays it to variants.

    Args:
        assignment: the assignment whose suite is run.
        seed: the seed of the hidden inputs.
        begin: starts the process that runs cells and answers questions about them.
        run_session: runs the suite.
        solution: the code of the reference solution.
        reference: what answers for the reference solution in tests.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        begin: Begin,
        run_session: RunSession,
        solution: str,
        reference: Reference | None,
    ) -> None:
        self._assignment, self._seed = assignment, seed
        self._begin, self._run_session = begin, run_session
        self._solution, self._reference = solution, reference
        self._of_reference: dict[str, Traces] = {}  # by task
        self._seconds: dict[str, float] = {}  # that the reference takes in each test

    @cached_property
    def recording(self) -> Recording:
        """The questions of all tests."""
        attempt = Attempt(Submission("reference", Path("reference")), (self._solution,))
        session = RecordingSession(
            self._assignment, attempt, self._seed, self._begin, self._reference
        )
        self._run_session(session)
        return in_order_of_tests(session.recording)

    @cached_property
    def series(self) -> dict[str, Series]:
        """The questions of each test; empty without a reference solution."""
        if not self._solution:
            return {}
        return {name: part.series for name, part in self.recording.items() if part.asked}

    def tests(self, task: str | None = None) -> list[str]:
        """Return the names of the tests, of one task or of all."""
        return [
            name
            for name, part in self.recording.items()
            if part.is_test and task in (None, part.task)
        ]

    def of_reference(self, task: str) -> Traces:
        """Return what the tests of a task observe of the reference."""
        if task not in self._of_reference:
            (found,) = self._replayed(self.tests(task), [self._solution])
            self._of_reference[task] = {name: seen.trace for name, seen in found.items()}
            self._seconds |= {name: seen.seconds for name, seen in found.items()}
        return self._of_reference[task]

    def seconds(self, test: str) -> float:
        """Return the processor time that a test takes with the reference."""
        self.of_reference(self.recording[test].task)
        return self._seconds[test]

    def complete(self, signatures: Sequence[Signature], test: str) -> None:
        """Learn what a test observes of variants; of the first ones only, if it takes long."""
        most = max(1, int(SECONDS / max(self.seconds(test), 1e-6)))
        self.learn(signatures[:most], test)

    def learn(self, signatures: Sequence[Signature], *tests: str) -> None:
        """Learn what tests observe of all variants of which it is not known."""
        for test in tests:
            unknown = [one for one in signatures if test not in one.traces]
            keeping = [one for one in unknown if self._keeps_something(one)]
            self._learn([one for one in unknown if one not in keeping], [test])
            self._learn(keeping, self.tests(self.recording[test].task))

    def _keeps_something(self, one: Signature) -> bool:
        """Tell whether what a test observes may depend on the tests before it."""
        return bool(outliving_a_call(one.variant.source) - self._outliving_a_call)

    @cached_property
    def _outliving_a_call(self) -> set[str]:
        return outliving_a_call(self._solution)

    def _learn(self, some: Sequence[Signature], tests: Sequence[str]) -> None:
        """Learn what tests observe of variants, one by one if they end the process."""
        if not some:
            return
        limit = MOST_TIMES * max(map(self.seconds, tests)) + A_LITTLE
        try:
            found = self._replayed(tests, [one.variant.source for one in some], limit)
        except ExecutionError:
            if len(some) == 1:
                some[0].traces.update(dict.fromkeys(tests, STOPPED))
            else:
                for one in some:
                    self._learn([one], tests)
        else:
            for one, seen in zip(some, found, strict=True):
                one.traces.update({test: seen[test].trace for test in tests})

    def _replayed(
        self, tests: Sequence[str], sources: Sequence[str], limit: float | None = None
    ) -> list[dict[str, Replayed]]:
        """Return what tests observe of each solution."""
        fixtures = {fixture for name in tests for fixture in self.recording[name].fixtures}
        parts = {
            name: part for name, part in self.recording.items() if name in tests or name in fixtures
        }
        self._process.begin_test(0)  # a new child, if this one has used up its time
        try:
            return replay(self._process, parts, self._solution, sources, limit)
        finally:
            if self._process.is_local:
                self.__dict__.pop("_process").close()

    @cached_property
    def _process(self) -> StudentProcess:
        process = self._begin(())
        process.execute()
        return process
