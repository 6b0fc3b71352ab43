"""What one child may use, and the resource limits that hold it to it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows, where a student checks but nobody grades
    resource = None  # type: ignore[assignment]

MAX_DESCRIPTORS = 64
MAX_THREADS = 512


@dataclass(frozen=True)
class Limits:
    """What one child may use: bytes of memory and files, seconds of processor time."""

    memory: int
    cpu: int
    file_size: int
    output: int


def set_limits(limits: Limits) -> None:
    """Set hard limits; memory counts from what the warm process already has mapped."""
    bounds = {
        resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_AS: _mapped_now() + limits.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MAX_DESCRIPTORS,
        # It counts all tasks of the user, so it bounds those that come on top of all there are.
        resource.RLIMIT_NPROC: _tasks_now() + MAX_THREADS,
    }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        limit = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows not all of them
            resource.setrlimit(kind, (limit, limit))


def _mapped_now() -> int:
    """Return the bytes of address space this process has mapped."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux
        return 0


def _tasks_now() -> int:
    """Return how many tasks the machine has."""
    try:
        with open("/proc/loadavg") as loadavg:
            return int(loadavg.read().split()[3].split("/")[1])
    except (OSError, ValueError, IndexError):  # not Linux
        return 1 << 16
