"""Grades payloads in a worker of a Dask cluster, with one long-lived warm process.

pytest and standard output are global, so a worker grades one payload at a time, even if it has
several threads.
"""

import gc
import hashlib
import pickle
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from autograder.errors import ClusterError, CourseError
from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.environment import Environment, differences, environment
from autograder.grading.payload import PackedContext, Payload
from autograder.sandbox.warm_process import WarmProcess

_grading_lock = Lock()

# State of this worker process, for its whole life.
_warm: tuple[tuple[str, ...], WarmProcess] | None = None
_folder: tempfile.TemporaryDirectory[str] | None = None
# By the digest of the packed context.
_unpacked: dict[str, tuple[PackedContext, GradingContext]] = {}


def check_environment(suite: str, expected: Environment, modules: Sequence[str]) -> str:
    """Return how the environment of this worker differs; warm up and return "" if it does not."""
    problem = differences(environment(suite), expected)
    if not problem and _grading_lock.acquire(blocking=False):
        try:
            _warm_process(modules)
        finally:
            _grading_lock.release()
    return problem


def store_context(packed: bytes) -> bytes:
    """Return a packed context, so that the cluster holds it as a result for its workers."""
    return packed


def grade_payload(payload: bytes, packed: bytes, suite: str, expected: Environment) -> bytes:
    """Grade a payload; payload, context and the returned list of results are pickled.

    Raises:
        ClusterError: the environment of this worker differs; nothing was unpacked.
        CourseError: see `grade_batch`.
    """
    with _grading_lock:
        problem = differences(environment(suite), expected)
        if problem:
            raise environment_mismatch(_address(), problem)
        sent, context = _context(packed)
        warm = _warm_process(context.assignment.preload)
        submissions: Payload = pickle.loads(payload)  # noqa: S301 - the coordinator is trusted
        try:
            return pickle.dumps(grade_batch(submissions, context, warm))
        except CourseError as error:
            raise CourseError(sent.with_original_paths(str(error), context)) from None
        finally:
            gc.collect()  # a finished pytest session is full of reference cycles


def environment_mismatch(address: str, problem: str) -> ClusterError:
    """Return the error that says why a worker cannot grade."""
    return ClusterError(
        f"The worker {address} cannot grade: {problem}. Grades must not depend on the machine "
        "that gives them, so the run stops here. Install the same versions on every worker and "
        "restart them, or remove this worker."
    )


def _warm_process(modules: Sequence[str]) -> WarmProcess:
    """Return the warm process of this worker; restart it if the modules to preload changed."""
    global _warm
    if _warm is not None and _warm[0] != tuple(modules):
        _warm[1].close()
        _warm = None
    if _warm is None:
        _warm = tuple(modules), WarmProcess(modules)
        gc.freeze()  # imported modules are never garbage
        gc.set_threshold(20_000)
    return _warm[1]


def _context(packed: bytes) -> tuple[PackedContext, GradingContext]:
    """Unpack a packed context once, into a private folder; return both."""
    global _folder
    key = hashlib.sha256(packed).hexdigest()
    if key not in _unpacked:
        if _folder is None:
            _folder = tempfile.TemporaryDirectory(prefix="autograder-", dir=_local_directory())
        sent: PackedContext = pickle.loads(packed)  # noqa: S301 - the coordinator is trusted
        _unpacked[key] = sent, sent.unpack(Path(_folder.name).resolve())
    return _unpacked[key]


def _address() -> str:
    from distributed import get_worker

    return str(get_worker().address)


def _local_directory() -> str:
    """Return the folder that Dask removes when this worker ends, even after a crash."""
    from distributed import get_worker

    return str(get_worker().local_directory)
