"""An exam: one pytest session in which every test of a suite meets every submission."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.diagnosis.exception_advice import advice
from autograder.diagnosis.observations import Observation, Trace, observe, recording
from autograder.record import Outcome, TestResult
from autograder.sandbox.execution_errors import (
    ExecutionError,
    InvalidResponse,
    StudentError,
    TimedOut,
)
from autograder.sandbox.student_process import CellResult, Series, StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.wire import Tensor
from autograder.submission import Submission
from autograder.testing import fixtures
from autograder.testing.assertions import Mismatch

if TYPE_CHECKING:
    from autograder.course import Assignment


@dataclass
class Attempt:
    """One submission in an exam: what it consists of, and what came of it.

    `traces` holds what each test looked at, `kept` what a suite kept for pictures. It was
    disturbed when something outside killed its process in the middle.
    """

    submission: Submission
    cells: tuple[str, ...]
    results: list[TestResult] = field(default_factory=list)
    traces: dict[str, Trace] = field(default_factory=dict)
    kept: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    runs: list[CellResult] = field(default_factory=list)
    seconds: float = 0.0
    disturbed: bool = False


Heard = Callable[[Attempt], None]
"""Is told of a paper whenever a test has met it, so that results can be read as they come."""


def nothing_heard(attempt: Attempt) -> None:
    """Wait for the end of the exam, as most do."""


PLUGIN = "autograder-exam"
PUBLIC = "public"  # the folder of a suite with the tests that students may see
MARKERS = (
    "task(name, points): the test belongs to this task and is worth these points",
    "spoiler: lends the student's process what answers another task, so it runs last",
)


class TestSession:
    """Runs a suite over papers; registered as a pytest plugin for one session.

    The tests of one paper run one after the other, while its process is alive. Those marked
    `spoiler` come last. `series` holds what a test asks, by its name, where that is known.
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    def __init__(
        self,
        assignment: Assignment,
        attempts: Sequence[Attempt],
        seed: str,
        warm: WarmProcess | None = None,
        series: Mapping[str, Series] = MappingProxyType({}),
        heard: Heard = nothing_heard,
    ) -> None:
        self.assignment, self.attempts, self.seed = assignment, list(attempts), seed
        self.collect_errors: list[str] = []
        self.points: dict[str, float] = {}
        self.places: dict[str, int] = {}
        self._warm, self._series, self._heard = warm, series, heard
        self._item: pytest.Item | None = None  # the present test
        self._repeated: set[str] = set()  # tests that meet a paper more than once
        self._sitting: StudentProcess | None = None
        self._paper: Attempt | None = None
        self.seen: list[Observation] = []
        self._brought_about: dict[BaseException, InvalidResponse] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Bring the fixtures and the markers along."""
        own = ModuleType("autograder-exam-itself")
        own.test_session = pytest.fixture(scope="session", name="test_session")(lambda: self)  # type: ignore[attr-defined]
        config.pluginmanager.register(fixtures, "autograder-fixtures")
        config.pluginmanager.register(own)
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave the public tests out: students run them, they carry no points."""
        return True if collection_path == self.assignment.suite_folder / PUBLIC else None

    @contextmanager
    def run_attempt(self, attempt: Attempt) -> Iterator[StudentProcess]:
        """Run the cells of a paper and keep its process for the tests."""
        started = time.monotonic()
        run = self.start(attempt)
        try:
            attempt.runs = run.execute()
            self._sitting, self._paper = run, attempt
            self._begin_test()
            yield run
        finally:
            self._sitting = self._paper = None
            self._brought_about.clear()
            run.close()
            attempt.seconds = time.monotonic() - started
            attempt.disturbed = run.disturbed

    def start(self, attempt: Attempt) -> StudentProcess:
        """Return what runs the cells of a paper and answers for it."""
        limits, seconds = limits_of(self.assignment)
        assert self._warm is not None
        return StudentProcess(self._warm, attempt.cells, limits, seconds)

    def _begin_test(self) -> None:
        """Tell the run of the present paper which test begins."""
        if self._sitting is not None and self._item is not None:
            name = name_of(self._item)
            series = self._series.get(name) if name not in self._repeated else None
            self._sitting.begin(self.places[name], series)

    def record_array(self, name: str, values: NDArray[np.float64]) -> None:
        """Keep an array with the paper that is sat at present."""
        assert self._paper is not None
        self._paper.kept[name] = values

    def notebook(self) -> list[Observation]:
        """Return the list in which a test's looks are collected."""
        return []

    def hidden(self, name: str) -> np.random.Generator:
        """Return a generator for hidden inputs, the same for the same name and seed."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        key = np.frombuffer(digest[:16], "<u8")
        return np.random.Generator(np.random.Philox(key=key))

    def rng(self) -> np.random.Generator:
        """Return a generator for the hidden inputs of the present test."""
        assert self._item is not None
        return self.hidden(item_key(self._item))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Let every test that asks for the student meet every paper."""
        if "attempt" in metafunc.fixturenames:
            names = [attempt.submission.student for attempt in self.attempts]
            metafunc.parametrize(
                "attempt", self.attempts, indirect=True, ids=names, scope="session"
            )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests of one paper together, spoilers last; add up the points of each task."""
        tests = {item_key(item): task_marker(item) for item in items}
        for task, points in tests.values():
            self.points[task] = self.points.get(task, 0.0) + points
        names = [key.split("::")[1] for key in tests]
        self.collect_errors += [
            f"two tests are called {name}: give each a name of its own"
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        order = {id(attempt): index for index, attempt in enumerate(self.attempts)}

        def key(item: pytest.Item) -> tuple[int, bool]:
            attempt = attempt_of(item)
            place = -1 if attempt is None else order[id(attempt)]
            return place, item.get_closest_marker("spoiler") is not None

        items.sort(key=key)
        for item in items:
            self.places.setdefault(name_of(item), len(self.places))
        times = Counter((name_of(item), id(attempt_of(item))) for item in items)
        self._repeated = {name for (name, _), count in times.items() if count > 1}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Keep what each test looks at."""
        attempt = attempt_of(item)
        self.seen, self._item = self.notebook(), item
        self._begin_test()
        with recording(self.seen):
            handled: object = yield
        if attempt is not None:
            attempt.traces[name_of(item)] = tuple(self.seen)
            self._heard(attempt)
        return handled  # type: ignore[return-value]

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Drop what a test asked for without waiting for an answer."""
        if self._sitting is not None:
            self._sitting.forget()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        """Keep the result of each test on its paper."""
        report: pytest.TestReport = yield  # type: ignore[assignment]
        attempt = attempt_of(item)
        if attempt is not None and (report.when == "call" or call.excinfo is not None):
            if report.when == "teardown":
                attempt.results = [r for r in attempt.results if r.name != name_of(item)]
            error = self._whose(call.excinfo)
            if isinstance(error, StudentError):
                observe("raised", (error.type, error.message))
            result = _result(item, error)
            attempt.results.append(result)
            if report.when == "setup" and result.outcome == "failed":
                report.when = "call"  # student code ran in a fixture: a failure, no error
        return report  # type: ignore[return-value]

    def _whose(self, excinfo: pytest.ExceptionInfo[BaseException] | None) -> BaseException | None:
        """Return the exception of a test; one that an answer brought about becomes `Garbled`.

        The exception of a fixture comes back in every test that asks for the fixture.
        """
        error = excinfo.value if excinfo else None
        if error is None or self._sitting is None:
            return error
        if error not in self._brought_about:
            name = misused(error, self._sitting.handed_out)
            if not name:
                return error
            fault = InvalidResponse(f"something that was expected to be more is a {name}")
            self._brought_about[error] = fault
        return self._brought_about[error]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what went wrong while the suite was collected."""
        if report.failed:
            self.collect_errors.append(str(report.longrepr))


