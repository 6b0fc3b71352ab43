"""Learns on demand what a suite's tests observe of changed reference solutions."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from autograder.course import Assignment
from autograder.diagnosis.matching import Signature, Traces
from autograder.diagnosis.names import only_read, outliving_a_call
from autograder.diagnosis.observations import Trace, judged
from autograder.grading.recording import (
    STOPPED,
    Questions,
    Recording,
    RecordingSession,
    Replayed,
    in_order_of_tests,
    replay,
)
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession, undisturbed
from autograder.sandbox.execution_errors import ExecutionError
from autograder.sandbox.student_process import Series, StudentProcess
from autograder.submission import Submission

SECONDS = 30.0  # of processor time that all replays of one test take at most; few come near
MOST_TIMES = 10.0  # the reference's time that a variant may take in a test, and some seconds more
SECONDS_MORE = 2.0

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
        self._keeping: dict[str, bool] = {}  # by code: whether a call may leave something

    @cached_property
    def recording(self) -> Recording:
        """The questions of all tests."""

        def record(attempt: Attempt) -> Recording:
            session = RecordingSession(
                self._assignment, attempt, self._seed, self._begin, self._reference
            )
            self._run_session(session)
            return session.recording

        attempt = Attempt(Submission("reference", Path("reference")), (self._solution,))
        _, recorded = undisturbed(attempt, record)
        return in_order_of_tests(recorded)

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
        self.learn(signatures[: self._most(test)], test)

    def _most(self, test: str, first: int | None = None) -> int:
        """Return to how many variants a test is replayed, or its first questions."""
        asked = len(self.recording[test].asked)
        share = 1.0 if first is None else first / max(1, asked)
        return max(1, int(SECONDS / max(self.seconds(test) * share, 1e-6)))

    def learn(self, signatures: Sequence[Signature], *tests: str) -> None:
        """Learn what tests observe of all variants of which it is not known."""
        for test in tests:
            unknown = [one for one in signatures if test not in one.traces]
            keeping = [one for one in unknown if self._keeps_something(one)]
            self._learn([one for one in unknown if one not in keeping], [test])
            self._learn(keeping, self.tests(self.recording[test].task))

    def beginnings(self, test: str, trace: Trace) -> Iterator[tuple[int, int]]:
        """Yield how many questions to ask first, and then, where a test failed.

        With each number comes that of the judged observations that it leads to. The first is what
        leads to one judged answer, the last what leads to all that the test observed.
        """
        part = self.recording[test]
        before = sum(len(self.recording[name].judged_after) for name in part.fixtures)
        own = len(judged(trace)) - before
        if not 0 < own <= len(part.judged_after) or any(seen.kind == "answers" for seen in trace):
            return
        for count in sorted({part.judged_after[0], part.judged_after[own - 1]}):
            if count < len(part.asked):
                yield count, before + sum(after <= count for after in part.judged_after)

    def begin(self, signatures: Sequence[Signature], test: str, count: int) -> None:
        """Learn what a test observes of variants by its first questions, where that is unknown."""
        some = [
            one
            for one in signatures[: self._most(test, count)]
            if one.beginning(test, count) is None and not self._keeps_something(one)
        ]
        first = self.recording[test].first(count)
        for one, traces in self._observed(some, [test], first):
            one.begun[test] = count, traces[test]

    def beginning(
        self, signatures: Sequence[Signature], test: str, trace: Trace
    ) -> list[tuple[Signature, Trace]]:
        """Return what a failed test observes of variants, at least as far as it came.

        Those are left out of which that is not known, as it takes too long.
        """
        count = max((count for count, _ in self.beginnings(test, trace)), default=None)
        if count is None:
            self.complete(signatures, test)
        else:
            self.begin(signatures, test, count)
            self.complete([one for one in signatures if self._keeps_something(one)], test)
        needed = len(self.recording[test].asked) if count is None else count
        known = ((one, one.beginning(test, needed)) for one in signatures)
        return [(one, trace) for one, trace in known if trace is not None]

    def unknown_seconds(
        self, signatures: Sequence[Signature], test: str, first: int | None = None
    ) -> float:
        """Return about how long it takes to learn what a test observes of variants, at first."""
        asked = len(self.recording[test].asked)
        count = asked if first is None else first
        unknown = sum(one.beginning(test, count) is None for one in signatures)
        return unknown * count / max(1, asked) * self.seconds(test)

    def _keeps_something(self, one: Signature) -> bool:
        """Tell whether what a test observes may depend on the tests before it."""
        source = one.variant.source
        if source not in self._keeping:
            kept = outliving_a_call(source) - self._outliving_a_call
            self._keeping[source] = bool(kept and kept - only_read(source))
        return self._keeping[source]

    @cached_property
    def _outliving_a_call(self) -> set[str]:
        return outliving_a_call(self._solution)

    def _learn(self, some: Sequence[Signature], tests: Sequence[str]) -> None:
        """Learn what tests observe of variants."""
        for one, traces in self._observed(some, tests):
            one.traces.update(traces)

    def _observed(
        self, some: Sequence[Signature], tests: Sequence[str], first: Questions | None = None
    ) -> Iterator[tuple[Signature, Traces]]:
        """Yield what tests observe of variants; those that end the process are asked alone.

        With `first`, these are all questions of the one test.
        """
        if not some:
            return
        limit = MOST_TIMES * max(map(self.seconds, tests)) + SECONDS_MORE
        try:
            sources = [one.variant.source for one in some]
            found = self._replayed(tests, sources, limit, first)
        except ExecutionError:
            if len(some) == 1:
                yield some[0], dict.fromkeys(tests, STOPPED)
            else:
                for one in some:
                    yield from self._observed([one], tests, first)
        else:
            for one, seen in zip(some, found, strict=True):
                yield one, {test: seen[test].trace for test in tests}

    def _replayed(
        self,
        tests: Sequence[str],
        sources: Sequence[str],
        limit: float | None = None,
        first: Questions | None = None,
    ) -> list[dict[str, Replayed]]:
        """Return what tests observe of each solution."""
        fixtures = {fixture for name in tests for fixture in self.recording[name].fixtures}
        parts = {
            name: first if first is not None and name in tests else part
            for name, part in self.recording.items()
            if name in tests or name in fixtures
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
