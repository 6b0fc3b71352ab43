"""The warm process is started again when it is gone, and ends with the grader."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import Exit, WarmProcess, WarmProcessError
from autograder.sandbox.worker.limits import Limits

LIMITS = Limits(memory=1 << 30, cpu=30, file_size=1 << 20, output=20_000)
SECONDS = TimeLimits(60, 60, 60)


def run_one_cell(warm: WarmProcess, source: str) -> StudentProcess:
    run = StudentProcess(warm, [source, "1 + 1"], LIMITS, SECONDS)
    try:
        run.execute()
    finally:
        run.close()
    return run


def test_a_warm_process_that_was_killed_is_started_again() -> None:
    with WarmProcess(["json"]) as warm:
        assert run_one_cell(warm, "'first'").results[0].succeeded
        assert warm._process is not None
        os.kill(warm._process.pid, signal.SIGKILL)
        run = run_one_cell(warm, "'again'")
        assert run.results[1].outputs[0]["data"] == {"text/plain": "2"}


def test_a_child_ends_with_a_warm_process_that_was_killed() -> None:
    with WarmProcess(["json"]) as warm:
        child = warm.fork(LIMITS)
        assert warm._process is not None
        os.kill(warm._process.pid, signal.SIGKILL)
        child.wire.settimeout(60)
        assert child.wire.recv(1) == b""
        child.wire.close()


@pytest.fixture
def ahead() -> Iterator[WarmProcess]:
    with WarmProcess(["json"]) as warm:
        warm.forks_ahead = True
        yield warm


def test_the_next_child_is_forked_while_the_last_one_works(ahead: WarmProcess) -> None:
    first = ahead.fork(LIMITS)
    ahead._wait_until_ready()
    (waiting,) = ahead._ahead.values()
    assert ahead.fork(LIMITS) is waiting
    assert waiting.pid != first.pid
    assert ahead.end(first).from_outside(LIMITS.cpu)


def test_a_child_is_not_taken_for_one_with_other_limits(ahead: WarmProcess) -> None:
    others = [replace(LIMITS, cpu=seconds) for seconds in (31, 32, 33)]
    children = [ahead.fork(limits) for limits in (LIMITS, *others)]
    ahead._wait_until_ready()
    assert [order.limits for order in ahead._ahead] == others[1:]  # older ones are ended
    assert len({child.pid for child in children}) == 4


def test_a_child_that_waits_leaves_nothing_behind(ahead: WarmProcess) -> None:
    ahead.end(ahead.fork(LIMITS))
    (waiting,) = ahead._ahead.values()
    ahead.fork(LIMITS)
    ahead.close()
    assert not _alive(waiting.pid)
    assert not Path(ahead.folder).exists()


def test_one_that_was_killed_while_it_waited_makes_the_submission_run_again(
    ahead: WarmProcess,
) -> None:
    ahead.end(ahead.fork(LIMITS))
    (waiting,) = ahead._ahead.values()
    os.kill(waiting.pid, signal.SIGKILL)
    run = StudentProcess(ahead, ["1"], LIMITS, SECONDS)
    run.execute()
    assert run.needs_rerun
    assert run_one_cell(ahead, "1").results[0].succeeded


def test_the_warm_process_may_be_killed_while_one_waits(ahead: WarmProcess) -> None:
    ahead.end(ahead.fork(LIMITS))
    assert ahead._process is not None
    os.kill(ahead._process.pid, signal.SIGKILL)
    ahead._process.wait()
    assert run_one_cell(ahead, "1").results[0].succeeded


def test_a_module_that_does_not_exist_is_left_to_the_cells() -> None:
    with WarmProcess(["no_such_module"]) as warm:
        assert run_one_cell(warm, "1").results[0].succeeded


def test_a_warm_process_that_cannot_start_is_a_grader_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with WarmProcess(["json"]) as warm, pytest.raises(WarmProcessError, match="ended"):
        run_one_cell(warm, "1")


def test_it_ends_when_the_grader_is_killed(tmp_path: Path) -> None:
    program = (
        "import time; from autograder.sandbox.warm_process import WarmProcess\n"
        "warm = WarmProcess(['json']); warm._wait_until_ready()\n"
        "print(warm._process.pid, flush=True); time.sleep(60)"
    )
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert grader.stdout is not None
    pid = int(grader.stdout.readline())
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_it_has_no_secret_of_the_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", "a-secret-seed")
    with WarmProcess(["json"]) as warm:
        warm._wait_until_ready()
        assert warm._process is not None
        pid = warm._process.pid
        assert b"a-secret-seed" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert str(os.getcwd()) != os.readlink(f"/proc/{pid}/cwd")


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "status 0"), (-signal.SIGKILL, "too much"), (-signal.SIGSEGV, "crashed (SIGSEGV)")],
)
def test_how_a_child_ended_is_said_in_words(status: int, words: str) -> None:
    assert words in str(Exit(status, 0.1, 1))
