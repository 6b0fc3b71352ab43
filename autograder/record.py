"""What grading one submission came to: the record from which every report is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["passed", "failed", "skipped", "error"]

GRADER_ERROR = "Grader error"


@dataclass(frozen=True)
class TestResult:
    """One test on one submission.

    `passed`, `failed` (the student's), `skipped` (it waits for something that is missing) or
    `error` (ours: it says nothing about the student).
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    name: str
    task: str
    title: str
    outcome: Outcome
    max_points: float
    message: str = ""
    measured: tuple[tuple[str, str], ...] = ()
    """What the test recorded of the submission's answers, as names and values."""
    source_location: tuple[int, int, str] | None = None
    """Where an exception was raised: the cell (from 1), the line, and the line's text."""
    review_reason: str = ""
    """Why a person should look at it: it may have failed for reasons that are not the student's."""

    @property
    def points(self) -> float:
        """Points earned: all or nothing."""
        return self.max_points if self.outcome == "passed" else 0.0


@dataclass(frozen=True)
class Finding:
    """What was found wrong, for the student to read, and the name of the known mistake it is."""

    text: str
    misconception: str = ""


@dataclass(frozen=True)
class TaskScore:
    """One task on one submission: its tests and what the student should read about them.

    `explained` says what is behind the tests that failed, as far as it is known, and
    `review_reason` why a person should look at it, whatever its tests say.
    """

    name: str
    max_score: float
    tests: tuple[TestResult, ...]
    explained: tuple[Finding, ...] = ()
    review_reason: str = ""

    @property
    def review(self) -> str:
        """Why a person should look at it, "" if the machine could decide."""
        for test in self.tests:
            if test.outcome == "error":
                return f"{GRADER_ERROR} in {test.name}: {test.message}"
        doubts = (
            *(test.review_reason for test in self.tests if test.outcome != "passed"),
            self.review_reason,
        )
        return " ".join(dict.fromkeys(filter(None, doubts)))

    @property
    def score(self) -> float:
        """Points earned."""
        return sum(test.points for test in self.tests)

    @property
    def findings(self) -> tuple[str, ...]:
        """What went wrong, each thing once: the explanation, or else what each test says."""
        if self.explained:
            return tuple(finding.text for finding in self.explained)
        messages = (test.message for test in self.tests if test.outcome != "passed")
        return tuple(dict.fromkeys(message for message in messages if message))

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The names of the known mistakes that explain what went wrong."""
        return tuple(finding.misconception for finding in self.explained if finding.misconception)

    @property
    def outcome(self) -> Outcome:
        """The worst that happened in it, ours before the student's."""
        outcomes = {test.outcome for test in self.tests}
        worst_first: tuple[Outcome, ...] = ("error", "failed", "skipped")
        for outcome in worst_first:
            if outcome in outcomes:
                return outcome
        return "passed"


@dataclass(frozen=True)
class Lateness:
    """How late a submission was: `days` begun after the due date, the `share` of points lost."""

    days: int = 0
    share: float = 0.0

    def penalty(self, points: float) -> float:
        """Return what is taken off the points that were earned."""
        return round(self.share * points, 6)


@dataclass(frozen=True)
class Record:
    """One submission of a run.

    `status` is "graded", or "failed" when there is no score that means something: the
    submission cannot be read (`score` 0) or the grader itself failed (`score` None).
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

    @property
    def grader_error(self) -> bool:
        """Whether the grader, not the submission, is to blame for a missing score."""
        return any(task.outcome == "error" for task in self.tasks) or (
            self.error is not None and self.error.startswith(GRADER_ERROR)
        )

    @property
    def status(self) -> Literal["graded", "failed"]:
        """Whether the score can be relied on."""
        return "failed" if self.grader_error or self.error is not None else "graded"

    @property
    def score(self) -> float | None:
        """Points earned, or None after a grader error."""
        return None if self.grader_error else sum(task.score for task in self.tasks)

    @property
    def problem(self) -> str:
        """What is wrong with the submission as a whole, without its path; "" if nothing is."""
        return (self.error or "").replace(f"{self.notebook} ", "The notebook ")

    @property
    def late_penalty(self) -> float:
        """Points that lateness costs; `score` is without it."""
        return self.late.penalty(self.score or 0.0)

    @property
    def total(self) -> float:
        """Points with what lateness costs taken off; 0 where there is no score."""
        return max(round((self.score or 0.0) - self.late_penalty, 6), 0.0)

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain data; `report/record.schema.json` describes it."""
        faults = (task for task in self.tasks if task.outcome == "error")
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
            "error": self.error or next((t.review for t in faults), None),
            "note": self.note,
            "isolation": self.isolation,
            "seconds": round(self.seconds, 3),
        }


def by_task(
    results: Iterable[TestResult], tasks: Sequence[tuple[str, float]]
) -> tuple[TaskScore, ...]:
    """Gather test results under their tasks, given as names and points, in that order."""
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
                "place": _location_as_json(test.source_location),
            }
            for test in task.tests
        ],
    }


def _location_as_json(location: tuple[int, int, str] | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return dict(zip(("cell", "line", "source"), location, strict=True))


def tidy(number: float | None) -> float | int | None:
    """Return whole numbers as integers and drop the noise of binary fractions."""
    if number is None:
        return None
    number = round(number, 6)
    return int(number) if number == int(number) else number
