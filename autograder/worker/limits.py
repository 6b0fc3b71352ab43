"""Shuts a freshly forked child in, before the first line of student code runs.

`confine` is the one place where a child loses its freedom: own session, no inherited
descriptors, a bare environment, a scratch folder, resource limits. Landlock and seccomp
belong at its end, once everything the child needs is open and loaded.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

CONFINEMENT = "separate process, resource limits, scratch folder"


@dataclass(frozen=True)
class Limits:
    """What one child may use: bytes of memory and files, seconds of processor time."""

    memory: int
    cpu: int
    file_size: int
    output: int


def confine(limits: Limits, scratch: str, keep_fd: int) -> int:
    """Confine this process and return the descriptor number under which `keep_fd` lives on."""
    os.setsid()
    os.chdir(scratch)
    keep_fd = _close_all_but(keep_fd)
    _bare_environment(scratch)
    _resource_limits(limits)
    # Here comes what the kernel enforces on files, network and system calls.
    return keep_fd


def _close_all_but(keep_fd: int) -> int:
    """Close every descriptor but one; stdin, stdout and stderr lead nowhere.

    What a notebook shows goes through `sys.stdout` and `display`, which the shell collects.
    """
    null = os.open(os.devnull, os.O_RDWR)
    moved = os.dup2(keep_fd, max(null, keep_fd, 3) + 1)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    kept = os.dup2(moved, 3, inheritable=False)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    return kept


def _bare_environment(scratch: str) -> None:
    os.environ.clear()
    os.environ.update(
        PATH="/usr/bin:/bin",
        LANG="C.UTF-8",
        HOME=scratch,
        TMPDIR=scratch,
        TORCHINDUCTOR_CACHE_DIR=scratch,
        MPLBACKEND="module://matplotlib_inline.backend_inline",
        OMP_NUM_THREADS="1",
    )


def _resource_limits(limits: Limits) -> None:
    """Set hard limits; memory counts from what the warm process already has mapped."""
    bounds = {
        resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_AS: _mapped_now() + limits.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        limit = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (limit, limit))


def _mapped_now() -> int:
    """Return the bytes of address space this process has mapped."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux
        return 0
