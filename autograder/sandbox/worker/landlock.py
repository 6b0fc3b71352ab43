"""Landlock: the kernel denies files, TCP, signals and abstract sockets outside a ruleset.

A process that restricts itself cannot undo it. Rules only allow; everything else is denied.
Landlock covers neither `stat` nor descriptors that are open already.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
READ = READ_FILE | READ_DIR
TRUNCATE, REFER = 1 << 14, 1 << 13
MAKE_SOCK, MAKE_CHAR, MAKE_BLOCK, EXECUTE = 1 << 9, 1 << 6, 1 << 11, 1
FILE = WRITE_FILE | READ_FILE | TRUNCATE  # the only rights that a rule on a file can grant
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # on files, in each version; later ones have 16
BIND_TCP_AND_CONNECT_TCP = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def version() -> int:
    """Return the kernel's version of Landlock, 0 if it has none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _syscall(CREATE_RULESET, None, 0, VERSION))


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Restrict the calling thread permanently, if the kernel has Landlock.

    Files beneath `readable` may be read from now on, those beneath `writable` also written.

    Raises:
        OSError: the kernel refused.
    """
    fd = _ruleset(readable, writable)
    if fd is None:
        return
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _syscall(RESTRICT_SELF, fd, 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(fd)


def _ruleset(readable: Iterable[Path], writable: Iterable[Path]) -> int | None:
    """Return the descriptor of a new ruleset, None if the kernel has no Landlock."""
    number = version()
    if number == 0:
        return None
    known = (1 << RIGHTS.get(number, 16)) - 1
    attributes = struct.pack("=Q", known)
    if number >= 4:
        attributes += struct.pack("=Q", BIND_TCP_AND_CONNECT_TCP)
    if number >= 6:
        attributes += struct.pack("=Q", ABSTRACT_SOCKETS_AND_SIGNALS)
    fd = _syscall(CREATE_RULESET, attributes, len(attributes), 0)
    if fd < 0:
        return None
    use = known & ~(MAKE_SOCK | MAKE_CHAR | MAKE_BLOCK | EXECUTE)
    for path in readable:
        _allow(fd, path, READ & known)
    for path in writable:
        _allow(fd, path, use)
    return fd


def beneath(root: Path, hidden: Path) -> Iterator[Path]:
    """Yield paths that together cover everything beneath `root` except `hidden`.

    Both paths must be resolved. A link beneath `root` to a folder around `hidden` is left out.
    """
    if hidden == root:
        return
    if not hidden.is_relative_to(root):
        yield root
        return
    with contextlib.suppress(OSError):
        for child in root.iterdir():
            if not (child.is_symlink() and hidden.is_relative_to(child.resolve())):
                yield from beneath(child, hidden)


def _allow(fd: int, path: Path, allowed: int) -> None:
    with contextlib.suppress(OSError):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not path.is_dir():
                allowed &= FILE
            rule = struct.pack("=Qi", allowed, parent)
            _syscall(ADD_RULE, fd, PATH_BENEATH, rule, 0)
        finally:
            os.close(parent)


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return int(libc.syscall(ctypes.c_long(number), *passed))
