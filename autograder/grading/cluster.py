"""Grades a class on the workers of a Dask cluster: submissions and results travel as bytes.

Dask retries a payload whose worker died. The submissions of a payload that kills several workers
are graded one at a time, while nothing else is being graded, to find the cause.
"""

import logging
import os
import pickle
import re
import signal
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import count
from multiprocessing import resource_tracker
from tempfile import TemporaryDirectory
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import (
    AutograderError,
    ClusterError,
    SubmissionError,
    UsageError,
    described,
)
from autograder.grading.batch import GradingContext, decided, failed_result, prepare
from autograder.grading.cluster_worker import (
    Payload,
    check_environment,
    environment_mismatch,
    grade_payload,
    kit_suite,
    pack_context,
    store_context,
)
from autograder.grading.fingerprint import environment
from autograder.grading.pool import Grading, batches, crashed_twice
from autograder.grading.result import GradingResult
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission

try:
    import dask
    from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster, wait
except ImportError as error:
    raise UsageError(
        f"Grading on a cluster needs Dask: pip install 'ml-autograder[dask]' ({error})."
    ) from None

LOCAL = "local"
CONFIGURATION = {
    "distributed.scheduler.allowed-failures": 0,  # report the first death of a worker
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Dask's own monitoring takes processor time from the graders beside it.
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "1s",
    "distributed.worker.profile.enabled": False,
}
ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+")
CONNECT_TIMEOUT = 8.0  # seconds for the scheduler to answer
NO_WORKER_TIMEOUT = 60.0  # seconds without a single worker
REFRESH_INTERVAL = 1.0  # seconds between two requests for the list of workers
MAX_UNFINISHED = 2  # payloads per worker: one being graded, one queued
MAX_PAYLOAD = 4 << 20  # characters and bytes of submissions after which a payload is closed
MAX_SENT = 4  # payloads per worker whose results are not consumed yet, graded ones included

Sent = tuple[Payload, Future[bytes]]


def grading_at(address: str) -> Grading:
    """Return a function like `pool.grading` for the cluster whose scheduler has this address.

    `local` starts a cluster for this run, with one worker per job.

    Raises:
        UsageError: the address is malformed.
    """
    if address != LOCAL and not ADDRESS.fullmatch(address):
        raise UsageError(f"--dask {address}: write the scheduler's address, tcp://host:8786.")
    return partial(grading, address)


@contextmanager
def grading(
    address: str,
    submissions: Sequence[Submission],
    course: Course,
    assignment: Assignment,
    jobs: int,
    *,
    draws: bool = False,
) -> Iterator[Iterator[GradingResult]]:
    """Grade submissions on a cluster, until the context exits.

    With `draws`, the results have the pictures that autograded notebooks show.

    Yields:
        an iterator over the results, in the order of the submissions. It raises ClusterError
        when the cluster is lost, or when the environment of a new worker differs.

    Raises:
        ClusterError: the scheduler does not answer, or the environment of a worker differs.
        CourseError: course.yml, suite and notebook disagree.
    """
    for name in ("distributed", "distributed.client"):  # errors that we report or recover from
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        if address == LOCAL:
            jobs = max(1, min(jobs, len(submissions)))
            client = stack.enter_context(_local_cluster(jobs))
        else:
            client = stack.enter_context(_connection(address))
        pool = WorkerPool(client, assignment)
        pool.refresh()
        context = prepare(course, assignment, draws=draws)
        if context.source_cells is not None:
            with WarmProcess(assignment.preload) as warm:
                context = decided(context, warm)
        pool.share(context)
        yield _in_order(pool, payloads(batches(submissions, pool.size)), context)


@contextmanager
def _connection(address: str) -> Iterator[Client]:
    """Connect to an existing cluster, which keeps running after we disconnect."""
    try:
        client = Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False, name="autograder")
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"The Dask scheduler at {address} cannot be reached: {error}.") from None
    with client:
        yield client


