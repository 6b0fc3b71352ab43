"""A test session: one pytest session that runs every test of a suite on every submission."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.beside import not_given
from autograder.diagnosis.observations import Observation, Trace, observe, recording
from autograder.grading.outcomes import (
    came_instead,
    misused_type,
    outcome_of,
    reason,
    where_in,
)
from autograder.grading.public_tests import PUBLIC, marked_tests
from autograder.grading.reference import Reference
from autograder.record import TestResult
from autograder.sandbox.execution_errors import InvalidResponse, StudentError, TimedOut
from autograder.sandbox.student_process import (
    CellResult,
    Series,
    SkippedStatement,
    StudentProcess,
    TimeLimits,
)
from autograder.sandbox.warm_process import (
    ChildKilled,
    WarmProcess,
    WarmProcessError,
    despite_kills,
)
from autograder.sandbox.worker.limits import Limits
from autograder.submission import Submission
from autograder.testing import fixtures
from autograder.testing.answers import describe
from autograder.testing.fixtures import is_made_once
from autograder.testing.student import Remote

if TYPE_CHECKING:
    from autograder.course import Assignment
    from autograder.test_cells import PlacedCells, TestCell

PROCESSORS = os.cpu_count() or 1
FIXTURES = 1 << 12  # the index of the first fixture whose objects several tests use
JUDGED = (AssertionError, InvalidResponse, pytest.fail.Exception)  # a test looked at its answers
TELL_NO_VALUES = (SyntaxError, ImportError, NameError, ArithmeticError)
POINTS = pytest.StashKey[float]()  # of a test, after it has been shared out
PARAMETERS = pytest.StashKey[tuple[int, int]]()  # number and count
MARKERS = (
    "task(name, points, seconds, public): the test of a task, its points, the seconds of one call",
    "spoiler: reveals the answer of another task to the student's process, so it runs last",
)


@dataclass(eq=False)
class Attempt:
    """One submission in a test session: its cells, and the results of running and testing them.

    `traces` holds what each test observed, `arrays` what the suite recorded for pictures.
    `checks` are the cells that check tasks, by their index: the tests of a task see the names that
    there were before its check, or else at the end. `rebound` are the tasks that failed although
    the notebook goes on to change what they use. `placed` is set where there is no suite: the cells
    with those that test them.

    `needs_rerun` is true if a process was killed from outside, or if a test asked it other
    questions than the prepared ones; `waited`, if it was stopped for waiting.
    """

    submission: Submission
    cells: tuple[str, ...]
    checks: Mapping[int, Sequence[str]] = field(default_factory=dict)
    placed: PlacedCells | None = None
    results: list[TestResult] = field(default_factory=list)
    traces: dict[str, Trace] = field(default_factory=dict)
    arrays: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    cell_results: list[CellResult] = field(default_factory=list)
    rebound: tuple[str, ...] = ()
    note: str = ""
    seconds: float = 0.0
    test_seconds: dict[str, float] = field(default_factory=dict)
    needs_rerun: bool = False
    waited: bool = False

    @property
    def tests(self) -> Mapping[int, TestCell]:
        """The test cells by their indices; none if there is a suite."""
        return {} if self.placed is None else self.placed.tests

    @property
    def positions(self) -> Sequence[int | None]:
        """The positions of the cells in the submission; None for a test cell that it lacks."""
        return self.submission.notebook.positions if self.placed is None else self.placed.positions

    def again(self) -> Attempt:
        """Return a new attempt at the same."""
        return Attempt(self.submission, self.cells, self.checks, self.placed)

    @property
    def skipped(self) -> list[tuple[int, SkippedStatement]]:
        """The statements that could not run on this machine, with the numbers of their cells."""
        cells = enumerate(self.cell_results, 1)
        return [(number, one) for number, cell in cells for one in cell.skipped]

    def score(self, task: str) -> float:
        """Return the points that the tests of a task have earned."""
        return sum(result.points for result in self.results if result.task == task)

    def take_over(self, other: Attempt, tasks: Collection[str]) -> None:
        """Take the results of some tasks from another attempt at the same submission."""
        names = {result.name for result in other.results if result.task in tasks}
        self.results = [result for result in self.results if result.name not in names]
        self.results += [result for result in other.results if result.name in names]
        self.traces |= {name: trace for name, trace in other.traces.items() if name in names}
        self.arrays |= other.arrays


OnTestFinished = Callable[[Attempt], None]
T = TypeVar("T")


def undisturbed(attempt: Attempt, run: Callable[[Attempt], T]) -> tuple[Attempt, T]:
    """Run new attempts at the same until no other process has killed its own.

    Return that attempt, and what running it gave.

    Raises:
        ChildKilled: that happened each time.
    """

    def once() -> tuple[Attempt, T]:
        again = attempt.again()
        given = run(again)
        if again.needs_rerun:
            raise ChildKilled(
                "another process kills the one of this submission each time, as the system does "
                "where memory is short"
            )
        return again, given

    return despite_kills(once)


class TestSession:
    """Runs a suite on attempts; registered as a pytest plugin for one session.

    All tests of one attempt run while its process is alive. Those that reveal something to it come
    after the others, and tests marked `spoiler` last.

    Args:
        assignment: the assignment whose suite is run.
        attempts: the submissions to test.
        seed: the seed of the hidden inputs.
        warm: the process that forks a child for each attempt; None to collect only.
        reference: the reference solution; None if there is none.
        series: the prepared questions of tests, by test name.
        on_test_finished: called with the attempt after each of its tests.
        revealing: the tests that show the student's process something to learn from.
        draws: whether the figures of the notebooks are drawn.
    """

    __test__ = False  # pytest would take the name for that of a test class

    def __init__(
        self,
        assignment: Assignment,
        attempts: Sequence[Attempt],
        seed: str,
        warm: WarmProcess | None = None,
        reference: Reference | None = None,
        series: Mapping[str, Series] = MappingProxyType({}),
        on_test_finished: OnTestFinished | None = None,
        revealing: Collection[str] = (),
        draws: bool = False,
    ) -> None:
        self.assignment, self.attempts, self.seed = assignment, list(attempts), seed
        self.collect_errors: list[str] = []
        self.internal_error: BaseException | None = None
        self.points: dict[str, float] = {}
        self.seconds: dict[str, object] = {}  # for one call, of the tests that say so
        self.test_index: dict[str, int] = {}
        self._warm, self._series, self._on_test_finished = warm, series, on_test_finished
        self._revealing, self._draws = revealing, draws
        self._item: pytest.Item | None = None  # the current test
        self._repeated: set[str] = set()  # tests that run several times on an attempt
        self._process: StudentProcess | None = None
        self._began = (0.0, 0.0)  # when the current test did, and the processor time until then
        self._attempt: Attempt | None = None
        self.reference = reference
        self.trace: list[Observation] = []
        self.fixture_index: dict[str, int] = {}  # of fixtures that are made once for a submission
        self.asking_reference: list[str] = []  # the tests that ask the reference solution
        self._fixture_seconds: dict[str, float | None] = {}  # for one of their calls
        self._of_student: set[str] = set()  # those of them that use the student
        self.fixture_traces: dict[str, Trace] = {}  # of those that the current attempt has
        self._fixture_answers: dict[str, tuple[Any, ...]] = {}  # the same
        self._misuses: dict[BaseException, InvalidResponse] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the fixtures and the markers."""
        own = ModuleType("autograder-session-fixture")
        own.test_session = pytest.fixture(scope="session", name="test_session")(lambda: self)  # type: ignore[attr-defined]
        config.pluginmanager.register(fixtures, "autograder-fixtures")
        config.pluginmanager.register(own)
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        if not config.pluginmanager.has_plugin("terminal"):  # tracebacks are never shown
            config.option.tbstyle = "native"  # the cheapest style

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Skip the public tests: students run them, and they carry no points."""
        return True if collection_path == self.assignment.suite_folder / PUBLIC else None

    @contextmanager
    def run_attempt(self, attempt: Attempt) -> Iterator[StudentProcess]:
        """Run the cells of an attempt and keep its process alive for the tests."""
        started = time.monotonic()
        process = self.start(attempt)
        try:
            self.fixture_traces.clear()
            attempt.cell_results = process.execute()
            self._process, self._attempt = process, attempt
            self._begin_test()
            yield process
            failed = {result.task for result in attempt.results if result.outcome != "passed"}
            attempt.rebound = tuple(task for task in sorted(failed) if process.rebinds(task))
        finally:
            self._process = self._attempt = None
            self._misuses.clear()
            process.close()
            attempt.results.sort(key=lambda result: self.test_index[result.name])
            attempt.seconds = time.monotonic() - started
            attempt.needs_rerun |= process.needs_rerun
            attempt.waited |= any(waited(cell.failure) for cell in attempt.cell_results)

    def start(self, attempt: Attempt) -> StudentProcess:
        """Start the process that runs the cells of an attempt and answers the tests."""
        assert self._warm is not None
        return start_process(self.assignment, self._warm, attempt, draws=self._draws)

    def _begin_test(self) -> None:
        """Announce the next test to the process of the current attempt, and to the reference."""
        if self._process is not None and self._item is not None:
            name = name_of(self._item)
            self._announce(name, self.test_index[name], seconds_of(self._item))
            self._began = time.monotonic(), self._process.cpu_seconds

    def _announce(
        self, name: str, index: int, seconds: float | None, *, kept: bool = False
    ) -> None:
        assert self._process is not None
        assert self._item is not None
        task, _ = task_marker(self._item)
        series = self._series.get(name) if name not in self._repeated else None
        self._process.begin_test(index, task, series, seconds, kept=kept)
        if self.reference is not None:
            used = [self.fixture_index[name] for name in _made_once(self._item)]
            self.reference.begin_test(index, task, used, kept=kept)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: Any
    ) -> Iterator[None]:
        """Let a fixture that several tests use ask by itself, before the test begins.

        What one observes that does not use the student is no part of what a submission shows: it
        is made once for all of them.
        """
        name = _fixture_key(fixturedef)
        if name not in self.fixture_index or self._process is None:
            return (yield)
        own, self.trace = self.trace, self.new_trace()
        self._announce(name, self.fixture_index[name], self._fixture_seconds[name], kept=True)
        try:
            with recording(self.trace):
                made: object = yield
                self._process.flush()
                if self.reference is not None:
                    self.reference.flush()
        except BaseException as error:
            failed = error, error.__traceback__
            fixturedef.cached_result = (None, fixturedef.cache_key(request), failed)
            raise
        finally:
            if name in self._of_student:
                self.end_fixture(name)
            self.trace = own
            self._begin_test()
        return made  # type: ignore[return-value]

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Forget what a fixture asked that is no longer used, as one of the last submission."""
        index = self.fixture_index.get(_fixture_key(fixturedef))
        if index is not None and self.reference is not None:
            self.reference.end_fixture(index)

    def end_fixture(self, name: str) -> None:
        """End the dialog of a fixture that several tests use."""
        assert self._process is not None
        self.fixture_traces[name] = tuple(self.trace)
        self._fixture_answers[name] = tuple(self._process.answers)
        self._process.kept_answers += self._process.answers
        self._process.end_test()

    def fixtures_of(self, item: pytest.Item) -> list[str]:
        """Return the fixtures made once for a submission that a test uses, in their order."""
        used = _made_once(item)
        return [name for name in self.fixture_traces if name in used]

    def record_array(self, name: str, values: NDArray[np.float64]) -> None:
        """Record an array with the current attempt."""
        assert self._attempt is not None
        self._attempt.arrays[name] = values

    def new_trace(self) -> list[Observation]:
        """Return an empty list for the observations of a test."""
        return []

    def hidden(self, name: str) -> np.random.Generator:
        """Return a generator for hidden inputs, the same for the same name and seed."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        key = np.frombuffer(digest[:16], "<u8")
        return np.random.Generator(np.random.Philox(key=key))

    def rng(self) -> np.random.Generator:
        """Return a generator for the hidden inputs of the current test."""
        assert self._item is not None
        return self.hidden(item_key(self._item))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run every test that uses the student on every attempt."""
        if "attempt" in metafunc.fixturenames:
            names = [attempt.submission.student for attempt in self.attempts]
            metafunc.parametrize(
                "attempt", self.attempts, indirect=True, ids=names, scope="session"
            )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Group the tests by attempt, spoilers last; add up the points of each task."""
        _number_parameters(items)
        tests = {item_key(item): task_marker(item) for item in items}
        for task, points in tests.values():
            self.points[task] = self.points.get(task, 0.0) + points
        self.seconds = {
            name_of(item): seconds for item in items if (seconds := seconds_of(item)) is not None
        }
        self.asking_reference = [
            item.name for item in items if "reference" in getattr(item, "fixturenames", ())
        ]
        names = [key.split("::")[1] for key in tests]
        self.collect_errors += [
            f"two tests are named {name}: give each a unique name"
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        self.collect_errors += _misplaced_marks(items, self.assignment.suite_folder)
        for item in items:
            self.test_index.setdefault(name_of(item), len(self.test_index))
            for name in _made_once(item):
                own, other = seconds_of(item), self._fixture_seconds.get(name)
                self._fixture_seconds[name] = max(filter(None, (own, other)), default=None)
            self._of_student.update(_using_student(item))
        shared = sorted(self._fixture_seconds)
        self.fixture_index = {name: FIXTURES + index for index, name in enumerate(shared)}
        order = {id(attempt): index for index, attempt in enumerate(self.attempts)}

        def key(item: pytest.Item) -> tuple[int, bool, bool]:
            attempt = attempt_of(item)
            index = -1 if attempt is None else order[id(attempt)]
            return index, is_spoiler(item), name_of(item) in self._revealing

        items.sort(key=key)
        times = Counter((name_of(item), id(attempt_of(item))) for item in items)
        self._repeated = {name for (name, _), count in times.items() if count > 1}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Record what each test observes."""
        attempt = attempt_of(item)
        self.trace, self._item = self.new_trace(), item
        self._begin_test()
        with recording(self.trace):
            handled: object = yield
        if attempt is not None:
            before = [seen for name in self.fixtures_of(item) for seen in self.fixture_traces[name]]
            attempt.traces[name_of(item)] = (*before, *self.trace)
            if self._on_test_finished is not None:
                self._on_test_finished(attempt)
        return handled  # type: ignore[return-value]

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Discard what the test requested but never read."""
        if self._process is not None:
            self._process.end_test()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        """Store the result of each test in its attempt."""
        report: pytest.TestReport = yield  # type: ignore[assignment]
        attempt = attempt_of(item)
        if attempt is not None and (report.when == "call" or call.excinfo is not None):
            if report.when == "teardown":
                attempt.results = [r for r in attempt.results if r.name != name_of(item)]
            error = self._attributed(call.excinfo)
            if isinstance(error, StudentError):
                observe("raised", (error.type, error.message))
            elif self._process and isinstance(error, JUDGED):
                observe("answers", self._answers_of(item))
            result = _result(item, error, self.assignment.suite_folder)
            if isinstance(error, AssertionError) and not result.message:
                result = replace(result, message=came_instead(self._answers))
            attempt.results.append(result)
            attempt.test_seconds |= self._used(result.name)
            attempt.waited |= waited(error)
            attempt.needs_rerun |= isinstance(error, WarmProcessError)
            if report.when == "setup" and result.outcome == "failed":
                report.when = "call"  # student code failed in a fixture: a failure, not an error
        return report  # type: ignore[return-value]

    def _used(self, name: str) -> dict[str, float]:
        """Return the processor time of the current test by its name; nothing if it is unknown."""
        if self._process is None or not self._process.alive:
            return {}
        begun, before = self._began
        used = self._process.cpu_seconds - before
        most = (time.monotonic() - begun) * PROCESSORS  # or else it is another process
        return {name: used} if 0.0 <= used <= most else {}

    @property
    def _answers(self) -> list[Any]:
        """What the current test got from the submission, also by a fixture, the latest last."""
        process = self._process
        return [] if process is None else [*process.kept_answers, *process.answers]

    def _answers_of(self, item: pytest.Item) -> list[Observation]:
        """Return all that a test and its fixtures have got, in the order of a recording."""
        assert self._process is not None
        kept = [one for name in self.fixtures_of(item) for one in self._fixture_answers[name]]
        return [Observation("values", answer) for answer in (*kept, *self._process.answers)]

    def _attributed(
        self, excinfo: pytest.ExceptionInfo[BaseException] | None
    ) -> BaseException | None:
        """Return the exception of a test, as `InvalidResponse` if a misused answer caused it.

        Converted once per exception: a fixture raises the same one in every test that uses it.
        """
        error = excinfo.value if excinfo else None
        if error is None or self._process is None:
            return error
        if error not in self._misuses:
            name = misused_type(error, self._answers)
            if not name:
                return error
            what = f"a value has the unexpected type {name}"
            if name == "NoneType":
                what = "a value is None (is a `return` missing?)"
            if "is not callable" in str(error):
                what = f"a value of type {name} was found where a function was expected"
            self._misuses[error] = InvalidResponse(what)
        return self._misuses[error]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[None]:
        """Store the errors of collecting the suite."""
        report: pytest.CollectReport = yield  # type: ignore[assignment]
        if report.failed:
            call: pytest.CallInfo[object] | None = getattr(report, "call", None)
            error = call.excinfo.value if call is not None and call.excinfo is not None else None
            self.collect_errors.append(self._described(error, str(report.longrepr)))
        return report  # type: ignore[return-value]

    @pytest.hookimpl(wrapper=True)
    def pytest_load_initial_conftests(self) -> Iterator[None]:
        """Store the error of a conftest.py, which pytest would print."""
        try:
            yield
        except Exception as error:
            self.collect_errors.append(self._described(error, str(error)))

    def _described(self, error: BaseException | None, otherwise: str) -> str:
        """Return what was raised while the suite was imported, with its file and line there."""
        wrapped = isinstance(error, pytest.Collector.CollectError)
        cause = error.__cause__ if wrapped and error else getattr(error, "cause", error)
        if cause is None:
            return otherwise
        if not (place := where_in(cause, self.assignment.suite_folder)):
            return otherwise
        # Others may have a hidden input in their message, and CI shows the first line to everybody.
        between = ": " if isinstance(cause, TELL_NO_VALUES) else "\n"
        return f"{place}: {type(cause).__name__}{between}{reason(cause)}"

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Store an exception that no test raised; whoever runs the session raises it again."""
        self.internal_error = excinfo.value
        return True


