"""Grades a class in a pool of processes: every submission gets a record, even after a crash."""

import gc
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from typing import Any, Protocol

from autograder.course import Assignment, Course
from autograder.grading.batch import GradingContext, decided, failed_result, grade_batch, prepare
from autograder.grading.result import GradingResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.confine import end_with_parent
from autograder.submission import Submission

MAX_BATCH = 32
MAX_SENT = 3  # batches per process: one being graded, the others queued

Batch = Sequence[Submission]


class Grading(Protocol):
    """The signature of `grading`, here and on a cluster."""

    def __call__(
        self,
        submissions: Sequence[Submission],
        course: Course,
        assignment: Assignment,
        jobs: int,
        *,
        draws: bool = False,
    ) -> AbstractContextManager[Iterator[GradingResult]]:
        """Grade submissions."""


@contextmanager
def grading(
    submissions: Sequence[Submission],
    course: Course,
    assignment: Assignment,
    jobs: int,
    *,
    draws: bool = False,
    warm: WarmProcess | None = None,
) -> Iterator[Iterator[GradingResult]]:
    """Grade submissions in parallel, until the context exits.

    With `draws`, the results have the pictures that autograded notebooks show. `warm` is the warm
    process of the assignment, if it has been started already.

    Yields:
        an iterator over the results, in the order of the submissions.

    Raises:
        CourseError: the course cannot be graded as it is configured.
    """
    jobs = max(1, min(jobs, len(submissions)))
    with ExitStack() as stack:
        warm = warm or stack.enter_context(WarmProcess(assignment.preload))
        context = decided(prepare(course, assignment, draws=draws), warm)
        if jobs == 1:
            yield _grade_in_this_process(submissions, context, warm)
            return
        copies = [warm.copy() for _ in range(jobs - 1)]
        pool = _pool([warm, *copies])
        stack.push(partial(shut_down, pool))
        pool.submit(os.getpid)  # starts the processes of the pool, which inherit the copies
        for copy in copies:
            copy.release()
        yield _grade_in_pool(pool, context, batches(submissions, jobs), MAX_SENT * jobs)


def _grade_in_this_process(
    submissions: Sequence[Submission], context: GradingContext, warm: WarmProcess
) -> Iterator[GradingResult]:
    for batch in batches(submissions, 1):
        yield from grade_batch(batch, context, warm)


def _grade_in_pool(
    pool: ProcessPoolExecutor, context: GradingContext, waiting: Sequence[Batch], max_sent: int
) -> Iterator[GradingResult]:
    """Return an iterator over results in order, on which the pool works from now on.

    At most `max_sent` batches, and no yielded results, are in memory.
    """
    left, sent = deque(waiting), deque[tuple[Batch, Future[list[GradingResult]]]]()

    def send() -> None:
        while left and len(sent) < max_sent:
            sent.append((left[0], _send(pool, left[0], context)))
            left.popleft()

    def results() -> Iterator[GradingResult]:
        while sent or left:
            try:
                send()
                graded = deque(sent[0][1].result())
            except BrokenProcessPool:
                unfinished = (*(batch for batch, _ in sent), *left)
                each = [submission for batch in unfinished for submission in batch]
                yield from _grade_one_at_a_time(each, context)
                return
            sent.popleft()
            while graded:
                yield graded.popleft()

    with suppress(BrokenProcessPool):  # the first result will say so
        send()
    return results()


def _send(
    pool: ProcessPoolExecutor, batch: Batch, context: GradingContext
) -> Future[list[GradingResult]]:
    """Send a batch to a pool, with its notebooks read, so that no other process need do so."""
    for submission in batch:
        _ = submission.loaded
    return pool.submit(_grade_here, batch, context)


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
                    (graded,) = _send(pool, [waiting[0]], context).result()
                    waiting.popleft()
                    yield graded
            except BrokenProcessPool:
                yield crashed_twice(waiting.popleft(), context)


def crashed_twice(submission: Submission, context: GradingContext) -> GradingResult:
    """Return the result of a submission that crashed its grading process twice."""
    reason = "the process that graded it crashed twice. Grade it again."
    return failed_result(submission, context, reason)


def batches(submissions: Sequence[Submission], jobs: int) -> list[Batch]:
    """Split a class into batches, ever smaller ones so that all processes end at the same time."""
    found, start = list[Batch](), 0
    while left := len(submissions) - start:
        size = max(1, min(MAX_BATCH, left // (2 * jobs)))
        found.append(submissions[start : start + size])
        start += size
    return found


def belong_to(coordinator: int) -> None:
    """In a process of a pool: end with the coordinator, and leave Ctrl-C to it."""
    end_with_parent(coordinator)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def shut_down(pool: ProcessPoolExecutor, error: object, *_: object) -> None:
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
    arguments = warm, numbers, Turns(context, len(warm)), os.getpid()
    return ProcessPoolExecutor(len(warm), context, _start_worker, arguments)


class Turns:
    """Lets one process of a pool work while the others pause."""

    def __init__(self, context: Any, processes: int) -> None:
        self._processes = processes
        self._working, self._one = context.Semaphore(processes), context.Lock()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Work beside the others."""
        with self._working:
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within `together`, work while all others wait."""
        self._working.release()
        with self._one:
            for _ in range(self._processes):
                self._working.acquire()
        try:
            yield
        finally:
            for _ in range(self._processes - 1):
                self._working.release()


_warm: WarmProcess | None = None  # of this worker process, for its whole life
_turns: Turns


def _start_worker(warm: Sequence[WarmProcess], numbers: Any, turns: Turns, parent: int) -> None:
    """Take one of the warm processes and release the others."""
    global _warm, _turns
    _turns = turns
    belong_to(parent)
    own = numbers.get()
    for number, other in enumerate(warm):
        if number == own:
            _warm = other
            _warm.processor, _warm.forks_ahead = _processor(number), True
        else:
            other.release()
    gc.freeze()  # imported modules are never garbage
    gc.set_threshold(20_000)


def _processor(number: int) -> int | None:
    """Return the processor that the children of a process of the pool stay on."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))
    return processors[number % len(processors)]


def _grade_here(batch: Batch, context: GradingContext) -> list[GradingResult]:
    assert _warm is not None
    with _turns.together():
        results = grade_batch(batch, context, _warm, alone=_turns.alone)
    gc.collect()  # a finished pytest session is full of reference cycles
    return results
