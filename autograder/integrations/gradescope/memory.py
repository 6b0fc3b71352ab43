"""How much memory a container leaves to student code.

A container that runs out of memory is killed as a whole, results and all. So a submission gets
what is left, and its own MemoryError if it wants more.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course import Assignment

SPARE = 64 << 20  # bytes, for the grader itself
LEAST = 96 << 20  # with less, right answers would fail
CONTROL = Path("/sys/fs/cgroup")
# The files of a control group: its limit, its statistics, and the line with what is not cache.
VERSIONS = (
    ("", "memory.max", "anon"),
    ("memory", "memory.limit_in_bytes", "total_rss"),
)


def fitting(assignment: Assignment) -> Assignment:
    """Return the assignment with a limit on memory that this container can bear."""
    left = memory_left()
    if left is None or (assignment.limits.memory_mb << 20) <= left - SPARE:
        return assignment
    memory_mb = max(left - SPARE, LEAST) >> 20
    limits = assignment.limits.model_copy(update={"memory_mb": memory_mb})
    return assignment.model_copy(update={"limits": limits})


def memory_left() -> int | None:
    """Return the bytes that this process's container has left, None if it has no limit."""
    for kind, limit, resident in VERSIONS:
        folder = CONTROL / kind / _own_group(kind)
        for place in (folder, CONTROL / kind):  # inside a container the group is the root
            try:
                most = int((place / limit).read_text(encoding="ascii"))
                lines = (place / "memory.stat").read_text(encoding="ascii").splitlines()
            except (OSError, ValueError):  # "max" is no number
                continue
            used = dict(line.split() for line in lines if line.count(" ") == 1)
            return most - int(used.get(resident, 0)) if most < 1 << 60 else None
    return None


def _own_group(kind: str) -> str:
    """Return the path of the control group that this process is in."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    groups = (line.split(":", 2) for line in lines)
    return next((path.lstrip("/") for _, names, path in groups if names == kind), "")
