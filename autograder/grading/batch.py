"""Grades a chunk of submissions: one pytest session, one warm process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.grading.consistency import own_code
from autograder.grading.explainer import explainer
from autograder.grading.lateness import lateness
from autograder.grading.review import known_answers, review_reason
from autograder.grading.session import Attempt, Heard, TestSession, nothing_heard
from autograder.grading.suite_run import run_session
from autograder.notebook import Notebook
from autograder.record import GRADER_ERROR, Record, TaskScore, by_task
from autograder.sandbox.execution_errors import ExecutionError, TimedOut
from autograder.sandbox.probe import isolation_report
from autograder.sandbox.student_process import CellResult, Series
from autograder.sandbox.warm_process import WarmProcess, WarmProcessError
from autograder.submission import Submission, read_notebook


@dataclass(frozen=True)
class GradingContext:
    """What is the same for every submission of a run.

    Hidden inputs are drawn from `seed`. Cells whose source is in `given` are not the student's
    and are not run. `names` are the functions and classes that each task asks for.
    """

    course: Course
    assignment: Assignment
    seed: str
    given: frozenset[str] = frozenset()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class GradingResult:
    """A record and what belongs to it.

    `outputs` is what the submission's cells showed, with their places in the notebook; `code`
    the student's own, of each task; `observed` what the suite kept for pictures.
    """

    record: Record
    path: Path
    outputs: tuple[tuple[int, CellResult], ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    observed: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def cacheable(self) -> bool:
        """Whether it says something of the submission alone, and nothing of the machine."""
        tests = (test for task in self.record.tasks for test in task.tests)
        failures = (run.failure for _, run in self.outputs)
        return not (
            self.record.grader_error
            or any(test.review_reason for test in tests)
            or any(isinstance(failure, TimedOut) and failure.review_reason for failure in failures)
        )


def grade_chunk(
    submissions: Sequence[Submission],
    context: GradingContext,
    warm: WarmProcess,
    read: Callable[[Path], Notebook] = read_notebook,
    heard: Heard = nothing_heard,
) -> list[GradingResult]:
    """Grade submissions; one that cannot be read gets a record that says why.

    `read` returns the notebook of a path, or raises SubmissionError. `heard` is told of a paper
    whenever a test has met it.

    Raises:
        CourseError: the suite itself cannot be collected, or student code is not confined as
            course.yml demands.
    """
    assignment = context.assignment
    try:
        isolation = str(isolation_report(context.course, assignment, warm))
    except WarmProcessError as error:
        message = f"{GRADER_ERROR}: {error}"
        return [GradingResult(unreadable(s, assignment, message), s.path) for s in submissions]
    notebooks: dict[int, Notebook] = {}
    graded: dict[int, GradingResult] = {}
    for index, submission in enumerate(submissions):
        try:
            notebooks[index] = read(submission.path)
        except SubmissionError as error:
            graded[index] = GradingResult(
                unreadable(submission, assignment, str(error)), submission.path
            )
    attempts = {
        index: Attempt(submissions[index], own_cells(notebook, context.given))
        for index, notebook in notebooks.items()
    }
    if attempts:
        series = _series(context, warm)
        run_session(
            TestSession(assignment, list(attempts.values()), context.seed, warm, series, heard)
        )
    for index, attempt in attempts.items():
        if attempt.disturbed:  # once more, from the beginning, and one question at a time
            attempts[index] = Attempt(attempt.submission, attempt.cells)
            run_session(TestSession(assignment, [attempts[index]], context.seed, warm, heard=heard))
    for index, attempt in attempts.items():
        code = own_code(notebooks[index], assignment, context.names)
        tasks = _with_review_reasons(_explained(attempt, context, warm), attempt, code, assignment)
        outputs = tuple(zip(notebooks[index].positions, attempt.runs, strict=False))
        graded[index] = GradingResult(
            _record(attempt, tasks, assignment, isolation),
            attempt.submission.path,
            outputs,
            code,
            attempt.kept,
        )
    return [graded[index] for index in range(len(submissions))]


def own_cells(notebook: Notebook, given: frozenset[str]) -> tuple[str, ...]:
    """Return a notebook's cells, with those that were given emptied."""
    return tuple("" if cell.strip() in given else cell for cell in notebook.cells)


def collect(assignment: Assignment) -> TestSession:
    """Return an exam that knows its tests, none of which has been run.

    Raises:
        CourseError: the suite cannot be collected.
    """
    session = TestSession(assignment, [Attempt(Submission("", Path()), ())], seed="")
    run_session(session, "--collect-only")
    return session


def _series(context: GradingContext, warm: WarmProcess) -> Mapping[str, Series]:
    """Return what each test asks."""
    try:
        return explainer(context.assignment, context.seed, warm, run_session).series
    except (ExecutionError, WarmProcessError):
        return {}


def _explained(
    attempt: Attempt, context: GradingContext, warm: WarmProcess
) -> tuple[TaskScore, ...]:
    """Return the tasks of a paper, with what is known of why they failed."""
    wanted = [(task.name, task.points) for task in context.assignment.tasks]
    tasks = by_task(attempt.results, wanted)
    try:
        return explainer(context.assignment, context.seed, warm, run_session).explain(
            tasks, attempt.traces
        )
    except (ExecutionError, WarmProcessError):  # the score stands without an explanation
        return tasks


def _with_review_reasons(
    tasks: Sequence[TaskScore], attempt: Attempt, code: Mapping[str, str], assignment: Assignment
) -> tuple[TaskScore, ...]:
    """Return the tasks, with reasons for a person to look at them."""
    stopped = (
        run.failure.review_reason for run in attempt.runs if isinstance(run.failure, TimedOut)
    )
    kept_waiting = next(filter(None, stopped), "")
    answers = known_answers(assignment.suite_folder)
    doubted = [
        replace(
            task,
            review_reason=review_reason(code.get(task.name, ""), answers)
            or (kept_waiting if task.score < task.max_score else ""),
        )
        for task in tasks
    ]
    if attempt.submission.review_reason:  # it is about all of them: once is enough
        reasons = filter(None, (attempt.submission.review_reason, doubted[0].review_reason))
        doubted[0] = replace(doubted[0], review_reason=" ".join(reasons))
    return tuple(doubted)


def _record(
    attempt: Attempt, tasks: tuple[TaskScore, ...], assignment: Assignment, isolation: str
) -> Record:
    record = Record(
        student=attempt.submission.student,
        assignment=assignment.name,
        notebook=str(attempt.submission.path),
        max_score=assignment.max_score,
        tasks=tasks,
        note=attempt.submission.note,
        isolation=isolation,
        seconds=attempt.seconds,
        late=lateness(assignment, attempt.submission.student, attempt.submission.submitted),
    )
    missing = [task.name for task in tasks if not task.tests]
    if missing:
        return replace(record, error=f"{GRADER_ERROR}: no test ran for {', '.join(missing)}.")
    return record


def unreadable(submission: Submission, assignment: Assignment, error: str) -> Record:
    """Return the record of a submission that cannot be graded."""
    return Record(
        submission.student,
        assignment.name,
        str(submission.path),
        assignment.max_score,
        error=error,
        late=lateness(assignment, submission.student, submission.submitted),
    )
