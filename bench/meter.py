"""Runs a command and writes what it used: seconds, processor time and, on request, memory.

    python -m bench.meter RESULT.json [--memory] command ...

It is a process of its own, which adopts what the command leaves behind (a warm process's copies
are their grader's grandchildren). So its account of dead children is that of all processes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.1
LEFT_BEHIND_SECONDS = 10.0


@dataclass(frozen=True)
class Cost:
    """What a command used, how it ended and what it printed. `memory` is 0 if it was not measured.

    `resident` says how many samples had to count a process's shared pages fully.
    """

    seconds: float
    cpu: float
    status: int
    memory: int
    resident: int
    output: str


def measure(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    memory: bool = False,
) -> Cost:
    """Run a command in a folder, under its own meter."""
    with tempfile.TemporaryDirectory() as scratch:
        result, printed = Path(scratch, "result.json"), Path(scratch, "output")
        options = ["--memory"] if memory else []
        with printed.open("wb") as output:
            subprocess.run(
                [sys.executable, "-m", "bench.meter", str(result), *options, str(folder), *command],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )
        found = json.loads(result.read_text(encoding="utf-8"))
        return Cost(**found, output=printed.read_text(encoding="utf-8", errors="replace"))


def main(arguments: list[str]) -> None:
    """Run the command, wait for everything it started, and write what it used."""
    result, *rest = arguments
    look = rest[0] == "--memory"
    folder, *command = rest[1:] if look else rest
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with peak_memory() if look else contextlib.nullcontext([0, 0]) as peak:
        begun = time.monotonic()
        status = subprocess.run(command, cwd=folder, check=False).returncode
        seconds = time.monotonic() - begun
    reap()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = {
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "status": status,
        "memory": peak[0],
        "resident": peak[1],
    }
    Path(result).write_text(json.dumps(found), encoding="utf-8")


def reap() -> None:
    """Wait for the processes the command left behind; they end when their grader is gone."""
    end = time.monotonic() + LEFT_BEHIND_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Sample the memory of all processes below this one.

    Yields:
        the peak in bytes, and how many processes did not let us see their share (PSS); their
        resident memory was counted instead, which is more.
    """
    peak, done = [0, 0], threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            total = 0
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    try:
                        total += process.memory_full_info().pss
                    except psutil.AccessDenied:
                        total += process.memory_info().rss
                        peak[1] += 1
            peak[0] = max(peak[0], total)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
