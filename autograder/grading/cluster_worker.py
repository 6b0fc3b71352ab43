"""Grades payloads in a worker of a Dask cluster, with one long-lived warm process.

Contents are sent to a worker, never paths to open there. pytest and standard output are global, so
a worker grades one payload at a time, even if it has several threads.
"""

import gc
import hashlib
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from autograder.course import FILE_NAME
from autograder.errors import ClusterError, CourseError
from autograder.grading.batch import GradingContext, grade_batch
from autograder.grading.fingerprint import Environment, differences, environment, files_of
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from autograder.suites import SUITES

SUITE, GIVEN = "suite", "given"

Payload = tuple[Submission, ...]
"""Loaded submissions; their paths serve as names only."""


@dataclass(frozen=True)
class PackedContext:
    """A grading context, with the files that it refers to: course.yml, suite/… and given/….

    A suite that comes with the kit is not sent; `suite` is its name. For a suite of the course,
    `suite` is "".
    """

    context: GradingContext
    suite: str
    files: Mapping[str, bytes]

    def unpack(self, folder: Path) -> GradingContext:
        """Write the files to a folder; return a context that uses them."""
        for name, content in self.files.items():
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_bytes(content)
        course, assignment = self.context.course.model_copy(), self.context.assignment.model_copy()
        course._file = folder / FILE_NAME
        assignment._suite_folder = (SUITES / self.suite).resolve() if self.suite else folder / SUITE
        assignment._home = folder / GIVEN
        return replace(self.context, course=course, assignment=assignment)

    def with_original_paths(self, text: str, context: GradingContext) -> str:
        """Replace the paths of unpacked files in a message by their original paths."""
        moved = (
            (context.assignment.suite_folder, self.context.assignment.suite_folder),
            (context.course.file, self.context.course.file),
        )
        for unpacked, original in moved:
            text = text.replace(str(unpacked), str(original))
        return text


def pack_context(context: GradingContext) -> PackedContext:
    """Return what another machine needs to grade in this context."""
    files = {FILE_NAME: context.course.file}
    suite = kit_suite(context.assignment.suite_folder)
    if not suite:
        own = files_of(context.assignment.suite_folder)
        files |= {f"{SUITE}/{name}": path for name, path in own}
    contents = {name: path.read_bytes() for name, path in files.items()}
    given = context.assignment.given_files.items()
    contents |= {f"{GIVEN}/{name}": content for name, content in given}
    return PackedContext(context, suite, contents)


def kit_suite(folder: Path) -> str:
    """Return the name of a suite that comes with the kit, "" for a suite of the course."""
    return folder.name if folder.parent == SUITES.resolve() else ""


# State of this worker process, for its whole life.
_grading_lock = Lock()
_warm: tuple[tuple[str, ...], WarmProcess] | None = None
_unpacked: dict[str, tuple[PackedContext, GradingContext]] = {}  # by digest of the packed context


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
    from distributed import get_worker

    with _grading_lock:
        problem = differences(environment(suite), expected)
        if problem:
            raise environment_mismatch(get_worker().address, problem)
        sent, context = _context(packed, get_worker().local_directory)
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


def _context(packed: bytes, folder: str) -> tuple[PackedContext, GradingContext]:
    """Unpack a packed context once, below a folder; return both.

    Dask removes its folder when this worker ends, even after a crash.
    """
    key = hashlib.sha256(packed).hexdigest()
    if key not in _unpacked:
        sent: PackedContext = pickle.loads(packed)  # noqa: S301 - the coordinator is trusted
        own = Path(tempfile.mkdtemp(prefix="autograder-", dir=folder)).resolve()
        _unpacked[key] = sent, sent.unpack(own)
    return _unpacked[key]
