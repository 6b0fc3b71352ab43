"""Limits a submission to the memory that its container has left.

A container that runs out of memory is killed with all results. A submission that stays below that
gets a MemoryError of its own.
"""

from pathlib import Path

from autograder.course import Assignment

SPARE = 64 << 20  # bytes, for the grader itself
LEAST = 96 << 20  # with less, correct answers would fail
CONTROL = Path("/sys/fs/cgroup")
# Of each version of control groups: its folder, the file with the limit, and the line of
# memory.stat that leaves out caches.
VERSIONS = (
    ("", "memory.max", "anon"),
    ("memory", "memory.limit_in_bytes", "total_rss"),
)


def fitting(assignment: Assignment) -> Assignment:
    """Return the assignment with a limit on memory that fits into this container."""
    left = memory_left()
    if left is None or (assignment.limits.memory_mb << 20) <= left - SPARE:
        return assignment
    memory_mb = max(left - SPARE, LEAST) >> 20
    limits = assignment.limits.model_copy(update={"memory_mb": memory_mb})
    return assignment.model_copy(update={"limits": limits})


def memory_left() -> int | None:
    """Return the bytes of memory that this container has left, None if it has no limit."""
    for kind, limit, resident in VERSIONS:
        own = CONTROL / kind / _own_group(kind)
        for group in (own, CONTROL / kind):  # inside a container, its own is the root
            try:
                most = int((group / limit).read_text(encoding="ascii"))
                lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
            except (OSError, ValueError):  # "max" is no number
                continue
            used = dict(line.split() for line in lines if line.count(" ") == 1)
            return most - int(used.get(resident, 0)) if most < 1 << 60 else None
    return None


def _own_group(kind: str) -> str:
    """Return the path of this process's control group."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    groups = (line.split(":", 2) for line in lines)
    return next((path.lstrip("/") for _, names, path in groups if names == kind), "")
