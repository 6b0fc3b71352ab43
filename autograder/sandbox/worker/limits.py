"""How much memory, processor time, disk and output a child may use."""

import contextlib
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows, where a student checks but nobody grades
    resource = None  # type: ignore[assignment]

MAX_DESCRIPTORS = 64
MAX_THREADS = 64
MAX_DELETED = 4  # times the size of a file, in files that are deleted and still open or mapped
MAX_TASKS = 512  # beyond those of the machine: the kernel counts all tasks of a user


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Args:
        memory: bytes of memory.
        cpu: seconds of processor time.
        file_size: bytes of a file, and of all files that are not deleted.
        output: bytes of output.
    """

    memory: int
    cpu: int
    file_size: int
    output: int

    @property
    def scratch(self) -> int:
        """What all files together may take, deleted ones included, and some more."""
        return (2 + MAX_DELETED) * self.file_size


def set_limits(limits: Limits) -> None:
    """Set hard limits; what the warm process has mapped already does not count as memory."""
    bounds = {
        resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_AS: _mapped_now() + limits.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MAX_DESCRIPTORS,
        resource.RLIMIT_NPROC: _tasks_now() + MAX_TASKS,
    }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        limit = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS does not have all of them
            resource.setrlimit(kind, (limit, limit))


def _mapped_now() -> int:
    """Return the bytes of address space this process has mapped."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux
        return 0


def _tasks_now() -> int:
    """Return the number of tasks on this machine."""
    try:
        with open("/proc/loadavg") as loadavg:
            return int(loadavg.read().split()[3].split("/")[1])
    except (OSError, ValueError, IndexError):  # not Linux
        return 1 << 16
