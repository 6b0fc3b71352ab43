"""Explains failures by comparing them with the signatures of known misconceptions.

Signatures depend on the hidden inputs of a run. Those of single misconceptions are computed when
the first submission fails, in well under a second; those of pairs when no single one explains a
failure. After that, explaining is a look-up.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from types import MappingProxyType

from autograder.course import Assignment
from autograder.diagnosis import matching
from autograder.diagnosis.matching import KnownSignatures, Lookup, Signature
from autograder.diagnosis.misconception import Variant, load_library, pairs, singles
from autograder.diagnosis.observations import Trace
from autograder.grading.recording import (
    Recording,
    RecordingSession,
    in_order_of_tests,
    replay,
)
from autograder.grading.reference import Reference
from autograder.grading.session import Attempt, TestSession, limits_of
from autograder.grading.suite_run import run_session
from autograder.record import TaskScore, TestResult
from autograder.sandbox.student_process import Series, StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import Solution
from autograder.submission import Submission

REFERENCE_LIMITS = TimeLimits(notebook=60.0, cell=60.0, request=60.0)

Begin = Callable[[Sequence[str]], StudentProcess]
RunSession = Callable[[TestSession], None]


class Explainer(Lookup):
    """Explains failures in one assignment, for one seed.

    Args:
        assignment: the assignment whose suite is run.
        seed: the seed of the hidden inputs.
        begin: starts the process that runs cells and answers questions about them.
        run_session: runs the suite.
        library: the folder of misconceptions and solution; by default, that of the suite.
        solution: the code of the reference solution, for suites without a `solution.py`.
        reference: what answers for the reference solution in tests.
    """

    def __init__(
        self,
        assignment: Assignment,
        seed: str,
        begin: Begin,
        run_session: RunSession = run_session,
        library: Path | None = None,
        solution: str = "",
        reference: Reference | None = None,
    ) -> None:
        self._assignment, self._seed = assignment, seed
        self._begin, self._run_session = begin, run_session
        self.reference = reference
        folder = library or assignment.suite_folder
        self._solution, self._library = load_library(folder, solution)
        self._pairs: dict[str, list[Signature]] = {}  # filled on demand

    def check_library(self) -> None:
        """Check that each misconception is a change to the reference solution.

        Raises:
            CourseError: one is not.
        """
        singles(self._solution, self._library)

    @cached_property
    def _recording(self) -> Recording:
        """The suite's questions, from one run over the reference solution."""
        attempt = Attempt(Submission("reference", Path("reference")), (self._solution,))
        session = RecordingSession(
            self._assignment, attempt, self._seed, self._begin, self.reference
        )
        self._run_session(session)
        return in_order_of_tests(session.recording)

    @cached_property
    def series(self) -> dict[str, Series]:
        """The questions of each test; empty without a reference solution."""
        if not self._solution:
            return {}
        return {name: part.series for name, part in self._recording.items() if part.asked}

    @cached_property
    def known(self) -> KnownSignatures:
        """What the tests observe of the reference and of each misconception, by task."""
        variants = singles(self._solution, self._library)
        reference: dict[str, Trace] = {}
        expected = {}
        for task in dict.fromkeys(variant.task for variant in variants):
            own = [variant for variant in variants if variant.task == task]
            seen = self._observed(task, [self._solution, *(variant.source for variant in own)])
            reference |= seen[0]
            expected[task] = list(map(Signature, own, seen[1:]))
        return KnownSignatures(reference, expected)

    def fitting_pairs(self, task: TaskScore, traces: Mapping[str, Trace]) -> Sequence[Signature]:
        """Return the pairs that match the results of a task, narrowed down test by test.

        Failed tests come first: each leaves few pairs for the remaining tests to try. Those with
        few questions come before the others.
        """
        left: Sequence[Signature] = self._pairs_of(task.name)

        def cost(test: TestResult) -> tuple[bool, int]:
            return test.outcome != "failed", len(self._recording[test.name].asked)

        ran = [test for test in task.tests if test.outcome in ("passed", "failed")]
        for result in sorted(ran, key=cost):
            self._complete(left, task.name, result.name)
            left = [pair for pair in left if matching.fits(result, traces, pair)]
        return left

    def _pairs_of(self, task: str) -> list[Signature]:
        """Return the pairs of a task, except those in which one mistake hides everything else."""
        if task not in self._pairs:
            singles = self.known.singles[task]
            silent = {s.variant.name for s in singles if matching.hides_everything(s)}
            own = [m for m in self._library if m.task == task and m.name not in silent]
            self._pairs[task] = [Signature(pair, {}) for pair in pairs(self._solution, own)]
        return self._pairs[task]

    def pairs(self, task: str) -> Sequence[Signature]:
        """Return the pairs of a task, with what each of its tests observes."""
        for test in self.tests(task):
            self._complete(self._pairs_of(task), task, test)
        return self._pairs_of(task)

    def tests(self, task: str | None = None) -> list[str]:
        """Return the names of the tests, of one task or of all."""
        return [
            name
            for name, part in self._recording.items()
            if part.is_test and task in (None, part.task)
        ]

    def shows_both(self, pair: Variant) -> bool:
        """Tell whether the tests reveal both mistakes of a pair."""
        reference, singles = self.known.reference, self.known.singles
        expected = self.pairs(pair.task)
        found = next((one for one in expected if one.variant == pair), None)
        if found is None:
            return False
        alone = [s for s in singles[pair.task] if s.variant.name in pair.name.split(" + ")]
        return matching.shows_both(found, alone, reference)

    def _complete(self, pairs: Sequence[Signature], task: str, test: str) -> None:
        """Compute what a test observes of pairs, where that is still unknown."""
        unknown = [pair for pair in pairs if test not in pair.traces]
        seen = self._observed(task, [pair.variant.source for pair in unknown], test)
        for pair, found in zip(unknown, seen, strict=True):
            pair.traces.update(found)

    def _observed(
        self, task: str, sources: Sequence[str], test: str | None = None
    ) -> list[dict[str, Trace]]:
        """Return what the tests of a task, or one of them, observe of each solution."""
        if not sources:
            return []
        tests = [name for name in self.tests(task) if test in (None, name)]
        fixtures = {fixture for name in tests for fixture in self._recording[name].fixtures}
        recording = {
            name: part
            for name, part in self._recording.items()
            if name in tests or name in fixtures
        }
        process = self._begin(())
        try:
            process.execute()
            return replay(process, recording, self._solution, sources)
        finally:
            process.close()


