"""Grades a batch of submissions in one pytest session, with one warm process."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from autograder.course import Assignment, Course, hidden_seed
from autograder.errors import CourseError, SubmissionError, described
from autograder.grading.circumstances import circumstances
from autograder.grading.explainer import Explainer, explainer
from autograder.grading.lateness import lateness
from autograder.grading.preload import require_preload
from autograder.grading.record_size import bounded
from autograder.grading.result import GradingResult
from autograder.grading.review import known_answers, review_reason
from autograder.grading.session import Attempt, OnTestFinished, TestSession
from autograder.grading.suite_run import check_suite, run_session
from autograder.record import GRADER_ERROR, Record, TaskScore, by_task
from autograder.sandbox.execution_errors import ExecutionError, TimedOut
from autograder.sandbox.isolation_report import isolation_report
from autograder.sandbox.student_process import Series
from autograder.sandbox.warm_process import WarmProcess, WarmProcessError
from autograder.source_notebook import (
    Definitions,
    Solution,
    SourceNotebook,
    answer_cells,
    check_cells,
    own_cells,
)
from autograder.submission import Submission


@dataclass(frozen=True)
class GradingContext:
    """What all submissions of a run share.

    Hidden inputs are drawn from `seed`. `given` has the cells that come with the assignment to
    check a task, which are not run: the task's name by the cell's source. `definitions` are the
    functions and classes that each task asks for, `solution` is the source notebook's. With
    `draws`, results have the pictures that cells show, for autograded notebooks.
    """

    course: Course
    assignment: Assignment
    seed: str
    given: Mapping[str, str] = field(default_factory=dict)
    definitions: Definitions = field(default_factory=dict)
    solution: Solution | None = None
    draws: bool = False


def prepare(course: Course, assignment: Assignment, *, draws: bool = False) -> GradingContext:
    """Check the course before grading, and return the context of a run.

    Raises:
        CourseError: course.yml, suite and notebook disagree.
    """
    source = SourceNotebook(course, assignment)
    if source.path.exists():
        source.check()
    source.check_files()
    check_suite(course, assignment)
    return GradingContext(
        course,
        assignment,
        hidden_seed(course),
        source.given_cells,
        source.definitions,
        source.solution,
        draws,
    )


def grade_batch(
    submissions: Sequence[Submission],
    context: GradingContext,
    warm: WarmProcess,
    on_test_finished: OnTestFinished | None = None,
    alone: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> list[GradingResult]:
    """Grade submissions; one that cannot be read or judged gets a record with an error.

    Args:
        submissions: the submissions to grade.
        context: what they share.
        warm: the process that forks a child for each submission.
        on_test_finished: called with the attempt after each of its tests.
        alone: returns a context in which no other submission of the run is graded.

    Raises:
        CourseError: the suite cannot be collected, a module to preload cannot be imported, or
            student code is not confined as course.yml requires.
    """
    try:
        require_preload(context.course, context.assignment, warm)
        isolation = str(isolation_report(context.course, context.assignment, warm))
    except WarmProcessError as error:
        return [failed_result(submission, context, str(error)) for submission in submissions]
    try:
        return _grade(submissions, context, warm, isolation, on_test_finished, alone)
    except CourseError:
        raise
    except Exception as error:
        if len(submissions) > 1:  # only one of them is to blame
            return [
                result
                for submission in submissions
                for result in grade_batch([submission], context, warm, on_test_finished, alone)
            ]
        return [failed_result(submissions[0], context, f"judging it failed: {described(error)}")]


def failed_result(submission: Submission, context: GradingContext, reason: str) -> GradingResult:
    """Return the result of a submission that the grader failed to grade."""
    return GradingResult(empty_record(submission, context.assignment, f"{GRADER_ERROR}: {reason}"))


def _grade(
    submissions: Sequence[Submission],
    context: GradingContext,
    warm: WarmProcess,
    isolation: str,
    on_test_finished: OnTestFinished | None,
    alone: Callable[[], AbstractContextManager[object]],
) -> list[GradingResult]:
    assignment = context.assignment
    attempts: dict[int, Attempt] = {}
    results: dict[int, GradingResult] = {}
    for index, submission in enumerate(submissions):
        try:
            cells = own_cells(submission.notebook, context.given)
        except SubmissionError as error:
            results[index] = GradingResult(empty_record(submission, assignment, str(error)))
        else:
            checks = check_cells(submission.notebook, assignment, context.given)
            attempts[index] = Attempt(submission, cells, checks)

    known = explainer(assignment, context.seed, warm, context.solution)

    def run(some: Sequence[Attempt], series: Mapping[str, Series], *, draws: bool) -> None:
        if some:
            session = TestSession(
                assignment,
                some,
                context.seed,
                warm,
                reference=known.reference,
                series=series,
                on_test_finished=on_test_finished,
                revealing=revealing,
                draws=draws,
            )
            run_session(session)

    series = _series(known) if attempts else {}
    revealing = {name for name, one in series.items() if one.reveals}
    run(list(attempts.values()), series, draws=context.draws)
    for index, attempt in attempts.items():
        if attempt.needs_rerun or attempt.waited:  # from the start, without prepared questions
            attempts[index] = Attempt(attempt.submission, attempt.cells, attempt.checks)
            with alone() if attempt.waited else nullcontext():
                run([attempts[index]], {}, draws=context.draws)
    at_end = {
        index: Attempt(attempt.submission, attempt.cells)
        for index, attempt in attempts.items()
        if attempt.rebound
    }
    run(list(at_end.values()), series, draws=False)
    for index, attempt in attempts.items():
        if index in at_end:
            _prefer(attempt, at_end[index])
        results[index] = _result(attempt, context, known, isolation)
    return [results[index] for index in range(len(submissions))]


def _prefer(attempt: Attempt, at_end: Attempt) -> None:
    """Let those tasks count that do better with the names at the end of the notebook."""
    better = [task for task in attempt.rebound if at_end.score(task) > attempt.score(task)]
    if better:
        attempt.take_over(at_end, better)
        attempt.note = (
            f"judged at the end of the notebook, after later changes: {', '.join(better)}"
        )


def _series(known: Explainer) -> Mapping[str, Series]:
    """Return the prepared questions of each test; none if the reference solution fails."""
    try:
        return known.series
    except (ExecutionError, WarmProcessError):
        return {}


def _result(
    attempt: Attempt, context: GradingContext, known: Explainer, isolation: str
) -> GradingResult:
    notebook, assignment = attempt.submission.notebook, context.assignment
    answers = answer_cells(notebook, assignment, context.definitions)
    code = {task: notebook.cells[index] for task, index in answers.items()}
    explained = _explained(attempt, assignment, known)
    tasks = _with_review_reasons(explained, attempt, code, assignment)
    return GradingResult(
        record_of(attempt, tasks, assignment, isolation),
        tuple(zip(notebook.positions, attempt.cell_results, strict=False)),
        code,
        attempt.arrays,
    )


def _explained(attempt: Attempt, assignment: Assignment, known: Explainer) -> tuple[TaskScore, ...]:
    """Return the tasks of an attempt, with explanations of their failures."""
    wanted = [(task.name, task.points) for task in assignment.tasks]
    tasks = by_task(attempt.results, wanted)
    try:
        return known.explain(tasks, attempt.traces)
    except (ExecutionError, WarmProcessError):  # a score needs no explanation
        return tasks


def _with_review_reasons(
    tasks: Sequence[TaskScore], attempt: Attempt, code: Mapping[str, str], assignment: Assignment
) -> tuple[TaskScore, ...]:
    """Return the tasks, with the reasons why a person should review them."""
    failures = (cell.failure for cell in attempt.cell_results)
    timed_out = (f.review_reason for f in failures if isinstance(f, TimedOut))
    timeout_reason = next(filter(None, timed_out), "")
    answers = known_answers(assignment.suite_folder)
    reviewed = [
        replace(
            task,
            review_reason=review_reason(code.get(task.name, ""), answers)
            or (timeout_reason if task.score < task.max_score else ""),
        )
        for task in tasks
    ]
    lost = [index for index, task in enumerate(reviewed) if task.score < task.max_score]
    besides = circumstances(attempt) if lost else []
    for index, reason in (
        (0, attempt.submission.review_reason),  # it concerns every task: say it once
        *((lost[0], f"{text[:1].upper()}{text[1:]}.") for text in besides),
    ):
        reasons = filter(None, (reason, reviewed[index].review_reason))
        reviewed[index] = replace(reviewed[index], review_reason=" ".join(reasons))
    return tuple(reviewed)


def record_of(
    attempt: Attempt, tasks: tuple[TaskScore, ...], assignment: Assignment, isolation: str
) -> Record:
    """Return the record of an attempt; it has an error if no test of some task ran."""
    lost = sum(task.score for task in tasks) < assignment.max_score
    besides = circumstances(attempt) if lost else []
    note = "; ".join(filter(None, (attempt.submission.note, attempt.note, *besides)))
    missing = [task.name for task in tasks if not task.tests]
    error = f"{GRADER_ERROR}: no test ran for {', '.join(missing)}." if missing else None
    empty = empty_record(attempt.submission, assignment, error)
    return bounded(
        replace(empty, tasks=tasks, note=note, isolation=isolation, seconds=attempt.seconds)
    )


def empty_record(submission: Submission, assignment: Assignment, error: str | None) -> Record:
    """Return a record without tasks; `error` says why the submission cannot be graded."""
    return bounded(
        Record(
            submission.student,
            assignment.name,
            str(submission.path),
            assignment.max_score,
            error=error,
            late=lateness(assignment, submission.student, submission.submitted),
        )
    )