@contextmanager
def _local_cluster(jobs: int) -> Iterator[Client]:
    """Run a cluster of processes on this machine, until the context exits."""
    with ExitStack() as stack:
        folder = stack.enter_context(
            TemporaryDirectory(prefix="autograder-dask-", ignore_cleanup_errors=True)
        )
        stack.enter_context(dask.config.set({"temporary-directory": folder, **CONFIGURATION}))
        with _sigint_blocked():
            cluster = LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                memory_limit=None,
                env={"TMPDIR": folder},
                silence_logs=logging.CRITICAL,
            )
            stack.push(partial(_close_cluster, cluster))
        yield stack.enter_context(Client(cluster, set_as_default=False, name="autograder"))


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Block SIGINT; threads and processes started here inherit the block."""
    resource_tracker.ensure_running()  # starting it later would unblock SIGINT
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _close_cluster(cluster: Any, error: object, *_: object) -> None:
    """Close a cluster; after an error or Ctrl-C, without waiting for its work."""
    if error is not None:
        for nanny in cluster.workers.values():
            nanny.auto_restart = False
            if nanny.pid:
                with suppress(ProcessLookupError):
                    os.kill(nanny.pid, signal.SIGKILL)
    cluster.close()


class WorkerPool:
    """The workers of a cluster, as one run uses them.

    `checked` has the addresses of those whose environment has been checked.
    """

    def __init__(self, client: Client, assignment: Assignment) -> None:
        self._client, self._assignment = client, assignment
        self._suite = kit_suite(assignment.suite_folder)
        self._expected = environment(self._suite)
        self._address = str(client.scheduler_info()["address"])
        self._numbers, self._run = count(1), uuid.uuid4().hex[:8]
        self._packed = b""
        self._shared: Future[bytes] | None = None
        self._present: set[str] = set()
        self.checked: set[str] = set()
        self._last_worker = self._last_refresh = time.monotonic()

    @property
    def size(self) -> int:
        """The number of workers at the last refresh, at least 1."""
        return max(1, len(self._present))

    def refresh(self) -> None:
        """Update the list of workers; check the environment of new ones and warm them up.

        Raises:
            ClusterError: an environment differs, or there has been no worker for too long.
        """
        with self._connected():
            self._last_refresh, self._present = time.monotonic(), set(self._client.nthreads())
        if self._present:
            self._last_worker = self._last_refresh
        elif self._last_refresh - self._last_worker > NO_WORKER_TIMEOUT:
            raise ClusterError(
                f"The cluster of {self._address} has had no worker for {NO_WORKER_TIMEOUT:g} "
                "seconds. What was graded so far is kept; start workers and run the command again."
            )
        if new := sorted(self._present - self.checked):
            self._check_environment(new)

    def _check_environment(self, workers: list[str]) -> None:
        with self._connected():
            found = self._client.run(
                check_environment,
                self._suite,
                self._expected,
                self._assignment.preload,
                workers=workers,
                on_error="return",
            )
        for address, problem in sorted(found.items()):
            if isinstance(problem, OSError):
                continue  # the worker is gone
            if isinstance(problem, Exception):
                raise environment_mismatch(address, f"the kit is missing or differs ({problem})")
            if problem:
                raise environment_mismatch(address, problem)
            self.checked.add(address)

    def share(self, context: GradingContext) -> None:
        """Set the grading context; each worker receives it once."""
        self._packed = pickle.dumps(pack_context(context))

    def send(self, payload: Payload) -> Future[bytes]:
        """Submit a payload to any free worker."""
        with self._connected():
            if self._shared is None or self._shared.status == "error":
                self._shared = self._submit(store_context, self._packed)
            return self._submit(
                grade_payload, pickle.dumps(payload), self._shared, self._suite, self._expected
            )

    def _submit(self, function: Callable[..., bytes], *arguments: Any) -> Future[bytes]:
        key = f"autograder-{self._run}-{next(self._numbers)}"
        return self._client.submit(function, *arguments, key=key, pure=False)

    def wait(self, futures: Sequence[Future[bytes]]) -> None:
        """Wait until one of the futures is done, for one refresh interval at most.

        Raises:
            ClusterError: see `refresh`.
        """
        with self._connected(), suppress(TimeoutError), self._client.as_current():
            wait(futures, timeout=REFRESH_INTERVAL, return_when="FIRST_COMPLETED")
        if time.monotonic() - self._last_refresh > REFRESH_INTERVAL:
            self.refresh()

    def result(self, future: Future[bytes]) -> list[GradingResult]:
        """Return the results of a payload.

        Raises:
            KilledWorker: workers died while they graded the payload.
            ClusterError: see `refresh`.
            CourseError: see `grade_batch`.
        """
        while True:
            if future.status == "error":
                raise future.exception()
            with self._connected(), suppress(TimeoutError):
                packed = future.result(timeout=NO_WORKER_TIMEOUT)
                results: list[GradingResult] = pickle.loads(packed)  # noqa: S301
                return results
            self.wait([future])

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Convert a lost connection to the scheduler into a ClusterError."""
        try:
            yield
        except (CancelledError, OSError) as error:
            raise ClusterError(
                f"The connection to the Dask scheduler at {self._address} is lost ({error}). What "
                "was graded so far is kept; run the command again."
            ) from None


