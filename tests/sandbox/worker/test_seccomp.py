"""The filter for system calls: what it answers, and whether its tables are right."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path

import pytest

from autograder.sandbox.worker import seccomp, system_calls

TABLES: list[dict[str, system_calls.Numbers]] = [
    system_calls.PERMITTED,
    *(calls for calls, _ in system_calls.ANSWERS),
    {name: numbers for name, (numbers, _) in system_calls.CHECKED.items()},
]
CALLS = [(name, numbers) for table in TABLES for name, numbers in table.items()]
NUMBER = {name: numbers[0] for name, numbers in CALLS}


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
            case seccomp.MASK:
                accumulator &= value
            case seccomp.RETURN:
                return int(value)


def refused(error: int) -> int:
    return seccomp.ERRNO | error


FILTER = seccomp.program("x86_64", pid=1234)


def answer(name: str, *arguments: int) -> int:
    return run(FILTER, NUMBER[name], *arguments)


@pytest.mark.parametrize("machine", system_calls.AUDIT_ARCH)
def test_every_listed_call_has_the_answer_of_its_table(machine: str) -> None:
    column, arch = list(system_calls.AUDIT_ARCH).index(machine), system_calls.AUDIT_ARCH[machine]
    code = seccomp.program(machine, pid=1)
    expected = {numbers[column]: seccomp.ALLOW for numbers in system_calls.PERMITTED.values()}
    for calls, error in system_calls.ANSWERS:
        expected |= {numbers[column]: refused(error) for numbers in calls.values()}
    expected.pop(-1, None)
    assert {number: run(code, number, arch=arch) for number in expected} == expected


def test_what_is_in_no_table_is_refused() -> None:
    unlisted = set(range(system_calls.LAST_KNOWN + 1)) - {numbers[0] for _, numbers in CALLS}
    assert {run(FILTER, number) for number in unlisted} == {refused(errno.EPERM)}
    assert len(unlisted) > 200


def test_what_is_newer_than_the_tables_is_not_there() -> None:
    assert run(FILTER, system_calls.LAST_KNOWN + 1) == refused(errno.ENOSYS)


def test_other_ways_to_call_the_kernel_are_closed() -> None:
    assert run(FILTER, 0x40000000 | 59) == refused(errno.ENOSYS)  # x32
    assert run(FILTER, 11, arch=0x40000003) == seccomp.KILL_PROCESS  # i386


def test_a_process_may_signal_only_itself_and_not_kill_itself() -> None:
    for name, before in (("kill", ()), ("tgkill", (1299,))):
        assert answer(name, 1234, *before, 6) == seccomp.ALLOW
        assert answer(name, 1234, *before, 9) == refused(errno.EPERM)
        for pid in (1233, 0, 0xFFFFFFFF):  # another, the group, everybody
            assert answer(name, pid, *before, 6) == refused(errno.EPERM)


def test_threads_may_be_made_and_processes_not() -> None:
    of_glibc = 0x3D0F00
    assert answer("clone", of_glibc) == seccomp.ALLOW
    assert answer("clone", 0x11) == refused(errno.EPERM)  # fork
    assert answer("clone", of_glibc & ~0x400) == refused(errno.EPERM)  # descriptors of its own
    assert answer("clone", of_glibc | 0x10000000) == refused(errno.EPERM)  # a user namespace


def test_only_streams_make_socket_pairs() -> None:
    stream, datagram, packets, close_on_exec = 1, 2, 5, 0o2000000
    assert answer("socketpair", 1, stream | close_on_exec) == seccomp.ALLOW
    for family, kind in ((1, datagram), (1, packets), (2, stream), (1, datagram | close_on_exec)):
        assert answer("socketpair", family, kind) == refused(errno.EPERM)


def test_no_descriptor_sends_signals() -> None:
    set_flags, set_owner, set_signal, set_owner_ex = 4, 8, 10, 15
    assert answer("fcntl", 3, set_flags, 0x800) == seccomp.ALLOW
    for command in (set_owner, set_signal, set_owner_ex):
        assert answer("fcntl", 3, command, 1) == refused(errno.EPERM)
    for request in (0x8901, 0x8902, 0x5452):  # FIOSETOWN, SIOCSPGRP, FIOASYNC
        assert answer("ioctl", 3, request, 1) == refused(errno.ENOTTY)


def test_locks_of_files_are_pretended() -> None:
    exclusive = 2
    assert answer("flock", 3, exclusive) == refused(0)
    for command in (6, 7, 37, 38):
        assert answer("fcntl", 3, command) == refused(0)


def test_memory_is_neither_shared_nor_of_the_pool_of_huge_pages() -> None:
    shared, private, shared_validate, anonymous = 1, 2, 3, 0x20
    for kind in (shared, private, private | anonymous):
        assert answer("mmap", 0, 4096, 3, kind) == seccomp.ALLOW
    for kind in (shared | anonymous, shared_validate | anonymous, private | anonymous | 0x40000):
        assert answer("mmap", 0, 4096, 3, kind) == refused(errno.EPERM)


def test_limits_are_read_and_their_change_is_pretended() -> None:
    new_limit = 0x7FFF_0000_0000
    for pid in (0, 1234):
        assert answer("prlimit64", pid, 0, 0) == seccomp.ALLOW
        assert answer("prlimit64", pid, 0, new_limit) == refused(0)
        assert answer("prlimit64", pid, 0, 4096) == refused(0)
    assert answer("prlimit64", 1233, 0, 0) == refused(errno.EPERM)


RECORDED = [
    line.split()
    for line in (Path(__file__).parent / "recorded_calls.txt").read_text().splitlines()[1:]
]
# Permitted, but in no recording: what other versions of Python or of the C library, and other
# machines, call for the same purpose; and what nobody can do harm with.
NOT_RECORDED = {
    "memory": "get_mempolicy",
    "threads and processors": (
        "get_robust_list set_tid_address membarrier getcpu sched_yield sched_getparam "
        "sched_getscheduler sched_get_priority_max sched_get_priority_min kill tgkill"
    ),
    "files": (
        "open creat readv writev preadv pwritev preadv2 pwritev2 stat lstat fstat statx statfs "
        "fstatfs faccessat faccessat2 readlinkat getdents chdir fchdir umask mkdirat renameat "
        "renameat2 linkat symlink symlinkat dup dup2 dup3 pipe fadvise64 copy_file_range"
    ),
    "events": (
        "select pselect6 ppoll epoll_create epoll_pwait epoll_pwait2 eventfd eventfd2 shutdown"
    ),
    "time": "clock_getres nanosleep gettimeofday time times setitimer getitimer pause",
    "signals": (
        "rt_sigpending rt_sigreturn rt_sigsuspend rt_sigtimedwait restart_syscall wait4 waitid"
    ),
    "who and what it is": (
        "getpgrp getpgid getsid getuid getgid getegid getresuid getresgid getgroups getpriority "
        "getrlimit prlimit64 sysinfo mremap msync"
    ),
}


def test_every_recorded_call_has_the_answer_that_it_had() -> None:
    values = {"itself": 1234, "other": 1233, "address": 4096}
    wrong = []
    for name, *seen in RECORDED:
        if name not in NUMBER:
            wrong += [name] if "refused" not in seen else []
            continue
        arguments, checks = [0] * 6, system_calls.CHECKED.get(name, ((), ()))[1]
        for check, text in zip(checks, seen, strict=False):
            value = values[text] if text in values else int(text, 0)
            arguments[check.argument] |= value << 32 * check.upper
        errors = (refused(errno.EPERM), refused(errno.ENOSYS))
        if (answer(name, *arguments) in errors) != ("refused" in seen):
            wrong.append(" ".join([name, *seen]))
    assert wrong == []


def test_a_call_is_permitted_only_if_it_was_recorded_or_reviewed() -> None:
    reviewed = " ".join(NOT_RECORDED.values()).split()
    recorded = {name for name, *seen in RECORDED if "refused" not in seen}
    answered = {name for calls, _ in system_calls.ANSWERS for name in calls}
    permitted = {*system_calls.PERMITTED, *system_calls.CHECKED}
    assert permitted - recorded == set(reviewed)
    assert recorded <= permitted | answered


@pytest.mark.parametrize("column", [0, 1], ids=list(system_calls.AUDIT_ARCH))
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

    archs = system_calls.AUDIT_ARCH.values()
    known = {name: tuple(number(name, arch) for arch in archs) for name, _ in CALLS}
    assert known == dict(CALLS)
    assert (-1, -1) not in known.values()  # a name that neither has is a misspelling


def test_no_later_call_than_the_last_known_is_in_the_tables() -> None:
    assert max(max(numbers) for _, numbers in CALLS) <= system_calls.LAST_KNOWN