def start_process(
    assignment: Assignment,
    warm: WarmProcess,
    attempt: Attempt,
    without: Container[int] = (),
    *,
    draws: bool = False,
) -> StudentProcess:
    """Start the process that runs the cells of an attempt and answers the tests.

    `without` are the indices of cells that do not run in it; with `draws`, figures are drawn.
    """
    limits, time_limits = limits_of(assignment)
    given = assignment.given_files
    files = not_given(attempt.submission.beside.taken, given)
    if attempt.placed is not None:  # a test cell may read what an answer writes
        files, given = {**files, **given}, {}
    cells = ["" if index in without else cell for index, cell in enumerate(attempt.cells)]
    return StudentProcess(
        warm, cells, limits, time_limits, attempt.checks, files, given, draws=draws
    )


def limits_of(assignment: Assignment) -> tuple[Limits, TimeLimits]:
    """Return the limits of course.yml, in the units of the sandbox."""
    given = assignment.limits
    limits = Limits(
        memory=given.memory_mb << 20,
        cpu=given.cpu_seconds,
        file_size=given.file_mb << 20,
        output=given.output_kb << 10,
    )
    by_task = {task.name: task.limits.request_seconds for task in assignment.tasks}
    return limits, TimeLimits(
        given.notebook_seconds,
        given.cell_seconds,
        given.request_seconds,
        {name: seconds for name, seconds in by_task.items() if seconds is not None},
    )


