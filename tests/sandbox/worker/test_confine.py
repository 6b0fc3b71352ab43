"""What shuts a child in: rules for files, a filter for system calls, folders removed whole."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.worker import confine, landlock, scratch, seccomp


def run(code: bytes, number: int, *arguments: int, arch: int = 0xC000003E) -> int:
    """Return what a filter answers to a system call, as the kernel would run it."""
    data = struct.pack("=IIQ", number, arch, 0) + struct.pack(
        "=6Q", *arguments, *[0] * (6 - len(arguments))
    )
    accumulator, place = 0, 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * place)
        place += 1
        match operation:
            case seccomp.LOAD:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case seccomp.EQUAL:
                place += if_true if accumulator == value else if_false
            case seccomp.AT_LEAST:
                place += if_true if accumulator >= value else if_false
            case seccomp.BIT:
                place += if_true if accumulator & value else if_false
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


@pytest.mark.parametrize("name", seccomp.ON_ITSELF_OR_0)
def test_some_calls_may_only_be_about_the_process_itself(name: str) -> None:
    number = seccomp.ON_ITSELF_OR_0[name][0]
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


def test_no_number_is_listed_twice() -> None:
    groups = [*(calls for calls, _ in seccomp.ANSWERS), seccomp.SIGNALS, seccomp.ON_ITSELF_OR_0]
    for column in range(2):
        numbers = [n[column] for calls in groups for n in calls.values() if n[column] >= 0]
        assert len(numbers) == len(set(numbers))


def test_a_hidden_folder_is_left_out_of_what_may_be_read(tmp_path: Path) -> None:
    for name in ("site/kit/suites", "site/torch", "site/numpy", "other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "around").symlink_to(tmp_path / "site")
    (tmp_path / "up").symlink_to(tmp_path)
    found = set(landlock.beneath(tmp_path, tmp_path / "site" / "kit"))
    assert found == {tmp_path / "site/torch", tmp_path / "site/numpy", tmp_path / "other"}
    assert list(landlock.beneath(tmp_path, tmp_path.parent / "elsewhere")) == [tmp_path]


def test_the_kit_itself_cannot_be_read() -> None:
    kit = Path(confine.__file__).parents[1]
    assert not any(
        kit.is_relative_to(path) or path.is_relative_to(kit) for path in confine.readable()
    )


def test_a_locked_and_endlessly_deep_folder_is_removed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    before = os.getcwd()
    os.chdir(root)
    try:
        for _ in range(2000):
            os.mkdir("deeper")
            Path("file").write_text("x")
            os.chdir("deeper")
        os.mkdir("locked", 0)
    finally:
        os.chdir(before)
    (root / "link").symlink_to(tmp_path)
    (root / "dangling").symlink_to("nowhere")
    assert scratch.usage(str(root)) == float("inf")
    scratch.remove(str(root))
    assert os.listdir(tmp_path) == []


@given(st.lists(st.integers(0, 100_000), max_size=5))
def test_usage_counts_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("usage")
    for number, size in enumerate(sizes):
        (folder / str(number)).write_bytes(b"x" * size)
    assert sum(sizes) <= scratch.usage(str(folder)) <= sum(sizes) + 4096 * len(sizes)
