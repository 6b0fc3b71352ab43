"""Grades a class on the workers of a Dask cluster: submissions and results travel as bytes.

Dask does a chunk again whose worker died. A chunk that several workers died of is graded with
care: one submission at a time, while nothing else is being graded that could be to blame.
"""

from __future__ import annotations

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
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import resource_tracker
from tempfile import TemporaryDirectory
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import ClusterError, UsageError
from autograder.grading.batch import GradingContext, GradingResult
from autograder.grading.cluster_worker import environment_mismatch, grade_payload, introduce, keep
from autograder.grading.environment import Environment, environment
from autograder.grading.payload import Payload, kit_suite, pack_context, payloads
from autograder.grading.pool import Grading, chunks, lost, prepare
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
    "distributed.scheduler.allowed-failures": 0,  # the first time is enough to take care
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Dask's looking at itself takes processor time from the graders beside it.
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "1s",
    "distributed.worker.profile.enabled": False,
}
ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+")
CONNECT = 8.0  # seconds for the scheduler to answer
PATIENCE = 60.0  # seconds without a single worker
LOOK = 1.0  # seconds between two looks at who is there
AT_WORK = 2  # parcels a worker: one that it grades, one that waits for it
AHEAD = 4  # parcels a worker that have not been asked for yet, graded ones included


def grading_at(address: str) -> Grading:
    """Return what grades as `run.grading` does, on the cluster whose scheduler has this address.

    `local` is a cluster that lives as long as the run, with as many workers as there are jobs.

    Raises:
        UsageError: it is no address.
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
) -> Iterator[Iterator[GradingResult]]:
    """Grade submissions on a cluster, as long as the context lasts.

    Yields:
        an iterator over what came of each submission, in their order. Also that raises
        ClusterError: when the cluster is lost, or a worker that came later is not fit.

    Raises:
        ClusterError: the scheduler does not answer, or a worker is not fit.
        CourseError: the course is not fit to grade with.
    """
    with ExitStack() as stack:
        if address == LOCAL:
            jobs = max(1, min(jobs, len(submissions)))
            client = stack.enter_context(_local_cluster(jobs))
        else:
            client = stack.enter_context(_connection(address))
        pool = WorkerPool(client, assignment)
        pool.look()
        context = prepare(course, assignment)
        pool.pack_context(context)
        yield _in_order(pool, payloads(chunks(submissions, pool.size)), context)


@contextmanager
def _connection(address: str) -> Iterator[Client]:
    """Connect to somebody's cluster, which goes on when we leave it."""
    _hush()
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False, name="autograder")
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"The Dask scheduler at {address} cannot be reached: {error}.") from None
    with client:
        yield client


