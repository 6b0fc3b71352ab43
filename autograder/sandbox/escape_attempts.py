"""Tries what a submission must not be able to do; sent to a child as source, so it stands alone.

Each attempt returns normally if it succeeded, and raises OSError or MemoryError if it was
stopped.
"""

import contextlib
import ctypes
import mmap
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

Targets = dict[str, Any]
F_SETSIG, FIOSETOWN = 10, 0x8901  # of Linux


def read_files(targets: Targets) -> None:
    """Read a file of the grader, the course or the suite, or list one of their folders."""
    _any(
        *(lambda path=path: _read(path) for path in targets["secrets"]),
        *(lambda path=path: os.listdir(os.path.dirname(path)) for path in targets["secrets"]),
    )


def _read(path: str) -> None:
    with open(path, "rb") as stream:
        stream.read(1)


def write_files(targets: Targets) -> None:
    """Change, replace, remove, lock or create a file outside the scratch folder."""
    secret = targets["secrets"][0]
    _any(
        lambda: open(secret, "ab").close(),
        lambda: open(secret + ".new", "wb").close(),
        lambda: os.truncate(secret, 0),
        lambda: os.rename(secret, "stolen"),
        lambda: os.link(secret, "linked"),
        lambda: os.mkdir(secret + ".d"),
        lambda: _lock(secret),
    )


def _lock(path: str) -> None:
    before = os.stat(path).st_mode
    os.chmod(path, 0)
    if os.stat(path).st_mode == before:
        raise PermissionError
    os.chmod(path, before)


def see_secrets(targets: Targets) -> None:
    """Find the grader's environment, or an open descriptor other than the wire."""
    if not set(os.environ) <= set(targets["environment"]):
        return
    _any(
        *(lambda fd=fd: os.fstat(fd) for fd in range(4, 256)),
        lambda: _read(f"/proc/{targets['pid']}/environ"),
        lambda: os.readlink(f"/proc/{targets['pid']}/cwd"),
    )


def read_memory(targets: Targets) -> None:
    """Read the memory of the grader or of the warm process, or attach to it."""
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (targets["pid"], os.getppid()):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/mem", "rb"):
            return
        if hasattr(libc, "process_vm_readv"):
            buffer = ctypes.create_string_buffer(8)
            piece = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
            if libc.process_vm_readv(pid, piece, 1, piece, 1, 0) >= 0 or ctypes.get_errno() == 14:
                return  # EFAULT: access was granted, and nothing was at that address
        if hasattr(libc, "ptrace"):
            attach, detach = 16, 17
            if libc.ptrace(attach, pid, None, None) == 0:
                os.waitpid(pid, 0x40000000)  # __WALL
                libc.ptrace(detach, pid, None, None)
                return
    raise PermissionError


def reach_network(targets: Targets) -> None:
    """Connect to a port or to a local socket, or send a datagram to either."""

    def send(kind: int, family: int, address: Any) -> None:
        with socket.socket(family, kind) as sock:
            sock.settimeout(1)
            if kind == socket.SOCK_DGRAM:
                sock.sendto(b"?", address)
            else:
                sock.connect(address)

    _any(
        lambda: send(socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", targets["tcp"])),
        lambda: send(socket.SOCK_DGRAM, socket.AF_INET, ("127.0.0.1", targets["tcp"])),
        lambda: send(socket.SOCK_STREAM, socket.AF_UNIX, targets["unix"]),
        lambda: send(socket.SOCK_STREAM, socket.AF_UNIX, targets["abstract"]),
        lambda: socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b"?", targets["datagrams"]),
    )


def start_processes(targets: Targets) -> None:
    """Fork, or start a program."""

    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)
        os.wait()

    _any(
        fork,
        lambda: subprocess.run([sys.executable, "-c", ""], check=False),
        lambda: os.posix_spawn("/bin/true", ["true"], {}),
    )


def signal_others(targets: Targets) -> None:
    """Send the null signal to the grader or the warm process, be its sender, or slow them down."""
    import fcntl  # Windows, where this file is only read, has none

    descriptor = socket.socketpair()[0].detach()
    _any(
        lambda: fcntl.fcntl(descriptor, fcntl.F_SETOWN, targets["pid"]),
        lambda: fcntl.fcntl(descriptor, F_SETSIG, signal.SIGKILL),
        lambda: fcntl.ioctl(descriptor, FIOSETOWN, targets["pid"].to_bytes(4, sys.byteorder)),
        lambda: os.kill(targets["pid"], 0),
        lambda: os.kill(os.getppid(), 0),
        lambda: os.sched_setaffinity(targets["pid"], os.sched_getaffinity(0)),
        lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    )


def leave_objects(targets: Targets) -> None:
    """Create shared memory or a queue, which stay after the process has ended."""
    libc = ctypes.CDLL(None, use_errno=True)
    shared, queue = libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600)
    for remove, made in ((libc.shmctl, shared), (libc.msgctl, queue)):
        if made >= 0:
            remove(made, 0, None)
    if max(shared, queue) >= 0:
        return
    name = f"/dev/shm/autograder-probe-{targets['pid']}"  # noqa: S108
    with open(name, "wb"):
        os.unlink(name)


def gain_rights(targets: Targets) -> None:
    """Keep a capability, or create a user namespace to gain some."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(header, sets) == 0 and (sets[0] or sets[3]):
        return
    if libc.unshare(0x10000000) != 0:  # CLONE_NEWUSER
        raise PermissionError


def use_memory(targets: Targets) -> None:
    """Allocate more memory than allowed, or memory that the limit does not cover."""
    with contextlib.suppress(OSError):
        mmap.mmap(-1, mmap.PAGESIZE)  # shared: what is unmapped of it may stay in memory
        return
    bytearray(targets["memory"] + (64 << 20))


ATTEMPTS: dict[str, Callable[[Targets], None]] = {
    "read_files": read_files,
    "write_files": write_files,
    "see_secrets": see_secrets,
    "read_memory": read_memory,
    "reach_network": reach_network,
    "start_processes": start_processes,
    "signal_others": signal_others,
    "leave_objects": leave_objects,
    "gain_rights": gain_rights,
    "use_memory": use_memory,
}


def attempt_all(targets: Targets) -> dict[str, bool]:
    """Make every attempt; return by name whether each was stopped.

    Raises:
        OSError: honest work is stopped too: writing in the scratch folder.
    """
    stopped = {name: _stopped(attempt, targets) for name, attempt in ATTEMPTS.items()}
    with open(f"probe-{time.time_ns()}", "w+") as stream:
        stream.write("honest")
        stream.seek(0)
        if stream.read() != "honest":
            raise OSError("the scratch folder does not keep what is written")
    return stopped


def _stopped(attempt: Callable[[Targets], None], targets: Targets) -> bool:
    try:
        attempt(targets)
    except (OSError, MemoryError):
        return True
    return False


def _any(*ways: Callable[[], object]) -> None:
    """Try each way until one succeeds; raise PermissionError if none does."""
    for way in ways:
        with contextlib.suppress(OSError):
            way()
            return
    raise PermissionError
