"""Gathers the records of a class, one by one, and keeps of each what the statistics need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from autograder.record import GRADER_ERROR, Record, TaskScore, TestResult
from autograder.reports.presentation import how_stopped, is_not_filled_in

Floats = NDArray[np.float64]

LONGEST = 400  # characters of a text that are kept
OUTCOMES = ("", "passed", "failed", "skipped", "error")
"""The outcomes by their numbers; 0 where a record lacks the test."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed test: what it says, where numbers may differ, and the digest of what it saw."""

    test: str
    message: str
    raised: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A task with failed tests that no known mistake explains; `skipped` are its other tests."""

    task: str
    failed: tuple[Failed, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept of a record.

    `scores` are the points in each task, by its index, `outcomes` and `earned` the outcome and the
    points of each test, by its index, `test_seconds` its processor time, NaN where it is unknown.
    `problem` is why there is no meaningful score. `mistakes` are
    pairs of task and name, `empty` the tasks that are not filled in, `reviews` why a person should
    look. `stopped` says where code did not come to its end.
    """

    student: str
    notebook: str
    score: float | None
    total: float
    scores: tuple[float, ...]
    outcomes: bytes
    earned: tuple[float, ...]
    days_late: int
    late_penalty: float
    seconds: float
    test_seconds: tuple[float, ...]
    problem: str
    grader_error: bool
    mistakes: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]
    unexplained: tuple[Unexplained, ...]
    reviews: tuple[str, ...]
    stopped: str
    attempts: int

    @property
    def is_graded(self) -> bool:
        """Whether there is a meaningful score."""
        return not self.problem


@dataclass
class Gathered:
    """The class of one assignment, as its records come; the last record of a student counts.

    `tasks` and `tests` are in the order in which they first appear, with their points; a test has
    the task it belongs to, too. `texts` has what students read about each mistake, `assignment` the
    assignment's name.
    """

    assignment: str
    max_score: float = 0.0
    tasks: dict[str, float] = field(default_factory=dict)
    tests: dict[str, TestResult] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    by_student: dict[str, Row] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add a record; it replaces an earlier one of the same student."""
        if record.tasks or not self.max_score:
            self.max_score = record.max_score
        for task in record.tasks:
            self.tasks[task.name] = task.max_score
            for test in task.tests:
                if test.name not in self.tests:
                    self.tests[test.name] = TestResult(
                        test.name, test.task, test.title, "passed", test.max_points
                    )
            for finding in task.explained:
                if finding.misconception:
                    self.texts.setdefault((task.name, finding.misconception), finding.text)
        before = self.by_student.pop(record.student, None)
        attempts = 1 if before is None else before.attempts + 1
        self.by_student[record.student] = self._row(record, attempts)
        self.__dict__.pop("rows", None)
        self.__dict__.pop("graded", None)

    def _row(self, record: Record, attempts: int) -> Row:
        scores = {task.name: task.score for task in record.tasks}
        score = None if (error := record.grader_error) else sum(scores.values())
        penalty = record.late.penalty(score or 0.0)
        tests = {test.name: test for task in record.tasks for test in task.tests}
        outcomes = (OUTCOMES.index(tests[n].outcome) if n in tests else 0 for n in self.tests)
        reviews = {task.name: task.review for task in record.tasks}
        problem = record.problem
        if error and not problem:
            problem = next(text for text in reviews.values() if text.startswith(GRADER_ERROR))
        stopped = {task.name: how_stopped(task) for task in record.tasks}
        return Row(
            record.student,
            record.notebook,
            score,
            max((score or 0.0) - penalty, 0.0),
            tuple(scores.get(name, 0.0) for name in self.tasks),
            bytes(outcomes),
            tuple(tests[name].points if name in tests else 0.0 for name in self.tests),
            record.late.days,
            penalty,
            record.seconds,
            tuple(record.test_seconds.get(name, np.nan) for name in self.tests),
            problem[:LONGEST],
            error,
            tuple((task.name, name) for task in record.tasks for name in task.misconceptions),
            tuple(task.name for task in record.tasks if is_not_filled_in(task)),
            tuple(filter(None, map(_unexplained, record.tasks))),
            tuple(f"{name}: {text}"[:LONGEST] for name, text in reviews.items() if text),
            next((f"{name}: {what}" for name, what in stopped.items() if what), ""),
            attempts,
        )

    @cached_property
    def rows(self) -> list[Row]:
        """What is kept of each record, by student."""
        return [self.by_student[student] for student in sorted(self.by_student)]

    @cached_property
    def graded(self) -> list[Row]:
        """Those that have a meaningful score."""
        return [row for row in self.rows if row.is_graded]

    def failed_by_all(self, students: Iterable[str]) -> list[str]:
        """Return the tests, of any task, that each of some students fails."""
        rows = [self.by_student[student] for student in students]
        failed = OUTCOMES.index("failed")
        return [
            name
            for n, name in enumerate(self.tests)
            if all(row.outcomes[n : n + 1] == bytes([failed]) for row in rows)
        ]

    @property
    def scores(self) -> Floats:
        """The score of each graded submission, (n,)."""
        return np.array([row.score or 0.0 for row in self.graded])

    @property
    def task_scores(self) -> Floats:
        """The points of each graded submission in each task, (n, tasks)."""
        return _matrix([row.scores for row in self.graded], len(self.tasks))

    @property
    def test_points(self) -> Floats:
        """The points of each graded submission in each test, (n, tests)."""
        return _matrix([row.earned for row in self.graded], len(self.tests))

    @property
    def test_seconds(self) -> Floats:
        """The processor time of each graded submission in each test, (n, tests); NaN: unknown."""
        return _matrix([row.test_seconds for row in self.graded], len(self.tests), np.nan)

    @property
    def outcomes(self) -> NDArray[np.uint8]:
        """The number of the outcome of each graded submission in each test, (n, tests)."""
        width = len(self.tests)
        whole = b"".join(row.outcomes.ljust(width, b"\0") for row in self.graded)
        return np.frombuffer(whole, np.uint8).reshape(len(self.graded), width)


def gathered(assignment: str, records: Iterable[Record]) -> Gathered:
    """Gather the records of an assignment."""
    result = Gathered(assignment)
    for record in records:
        result.add(record)
    return result


def _matrix(rows: Sequence[tuple[float, ...]], width: int, missing: float = 0.0) -> Floats:
    """Return rows of numbers, padded: a later record may have more."""
    padded = [(*row, *(missing,) * (width - len(row))) for row in rows]
    return np.array(padded, float).reshape(len(rows), width)


def _unexplained(task: TaskScore) -> Unexplained | None:
    """Return a task with failures that nothing explains, None for any other."""
    if task.explained or is_not_filled_in(task):
        return None
    failed = tuple(
        Failed(test.name, test.message[:LONGEST], test.source_location is not None, test.seen)
        for test in task.tests
        if test.outcome == "failed"
    )
    skipped = tuple(test.name for test in task.tests if test.outcome == "skipped")
    return Unexplained(task.name, failed, skipped) if failed else None