def _result(item: pytest.Item, error: BaseException | None, suite: Path) -> TestResult:
    task, points = task_marker(item)
    outcome, message = outcome_of(error, suite)
    properties = {
        name: describe(value) if isinstance(value, Remote) else str(value)
        for name, value in item.user_properties
    }
    review_reason = properties.pop("review", "")
    location = error.location if isinstance(error, StudentError) else None
    return TestResult(
        name_of(item),
        task,
        title_of(item),
        outcome,
        points,
        message,
        tuple(properties.items()),
        None if location is None else (location.cell, location.line, location.source),
        error.review_reason if isinstance(error, TimedOut | StudentError) else review_reason,
    )


def _misplaced_marks(items: Sequence[pytest.Item], suite: Path) -> list[str]:
    """Say which tests are marked public where that cannot work."""
    marked = [item for item in items if _is_marked_public(item)]
    if not marked:
        return []
    known = {(test.file.name, test.name) for test in marked_tests(suite)}
    wrong = {
        f"{item.path}: {_function_of(item)} is marked `spoiler`, so students must not read it, and "
        "yet it is public: drop public=True"
        for item in marked
        if is_spoiler(item)
    }
    return sorted(wrong) + sorted(
        {
            f"{item.path}: {_function_of(item)} is marked public, but not as a function of the "
            "file: write @task(name, points=…, public=True) above its `def`, outside a class"
            for item in marked
            if (item.path.name, _function_of(item)) not in known
        }
    )


