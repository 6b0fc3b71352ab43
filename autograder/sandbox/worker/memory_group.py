"""A memory control group for a child: the kernel counts in it what no resource limit covers.

There is one where this process may make it: for root outside a container, or where a part of the
hierarchy is delegated to the user. Both versions of control groups are known.

Sources: https://docs.kernel.org/admin-guide/cgroup-v2.html,
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PREFIX = "autograder-"
# The files with the limits, of memory and with swap, and with the number of killed processes.
VERSIONS = {
    "memory.max": ("memory.swap.max", "memory.events"),
    "memory.limit_in_bytes": ("memory.memsw.limit_in_bytes", "memory.oom_control"),
}


@dataclass(frozen=True)
class MemoryGroup:
    """The control group of one child."""

    folder: Path
    limit: str  # the name of the file with the limit

    @property
    def kills(self) -> int:
        """How many processes the kernel has killed in it, because they had too much memory."""
        with contextlib.suppress(OSError):
            events = (self.folder / VERSIONS[self.limit][1]).read_text(encoding="ascii")
            return int((re.findall(r"^oom_kill (\d+)$", events, re.MULTILINE) or ["0"])[0])
        return 0

    def remove(self) -> None:
        """Remove the group, whose processes have ended."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def limit_memory(pid: int, most: int, root: Path = ROOT) -> MemoryGroup | None:
    """Limit a child to so many bytes of memory by a new group; return None if there is none."""
    for parent in _parents(root):
        _remove_abandoned(parent)
        folder = parent / f"{PREFIX}{os.getpid()}-{pid}"
        try:
            folder.mkdir()
            limit = next(name for name in VERSIONS if (folder / name).exists())
            (folder / limit).write_text(str(most))
            with_swap = "0" if limit == "memory.max" else str(most)
            with contextlib.suppress(OSError):  # swap is not counted
                (folder / VERSIONS[limit][0]).write_text(with_swap)
            (folder / "cgroup.procs").write_text(str(pid))
            return MemoryGroup(folder, limit)
        except (OSError, StopIteration):
            with contextlib.suppress(OSError):
                folder.rmdir()
    return None


def _parents(root: Path) -> Iterator[Path]:
    """Yield the groups in which this process may have one for memory, if it has the rights."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        own = Path(path.lstrip("/"))
        if "memory" in controllers.split(","):
            yield root / "memory" / own
        elif not controllers:
            for folder in (own, *own.parents):
                with contextlib.suppress(OSError):
                    if "memory" in (root / folder / "cgroup.subtree_control").read_text().split():
                        yield root / folder


def _remove_abandoned(parent: Path) -> None:
    """Remove the groups of children whose warm process was killed; others look at theirs still."""
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            warm = re.match(rf"{PREFIX}(\d+)-", name)
            if warm and not Path("/proc", warm[1]).exists():
                with contextlib.suppress(OSError):  # it has processes
                    (parent / name).rmdir()
