"""Grading on a Dask cluster: the same records as here, whatever happens to workers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import psutil
import pytest
from distributed import Client

from autograder.cli.main import main
from autograder.course import Course, load_course
from autograder.errors import ClusterError, CourseError, UsageError
from autograder.grading import cluster
from autograder.grading import pool as run
from autograder.grading.cluster import WorkerPool, grading_at
from autograder.grading.result import GradingResult
from autograder.record import GRADER_ERROR
from autograder.record_json import TIMELESS
from autograder.submission import Submission, find_submissions
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, take_landlock_away, write_notebook
from tests.corpus.wrong import WRONG

pytestmark = pytest.mark.slow  # clusters of Dask

SMALL = """\
course: small
seed: 3
assignments:
  double:
    notebook: double
    preload: [numpy]
    limits: {cell_seconds: 1, notebook_seconds: 2}
    tasks:
      - {name: double, points: 3, tests: test_double}
"""
SUITE = """\
from pathlib import Path
import pytest

FACTOR = int((Path(__file__).parent / "data" / "factor.txt").read_text())

@pytest.mark.task("double", points=1)
def test_hidden(student, rng):
    number = int(rng.integers(1000))
    assert student.double(number) == FACTOR * number

@pytest.mark.task("double", points=2)
def test_two(student):
    assert student.double(2) == FACTOR * 2, "two is not doubled"
"""
RIGHT, WRONGLY = "def double(x): return 2 * x", "def double(x): return x + 2"
SLOW = f"{RIGHT}\nwhile True: pass"

Records = list[dict[str, Any]]


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """Return a course of its own, with a suite in its folder."""
    folder = tmp_path / "small"
    (folder / "double" / "data").mkdir(parents=True)
    (folder / "course.yml").write_text(SMALL)
    (folder / "double" / "test_double.py").write_text(SUITE)
    (folder / "double" / "data" / "factor.txt").write_text("2")
    return load_course(folder / "course.yml")


def submit(course: Course, cells: Sequence[str]) -> list[Submission]:
    """Submit notebooks of one cell."""
    for number, cell in enumerate(cells):
        write_notebook(course.root / "class" / f"student{number:02}.ipynb", [cell])
    return find_submissions([course.root / "class"], course.assignment(None))[0]


def plain(result: GradingResult) -> dict[str, Any]:
    """Return a record as JSON, without times."""
    found: dict[str, Any] = result.record.as_json()
    return found | TIMELESS


def records(
    start: run.Grading,
    course: Course,
    submissions: Sequence[Submission],
    meanwhile: Callable[[], None] = lambda: None,
) -> Records:
    """Grade, and return the records as JSON without times."""
    found = []
    with start(submissions, course, course.assignment(None), 2) as results:
        for result in results:
            found.append(plain(result))
            meanwhile()
    return found


@dataclass
class Machines:
    """A scheduler and workers, each a process of its own in a folder of its own."""

    folder: Path
    address: str
    stack: ExitStack

    def add(self, *options: str, cwd: Path | None = None, **popen: Any) -> psutil.Process:
        """Start a worker and wait until it is there."""
        before = len(self.workers())
        process = self.stack.enter_context(
            started("worker", self.address, "--nthreads", "1", *options, cwd=cwd or self.folder,
                    **popen)
        )  # fmt: skip
        wait_for(lambda: len(self.workers()) > before)
        return psutil.Process(process.pid)

    def workers(self) -> list[str]:
        with Client(self.address, set_as_default=False) as client:
            return list(client.nthreads())

    def tasks(self) -> list[str]:
        """Return the states of what the scheduler knows of."""
        with Client(self.address, set_as_default=False) as client:
            found: list[str] = client.run_on_scheduler(
                lambda dask_scheduler: [task.state for task in dask_scheduler.tasks.values()]
            )
            return found


@contextmanager
def started(*command: str, cwd: Path, **popen: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of Dask's commands; its files stay in a folder of its own."""
    environment = os.environ | {"DASK_TEMPORARY_DIRECTORY": str(cwd)} | popen.pop("env", {})
    options = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *command, *options],
        cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **popen,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=300)


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Start a scheduler."""
    file = folder / "scheduler.json"
    with ExitStack() as stack:
        stack.enter_context(
            started("scheduler", "--host", "127.0.0.1", "--port", "0",
                    "--scheduler-file", str(file), cwd=folder)
        )  # fmt: skip
        wait_for(lambda: file.exists() and file.read_text().strip().endswith("}"))
        yield Machines(folder, json.loads(file.read_text())["address"], stack)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two workers that start again when they are killed; they share no folder with us."""
    with machines(tmp_path_factory.mktemp("machines")) as found:
        found.add("--nworkers", "2")
        wait_for(lambda: len(found.workers()) == 2)
        yield found


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler without workers."""
    (tmp_path / "machines").mkdir()
    with machines(tmp_path / "machines") as found:
        yield found


def test_records_are_those_of_the_process_pool(
    course: Course, shared: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of submissions that are wrong, crash or cannot be read; paths lead nowhere there."""
    monkeypatch.chdir(tmp_path)
    folder = Path("class")
    for answer in (*ACCEPTED[:2], *WRONG[:2]):
        write_notebook(folder / f"{answer.name}.ipynb", answer.cells())
    crash = "import ctypes; ctypes.string_at(0)"
    write_notebook(folder / "crash.ipynb", [*ACCEPTED[0].cells(), crash])
    (folder / "damaged.ipynb").write_text("{")
    (folder / "link.ipynb").symlink_to("crash.ipynb")
    submissions, _ = find_submissions([folder], course.assignment(None))
    submissions.append(Submission("missing", folder / "missing.ipynb"))
    expected = records(run.grading, course, submissions)
    assert records(grading_at(shared.address), course, submissions) == expected
    assert {record["status"] for record in expected} == {"graded", "failed"}
    assert len({record["score"] for record in expected}) > 2


