"""Run a command on an older version of Landlock than the kernel's.

    python -m tests.older_landlock VERSION COMMAND...

The kernel asks this process (seccomp's user notification) for the answer to the system call with
which the command and its children ask for Landlock's version. They then use what that version
has, and the kernel enforces no more.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import select
import socket
import struct
import sys

from autograder.sandbox.worker import landlock, seccomp
from autograder.sandbox.worker.seccomp import PR_SET_NO_NEW_PRIVS, instruction

SECCOMP = {"x86_64": 317, "aarch64": 277}  # the number of the system call
SET_MODE_FILTER, NEW_LISTENER = 1, 8
NOTIFY = 0x7FC00000
NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
NOTIFICATION = struct.Struct("=QIIiIQ6Q")
RESPONSE = struct.Struct("=QqiI")


def main(version: int, command: list[str]) -> int:
    """Run a command as if the kernel had this version; return its exit status."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        socket.send_fds(theirs, [b"."], [_listen()])
        os.execvp(command[0], command)
    _, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
    _answer(listener, min(version, landlock.version()))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _listen() -> int:
    """Have the kernel ask; return the descriptor over which it does."""
    code = b"".join(
        [
            instruction(seccomp.LOAD, seccomp.NUMBER),
            instruction(seccomp.EQUAL, landlock.CREATE_RULESET, 0, 3),
            instruction(seccomp.LOAD, seccomp.ARGUMENT + 8 * 2),
            instruction(seccomp.EQUAL, landlock.VERSION, 0, 1),
            instruction(seccomp.RETURN, NOTIFY),
            instruction(seccomp.RETURN, seccomp.ALLOW),
        ]
    )
    program = seccomp.Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    number = SECCOMP[platform.machine()]
    fd = libc.syscall(number, SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(program))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(fd)


def _answer(listener: int, version: int) -> None:
    """Answer every question until no process is left that could ask."""
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    while waiting.poll()[0][1] & select.POLLIN:
        asked = bytearray(NOTIFICATION.size)
        try:
            fcntl.ioctl(listener, NOTIF_RECV, asked)
            answer = RESPONSE.pack(NOTIFICATION.unpack(asked)[0], version, 0, 0)
            fcntl.ioctl(listener, NOTIF_SEND, answer)
        except FileNotFoundError:  # who asked has ended
            continue


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
