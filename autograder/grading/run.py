"""Grades a class: chunks of submissions over an executor, each record whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from autograder.course import Assignment, Course, hidden_seed
from autograder.errors import CourseError
from autograder.grading.checks import check_notebook, check_points, notebook_file
from autograder.grading.chunk import Graded, collect_points, grade_chunk, unreadable
from autograder.sandbox.warm import WarmProcess
from autograder.scorecard import FAULT
from autograder.submission import Submission

LARGEST_CHUNK = 16


def prepare(course: Course, assignment: Assignment) -> None:
    """Check, before anything is graded, what would make every grade wrong.

    Raises:
        CourseError: course.yml, suite and notebook do not fit, or student code cannot be
            confined as course.yml demands.
    """
    if course.isolation == "required":
        raise CourseError(
            f"{course.where('isolation')}: required, but this version confines student code by "
            "separate processes and resource limits only, not in what it may read. "
            "Write best-effort to grade nevertheless."
        )
    if notebook_file(course, assignment).exists():
        check_notebook(course, assignment)
    check_points(course, assignment, collect_points(assignment))


def grade_class(
    submissions: Sequence[Submission], course: Course, assignment: Assignment, jobs: int
) -> Iterator[Graded]:
    """Grade submissions in parallel and yield what came of each, in their order.

    Raises:
        CourseError: the course is not fit to grade with.
    """
    jobs = max(1, min(jobs, len(submissions)))
    seed = hidden_seed(course)
    if jobs == 1:
        with WarmProcess(assignment.preload) as warm:
            prepare(course, assignment)
            for chunk in chunks(submissions, jobs):
                yield from grade_chunk(chunk, assignment, seed, warm)
        return
    with _pool(jobs, assignment) as pool:
        work = [
            (chunk, _submit(pool, chunk, assignment, seed)) for chunk in chunks(submissions, jobs)
        ]
        try:
            prepare(course, assignment)
            for chunk, future in work:
                yield from _result(chunk, future, assignment, seed)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def chunks(submissions: Sequence[Submission], jobs: int) -> list[Sequence[Submission]]:
    """Cut a class into chunks: small enough to share the work out, large enough to pay."""
    size = max(1, min(LARGEST_CHUNK, len(submissions) // (4 * jobs)))
    return [submissions[start : start + size] for start in range(0, len(submissions), size)]


def _pool(jobs: int, assignment: Assignment) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_start_worker, initargs=(assignment.preload,)
    )


def _submit(
    pool: Executor, chunk: Sequence[Submission], assignment: Assignment, seed: str
) -> Future[list[Graded]]:
    return pool.submit(_grade_here, chunk, assignment, seed)


def _result(
    chunk: Sequence[Submission], future: Future[list[Graded]], assignment: Assignment, seed: str
) -> list[Graded]:
    """Return a chunk's results; if its process died, grade its submissions one by one."""
    try:
        return future.result()
    except BrokenProcessPool:
        return [_grade_alone(submission, assignment, seed) for submission in chunk]


def _grade_alone(submission: Submission, assignment: Assignment, seed: str) -> Graded:
    try:
        with _pool(1, assignment) as pool:
            return _submit(pool, [submission], assignment, seed).result()[0]
    except BrokenProcessPool:
        message = f"{FAULT}: the process that graded it ended, twice. Grade it again."
        return Graded(unreadable(submission, assignment, message), submission.path)


_warm: WarmProcess | None = None  # of this worker process, for as long as it lives


def _start_worker(preload: Sequence[str]) -> None:
    global _warm
    _warm = WarmProcess(preload)


def _grade_here(chunk: Sequence[Submission], assignment: Assignment, seed: str) -> list[Graded]:
    assert _warm is not None
    return grade_chunk(chunk, assignment, seed, _warm)
