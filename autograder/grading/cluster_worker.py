"""Grades parcels in a worker of a Dask cluster, with a warm process that it keeps.

pytest and standard output are global, so a worker grades one parcel at a time, however many
threads it has.
"""

from __future__ import annotations

import gc
import hashlib
import pickle
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from autograder.errors import ClusterError, CourseError
from autograder.grading.batch import GradingContext, grade_chunk
from autograder.grading.environment import Environment, differences, environment
from autograder.grading.payload import PackedContext, Payload
from autograder.sandbox.warm_process import WarmProcess

_alone = Lock()

# Of this worker process, for as long as it lives.
_warm: tuple[tuple[str, ...], WarmProcess] | None = None
_folder: tempfile.TemporaryDirectory[str] | None = None
_briefed: dict[str, tuple[PackedContext, GradingContext]] = {}  # by the digest of what was sent


def introduce(suite: str, expected: Environment, modules: Sequence[str]) -> str:
    """Say what makes this worker unfit, "" if nothing does; then it begins to warm up."""
    problem = differences(environment(suite), expected)
    if not problem and _alone.acquire(blocking=False):
        try:
            _warm_process(modules)
        finally:
            _alone.release()
    return problem


def keep(packed: bytes) -> bytes:
    """Return a briefing, which the cluster then keeps for those who need it."""
    return packed


def grade_payload(payload: bytes, packed: bytes, suite: str, expected: Environment) -> bytes:
    """Grade a parcel; everything is pickled, also the list of `Graded` that is returned.

    Raises:
        ClusterError: this worker is not fit; nothing was unpacked.
        CourseError: as `grade_chunk` raises it.
    """
    with _alone:
        problem = differences(environment(suite), expected)
        if problem:
            raise environment_mismatch(_address(), problem)
        sent, context = _terms(packed)
        warm = _warm_process(context.assignment.preload)
        work: Payload = pickle.loads(payload)  # noqa: S301 - the coordinator is trusted
        try:
            return pickle.dumps(grade_chunk(work.submissions, context, warm, work.read))
        except CourseError as error:
            raise CourseError(sent.as_sent(str(error), context)) from None
        finally:
            gc.collect()  # what a pytest session leaves behind refers to itself


def environment_mismatch(address: str, problem: str) -> ClusterError:
    """Return the error that says why nothing is graded on a worker."""
    return ClusterError(
        f"The worker {address} is not fit to grade: {problem}. Grades must not depend on who "
        "gives them, so the run ends here. Install the same on every worker, start them again, "
        "or take this one out."
    )


def _warm_process(modules: Sequence[str]) -> WarmProcess:
    """Return the warm process of this worker; another preload takes the place of the last."""
    global _warm
    if _warm is not None and _warm[0] != tuple(modules):
        _warm[1].close()
        _warm = None
    if _warm is None:
        _warm = tuple(modules), WarmProcess(modules)
        gc.freeze()  # what was imported stays
        gc.set_threshold(20_000)
    return _warm[1]


def _terms(packed: bytes) -> tuple[PackedContext, GradingContext]:
    """Return what was sent, and its terms; files are unpacked once, in a private folder."""
    global _folder
    key = hashlib.sha256(packed).hexdigest()
    if key not in _briefed:
        if _folder is None:
            _folder = tempfile.TemporaryDirectory(prefix="autograder-", dir=_local_directory())
        sent: PackedContext = pickle.loads(packed)  # noqa: S301 - the coordinator is trusted
        _briefed[key] = sent, sent.unpack(Path(_folder.name).resolve())
    return _briefed[key]


def _address() -> str:
    from distributed import get_worker

    return str(get_worker().address)


def _local_directory() -> str:
    """Return the folder that Dask removes when this worker has ended, however it ends."""
    from distributed import get_worker

    return str(get_worker().local_directory)
