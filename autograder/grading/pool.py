"""Grades a class in a pool of processes: every submission gets a record, even after a crash."""

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

MAX_BATCH = 32
MAX_SENT = 3  # batches per process: one being graded, the others queued

Batch = Sequence[Submission]

Grading = Callable[
    [Sequence[Submission], Course, Assignment, int], AbstractContextManager[Iterator[GradingResult]]
]
"""The signature of `grading`, here and on a cluster."""


@contextmanager
def grading(
    submissions: Sequence[Submission], course: Course, assignment: Assignment, jobs: int
) -> Iterator[Iterator[GradingResult]]:
    """Grade submissions in parallel, until the context exits.

    Yields:
        an iterator over the results, in the order of the submissions.

    Raises:
        CourseError: the course cannot be graded as it is configured.
    """
    jobs = max(1, min(jobs, len(submissions)))
    with ExitStack() as stack:
        warm = stack.enter_context(WarmProcess(assignment.preload))
        context = prepare(course, assignment)
        if jobs == 1:
            yield _grade_in_this_process(submissions, context, warm)
            return
        copies = [warm.copy() for _ in range(jobs - 1)]
        pool = _pool([warm, *copies])
        stack.push(partial(_shut_down, pool))
        queue = _BatchQueue(pool, context, batches(submissions, jobs), MAX_SENT * jobs)
        queue.send()  # starts the processes of the pool
        for copy in copies:
            copy.release()  # the processes of the pool have inherited them
        yield iter(queue)


def _grade_in_this_process(
    submissions: Sequence[Submission], context: GradingContext, warm: WarmProcess
) -> Iterator[GradingResult]:
    for batch in batches(submissions, 1):
        yield from grade_batch(batch, context, warm)


class _BatchQueue:
    """Sends batches to a pool; only a limited number of them are in memory at once."""

    def __init__(
        self,
        pool: ProcessPoolExecutor,
        context: GradingContext,
        waiting: Sequence[Batch],
        max_sent: int,
    ) -> None:
        self._pool, self._context, self._max_sent = pool, context, max_sent
        self._waiting = deque(waiting)
        self._sent: deque[tuple[Batch, Future[list[GradingResult]]]] = deque()

    def send(self) -> None:
        """Load the next submissions and send them to the pool."""
        while self._waiting and len(self._sent) < self._max_sent:
            batch = load(self._waiting[0])
            self._sent.append((batch, self._pool.submit(_grade_here, batch, self._context)))
            self._waiting.popleft()

    def __iter__(self) -> Iterator[GradingResult]:
        """Yield the results in the order of the submissions, without keeping them."""
        while self._sent or self._waiting:
            try:
                self.send()
                results = deque(self._sent[0][1].result())
            except BrokenProcessPool:
                left = (*(batch for batch, _ in self._sent), *self._waiting)
                yield from _grade_one_at_a_time([s for batch in left for s in batch], self._context)
                return
            self._sent.popleft()
            while results:
                yield results.popleft()


def load(batch: Batch) -> Batch:
    """Read and parse the notebooks of a batch, so that another process need not."""
    for submission in batch:
        _ = submission.loaded
    return batch


def _grade_one_at_a_time(
    submissions: Sequence[Submission], context: GradingContext
) -> Iterator[GradingResult]:
    """Grade one submission at a time in a new process, after a grading process has crashed.

    A submission that crashes it again gets a grader error; the others are still graded.
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
                yield crashed_twice(waiting.popleft(), context)


def crashed_twice(submission: Submission, context: GradingContext) -> GradingResult:
    """Return the result of a submission that crashed its grading process twice."""
    message = f"{GRADER_ERROR}: the process that graded it crashed twice. Grade it again."
    return GradingResult(unreadable(submission, context.assignment, message))


def batches(submissions: Sequence[Submission], jobs: int) -> list[Batch]:
    """Split a class into batches: small enough to balance the load, large enough to pay off."""
    size = max(1, min(MAX_BATCH, len(submissions) // (3 * jobs)))
    return [submissions[start : start + size] for start in range(0, len(submissions), size)]


def _shut_down(pool: ProcessPoolExecutor, error: object, *_: object) -> None:
    """Shut the pool down; after an error or Ctrl-C, without waiting for its work."""
    if error is not None:
        for process in list(pool._processes.values()):
            process.terminate()
    pool.shutdown(cancel_futures=True)


def _pool(warm: Sequence[WarmProcess]) -> ProcessPoolExecutor:
    """Return a pool of processes, each with its own warm process."""
    context = get_context("fork")  # the processes share what is imported
    numbers = context.SimpleQueue()
    for number in range(len(warm)):
        numbers.put(number)
    return ProcessPoolExecutor(len(warm), context, _start_worker, (warm, numbers, os.getpid()))


_warm: WarmProcess | None = None  # of this worker process, for its whole life


def _start_worker(warm: Sequence[WarmProcess], numbers: Any, parent: int) -> None:
    """Take one of the warm processes and release the others."""
    global _warm
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator handles Ctrl-C
    own = numbers.get()
    for number, other in enumerate(warm):
        if number == own:
            _warm = other
        else:
            other.release()
    gc.freeze()  # imported modules are never garbage
    gc.set_threshold(20_000)


def _grade_here(batch: Batch, context: GradingContext) -> list[GradingResult]:
    assert _warm is not None
    results = grade_batch(batch, context, _warm)
    gc.collect()  # a finished pytest session is full of reference cycles
    return results