def test_a_suite_of_the_courses_own_travels(small: Course, shared: Machines) -> None:
    """Nothing of the course is there any more when most of it is graded."""
    submissions = submit(small, [RIGHT, WRONGLY, RIGHT])
    expected = records(run.grading, small, submissions)
    assert [record["score"] for record in expected] == [3, 2, 3]

    def take_away() -> None:
        shutil.rmtree(small.root, ignore_errors=True)

    with grading_at(shared.address)(submissions, small, small.assignment(None), 2) as results:
        found = [next(results)]
        take_away()
        found += results
    assert [plain(one) for one in found] == expected


def test_large_notebooks_get_payloads_of_their_own(
    small: Course, shared: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.cluster.MAX_PAYLOAD", 500)
    submissions = submit(small, [RIGHT, WRONGLY] * 7)
    found = records(grading_at(shared.address), small, submissions)
    assert [record["score"] for record in found] == [3, 2] * 7


def test_a_killed_worker_costs_nothing(
    small: Course, shared: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed while it grades: payloads of one submission keep the workers busy."""
    monkeypatch.setattr("autograder.grading.cluster.MAX_PAYLOAD", 1)
    submissions = submit(small, [RIGHT, SLOW, WRONGLY] * 6)
    expected = records(run.grading, small, submissions)
    killed: list[int] = []

    def kill_one() -> None:
        if killed:
            return
        with Client(shared.address, set_as_default=False) as client:
            pids = client.run(os.getpid)
            busy = [pids[address] for address, tasks in client.processing().items() if tasks]
        for pid in busy[:1]:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    found = records(grading_at(shared.address), small, submissions, kill_one)
    assert found == expected
    assert killed
    wait_for(lambda: len(shared.workers()) == 2)


KILLER = """\
import os
from autograder.grading import cluster_worker

def grade_batch(submissions, context, warm, grade=cluster_worker.grade_batch):
    if any(submission.student == "student04" for submission in submissions):
        os._exit(1)
    return grade(submissions, context, warm)

cluster_worker.grade_batch = grade_batch
"""


def test_a_submission_that_ends_every_worker_is_a_grader_error_and_others_continue(
    small: Course, tmp_path: Path
) -> None:
    (tmp_path / "killer.py").write_text(KILLER)
    submissions = submit(small, [RIGHT, WRONGLY] * 6)
    with dask.config.set({"distributed.worker.preload": [str(tmp_path / "killer.py")]}):
        found = records(grading_at("local"), small, submissions)
    grader_error = found.pop(4)
    assert grader_error["error"].startswith(GRADER_ERROR)
    assert [record["score"] for record in found] == [3, 2, 3, 2, 2, 3, 2, 3, 2, 3, 2]


def other_kit(folder: Path) -> dict[str, str]:
    """Install another kit, and return the environment in which it is found first."""
    shutil.copytree(
        ROOT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__")
    )
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize("came", ["before", "later"])
def test_a_worker_with_another_kit_is_refused(
    small: Course, alone: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, came: str
) -> None:
    environment = other_kit(tmp_path / "other")
    file = tmp_path / "other" / "autograder" / "record.py"
    file.write_text(file.read_text() + "# changed\n")
    alone.add(env=environment)
    if came == "later":
        monkeypatch.setattr(WorkerPool, "refresh", lambda pool: None)
    with pytest.raises(ClusterError) as caught:
        records(grading_at(alone.address), small, submit(small, [RIGHT]))
    message = str(caught.value)
    assert alone.workers()[0] in message
    assert "cannot grade: autograder is 0.1.0 (" in message
    assert "torch" not in message


def test_a_worker_without_this_part_of_the_kit_is_refused(
    small: Course, alone: Machines, tmp_path: Path
) -> None:
    environment = other_kit(tmp_path / "other")
    (tmp_path / "other" / "autograder" / "grading" / "cluster_worker.py").unlink()
    alone.add(env=environment)
    with pytest.raises(ClusterError, match="the kit is missing or differs"):
        records(grading_at(alone.address), small, submit(small, [RIGHT]))


def test_a_worker_that_cannot_confine_refuses(small: Course, alone: Machines) -> None:
    alone.add("--no-nanny", preexec_fn=take_landlock_away)
    with pytest.raises(CourseError, match="isolation: required, but student code could") as caught:
        records(grading_at(alone.address), small, submit(small, [RIGHT]))
    assert str(small.file) in str(caught.value)


def test_when_all_workers_are_gone_the_run_ends_and_keeps_what_there_is(
    small: Course, alone: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "NO_WORKER_TIMEOUT", 2)
    worker = alone.add("--no-nanny")
    submissions = submit(small, [RIGHT, *[SLOW] * 5])
    kept: list[str] = []
    with (
        pytest.raises(ClusterError, match=r"has had no worker for 2 seconds.*is kept"),
        grading_at(alone.address)(submissions, small, small.assignment(None), 2) as results,
    ):
        for result in results:
            kept.append(result.record.student)
            worker.kill()
    assert 0 < len(kept) < 6


def test_a_scheduler_that_ends_in_the_middle_is_said(small: Course, tmp_path: Path) -> None:
    (tmp_path / "brief").mkdir()
    with machines(tmp_path / "brief") as pack_context:
        pack_context.add("--no-nanny")
        with (
            pytest.raises(ClusterError, match=f"scheduler at {pack_context.address} is lost"),
            grading_at(pack_context.address)(
                submit(small, [RIGHT, *[SLOW] * 5]), small, small.assignment(None), 2
            ) as results,
        ):
            for _ in results:
                pack_context.stack.close()


def test_a_scheduler_that_does_not_answer_is_named_soon(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    path = write_notebook(tmp_path / "ada.ipynb", ACCEPTED[0].cells())
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    begun = time.monotonic()
    with pytest.raises(SystemExit) as caught:
        main(["grade", str(path), "--dask", f"tcp://127.0.0.1:{port}"])
    assert caught.value.code == 2
    assert time.monotonic() - begun < 12
    error = capfd.readouterr().err
    assert f"The Dask scheduler at tcp://127.0.0.1:{port} cannot be reached" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("address", ["", "somewhere", "host:8786", "tcp://host", "http://host:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="tcp://host:8786"):
        grading_at(address)


def test_without_dask_a_sentence_says_what_to_install(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "autograder.grading.cluster")
    path = write_notebook(tmp_path / "ada.ipynb", ACCEPTED[0].cells())
    with pytest.raises(SystemExit) as caught:
        main(["grade", str(path), "--dask", "local"])
    assert caught.value.code == 2
    assert "pip install 'ml-autograder[dask]'" in capfd.readouterr().err


def interrupted(course: Course, address: str, tmp_path: Path) -> tuple[str, list[psutil.Process]]:
    """Press Ctrl-C after the first record; return what was said and which processes are left."""
    out = tmp_path / "out.jsonl"
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", "class", "-j", "2", "--json", str(out),
         "--dask", address],
        cwd=course.root, env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: out.exists() and bool(out.read_text()))
    ours = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 130
    assert json.loads(out.read_text().splitlines()[0])["student"] == "student00"
    _, alive = psutil.wait_procs(ours, timeout=60)
    return error, alive


def test_ctrl_c_leaves_nothing_of_a_cluster_of_our_own(small: Course, tmp_path: Path) -> None:
    submit(small, [RIGHT, *[SLOW] * 20])
    error, alive = interrupted(small, "local", tmp_path)
    assert alive == []
    assert "Interrupted. The results so far are kept" in error
    assert "Traceback" not in error
    assert list((tmp_path / "tmp").iterdir()) == []


def test_ctrl_c_leaves_somebody_elses_cluster_as_it_was(
    small: Course, shared: Machines, tmp_path: Path
) -> None:
    submit(small, [RIGHT, *[SLOW] * 20])
    error, alive = interrupted(small, shared.address, tmp_path)
    assert alive == []
    assert "Traceback" not in error
    assert len(shared.workers()) == 2
    wait_for(lambda: shared.tasks() == [])


def test_nothing_of_dask_is_imported_unless_it_is_asked_for(small: Course) -> None:
    submit(small, [RIGHT])
    program = (
        "import sys; from autograder.cli.main import main\n"
        "try: main(['grade', 'class'])\n"
        "finally: print([m for m in ('dask', 'distributed') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=small.root, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
