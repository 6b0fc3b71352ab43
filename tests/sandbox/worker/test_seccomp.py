"""The filter for system calls: what it answers, and whether its tables are right."""

from __future__ import annotations

import ctypes
import os
import struct

import pytest

from autograder.sandbox.worker import seccomp

TABLES = [
    *(calls for calls, _ in seccomp.ANSWERS),
    seccomp.SIGNALS,
    seccomp.ON_ITSELF,
    {"clone": seccomp.CLONE},
]
CALLS = [(name, numbers) for table in TABLES for name, numbers in table.items()]


def run(code: bytes, number: int, *arguments: int, arch: int = 0xC000003E) -> int:
    """Return what a filter answers to a system call, as the kernel would run it."""
    data = struct.pack("=IIQ", number, arch, 0) + struct.pack(
        "=6Q", *arguments, *[0] * (6 - len(arguments))
    )
    accumulator, index = 0, 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * index)
        index += 1
        match operation:
            case seccomp.LOAD:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case seccomp.EQUAL:
                index += if_true if accumulator == value else if_false
            case seccomp.AT_LEAST:
                index += if_true if accumulator >= value else if_false
            case seccomp.BIT:
                index += if_true if accumulator & value else if_false
            case seccomp.RETURN:
                return int(value)


EPERM, ENOSYS = seccomp.ERRNO | 1, seccomp.ERRNO | 38
FILTER = seccomp.program("x86_64", pid=1234)


@pytest.mark.parametrize("machine", seccomp.AUDIT_ARCH)
@pytest.mark.parametrize(("calls", "error"), [(calls, answer) for calls, answer in seccomp.ANSWERS])
def test_every_listed_call_is_answered(
    machine: str, calls: dict[str, tuple[int, int]], error: int
) -> None:
    column, arch = list(seccomp.AUDIT_ARCH).index(machine), seccomp.AUDIT_ARCH[machine]
    code = seccomp.program(machine, pid=1)
    for numbers in calls.values():
        if numbers[column] >= 0:
            assert run(code, numbers[column], arch=arch) == seccomp.ERRNO | error


@pytest.mark.parametrize("name", seccomp.ON_ITSELF)
def test_some_calls_may_only_be_about_the_process_itself(name: str) -> None:
    number = seccomp.ON_ITSELF[name][0]
    assert run(FILTER, number, 1234) == run(FILTER, number, 0) == seccomp.ALLOW
    assert run(FILTER, number, 1233) == EPERM


def test_a_process_may_signal_only_itself_and_not_kill_itself() -> None:
    for name, before in (("kill", ()), ("tgkill", (1299,))):
        number = seccomp.SIGNALS[name][0]
        assert run(FILTER, number, 1234, *before, 6) == seccomp.ALLOW
        assert run(FILTER, number, 1234, *before, 9) == EPERM
        for pid in (1233, 0, 0xFFFFFFFF):  # another, the group, everybody
            assert run(FILTER, number, pid, *before, 6) == EPERM


def test_threads_may_be_made_and_processes_not() -> None:
    assert run(FILTER, seccomp.CLONE[0], 0x3D0F00 | seccomp.CLONE_THREAD) == seccomp.ALLOW
    assert run(FILTER, seccomp.CLONE[0], 0x11) == EPERM


def test_other_ways_to_call_the_kernel_are_closed() -> None:
    assert run(FILTER, 0x40000000 | 59) == ENOSYS  # x32
    assert run(FILTER, 11, arch=0x40000003) == seccomp.KILL_PROCESS  # i386


def test_what_is_not_known_yet_is_not_there() -> None:
    assert run(FILTER, 451) == ENOSYS


def test_ordinary_calls_pass() -> None:
    for number in (0, 1, 3, 9, 11, 12, 202, 228, 257, 262, 318):
        assert run(FILTER, number) == seccomp.ALLOW


@pytest.mark.parametrize("column", [0, 1], ids=list(seccomp.AUDIT_ARCH))
def test_no_number_is_listed_twice(column: int) -> None:
    numbers = [numbers[column] for _, numbers in CALLS if numbers[column] >= 0]
    assert len(numbers) == len(set(numbers)) > 80


def test_no_name_is_listed_twice() -> None:
    names = [name for name, _ in CALLS]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def libseccomp() -> ctypes.CDLL:
    try:
        return ctypes.CDLL("libseccomp.so.2")
    except OSError:
        reason = "libseccomp is not installed: `make libseccomp` installs it (Debian: libseccomp2)"
        if os.environ.get("LIBSECCOMP") == "required":
            pytest.fail(reason)
        pytest.skip(reason)


def test_the_numbers_are_those_of_libseccomp(libseccomp: ctypes.CDLL) -> None:
    def number(name: str, arch: int) -> int:
        """Return a call's number, -1 where libseccomp has none or a negative stand-in."""
        resolved = libseccomp.seccomp_syscall_resolve_name_arch(arch, name.encode())
        return max(int(resolved), -1)

    archs = seccomp.AUDIT_ARCH.values()
    known = {name: tuple(number(name, arch) for arch in archs) for name, _ in CALLS}
    assert known == dict(CALLS)
    assert (-1, -1) not in known.values()  # a name that neither has is a misspelling


def test_no_later_call_than_the_last_known_is_in_the_tables() -> None:
    assert max(max(numbers) for _, numbers in CALLS) <= seccomp.LAST_KNOWN