def limits_of(assignment: Assignment) -> tuple[Limits, TimeLimits]:
    """Return what course.yml allows a submission, in the sandbox's terms."""
    given = assignment.limits
    limits = Limits(
        memory=given.memory_mb << 20,
        cpu=given.cpu_seconds,
        file_size=given.file_mb << 20,
        output=given.output_kb << 10,
    )
    return limits, TimeLimits(given.notebook_seconds, given.cell_seconds, given.request_seconds)


def attempt_of(item: pytest.Item) -> Attempt | None:
    """Return the paper that a test runs on, if it asks for a student."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("attempt") if callspec is not None else None


def name_of(item: pytest.Item) -> str:
    """Return the name of a test function, without the submission it runs on."""
    return str(getattr(item, "originalname", None) or item.name)


def item_key(item: pytest.Item) -> str:
    """Return the name of a test without the submission it runs on."""
    return f"{item.path.name}::{name_of(item)}"


def task_marker(item: pytest.Item) -> tuple[str, float]:
    """Return the task a test belongs to and its points, or ("", 0) when it is not marked."""
    marker = item.get_closest_marker("task")
    if marker is None or not marker.args:
        return "", 0.0
    return str(marker.args[0]), float(marker.kwargs.get("points", 0.0))


def title_of(item: pytest.Item) -> str:
    """Return the first line of a test's docstring, or its name in words."""
    doc = getattr(getattr(item, "obj", None), "__doc__", None) or ""
    return doc.strip().split("\n")[0] or name_of(item).removeprefix("test_").replace("_", " ")


