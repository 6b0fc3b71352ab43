"""Grades a batch of submissions in one pytest session, with one warm process."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from autograder.course import Assignment, Course, hidden_seed
from autograder.diagnosis.digests import digest
from autograder.errors import CourseError, SubmissionError, described
from autograder.grading.cell_explainer import AskedByCells, CellExplainer
from autograder.grading.cell_tests import CellTests, Decisions
from autograder.grading.circumstances import circumstances
from autograder.grading.completed_tests import completed_tests
from autograder.grading.deciding import decisions
from autograder.grading.explainer import begin_own, explainer
from autograder.grading.lateness import lateness
from autograder.grading.preload import require_preload
from autograder.grading.record_size import bounded
from autograder.grading.result import GradingResult
from autograder.grading.review import known_answers, review_reason
from autograder.grading.session import Attempt, OnTestFinished, undisturbed
from autograder.grading.suite_run import check_suite, check_visibility
from autograder.grading.suite_tests import SuiteTests, Tests
from autograder.record import GRADER_ERROR, Record, TaskScore, by_task
from autograder.sandbox.execution_errors import ExecutionError, TimedOut
from autograder.sandbox.isolation_report import isolation_report
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
from autograder.test_cells import SourceCells, placed


@dataclass(frozen=True)
class GradingContext:
    """What all submissions of a run share.

    Hidden inputs are drawn from `seed`. `given` has the cells that come with the assignment to
    check a task, which are not run: the task's name by the cell's source. `definitions` are the
    functions and classes that each task asks for, `solution` is the source notebook's. With
    `draws`, results have the pictures that cells show, for autograded notebooks. Where there is no
    suite, `source_cells` are the cells that submissions run with, which test them, and `decisions`
    say where, once they are taken.
    """

    course: Course
    assignment: Assignment
    seed: str
    given: Mapping[str, str] = field(default_factory=dict)
    definitions: Definitions = field(default_factory=dict)
    solution: Solution | None = None
    draws: bool = False
    source_cells: SourceCells | None = None
    decisions: Decisions | None = None


def prepare(course: Course, assignment: Assignment, *, draws: bool = False) -> GradingContext:
    """Check the course before grading, and return the context of a run.

    Raises:
        CourseError: course.yml, suite and notebook disagree.
    """
    source = SourceNotebook(course, assignment)
    if source.path.exists():
        source.check()
    source.check_files()
    cells = None
    if assignment.has_suite:
        check_suite(course, assignment)
    else:
        cells = source.source_cells(completed_tests(course, assignment))
        all_tasks = [t for part in course.in_folder(assignment.folder) for t in part.tasks]
        tasks = {task.name for task in all_tasks}
        names = tasks | {task.tests for task in all_tasks}
        check_visibility(course, assignment, names, source.path)
        for name in assignment.judged.keys() - tasks:
            where = course.where("assignments", assignment.folder, "judged", name)
            raise CourseError(f"{where}: there is no such task in {source.path}.")
    return GradingContext(
        course,
        assignment,
        hidden_seed(course),
        source.given_cells,
        source.definitions,
        source.solution,
        draws,
        cells,
    )


def decided(context: GradingContext, warm: WarmProcess) -> GradingContext:
    """Return the context, in which it is decided where each test cell runs.

    If the warm process fails, it stays open: grading says why.
    """
    with suppress(WarmProcessError):
        return replace(context, decisions=_decisions(context, warm))
    return context


def _decisions(context: GradingContext, warm: WarmProcess) -> Decisions | None:
    """Return where each test cell runs; None if there is a suite.

    Raises:
        WarmProcessError: the warm process cannot be started or does not answer.
    """
    if context.source_cells is None or context.decisions is not None:
        return context.decisions
    return decisions(context.course, context.assignment, context.source_cells, warm)


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
    attempts: dict[int, Attempt] = {}
    results: dict[int, GradingResult] = {}
    for index, submission in enumerate(submissions):
        try:
            attempts[index] = _attempt(submission, context)
        except SubmissionError as error:
            record = empty_record(submission, context.assignment, str(error))
            results[index] = GradingResult(record)
    tests = _tests_of(context, warm, on_test_finished)
    _run(tests, attempts, alone, draws=context.draws)
    at_end = {
        index: Attempt(attempt.submission, attempt.cells)
        for index, attempt in attempts.items()
        if attempt.rebound
    }
    _run(tests, at_end, alone, draws=False)
    for index, attempt in attempts.items():
        if index in at_end:
            _prefer(attempt, at_end[index])
        results[index] = _result(attempt, context, tests, isolation)
    return [results[index] for index in range(len(submissions))]


def _run(
    tests: Tests,
    attempts: dict[int, Attempt],
    alone: Callable[[], AbstractContextManager[object]],
    *,
    draws: bool,
) -> None:
    """Run tests on attempts; those that were disturbed are replaced by others."""
    tests.run(list(attempts.values()), draws=draws)
    for index, attempt in attempts.items():
        if attempt.needs_rerun or attempt.waited:  # from the start, without prepared questions
            with alone() if attempt.waited else nullcontext():
                attempts[index], _ = undisturbed(
                    attempt, lambda one: tests.run([one], draws=draws, prepared=False)
                )


def _attempt(submission: Submission, context: GradingContext) -> Attempt:
    """Return a submission as it is tested.

    Raises:
        SubmissionError: it cannot be read.
    """
    notebook = submission.notebook
    if context.source_cells is not None:
        cells = placed(notebook, context.source_cells)
        return Attempt(submission, cells.cells, placed=cells)
    checks = check_cells(notebook, context.assignment, context.given)
    return Attempt(submission, own_cells(notebook, context.given), checks)


def _tests_of(
    context: GradingContext, warm: WarmProcess, on_test_finished: OnTestFinished | None
) -> Tests:
    """Return what tests the attempts at an assignment."""
    if context.source_cells is not None:
        taken = _decisions(context, warm) or {}
        mistakes = _cell_explainer(context, context.source_cells, taken, warm)
        return CellTests(context.assignment, warm, taken, on_test_finished, mistakes)
    known = explainer(context.assignment, context.seed, warm, context.solution)
    return SuiteTests(context.assignment, context.seed, warm, known, on_test_finished)


_cell_explainers: dict[Any, CellExplainer] = {}  # of this process, by what they depend on


def _cell_explainer(
    context: GradingContext, source: SourceCells, taken: Decisions, warm: WarmProcess
) -> CellExplainer | None:
    """Return what explains failures of test cells; it is kept as long as nothing changes."""
    assignment, solution = context.assignment, context.solution
    if solution is None:
        return None
    tests = tuple((test.name, test.source) for test in source.tests.values())
    key = assignment.name, solution, tests, tuple(taken.items()), warm

    def ask() -> AskedByCells:
        reference = Submission("reference", context.course.notebook_file(assignment))
        cells = placed(reference.notebook, source)
        attempt = Attempt(reference, cells.cells, placed=cells)
        return CellTests(assignment, warm, taken).asked_of(attempt)

    if key not in _cell_explainers:
        begin = partial(begin_own, assignment, warm)
        _cell_explainers[key] = CellExplainer(assignment, begin, solution, ask)
    return _cell_explainers[key]


def _prefer(attempt: Attempt, at_end: Attempt) -> None:
    """Let those tasks count that do better with the names at the end of the notebook."""
    better = [task for task in attempt.rebound if at_end.score(task) > attempt.score(task)]
    if better:
        attempt.take_over(at_end, better)
        attempt.note = (
            f"judged at the end of the notebook, after later changes: {', '.join(better)}"
        )


def _result(
    attempt: Attempt, context: GradingContext, tests: Tests, isolation: str
) -> GradingResult:
    notebook, assignment = attempt.submission.notebook, context.assignment
    answers = answer_cells(notebook, assignment, context.definitions)
    code = {task: notebook.cells[index] for task, index in answers.items()}
    explained = _explained(attempt, context, tests)
    tasks = _with_review_reasons(explained, attempt, code, assignment)
    outputs = zip(attempt.positions, attempt.cell_results, strict=False)
    return GradingResult(
        record_of(attempt, tasks, assignment, isolation),
        tuple((position, cell) for position, cell in outputs if position is not None),
        code,
        attempt.arrays,
    )


def _explained(attempt: Attempt, context: GradingContext, tests: Tests) -> tuple[TaskScore, ...]:
    """Return the tasks of an attempt, with digests and explanations of their failures.

    Where explaining them fails, the scores stand, and a note says so.
    """
    wanted = [(task.name, task.points) for task in context.assignment.tasks]
    results = [
        replace(one, seen=digest(attempt.traces.get(one.name, ()), context.seed, one.name))
        if one.outcome == "failed"
        else one
        for one in attempt.results
    ]
    tasks = by_task(results, wanted)
    try:
        return tests.explain(tasks, attempt.traces)
    except ExecutionError:  # a score needs no explanation
        return tasks
    except (CourseError, WarmProcessError):
        raise
    except Exception as error:
        where, _, _ = described(error).partition(":")  # the rest may quote the reference solution
        unexplained = f"the grader could not explain what failed ({where})"
        attempt.note = "; ".join(filter(None, (attempt.note, unexplained)))
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
        replace(
            empty,
            tasks=tasks,
            note=note,
            isolation=isolation,
            seconds=attempt.seconds,
            test_seconds=attempt.test_seconds,
        )
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
