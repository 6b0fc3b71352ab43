"""The control group of a child: what it counts, and where there is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.limits import Limits
from autograder.sandbox.worker.memory_group import ROOT, MemoryGroup, limit_memory

MIB = 1 << 20


def delegated(root: Path, subtree_control: str) -> Path:
    """Return the group of this process in a hierarchy of version 2, as far as files show it."""
    line = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if "::" in line)
    own = root / line.partition("::")[2].lstrip("/")
    own.mkdir(parents=True, exist_ok=True)
    (own / "cgroup.subtree_control").write_text(subtree_control)
    return own


def test_without_the_right_to_make_one_there_is_none(tmp_path: Path) -> None:
    assert limit_memory(os.getpid(), MIB, tmp_path) is None
    own = delegated(tmp_path, "cpu pids")
    assert limit_memory(os.getpid(), MIB, tmp_path) is None
    assert [path.name for path in own.iterdir()] == ["cgroup.subtree_control"]


def test_a_group_of_version_2_is_limited_with_its_swap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = delegated(tmp_path, "cpu memory")
    with subprocess.Popen(["true"]) as ended:
        pass
    abandoned, in_use = (own / f"autograder-{pid}-1" for pid in (ended.pid, os.getppid()))
    abandoned.mkdir()
    in_use.mkdir()
    mkdir = Path.mkdir

    def as_the_kernel_does(folder: Path) -> None:
        mkdir(folder)
        for name in ("memory.max", "memory.swap.max", "cgroup.procs"):
            (folder / name).touch()
        (folder / "memory.events").write_text("low 0\nmax 7\noom 1\noom_kill 2\n")

    monkeypatch.setattr(Path, "mkdir", as_the_kernel_does)
    group = limit_memory(4711, MIB, tmp_path)
    assert group == MemoryGroup(own / f"autograder-{os.getpid()}-4711", "memory.max")
    written = {path.name: path.read_text() for path in group.folder.iterdir()}
    assert written["memory.max"] == str(MIB)
    assert written["memory.swap.max"] == "0"
    assert written["cgroup.procs"] == "4711"
    assert group.kills == 2
    assert not abandoned.exists()
    assert in_use.exists()


@pytest.fixture
def group_here() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        group = limit_memory(process.pid, 64 * MIB)
        process.kill()
    if group is None:
        pytest.skip("this user may not make a memory control group")
    group.remove()
    assert not group.folder.exists()


@pytest.mark.usefixtures("group_here")
def test_the_kernel_ends_what_takes_more() -> None:
    code = "input(); x = bytearray(200 << 20); print(len(x))"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) as process:
        group = limit_memory(process.pid, 64 * MIB)
        assert group is not None
        assert process.communicate(b"\n")[0] == b""
    assert process.returncode == -signal.SIGKILL
    assert group.kills == 1
    group.remove()


@pytest.mark.usefixtures("group_here")
def test_a_child_that_the_kernel_ended_for_its_memory_was_not_killed_from_outside(
    warm: WarmProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.sandbox.warm_process.UNCOUNTED_MEMORY", -1000 * MIB)
    limits = Limits(memory=1100 * MIB, cpu=30, file_size=MIB, output=MIB)
    cells = ["x = bytearray(400 << 20)"]
    before = groups_of(warm)
    run = StudentProcess(warm, cells, limits, TimeLimits(notebook=30, cell=30, request=9))
    (result,) = run.execute()
    run.close()
    assert "memory" in str(result.failure)
    assert not run.needs_rerun
    assert groups_of(warm) == before  # of the reference solution, if it has been asked


def groups_of(warm: WarmProcess) -> set[Path]:
    assert warm._process is not None
    return {*ROOT.rglob(f"autograder-{warm._process.pid}-*")}