@contextmanager
def _local_cluster(jobs: int) -> Iterator[Client]:
    """Start a cluster of processes on this machine, which ends with the context."""
    _hush()
    with ExitStack() as stack:
        folder = stack.enter_context(
            TemporaryDirectory(prefix="autograder-dask-", ignore_cleanup_errors=True)
        )
        stack.enter_context(dask.config.set({"temporary-directory": folder, **CONFIGURATION}))
        with _ctrl_c_waits():
            cluster = LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                memory_limit=None,
                env={"TMPDIR": folder},
                silence_logs=logging.CRITICAL,
            )
            stack.push(partial(_end, cluster))
        yield stack.enter_context(Client(cluster, set_as_default=False, name="autograder"))


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Hold Ctrl-C back; threads that are started meanwhile, and their processes, never get it."""
    resource_tracker.ensure_running()  # starting it later would let SIGINT in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(cluster: Any, error: object, *_: object) -> None:
    """Let a cluster end; after an error or Ctrl-C, without waiting for what it is doing."""
    if error is not None:
        for nanny in cluster.workers.values():
            nanny.auto_restart = False
            if nanny.pid:
                with suppress(ProcessLookupError):
                    os.kill(nanny.pid, signal.SIGKILL)
    cluster.close()


def _hush() -> None:
    """Let Dask keep to itself what we say in a sentence, or mend."""
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class WorkerPool:
    """The workers of a cluster, as far as they grade for this run."""

    def __init__(self, client: Client, assignment: Assignment) -> None:
        self._client, self._assignment = client, assignment
        self._suite = kit_suite(assignment.suite_folder)
        self._expected: Environment = environment(self._suite)
        self._address = str(client.scheduler_info()["address"])
        self._numbers, self._run = count(1), uuid.uuid4().hex[:8]
        self._briefing = b""
        self._briefed: Future[bytes] | None = None
        self._present: set[str] = set()
        self._known: set[str] = set()
        self._seen = self._looked = time.monotonic()

    @property
    def size(self) -> int:
        """How many workers there were at the last look, at least one."""
        return max(1, len(self._present))

    def knows(self, worker: str) -> bool:
        """Say whether a worker has introduced itself, and fits."""
        return worker in self._known

    def look(self) -> None:
        """See who is there; who is new says what it grades with, and warms up.

        Raises:
            ClusterError: one is not fit, or there has been nobody for long.
        """
        with self._connected():
            self._looked, self._present = time.monotonic(), set(self._client.nthreads())
        if self._present:
            self._seen = self._looked
        elif self._looked - self._seen > PATIENCE:
            raise ClusterError(
                f"The cluster of {self._address} has had no worker for {PATIENCE:g} seconds. What "
                "was graded so far is kept; start workers and run the command again."
            )
        if new := sorted(self._present - self._known):
            self._introduce(new)

    def _introduce(self, workers: list[str]) -> None:
        with self._connected():
            found = self._client.run(
                introduce,
                self._suite,
                self._expected,
                self._assignment.preload,
                workers=workers,
                on_error="return",
            )
        for address, problem in sorted(found.items()):
            if isinstance(problem, OSError):
                continue  # it is gone
            if isinstance(problem, Exception):
                raise environment_mismatch(address, f"it has no kit, or another one ({problem})")
            if problem:
                raise environment_mismatch(address, problem)
            self._known.add(address)

    def pack_context(self, context: GradingContext) -> None:
        """Hand out what everybody needs; it travels once to each worker."""
        self._briefing = pickle.dumps(pack_context(context))

    def send(self, payload: Payload) -> Future[bytes]:
        """Have a parcel graded by whoever is free."""
        with self._connected():
            if self._briefed is None or self._briefed.status == "error":
                self._briefed = self._submit(keep, self._briefing)
            return self._submit(
                grade_payload, pickle.dumps(payload), self._briefed, self._suite, self._expected
            )

    def _submit(self, function: Callable[..., bytes], *arguments: Any) -> Future[bytes]:
        key = f"autograder-{self._run}-{next(self._numbers)}"
        return self._client.submit(function, *arguments, key=key, pure=False)

    def wait(self, futures: Sequence[Future[bytes]]) -> None:
        """Wait until one of them is done, or for a moment.

        Raises:
            ClusterError: as `look` raises it.
        """
        with self._connected(), suppress(TimeoutError), self._client.as_current():
            wait(futures, timeout=LOOK, return_when="FIRST_COMPLETED")
        if time.monotonic() - self._looked > LOOK:
            self.look()

    def result(self, future: Future[bytes]) -> list[GradingResult]:
        """Return what came of a parcel.

        Raises:
            KilledWorker: workers died of it, or beside it.
            ClusterError: as `look` raises it.
            CourseError: as `grade_chunk` raises it.
        """
        while True:
            if future.status == "error":
                raise future.exception()
            with self._connected(), suppress(TimeoutError):
                graded: list[GradingResult] = pickle.loads(future.result(timeout=PATIENCE))  # noqa: S301
                return graded
            self.wait([future])

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Turn the loss of the scheduler into a sentence."""
        try:
            yield
        except (CancelledError, OSError) as error:
            raise ClusterError(
                f"The connection to the Dask scheduler at {self._address} is lost ({error}). What "
                "was graded so far is kept; run the command again."
            ) from None


@dataclass(frozen=True)
class _Sent:
    payload: Payload
    future: Future[bytes]


def _in_order(
    pool: WorkerPool, payloads: Iterator[Payload], context: GradingContext
) -> Iterator[GradingResult]:
    """Keep a team at work a little ahead of what is asked for; yield in the order of parcels."""
    sent: deque[_Sent] = deque()
    while True:
        while _has_room(pool, sent) and (payload := next(payloads, None)) is not None:
            sent.append(_Sent(payload, pool.send(payload)))
        if not sent:
            return
        if not sent[0].future.done():
            pool.wait(_unfinished(sent))
            continue
        head = sent.popleft()
        try:
            yield from pool.result(head.future)
        except KilledWorker:
            while others := _unfinished(sent):
                pool.wait(others)
            yield from _with_care(pool, head.payload, context)


def _with_care(
    pool: WorkerPool, payload: Payload, context: GradingContext
) -> Iterator[GradingResult]:
    """Grade one submission at a time, with nothing beside it.

    One that workers die of again is a fault of ours, and the others go on without it.
    """
    for single in payload.singles():
        pool.look()
        future = pool.send(single)
        while not future.done():
            pool.wait([future])
        try:
            yield from pool.result(future)
        except KilledWorker as error:
            worker = error.last_worker.address
            if not pool.knows(worker):
                raise ClusterError(
                    f"The worker {worker} ended before it could say what it grades with. Is the "
                    "kit installed there?"
                ) from None
            yield lost(single.submissions[0], context)


def _has_room(pool: WorkerPool, sent: Sequence[_Sent]) -> bool:
    at_work = len(_unfinished(sent))
    return at_work < AT_WORK * pool.size and len(sent) < AHEAD * pool.size


def _unfinished(sent: Iterable[_Sent]) -> list[Future[bytes]]:
    return [one.future for one in sent if not one.future.done()]
