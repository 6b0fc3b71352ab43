"""Confines a newly forked child before any student code runs.

`confine` gives it a session, an environment and a scratch folder of its own, closes inherited
descriptors, sets resource limits, drops capabilities, and applies Landlock and seccomp. It skips
what the machine does not offer: the grader's probe finds out which of these are effective.
"""

import contextlib
import ctypes
import os
import signal
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.sandbox.worker import landlock, seccomp
from autograder.sandbox.worker.limits import Limits, set_limits
from autograder.sandbox.worker.scratch import MAX_ENTRIES

WIRE = 3  # its descriptor in the child
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWNS = 0x20000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 1 << 1, 1 << 2, 1 << 14, 1 << 18

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
SHARED = (
    *("/usr/share/fonts", "/usr/share/zoneinfo", "/usr/share/locale"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
    *("/dev/urandom", "/dev/random"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/fs/cgroup"),
)
OWN = ("maps", "stat", "statm")  # of /proc/self: the libraries loaded, the memory used


def confine(limits: Limits, scratch: str, wire: int, readable: Sequence[Path]) -> int:
    """Confine this process, and return the new descriptor number of `wire`."""
    os.setsid()
    _mount(scratch, limits.scratch)
    os.chdir(scratch)
    set_limits(limits)
    os.environ.clear()
    os.environ.update(environment(scratch))
    wire = _close_all_but(wire)
    if landlock.version() > 0:
        _permit_inspection(True)  # by the grader, of its files; other children cannot open /proc
        own = (Path("/proc/self", name) for name in OWN)
        landlock.restrict([*readable, *own], [Path(scratch), Path(os.devnull)])
    if seccomp.available():
        _drop_capabilities()
        with contextlib.suppress(OSError):
            seccomp.restrict()
    return wire


def readable() -> Iterator[Path]:
    """Yield the paths that a child may read: libraries of Python and the system, not the kit."""
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
    """Keep other processes of the same user from reading this one's memory."""
    if sys.platform.startswith("linux"):
        _permit_inspection(False)


def _permit_inspection(permitted: bool) -> None:
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, int(permitted), 0, 0, 0)


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that forked it ends, for any reason.

    If the process `parent` has ended already, end now.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _mount(scratch: str, size: int) -> None:
    """Mount a file system of a bounded size as the scratch folder, for this process alone.

    Deleted files take space in it too. Without root's privileges, the folder stays as it is.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform.startswith("linux") and libc.unshare(CLONE_NEWNS) == 0:
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        options = f"size={size},nr_inodes={2 * MAX_ENTRIES},mode=700".encode()
        libc.mount(b"tmpfs", scratch.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options)


def _close_all_but(wire: int) -> int:
    """Close all other descriptors, and return the new number of this one.

    stdin, stdout and stderr become /dev/null: the shell collects what a notebook shows.
    """
    null = os.open(os.devnull, os.O_RDWR)
    moved = os.dup2(wire, max(null, wire, WIRE) + 1)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.dup2(moved, WIRE, inheritable=False)
    os.closerange(WIRE + 1, os.sysconf("SC_OPEN_MAX"))
    return WIRE


def environment(scratch: str) -> dict[str, str]:
    """Return all environment variables of a child."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": scratch,
        "TORCHINDUCTOR_CACHE_DIR": scratch,
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile then does nothing; it would start a compiler
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "NBGRADER_EXECUTION": "autograde",  # as nbgrader sets it: notebooks leave out slow parts
    }


def _drop_capabilities() -> None:
    """Give up root's special privileges."""
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    ctypes.CDLL(None).capset(header, struct.pack("=6I", *[0] * 6))