def begin_own(
    assignment: Assignment,
    warm: WarmProcess,
    cells: Sequence[str],
    checks: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> StudentProcess:
    """Return a process for code of the course, which may answer as much as it is asked."""
    limits, _ = limits_of(assignment)
    given = assignment.given_files
    process = StudentProcess(warm, cells, limits, REFERENCE_LIMITS, checks, given_files=given)
    process.room = None
    return process


def begin_reference(
    assignment: Assignment, warm: WarmProcess, solution: Solution, whole: bool
) -> StudentProcess:
    """Return a process for the source notebook, as a whole or as far as its answers need it."""
    cells = solution.cells if whole else solution.cells[: solution.needed]
    checks = {index: tasks for index, tasks in solution.checks if index < len(cells)}
    return begin_own(assignment, warm, cells, checks)


@cache
def explainer(
    assignment: Assignment, seed: str, warm: WarmProcess, solution: Solution | None
) -> Explainer:
    """Return the cached explainer of a grading process, which keeps computed signatures."""
    begin = partial(begin_own, assignment, warm)
    if solution is None:
        return Explainer(assignment, seed, begin)
    start = partial(begin_reference, assignment, warm, solution)
    reference = Reference(start, solution.path, solution.code)
    return Explainer(assignment, seed, begin, solution=solution.code, reference=reference)
