"""Shuts a freshly forked child in, before the first line of student code runs.

`confine` is the one place where a child loses its freedom: own session, no inherited
descriptors, a bare environment, a scratch folder, resource limits, no capabilities, Landlock
and seccomp. What cannot be had is left out: the probe of the grader finds out what holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from autograder.sandbox.worker import landlock, seccomp
from autograder.sandbox.worker.limits import Limits, set_limits

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
CAPABILITY_VERSION_3 = 0x20080522

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
SHARED = (
    *("/usr/share/fonts", "/usr/share/zoneinfo", "/usr/share/locale"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
    *("/dev/urandom", "/dev/random", "/dev/zero"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/fs/cgroup"),
)


def confine(limits: Limits, scratch: str, wire: int, ruleset: int | None) -> int:
    """Confine this process and return the descriptor number under which `wire` lives on."""
    os.setsid()
    os.chdir(scratch)
    set_limits(limits)
    os.environ.clear()
    os.environ.update(environment(scratch))
    wire, ruleset = _close_all_but(wire, ruleset)
    if ruleset is not None:
        landlock.restrict(ruleset)
    if seccomp.available():
        _drop_capabilities()
        with contextlib.suppress(OSError):
            seccomp.restrict()
    return wire


def build_ruleset(scratch_root: str) -> int | None:
    """Return a Landlock ruleset under which a child can work, and read nothing of a course."""
    return landlock.ruleset(readable(), [Path(scratch_root), Path(os.devnull)])


def readable() -> Iterator[Path]:
    """Yield what a child may read: Python's libraries and the system's, without the kit."""
    kit = Path(__file__).resolve().parents[2]
    prefixes = {Path(p).resolve() for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    own = [Path(p).resolve() for p in (*sysconfig.get_paths().values(), *sys.path) if p]
    roots = {
        *(path for path in own if path.name in ("site-packages", "dist-packages")),
        *((p / folder).resolve() for p in prefixes for folder in ("lib", "lib64")),
        *(Path(p).resolve() for p in LIBRARIES + SHARED),
    }
    for root in roots:
        if not any(root != other and root.is_relative_to(other) for other in roots):
            yield from landlock.beneath(root, kit)


def forbid_inspection() -> None:
    """Let no other process of the same user read this one's memory."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that forked it ends, however it ends.

    If `parent`, the process id, has ended already, end now.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _close_all_but(wire: int, ruleset: int | None) -> tuple[int, int | None]:
    """Close every descriptor but these; stdin, stdout and stderr lead nowhere.

    What a notebook shows goes through `sys.stdout` and `display`, which the shell collects.
    """
    null = os.open(os.devnull, os.O_RDWR)
    kept = [fd for fd in (wire, ruleset) if fd is not None]
    above = max(null, *kept, 4) + 1
    moved = [os.dup2(fd, above + place) for place, fd in enumerate(kept)]
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    kept = [os.dup2(fd, 3 + place, inheritable=False) for place, fd in enumerate(moved)]
    os.closerange(3 + len(kept), os.sysconf("SC_OPEN_MAX"))
    return kept[0], kept[1] if ruleset is not None else None


def environment(scratch: str) -> dict[str, str]:
    """Return the environment variables of a child, all of them."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": scratch,
        "TORCHINDUCTOR_CACHE_DIR": scratch,
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile would start a compiler; it then does nothing
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
    }


def _drop_capabilities() -> None:
    """Give up what root may do beyond owning files."""
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    ctypes.CDLL(None).capset(header, struct.pack("=6I", *[0] * 6))
