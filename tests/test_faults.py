"""What goes wrong around a run: killed processes, full disks, locked gradebooks, wrong clocks."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.execution_errors import ProcessCrashed
from autograder.sandbox.student_process import StudentProcess, TimeLimits
from autograder.sandbox.warm_process import WarmProcess
from autograder.sandbox.worker.limits import Limits
from autograder.suites.linear_regression.accepted import ACCEPTED
from bench import kills
from tests.conftest import ROOT, GradeCells

BIN = Path(sys.executable).parent
LIMITS = Limits(memory=1 << 30, cpu=30, file_size=1 << 20, output=100_000)
SECONDS = TimeLimits(notebook=30, cell=10, request=10)


@pytest.fixture
def classroom(tmp_path: Path) -> Path:
    return kills.make_course(tmp_path)


def grade(classroom: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "autograder", "grade", *arguments],
        cwd=classroom,
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def killer() -> Iterator[list[threading.Timer]]:
    """Return a list for timers, which are cancelled in the end."""
    timers: list[threading.Timer] = []
    yield timers
    for timer in timers:
        timer.cancel()


@pytest.mark.slow
def test_random_kills_lose_nothing(tmp_path: Path) -> None:
    killed, runs = kills.kill(tmp_path, kills=8, seed=1)
    assert sum(killed.values()) == 8
    assert runs >= 1


def test_a_submission_whose_process_was_killed_is_regraded(
    grade_cells: GradeCells, warm: WarmProcess, killer: list[threading.Timer]
) -> None:
    """Killed from outside, in the middle of a cell that takes its time."""
    (undisturbed,) = grade_cells(one=[*ACCEPTED[0].cells(), "x = sum(range(30_000_000))"])
    assert warm._process is not None
    process = psutil.Process(warm._process.pid)

    def kill_the_child() -> None:
        for child in process.children():
            child.kill()

    killer.append(threading.Timer(0.5, kill_the_child))
    killer[0].start()
    (graded,) = grade_cells(one=[*ACCEPTED[0].cells(), "x = sum(range(30_000_000))"])
    assert graded.record.tasks == undisturbed.record.tasks
    assert graded.record.score == 100


def test_a_child_cannot_pretend_to_have_been_killed_from_outside(warm: WarmProcess) -> None:
    run = StudentProcess(
        warm, ["import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], LIMITS, SECONDS
    )
    try:
        run.execute()
        assert run.results[0].outputs[0]["ename"] == "PermissionError"
        with pytest.raises(ProcessCrashed):
            run.request("load", "import os; os._exit(0)", "x.py")
        assert not run.needs_rerun
    finally:
        run.close()


def test_a_warm_process_killed_in_the_middle_costs_nothing(warm: WarmProcess) -> None:
    run = StudentProcess(warm, ["a = 1"], LIMITS, SECONDS)
    try:
        run.execute()
        assert warm._process is not None
        warm._process.kill()
        warm._process.wait()  # its child ends with it
        with pytest.raises(ProcessCrashed):
            run.request("load", "value = 7", "x.py")
        assert run.needs_rerun
        module = run.request("load", "value = 7", "x.py")
        assert run.request("get", module, "value") == 7
    finally:
        run.close()
    again = StudentProcess(warm, ["1 + 1"], LIMITS, SECONDS)
    assert again.execute()[0].succeeded
    again.close()


@pytest.mark.slow
def test_when_the_command_is_killed_all_of_it_ends(classroom: Path) -> None:
    process = kills.start(classroom)
    children: list[psutil.Process] = []
    while len(children) < 3:
        time.sleep(0.1)
        children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=60)  # one may be importing
    assert [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_full_disk_is_told_in_a_sentence(classroom: Path, option: str) -> None:
    if option == "--junit":  # written beside its place first: a folder that cannot be written in
        done = grade(classroom, "submitted/amara", option, "/proc/junit.xml")
        assert "/proc/junit.xml cannot be written" in done.stderr
    else:
        done = grade(classroom, "submitted/amara", option, "/dev/full")
        assert "/dev/full cannot be written: No space left on device" in done.stderr
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_keeps_the_others_grades(classroom: Path) -> None:
    (classroom / "autograded").mkdir()
    (classroom / "autograded" / "amara").write_text("a file where a folder should be")
    done = grade(classroom, "--json", "records.jsonl")
    assert done.returncode == 2
    assert "the grades of amara could not be written" in done.stderr
    assert "bruno" in done.stdout  # the table is shown
    assert len((classroom / "records.jsonl").read_text().splitlines()) == 12
    scores = dict(kills.results(classroom)[1])
    assert scores["bruno"] == 100
    (classroom / "autograded" / "amara").unlink()
    assert grade(classroom).returncode == 0
    assert dict(kills.results(classroom)[1])["amara"] == 100


@pytest.mark.slow
def test_a_device_is_written_to_and_not_replaced(classroom: Path) -> None:
    done = grade(classroom, "submitted/amara", "--junit", "/dev/null")
    assert done.returncode == 0, done.stderr
    assert Path("/dev/null").is_char_device()
    pipe = classroom / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True)
    assert grade(classroom, "submitted/amara", "--junit", "pipe").returncode == 0
    assert "<testsuites" in reader.communicate(timeout=300)[0]


def hold(database: Path) -> sqlite3.Connection:
    """Lock a gradebook as somebody who writes in it does."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


@pytest.mark.slow
def test_a_locked_gradebook_is_waited_for(classroom: Path, killer: list[threading.Timer]) -> None:
    assert grade(classroom, "submitted/amara").returncode == 0
    connection = hold(classroom / "gradebook.db")
    process = kills.start(classroom)
    time.sleep(9)
    connection.rollback()
    assert process.wait() == 0
    assert dict(kills.results(classroom)[1])["bruno"] == 100


@pytest.mark.slow
def test_a_gradebook_that_stays_locked_is_said_and_nothing_is_lost(classroom: Path) -> None:
    assert grade(classroom, "submitted/amara").returncode == 0
    connection = hold(classroom / "gradebook.db")
    done = grade(classroom, "submitted/bruno", "--json", "records.jsonl")
    connection.rollback()
    assert done.returncode == 2
    assert "sqlite:///gradebook.db" in done.stderr
    assert "locked" in done.stderr
    assert "Traceback" not in done.stderr
    assert grade(classroom, "submitted/bruno").returncode == 0
    assert dict(kills.results(classroom)[1])["bruno"] == 100


def test_deadlines_do_not_look_at_the_clock_on_the_wall() -> None:
    """A clock that jumps would cut submissions off, or let them run for ever."""
    package = ROOT / "autograder"
    users = [
        str(path.relative_to(ROOT))
        for part in (
            "grading",
            "integrations/gradescope",
            "integrations/nbgrader",
            "sandbox",
            "selfcheck",
        )
        for path in (package / part).rglob("*.py")
        if re.search(r"\btime\.time\(|datetime\.(now|utcnow)\(", path.read_text())
    ]
    assert users == []


@pytest.mark.slow
def test_records_of_a_run_that_was_cut_off_are_whole_lines(classroom: Path) -> None:
    process = kills.start(classroom)
    records = classroom / "records.jsonl"
    while not records.exists() or not records.read_text():
        time.sleep(0.1)
    process.kill()
    process.wait()
    whole = records.read_text().rpartition("\n")[0].splitlines()
    assert all("student" in json.loads(line) for line in whole)