def payloads(batches: Sequence[Sequence[Submission]]) -> Iterator[Payload]:
    """Load submissions and yield them batch by batch; a large batch becomes several payloads."""
    for batch in batches:
        start, size = 0, 0
        for end, submission in enumerate(batch, 1):
            size += _size(submission)
            if size > MAX_PAYLOAD or end == len(batch):
                yield tuple(batch[start:end])
                start, size = end, 0


def _size(submission: Submission) -> int:
    """Return about how many characters and bytes of a submission are sent."""
    loaded, taken = submission.loaded, submission.beside.taken
    texts = () if isinstance(loaded, SubmissionError) else (*loaded.cells, *loaded.grade_ids)
    return sum(map(len, texts)) + sum(map(len, taken.values()))


def _in_order(
    pool: WorkerPool, payloads: Iterator[Payload], context: GradingContext
) -> Iterator[GradingResult]:
    """Send payloads a little ahead of the consumer; yield results in order."""
    sent: deque[Sent] = deque()
    while True:
        while (
            len(_unfinished(sent)) < MAX_UNFINISHED * pool.size
            and len(sent) < MAX_SENT * pool.size
            and (payload := next(payloads, None)) is not None
        ):
            sent.append((payload, pool.send(payload)))
        if not sent:
            return
        payload, future = sent[0]
        if not future.done():
            pool.wait(_unfinished(sent))
            continue
        sent.popleft()
        try:
            yield from pool.result(future)
        except AutograderError:
            raise
        except Exception:  # a worker died, or something cannot be sent
            while others := _unfinished(sent):
                pool.wait(others)
            yield from _grade_one_at_a_time(pool, payload, context)


def _grade_one_at_a_time(
    pool: WorkerPool, payload: Payload, context: GradingContext
) -> Iterator[GradingResult]:
    """Grade the submissions of a payload one at a time, with nothing else running.

    A submission that kills a worker again, or fails again, gets a grader error; the others are
    still graded.
    """
    for submission in payload:
        pool.refresh()
        future = pool.send((submission,))
        while not future.done():
            pool.wait([future])
        try:
            yield from pool.result(future)
        except KilledWorker as error:
            worker = error.last_worker.address
            if worker not in pool.checked:
                raise ClusterError(
                    f"The worker {worker} stopped before its environment could be checked. Is "
                    "the kit installed there?"
                ) from None
            yield crashed_twice(submission, context)
        except AutograderError:
            raise
        except Exception as error:
            yield failed_result(submission, context, f"grading it failed: {described(error)}")


def _unfinished(sent: Iterable[Sent]) -> list[Future[bytes]]:
    return [future for _, future in sent if not future.done()]
