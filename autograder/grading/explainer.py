"""Explains failures by comparing them with the signatures of known mistakes.

These are the misconceptions of the suite, and then those that the library of mistakes makes of the
reference solution; single ones first, then pairs. Signatures depend on the hidden inputs of a run.
They are learned test by test, of those mistakes alone that fit so far, and kept for the run: after
the first failures, explaining is a look-up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import combinations, islice
from pathlib import Path
from types import MappingProxyType

from autograder.course import Assignment
from autograder.diagnosis import matching
from autograder.diagnosis.explained import load_mistakes
from autograder.diagnosis.matching import Candidates, KnownSignatures, Lookup, Signature, Traces
from autograder.diagnosis.misconception import Variant, pair_of, singles
from autograder.diagnosis.mistakes.library import misconceptions
from autograder.diagnosis.observations import Trace
from autograder.diagnosis.pairing import Share, plausible_pairs, possible_pairs, share
from autograder.grading.reference import Reference
from autograder.grading.replays import Begin, Replays, RunSession
from autograder.grading.session import limits_of
from autograder.grading.suite_run import run_session
from autograder.record import TaskScore, TestResult
from autograder.sandbox.student_process import Series, StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.source_notebook import Definitions, Solution

REFERENCE_LIMITS = TimeLimits(notebook=60.0, cell=60.0, request=60.0)
PASSED = 8.0  # as many tests that passed tell as much as one that failed
MOST_PAIRS = 20  # of the library's, of those that may explain what one test saw


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
        definitions: the functions and classes of each task, in which the library of mistakes is
            tried; None if the suite's own misconceptions are all that is looked up.
        cells: those of the source notebook, whose variables answers may use by mistake.
        checks: those of them that do not run.
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
        definitions: Definitions | None = None,
        cells: Sequence[str] = (),
        checks: Sequence[str] = (),
    ) -> None:
        self.reference = reference
        self._definitions, self._notebook = definitions, (cells, checks)
        self._solution, self._own = load_mistakes(library or assignment.suite_folder, solution)
        self._replays = Replays(assignment, seed, begin, run_session, self._solution, reference)
        self._pairs: dict[tuple[Variant, Variant], Signature | None] = {}
        self._whole_pairs: dict[str, list[Signature]] = {}  # with what every test observes, by task

    def check_library(self) -> None:
        """Check that each misconception is a change to the reference solution.

        Raises:
            CourseError: one is not.
        """
        singles(self._solution, self._own)

    @property
    def series(self) -> dict[str, Series]:
        """The questions of each test; empty without a reference solution."""
        return self._replays.series

    @property
    def known(self) -> KnownSignatures:
        """What the tests observe of the reference and of each own misconception, by task."""
        reference: dict[str, Trace] = {}
        for task, known in self._singles.items():
            reference |= self._replays.of_reference(task)
            self._replays.learn(known, *self._replays.tests(task))
        return KnownSignatures(reference, self._singles)

    def of_reference(self, task: str) -> Traces:
        """Return what the tests of a task observe of the reference."""
        anything = self._solution and (self._own or self._definitions is not None)
        return self._replays.of_reference(task) if anything else {}

    def candidates(self, task: TaskScore, traces: Traces) -> Iterator[Candidates]:
        """Yield what may explain a task: own misconceptions, then those of the library."""
        own, general = self._singles.get(task.name, ()), self._general.get(task.name, ())
        yield Candidates(self._fitting(own, task, traces), told_apart=True)
        some = self._pairs_for(self._firsts(task.name), task, traces, possible_pairs)
        yield Candidates(self._fitting(some, task, traces), told_apart=True)
        yield Candidates(self._fitting(general, task, traces), told_apart=False)
        some = self._pairs_for(general, task, traces, plausible_pairs, MOST_PAIRS)
        yield Candidates(self._fitting(some, task, traces), told_apart=False)

    def _fitting(
        self, candidates: Sequence[Signature], task: TaskScore, traces: Traces
    ) -> Sequence[Signature]:
        """Return the signatures that match the results of a task, narrowed down test by test."""
        left, waiting = candidates, self._ran(task)
        while left and waiting:
            result = self._cheapest(waiting, left, traces)
            waiting.remove(result)
            if result.outcome == "failed":
                left = self._beginning_alike(left, result.name, traces.get(result.name, ()))
            self._replays.complete(left, result.name)
            left = [
                one
                for one in left
                if result.name in one.traces and matching.fits(result, traces, one)
            ]
        return left

    def _ran(self, task: TaskScore) -> list[TestResult]:
        return [test for test in task.tests if test.outcome in ("passed", "failed")]

    def _cheapest(
        self, waiting: Sequence[TestResult], left: Sequence[Signature], traces: Traces
    ) -> TestResult:
        """Return the test that tells mistakes apart for the least time."""
        return min(waiting, key=lambda test: self._cost(test, left, traces))

    def _cost(
        self, test: TestResult, left: Sequence[Signature], traces: Traces
    ) -> tuple[float, float]:
        """Return about what it costs to tell mistakes apart by a test: a failed one leaves few."""
        seconds = self._replays.seconds(test.name)
        if test.outcome != "failed":
            return PASSED * self._replays.unknown_seconds(left, test.name), seconds
        trace = traces.get(test.name, ())
        first, _ = next(self._replays.beginnings(test.name, trace), (None, 0))
        return self._replays.unknown_seconds(left, test.name, first), seconds

    def _beginning_alike(
        self, candidates: Sequence[Signature], test: str, trace: Trace
    ) -> Sequence[Signature]:
        """Return the signatures that match what a failed test observed, first and then in all."""
        left = candidates
        for count, observed in self._replays.beginnings(test, trace):
            self._replays.begin(left, test, count)
            left = [
                one
                for one in left
                if (alone := one.beginning(test, count)) is None
                or matching.begins_alike(trace, observed, alone)
            ]
        return left

    @cached_property
    def _singles(self) -> dict[str, list[Signature]]:
        """The own misconceptions of each task, in each of their ways."""
        return _by_task(singles(self._solution, self._own))

    @cached_property
    def _general(self) -> dict[str, list[Signature]]:
        """What the library of mistakes makes of the reference, the commonest first."""
        if self._definitions is None or not self._solution:
            return {}
        definitions = {task: list(names) for task, names in self._definitions.items()}
        of_some_task = {name for names in definitions.values() for name in names}
        for part in self._replays.recording.values():
            if part.is_test:  # it may ask for more than there is in the task's cell
                more = sorted(part.names - of_some_task)
                definitions[part.task] = [*definitions.get(part.task, ()), *more]
                of_some_task.update(more)
        library = misconceptions(self._solution, definitions, *self._notebook)
        return _by_task(singles(self._solution, library))

    def _pairs_for(
        self,
        singles: Sequence[Signature],
        task: TaskScore,
        traces: Traces,
        chosen: Callable[[Sequence[Share]], Iterator[tuple[int, int]]],
        most: int | None = None,
    ) -> Sequence[Signature]:
        """Return pairs of mistakes that may explain the shortest failed test, the likeliest."""
        reference = self.of_reference(task.name)
        first = self._shortest(task)
        trace = traces.get(first.name, ())
        known = self._replays.beginning(singles, first.name, trace)
        shares = [share(trace, alone, reference[first.name]) for _, alone in known]
        pairs = (self._pair(known[i][0], known[j][0]) for i, j in chosen(shares))
        return list(islice(filter(None, pairs), most))

    def _shortest(self, task: TaskScore) -> TestResult:
        """Return the failed test with the fewest questions, whatever time they take."""

        def questions(test: TestResult) -> int:
            part = self._replays.recording[test.name]
            return sum(len(self._replays.recording[one].asked) for one in part.fixtures) + len(
                part.asked
            )

        return min((test for test in task.tests if test.outcome == "failed"), key=questions)

    def _pair(self, one: Signature, other: Signature) -> Signature | None:
        """Return a pair of mistakes, if they are two and change different places."""
        key = one.variant, other.variant
        if key not in self._pairs:
            pair = pair_of(self._solution, *key)
            self._pairs[key] = None if pair is None else Signature(pair, {})
        return self._pairs[key]

    def _firsts(self, task: str) -> list[Signature]:
        """Return the own misconceptions of a task, in the first of their ways."""
        own = self._singles.get(task, ())
        return [s for s in own if s.variant.change == s.variant.misconceptions[0].ways[0]]

    def pairs(self, task: str) -> Sequence[Signature]:
        """Return the pairs of own misconceptions of a task, with what each of its tests observes.

        Those are left out in which one mistake hides everything else.
        """
        if task in self._whole_pairs:
            return self._whole_pairs[task]
        self._replays.learn(self._singles[task], *self._replays.tests(task))
        silent = {s.variant.name for s in self._singles[task] if matching.hides_everything(s)}
        some = [one for one in self._firsts(task) if one.variant.name not in silent]
        found = [p for pair in combinations(some, 2) if (p := self._pair(*pair)) is not None]
        self._replays.learn(found, *self._replays.tests(task))
        self._whole_pairs[task] = found
        return found

    def tests(self) -> list[str]:
        """Return the names of all tests."""
        return self._replays.tests()

    def shows_both(self, pair: Variant) -> bool:
        """Tell whether the tests reveal both mistakes of a pair."""
        known = self.known
        found = next((one for one in self.pairs(pair.task) if one.variant == pair), None)
        if found is None:
            return False
        alone = [s for s in known.singles[pair.task] if s.variant.name in pair.names]
        return matching.shows_both(found, alone, known.reference)


def _by_task(variants: Sequence[Variant]) -> dict[str, list[Signature]]:
    found: dict[str, list[Signature]] = {}
    for variant in variants:
        found.setdefault(variant.task, []).append(Signature(variant, {}))
    return found


def begin_own(
    assignment: Assignment,
    warm: WarmProcess,
    cells: Sequence[str],
    checks: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> StudentProcess:
    """Return a process for code of the course."""
    limits, _ = limits_of(assignment)
    given = assignment.given_files
    return StudentProcess(
        warm, cells, limits, REFERENCE_LIMITS, checks, given_files=given, of_course=True
    )


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
    return Explainer(
        assignment,
        seed,
        begin,
        solution=solution.code,
        reference=reference,
        definitions=dict(solution.definitions),
        cells=solution.cells,
        checks=solution.given,
    )
