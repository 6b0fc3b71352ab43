"""Grades a class: chunks of submissions over an executor, each record whatever happens."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any

from autograder.course import Assignment, Course, hidden_seed
from autograder.grading.batch import GradingContext, GradingResult, collect, grade_chunk, unreadable
from autograder.grading.consistency import (
    check_notebook,
    check_points,
    check_visibility,
    given_cells,
    notebook_file,
    solution_names,
)
from autograder.record import GRADER_ERROR
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.confine import end_with_parent
from autograder.submission import Submission

LARGEST_CHUNK = 32

Grading = Callable[
    [Sequence[Submission], Course, Assignment, int], AbstractContextManager[Iterator[GradingResult]]
]
"""What `grading` does, wherever the work is done."""


def prepare(course: Course, assignment: Assignment) -> GradingContext:
    """Check, before anything is graded, what would make every grade wrong.

    Raises:
        CourseError: course.yml, suite and notebook do not fit.
    """
    if notebook_file(course, assignment).exists():
        check_notebook(course, assignment)
    session = collect(assignment)
    check_points(course, assignment, session.points)
    check_visibility(course, assignment, session.places)
    return GradingContext(
        course,
        assignment,
        hidden_seed(course),
        given_cells(course, assignment),
        solution_names(course, assignment),
    )


@contextmanager
def grading(
    submissions: Sequence[Submission], course: Course, assignment: Assignment, jobs: int
) -> Iterator[Iterator[GradingResult]]:
    """Grade submissions in parallel, as long as the context lasts.

    Yields:
        an iterator over what came of each submission, in their order.

    Raises:
        CourseError: the course is not fit to grade with.
    """
    jobs = max(1, min(jobs, len(submissions)))
    with ExitStack() as stack:
        warm = stack.enter_context(WarmProcess(assignment.preload))
        context = prepare(course, assignment)
        if jobs == 1:
            yield _one_by_one(submissions, context, warm)
            return
        copies = [warm.copy() for _ in range(jobs - 1)]
        pool = _pool([warm, *copies])
        stack.push(partial(_shut_down, pool))
        work = deque(
            (chunk, pool.submit(_grade_here, chunk, context)) for chunk in chunks(submissions, jobs)
        )
        for copy in copies:
            copy.release()  # the processes of the pool have them now
        yield _in_order(work, context)


def _one_by_one(
    submissions: Sequence[Submission], context: GradingContext, warm: WarmProcess
) -> Iterator[GradingResult]:
    for chunk in chunks(submissions, 1):
        yield from grade_chunk(chunk, context, warm)


def _in_order(
    work: deque[tuple[Sequence[Submission], Future[list[GradingResult]]]], context: GradingContext
) -> Iterator[GradingResult]:
    """Yield what came of each submission; what has been yielded is not kept here."""
    while work:
        try:
            graded = deque(work[0][1].result())
        except BrokenProcessPool:
            yield from _with_care([s for chunk, _ in work for s in chunk], context)
            return
        work.popleft()
        while graded:
            yield graded.popleft()


def _with_care(
    submissions: Sequence[Submission], context: GradingContext
) -> Iterator[GradingResult]:
    """Grade after a grading process has died: one submission at a time, in a new process.

    A submission that ends it again is a fault of ours, and the others go on without it.
    """
    waiting = deque(submissions)
    while waiting:
        with WarmProcess(context.assignment.preload) as warm, _pool([warm]) as pool:
            try:
                while waiting:
                    (graded,) = pool.submit(_grade_here, [waiting[0]], context).result()
                    waiting.popleft()
                    yield graded
            except BrokenProcessPool:
                yield lost(waiting.popleft(), context)


def lost(submission: Submission, context: GradingContext) -> GradingResult:
    """Return what comes of a submission that ended the process that graded it, twice."""
    message = f"{GRADER_ERROR}: the process that graded it ended, twice. Grade it again."
    return GradingResult(unreadable(submission, context.assignment, message), submission.path)


def chunks(submissions: Sequence[Submission], jobs: int) -> list[Sequence[Submission]]:
    """Cut a class into chunks: small enough to share the work out, large enough to pay."""
    size = max(1, min(LARGEST_CHUNK, len(submissions) // (3 * jobs)))
    return [submissions[start : start + size] for start in range(0, len(submissions), size)]


def _shut_down(pool: ProcessPoolExecutor, error: object, *_: object) -> None:
    """Let the pool end; after an error or Ctrl-C, without waiting for what it is doing."""
    if error is not None:
        for process in list(pool._processes.values()):
            process.terminate()
    pool.shutdown(cancel_futures=True)


def _pool(warm: Sequence[WarmProcess]) -> ProcessPoolExecutor:
    """Return a pool of processes, each with one of the warm processes."""
    context = get_context("fork")  # nothing is imported twice
    numbers = context.SimpleQueue()
    for number in range(len(warm)):
        numbers.put(number)
    return ProcessPoolExecutor(len(warm), context, _start_worker, (warm, numbers, os.getpid()))


_warm: WarmProcess | None = None  # of this worker process, for as long as it lives


def _start_worker(warm: Sequence[WarmProcess], numbers: Any, parent: int) -> None:
    """Take one of the warm processes and let go of the others."""
    global _warm
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    own = numbers.get()
    for number, other in enumerate(warm):
        if number == own:
            _warm = other
        else:
            other.release()
    gc.freeze()  # what was imported stays
    gc.set_threshold(20_000)


def _grade_here(chunk: Sequence[Submission], context: GradingContext) -> list[GradingResult]:
    assert _warm is not None
    graded = grade_chunk(chunk, context, _warm)
    gc.collect()  # what a pytest session leaves behind refers to itself
    return graded
