"""Calls of the reference's functions by submissions, each computed once for the whole class.

Most submissions make the same calls in a test, such as the steps of a descent. What a call gives
may depend on those before it in the same test, so its answer is kept together with these. What
functions change in place stays changed, as in all tests.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograder.sandbox.execution_errors import ExecutionError, StudentError
from autograder.sandbox.student_process import StudentProcess, size_of
from autograder.sandbox.warm_process import despite_kills
from autograder.sandbox.worker import wire

SECONDS = 40.0  # of processor time for the calls in one test
MAX_KEPT = 64 << 20  # bytes of answers
MAX_REPEATED = 16 << 20  # bytes of calls in one test that can be made again

Call = tuple[str, list[Any], dict[str, Any]]
"""The name of a function, and its arguments."""


@dataclass(frozen=True)
class _Outcome:
    """What a call gave, or the exception that it raised, and how long it took."""

    value: Any
    seconds: float


class ReferenceCalls:
    """Answers calls, in a process where nothing else happens.

    Args:
        start: returns a process for the source notebook.
    """

    def __init__(self, start: Callable[[], StudentProcess]) -> None:
        self._start = start
        self._process: StudentProcess | None = None
        self._at: tuple[int, bytes] | None = None  # the test and the calls that the process is at
        self._known: dict[tuple[int, bytes], _Outcome] = {}
        self._size = 0
        self.begin_test(0, "")

    def begin_test(self, index: int, task: str) -> None:
        """Begin a test of a task: calls of the test before change nothing any more."""
        self._index, self._task = index, task
        self._digest = b""  # of all calls in this test
        self._calls: list[Call] | None = []  # None if they are too large to be made again
        self._calls_size = 0
        self._seconds_left = SECONDS

    def forget(self) -> None:
        """End the process, and forget what it answered."""
        if self._process is not None:
            self._process.close()
        self._process = self._at = None
        self._known.clear()
        self._size = 0

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Return what a function gives.

        Raises:
            ExecutionError: it gives nothing for these arguments, or the calls of this test took too
                long.
            WireError: the arguments cannot be sent.
        """
        if self._seconds_left < 0:
            raise StudentError("RuntimeError", f"{name} has computed for too long", None)
        call, frame = (name, args, kwargs), wire.pack([name, args, kwargs])
        if self._calls is not None and self._calls_size + len(frame) > MAX_REPEATED:
            self._bring_up_to_date()
            self._calls = self._at = None
        if self._calls is None:
            outcome = self._made(call)
        else:
            digest = hashlib.sha256(self._digest + frame).digest()
            known = self._known.get((self._index, digest))
            if known is not None:
                self._seconds_left -= known.seconds
            outcome = known or self._made_and_kept(call, digest)
            self._calls.append(call)
            self._calls_size += len(frame)
            self._digest = digest
        if isinstance(outcome.value, StudentError):
            raise outcome.value
        return outcome.value

    def _made_and_kept(self, call: Call, digest: bytes) -> _Outcome:
        outcome = despite_kills(partial(self._made_after_the_others, call))
        self._at = self._index, digest
        size = size_of(outcome.value) + len(digest)
        if size <= MAX_KEPT - self._size:
            self._known[self._at] = outcome
            self._size += size
        return outcome

    def _made_after_the_others(self, call: Call) -> _Outcome:
        self._bring_up_to_date()
        return self._made(call)

    def _made(self, call: Call) -> _Outcome:
        """Make a call, which takes time; an exception that is not the function's own is raised."""
        assert self._process is not None
        before = self._process.cpu_seconds
        value: Any = None
        try:
            value = _asked(self._process, call)
        except StudentError as error:
            value = error
        except ExecutionError:
            self._at = None
            raise
        finally:
            seconds = max(self._process.cpu_seconds - before, 0.0)
            self._seconds_left -= seconds
        return _Outcome(value, seconds)

    def _bring_up_to_date(self) -> None:
        """Make the calls of this test in the process, unless it has just made them."""
        if self._process is None:
            self._process = self._start()
        if self._at == (self._index, self._digest) and self._process.alive:
            return
        self._process.begin_test(self._index, self._task)
        for call in self._calls or ():
            try:
                _asked(self._process, call)
            except ExecutionError:
                continue  # it was raised before, too


def _asked(process: StudentProcess, call: Call) -> Any:
    name, args, kwargs = call
    return process.request("call", process.request("get", None, name), args, kwargs)
