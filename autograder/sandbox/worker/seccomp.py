"""seccomp: the kernel refuses every system call that student code does not need.

torch, numpy, scikit-learn and matplotlib have threads, memory, files (guarded by Landlock), pipes,
socket pairs and clocks. Calls that start processes, reach other processes or the network, leave
something behind or administer the machine are not among them.

Source: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import platform
import struct
import sys

from autograder.sandbox.worker.system_calls import (
    ANSWERS,
    AUDIT_ARCH,
    CHECKED,
    ITSELF,
    LAST_KNOWN,
    PERMITTED,
    Check,
    Numbers,
)

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 38, 22
SECCOMP_MODE_FILTER = 2
ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000

# Classic BPF: load a word; keep the bits of a mask; jump if equal or if at least; return.
LOAD, MASK, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER, ARCH, ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def available() -> bool:
    """Return whether the tables have the system calls of this machine."""
    return sys.platform.startswith("linux") and platform.machine() in AUDIT_ARCH


def restrict() -> None:
    """Apply the filter to the calling process, permanently.

    Raises:
        OSError: the kernel refused.
    """
    install(program(platform.machine(), os.getpid()))


def install(code: bytes) -> None:
    """Have the kernel run a program before each system call of this process and its children.

    Raises:
        OSError: the kernel refused.
    """
    filter_program = Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def program(machine: str, pid: int) -> bytes:
    """Return the filter for a process as BPF instructions of 8 bytes each."""
    column = list(AUDIT_ARCH).index(machine)
    permit = instruction(RETURN, ALLOW)
    code = [
        instruction(LOAD, ARCH),
        instruction(EQUAL, AUDIT_ARCH[machine], 1, 0),
        instruction(RETURN, KILL_PROCESS),
        instruction(LOAD, NUMBER),
        instruction(AT_LEAST, LAST_KNOWN + 1, 0, 1),
        _refuse(errno.ENOSYS),
    ]

    def add(numbers: Numbers, block: list[bytes]) -> None:
        if numbers[column] >= 0:
            code.extend([instruction(EQUAL, numbers[column], 0, len(block)), *block])

    for numbers in PERMITTED.values():
        add(numbers, [permit])
    for calls, answer in ANSWERS:
        for numbers in calls.values():
            add(numbers, [_refuse(answer)])
    for numbers, checks in CHECKED.values():
        add(numbers, [part for check in checks for part in _checking(check, pid)] + [permit])
    return b"".join([*code, _refuse(errno.EPERM)])


def _checking(check: Check, pid: int) -> list[bytes]:
    """Return instructions that go on behind themselves if an argument passes a check."""
    values = [pid if value == ITSELF else value for value in check.values]
    left = range(len(values) - 1, -1, -1)  # how many values are compared after each
    if check.refused:
        compared = [
            instruction(EQUAL, value, after, 0 if after else 1)
            for value, after in zip(values, left, strict=True)
        ]
    else:
        compared = [
            instruction(EQUAL, value, after + 1, 0)
            for value, after in zip(values, left, strict=True)
        ]
    return [
        instruction(LOAD, ARGUMENT + 8 * check.argument + 4 * check.upper),
        instruction(MASK, check.mask),
        *compared,
        _refuse(check.answer),
    ]


def _refuse(answer: int) -> bytes:
    """Return the instruction that answers a call with an error number, or with 0."""
    return instruction(RETURN, ERRNO | answer)


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction; a jump gives the number of instructions to skip."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
