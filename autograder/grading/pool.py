"""Grades a class in a pool of processes: every submission gets its record, whatever happens."""

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

from autograder.course import Assignment, Course
from autograder.grading.batch import GradingContext, grade_batch, prepare, unreadable
from autograder.grading.result import GradingResult
from autograder.record import GRADER_ERROR
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.confine import end_with_parent
from autograder.submission import Submission

LARGEST_BATCH = 32
AHEAD = 3  # batches a process: one that it grades, and some that wait for it

Batch = Sequence[Submission]

Grading = Callable[
    [Sequence[Submission], Course, Assignment, int], AbstractContextManager[Iterator[GradingResult]]
]
"""What `grading` does, wherever the work is done."""


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
        work = _Work(pool, context, batches(submissions, jobs), AHEAD * jobs)
        work.send()  # which starts the processes of the pool
        for copy in copies:
            copy.release()  # those have them now
        yield iter(work)


def _one_by_one(
    submissions: Sequence[Submission], context: GradingContext, warm: WarmProcess
) -> Iterator[GradingResult]:
    for batch in batches(submissions, 1):
        yield from grade_batch(batch, context, warm)


class _Work:
    """Batches that wait, and those at work in a pool: only so many at once are in memory."""

    def __init__(
        self,
        pool: ProcessPoolExecutor,
        context: GradingContext,
        waiting: Sequence[Batch],
        ahead: int,
    ) -> None:
        self._pool, self._context, self._ahead = pool, context, ahead
        self._waiting = deque(waiting)
        self._sent: deque[tuple[Batch, Future[list[GradingResult]]]] = deque()

    def send(self) -> None:
        """Load the next submissions and send them to the pool."""
        while self._waiting and len(self._sent) < self._ahead:
            batch = load(self._waiting[0])
            self._sent.append((batch, self._pool.submit(_grade_here, batch, self._context)))
            self._waiting.popleft()

    def __iter__(self) -> Iterator[GradingResult]:
        """Yield the result of each submission, in their order; none is kept here."""
        while self._sent or self._waiting:
            try:
                self.send()
                results = deque(self._sent[0][1].result())
            except BrokenProcessPool:
                left = (*(batch for batch, _ in self._sent), *self._waiting)
                yield from _with_care([s for batch in left for s in batch], self._context)
                return
            self._sent.popleft()
            while results:
                yield results.popleft()


def load(batch: Batch) -> Batch:
    """Read and parse the notebooks of a batch, so that they can be graded elsewhere."""
    for submission in batch:
        _ = submission.loaded
    return batch


def _with_care(
    submissions: Sequence[Submission], context: GradingContext
) -> Iterator[GradingResult]:
    """Grade after a grading process has died: one submission at a time, in a new process.

    A submission that ends it again gets a grader error, and the others go on without it.
    """
    waiting = deque(submissions)
    while waiting:
        with WarmProcess(context.assignment.preload) as warm, _pool([warm]) as pool:
            try:
                while waiting:
                    (graded,) = pool.submit(_grade_here, load([waiting[0]]), context).result()
                    waiting.popleft()
                    yield graded
            except BrokenProcessPool:
                yield lost(waiting.popleft(), context)


def lost(submission: Submission, context: GradingContext) -> GradingResult:
    """Return the result of a submission that ended the process that graded it, twice."""
    message = f"{GRADER_ERROR}: the process that graded it ended, twice. Grade it again."
    return GradingResult(unreadable(submission, context.assignment, message))


def batches(submissions: Sequence[Submission], jobs: int) -> list[Batch]:
    """Cut a class into batches: small enough to share the work out, large enough to pay."""
    size = max(1, min(LARGEST_BATCH, len(submissions) // (3 * jobs)))
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


def _grade_here(batch: Batch, context: GradingContext) -> list[GradingResult]:
    assert _warm is not None
    results = grade_batch(batch, context, _warm)
    gc.collect()  # what a pytest session leaves behind refers to itself
    return results
