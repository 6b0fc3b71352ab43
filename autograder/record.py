"""The record of one graded submission: the data behind every report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["passed", "failed", "skipped", "error"]

Place = Literal["inside", "outside"]
"""Where a test cell runs: inside or outside the process of the student's code."""

GRADER_ERROR = "Grader error"


@dataclass(frozen=True)
class TestResult:
    """The result of one test on one submission.

    `outcome` is `passed`, `failed` (because of the student's code), `skipped` (because something
    it needs is missing) or `error` (the grader failed, which says nothing about the student).
    """

    __test__ = False  # keeps pytest from collecting it as a test class

    name: str
    task: str
    title: str
    outcome: Outcome
    max_points: float
    message: str = ""
    measured: tuple[tuple[str, str], ...] = ()
    """The answers that the test recorded, as names and values."""
    source_location: tuple[int, int, str] | None = None
    """Where an exception was raised: the cell (from 1), the line, and the line's text."""
    review_reason: str = ""
    """Why a person should review it: the student may not have caused the failure, or a test that
    passed has something to look at."""
    earned: float | None = None
    """Points earned, where a test cell gives a part of them."""
    judged: Place | Literal[""] = ""
    """Where a test cell ran: `inside` the process of the student's code, or `outside` of it; "" for
    the test of a suite, which is always outside."""
    seen: str = ""
    """Of a failed test: a digest of what it observed (`autograder.diagnosis.digests`)."""

    @property
    def names(self) -> frozenset[str]:
        """Its name, and that of its function if it is one of several parameters: `test_f[2]`."""
        return frozenset((self.name, self.name.partition("[")[0]))

    @property
    def points(self) -> float:
        """Points earned: all or nothing, but for a test cell that gives a part of them."""
        if self.earned is not None:
            return self.earned
        return self.max_points if self.outcome == "passed" else 0.0


@dataclass(frozen=True)
class Finding:
    """An explanation for the student, and the name of the misconception it is about, if known."""

    text: str
    misconception: str = ""


@dataclass(frozen=True)
class TaskScore:
    """The result of one task: its tests, and the findings for the student.

    `explained` explains the failed tests, as far as the cause is known. `review_reason` says why
    a person should review the task, regardless of its tests.
    """

    name: str
    max_score: float
    tests: tuple[TestResult, ...]
    explained: tuple[Finding, ...] = ()
    review_reason: str = ""

    @property
    def review(self) -> str:
        """Why a person should review the task, "" if no review is needed."""
        for test in self.tests:
            if test.outcome == "error":
                return f"{GRADER_ERROR} in {test.name}: {test.message}"
        reasons = (
            *(test.review_reason for test in self.tests),
            self.review_reason,
        )
        return " ".join(dict.fromkeys(filter(None, reasons)))

    @property
    def score(self) -> float:
        """Points earned."""
        return sum(test.points for test in self.tests)

    @property
    def findings(self) -> tuple[str, ...]:
        """The explanations, or else the messages of the tests, each one once."""
        if self.explained:
            return tuple(finding.text for finding in self.explained)
        messages = (test.message for test in self.tests if test.outcome != "passed")
        return tuple(dict.fromkeys(message for message in messages if message))

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The names of the misconceptions that explain the failed tests."""
        return tuple(finding.misconception for finding in self.explained if finding.misconception)

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its tests; a grader error is worst."""
        outcomes = {test.outcome for test in self.tests}
        worst_first: tuple[Outcome, ...] = ("error", "failed", "skipped")
        return next((outcome for outcome in worst_first if outcome in outcomes), "passed")


@dataclass(frozen=True)
class Lateness:
    """How late a submission was: the `days` begun after the due date, and the `share` deducted."""

    days: int = 0
    share: float = 0.0

    def penalty(self, points: float) -> float:
        """Return the late penalty for the points earned."""
        return round(self.share * points, 6)


@dataclass(frozen=True)
class Record:
    """The result of one submission.

    `status` is "graded", or "failed" if there is no meaningful score: the submission cannot be
    read (`score` 0), or the grader failed (`score` None). `test_seconds` is the processor time that
    the student's code used in each test, as far as it is known.
    """

    student: str
    assignment: str
    notebook: str
    max_score: float
    tasks: tuple[TaskScore, ...] = ()
    error: str | None = None
    note: str = ""
    isolation: str = ""
    seconds: float = 0.0
    late: Lateness = Lateness()
    test_seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def grader_error(self) -> bool:
        """Whether the score is missing because the grader failed."""
        return any(task.outcome == "error" for task in self.tasks) or (
            self.error is not None and self.error.startswith(GRADER_ERROR)
        )

    @property
    def status(self) -> Literal["graded", "failed"]:
        """Whether there is a meaningful score."""
        return "failed" if self.grader_error or self.error is not None else "graded"

    @property
    def score(self) -> float | None:
        """Points earned, or None after a grader error."""
        return None if self.grader_error else sum(task.score for task in self.tasks)

    @property
    def problem(self) -> str:
        """The error of the submission as a whole, without its path; "" if there is none."""
        return (self.error or "").replace(f"{self.notebook} ", "The notebook ")

    @property
    def late_penalty(self) -> float:
        """The points to deduct for lateness; `score` does not include the deduction."""
        return self.late.penalty(self.score or 0.0)

    @property
    def total(self) -> float:
        """Points after the late penalty; 0 if there is no score."""
        return max(round((self.score or 0.0) - self.late_penalty, 6), 0.0)

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain data, described by `record.schema.json`."""
        failed = (task for task in self.tasks if task.outcome == "error")
        times = {name: round(used, 3) for name, used in self.test_seconds.items()}
        return {
            "student": self.student,
            "assignment": self.assignment,
            "notebook": self.notebook,
            "status": self.status,
            "score": tidy(self.score),
            "max_score": tidy(self.max_score),
            "days_late": self.late.days,
            "late_penalty": tidy(self.late_penalty),
            "tasks": [_task_as_json(task) for task in self.tasks],
            "error": self.error or next((task.review for task in failed), None),
            "note": self.note,
            "isolation": self.isolation,
            "seconds": round(self.seconds, 3),
            **({"test_seconds": times} if times else {}),
        }


def by_task(
    results: Iterable[TestResult], tasks: Sequence[tuple[str, float]]
) -> tuple[TaskScore, ...]:
    """Group test results by task; tasks are pairs of name and points."""
    results = list(results)
    return tuple(
        TaskScore(name, points, tuple(result for result in results if result.task == name))
        for name, points in tasks
    )


def _task_as_json(task: TaskScore) -> dict[str, Any]:
    return {
        "name": task.name,
        "score": tidy(task.score),
        "max_score": tidy(task.max_score),
        "findings": list(task.findings),
        "misconceptions": list(task.misconceptions),
        "review": task.review or None,
        "tests": [
            {
                "name": test.name,
                "title": test.title,
                "outcome": test.outcome,
                "points": tidy(test.points),
                "max_points": tidy(test.max_points),
                "message": test.message,
                "place": test.source_location
                and dict(zip(("cell", "line", "source"), test.source_location, strict=True)),
                **({"judged": test.judged} if test.judged else {}),
                **({"seen": test.seen} if test.seen else {}),
            }
            for test in task.tests
        ],
    }


def tidy(number: float | None) -> float | int | None:
    """Round off floating-point noise, and return a whole number as an integer."""
    if number is None:
        return None
    number = round(number, 6)
    return int(number) if number == int(number) else number
