"""What a real student process may not ask the kernel for, and what it may keep."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import sys
from collections.abc import Callable, Iterator

import pytest

from autograder.sandbox.execution_errors import InvalidResponse
from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.limits import MAX_DELETED, Limits

LIMITS = Limits(memory=512 << 20, cpu=60, file_size=1 << 20, output=1 << 20)
SECONDS = TimeLimits(notebook=60, cell=60, request=10)

pytestmark = pytest.mark.skipif(
    not (sys.platform == "linux" and platform.machine() == "x86_64"),
    reason="the calls are made by their numbers on x86-64",
)

CALLS = {
    "a queue's message": "call(70, 0, buffer, 8, 0, 0)",
    "a message into a queue": "call(69, 0, buffer, 8, 0)",
    "a semaphore": "call(65, 0, buffer, 1)",
    "shared memory": "call(30, 0, None, 0)",
    "a timer with a signal": "call(222, 1, buffer, buffer)",
    "asynchronous requests": "call(206, 1, buffer)",
    "pages in a pipe": "call(278, os.pipe()[1], buffer, 1, 0)",
    "descriptors of a thread's own": "call(56, 0x3d0f00 & ~0x400, 0, 0, 0, 0)",
    "a limit of another process": "call(302, os.getppid(), 0, None, buffer)",
    "the processes of others": "call(157, 36, 1)",  # PR_SET_CHILD_SUBREAPER
    "a message with descriptors": "call(46, socket.socketpair()[0].fileno(), buffer, 0)",
    "packets": "socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)",
    "datagrams": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "signals for a descriptor": "fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())",
    "the signal for a descriptor": "fcntl.fcntl(1, 10, 9)",
    "a lease": "fcntl.fcntl(1, 1024, 0)",
    "memory that is shared": "mmap.mmap(-1, 4096)",
    "another namespace": "call(272, 0x10000000)",
}
HELPERS = """\
import ctypes, errno, fcntl, mmap, os, socket
buffer = ctypes.create_string_buffer(256)
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
def answer(attempt):
    try:
        attempt()
    except OSError as error:
        return error.errno
    return 0
"""


Start = Callable[..., StudentProcess]


@pytest.fixture
def start(warm: WarmProcess) -> Iterator[Start]:
    """Return a function that runs cells and gives the process."""
    started = []

    def start(*cells: str) -> StudentProcess:
        run = StudentProcess(warm, cells, LIMITS, SECONDS)
        started.append(run)
        run.execute()
        return run

    yield start
    for run in started:
        run.close()


def outputs(run: StudentProcess) -> list[str]:
    """Return what each cell printed, or how it ended its process."""
    return [
        "".join(o.get("text", "") or o.get("evalue", "") for o in result.outputs)
        if result.failure is None
        else str(result.failure)
        for result in run.results
    ]


def test_the_kernel_refuses_what_nobody_needs(start: Start) -> None:
    asked = "".join(f"print(answer(lambda: {code}))\n" for code in CALLS.values())
    _, printed = outputs(start(HELPERS, asked))
    answers = dict(zip(CALLS, map(int, printed.split()), strict=True))
    assert answers == dict.fromkeys(CALLS, errno.EPERM)


def test_a_file_is_not_allocated_at_once(start: Start) -> None:
    code = "print(answer(lambda: call(285, os.open('f', os.O_RDWR | os.O_CREAT), 0, 0, 4096)))"
    assert outputs(start(HELPERS, code))[1] == f"{errno.ENOTSUP}\n"


def test_limits_and_locks_seem_to_work_and_do_nothing(start: Start) -> None:
    code = """\
import resource
resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
library = open(os.__file__)
print(fcntl.flock(library, fcntl.LOCK_EX), fcntl.lockf(library, fcntl.LOCK_SH))
"""
    assert outputs(start(HELPERS, code))[1] == "64\nNone None\n"
    with open(os.__file__) as library:
        fcntl.flock(library, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("kept", ["stream", "mmap.mmap(stream.fileno(), 4096)"])
def test_deleted_files_count(start: Start, kept: str) -> None:
    code = f"""\
import mmap, os, time
kept = []
for number in range({MAX_DELETED} + 1):
    stream = open('file', 'wb+')
    stream.write(bytes(1 << 20)); stream.flush()
    os.unlink('file')
    kept.append({kept})
    del stream
started = time.process_time()
while time.process_time() < started + 30: pass
"""
    (end,) = outputs(start(code))
    assert f"more than {MAX_DELETED} MiB in deleted files" in end


def test_some_deleted_files_may_be_kept(start: Start) -> None:
    code = "import tempfile\nkept = tempfile.TemporaryFile()\nkept.write(bytes(1 << 19))\n"
    wait = "import time\nended = time.process_time() + 0.6\nwhile time.process_time() < ended: pass"
    assert outputs(start(code, wait)) == ["", ""]


@pytest.mark.parametrize(
    ("long", "short"), [("bytes(9 << 20)", "bytes(1 << 20)"), ("[{}] * 8_500", "[{}] * 1_500")]
)
def test_long_answers_are_bounded_and_others_are_not(start: Start, long: str, short: str) -> None:
    run = start(f"def long(): return {long}\ndef short(): return {short}")
    assert run.room is not None
    run.room.long = 50 << 20

    def ask(test: int, name: str) -> None:
        run.begin_test(test)
        run.request("call", run.request("get", None, name), [], {})

    for test in range(5):
        ask(test, "long")
    with pytest.raises(InvalidResponse, match="too long"):
        ask(5, "long")
    for test in range(6, 60):
        ask(test, "short")