def _is_marked_public(item: pytest.Item) -> bool:
    return any(marker.kwargs.get("public") for marker in item.iter_markers("task"))


def is_spoiler(item: pytest.Item) -> bool:
    """Tell whether a test reveals the answer of another task."""
    return item.get_closest_marker("spoiler") is not None


def _made_once(item: pytest.Item) -> list[str]:
    """Return the fixtures of a test that are made once for a submission."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return [_fixture_key(used[-1]) for used in known.values() if is_made_once(used[-1].func)]


def _using_student(item: pytest.Item) -> Iterator[str]:
    """Yield the fixtures of a test that use the student, directly or by other fixtures."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    waiting = ["attempt"]
    found = {name: set(used[-1].argnames) for name, used in known.items()}
    while waiting:
        one = waiting.pop()
        for name in [name for name, uses in found.items() if one in uses]:
            del found[name]
            waiting.append(name)
            yield _fixture_key(known[name][-1])


def _fixture_key(fixturedef: pytest.FixtureDef[Any]) -> str:
    """Return a fixture's name with the file that defines it: others may have one of that name."""
    return f"{fixturedef.baseid}::{fixturedef.argname}"


def attempt_of(item: pytest.Item) -> Attempt | None:
    """Return the attempt that a test runs on, None if it does not use a student fixture."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("attempt") if callspec is not None else None


def name_of(item: pytest.Item) -> str:
    """Return the name of a test, without the submission; parameters only count, from 1."""
    number, count = item.stash.get(PARAMETERS, (1, 1))
    return _function_of(item) if count == 1 else f"{_function_of(item)}[{number}]"


def _function_of(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", None) or item.name)


def _number_parameters(items: Sequence[pytest.Item]) -> None:
    """Number the parameters of each test, and share its points out over them, equally.

    The values of parameters are not shown: they may be hidden inputs.
    """
    tests: dict[tuple[object, ...], list[pytest.Item]] = {}
    markers: dict[tuple[object, ...], list[pytest.Item]] = {}
    for item in items:
        key = item.path, _function_of(item), id(item.parent), id(attempt_of(item))
        tests.setdefault(key, []).append(item)
        markers.setdefault((*key, id(item.get_closest_marker("task"))), []).append(item)
    for group in tests.values():
        for number, item in enumerate(group, 1):
            item.stash[PARAMETERS] = number, len(group)
    for group in markers.values():
        _, points = task_marker(group[0])
        for item in group:
            item.stash[POINTS] = points / len(group)
        group[-1].stash[POINTS] = points - sum(item.stash[POINTS] for item in group[:-1])


def item_key(item: pytest.Item) -> str:
    """Return the file and name of a test, without the submission it runs on."""
    return f"{item.path.name}::{name_of(item)}"


def task_marker(item: pytest.Item) -> tuple[str, float]:
    """Return the task a test belongs to and its points, or ("", 0) without a marker.

    The points are its share, once the points of parametrized tests have been shared out.
    """
    marker = item.get_closest_marker("task")
    if marker is None or not marker.args:
        return "", 0.0
    points = float(marker.kwargs.get("points", 0.0))
    return str(marker.args[0]), item.stash.get(POINTS, points)


def seconds_of(item: pytest.Item) -> float | None:
    """Return the time that a test gives to one call, None if it has none of its own."""
    marker = item.get_closest_marker("task")
    return None if marker is None else marker.kwargs.get("seconds")


def title_of(item: pytest.Item) -> str:
    """Return the first line of a test's docstring, or its name in words."""
    doc = getattr(getattr(item, "obj", None), "__doc__", None) or ""
    title = doc.strip().split("\n")[0] or _function_of(item).removeprefix("test_").replace("_", " ")
    number, count = item.stash.get(PARAMETERS, (1, 1))
    return title if count == 1 else f"{title} ({number} of {count})"


def waited(error: object) -> bool:
    """Tell whether code was stopped for waiting, which a busy machine may have caused."""
    return isinstance(error, TimedOut) and error.waited