def _result(item: pytest.Item, error: BaseException | None) -> TestResult:
    task, points = task_marker(item)
    outcome, message = judge_outcome(error)
    measured = tuple((name, str(value)) for name, value in item.user_properties)
    place = error.place if isinstance(error, StudentError) else None
    return TestResult(
        name_of(item),
        task,
        title_of(item),
        outcome,
        points,
        message,
        measured,
        (place.cell, place.line, place.source) if place is not None else None,
        error.review_reason if isinstance(error, TimedOut) else "",
    )


def misused(error: BaseException, answers: Iterable[Any]) -> str:
    """Return the type of an answer that a test used as something it is not, "" for other errors.

    A test that writes `student.Linear(3, 2).w` need not check that `Linear` returns an object:
    if it returns None, the AttributeError is the student's, not the suite's.
    """
    if not isinstance(error, AttributeError | TypeError | ValueError):
        return ""
    for answer in answers:
        name, inner = type(answer).__name__, list(_inside(answer))
        named = re.search(rf"\b{name}\b", str(error)) is not None
        if isinstance(error, FrozenInstanceError):
            found = isinstance(answer, Tensor)
        elif isinstance(error, AttributeError):
            found = error.obj is answer or (error.obj is None and named)
        elif isinstance(error, TypeError):
            found = named
        else:
            found = "values to unpack" in str(error)
            found = found and isinstance(answer, list | tuple | dict | str | bytes)
        if found:
            return name
        if within := misused(error, inner):
            return within
    return ""


def _inside(answer: Any) -> Iterable[Any]:
    if isinstance(answer, dict):
        return answer.values()
    return answer if isinstance(answer, list | tuple) else ()


def judge_outcome(error: BaseException | None) -> tuple[Outcome, str]:
    """Say what an exception out of a test means, and what the student reads about it."""
    if error is None:
        return "passed", ""
    if isinstance(error, pytest.skip.Exception):
        return "skipped", str(error.msg)
    if isinstance(error, StudentError):
        return "failed", "\n".join(filter(None, (str(error), advice(error.type, error.message))))
    if isinstance(error, Mismatch | ExecutionError):
        return "failed", str(error)
    if isinstance(error, pytest.fail.Exception):
        return "failed", str(error.msg)
    if isinstance(error, AssertionError):
        # pytest adds the compared values, which may be hidden ones: keep the message only.
        return "failed", str(error).split("\nassert ")[0] if "\nassert " in str(error) else ""
    return "error", f"{type(error).__name__}: {error}"
