"""Grades the attacks on the suite among honest submissions, with the real command."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from autograder.record_json import TIMELESS
from autograder.suites.linear_regression.accepted import ACCEPTED
from autograder.suites.linear_regression.answers import Answer
from tests.conftest import COURSE_OF_ONE, ROOT, Command, write_notebook, write_registered_course
from tests.corpus.attacks import ATTACKS, HALF, HALF_WORTHLESS, WORTHLESS
from tests.corpus.reference import Rendered
from tests.corpus.wrong import WRONG

NOBODY = 65534
AS_NOBODY = [
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=-all", "--bounding-set=-all"),
]
HONEST = (*ACCEPTED[:12], *WRONG[:8])
NAME = "linear_regression"
OLDER_LANDLOCK = ROOT / "tests" / "older_landlock.py"
TAKE_LONG = {  # they wait, or compute, until they are stopped in every test, or are as another
    *("patches_the_child", "sleeps", "blocks_signals", "endless_calls"),
    *("large_picture", "list_too_long", "deep_folders"),
    *("endless_in_c", "endless_expression"),  # endless_cell
    *("memory", "threads"),  # memory_at_once, small_threads
    *("many_files", "many_outputs"),  # many_large_files, floods_output
    *("answers_of_many_objects", "answers_that_take_much"),  # tensor_too_large
}
SEEN = {"exception_of_emoji"}  # what other tests look at
QUICK = tuple(
    attack
    for number, attack in enumerate(a for a in ATTACKS if a.name not in TAKE_LONG)
    if number % 12 == 0 or attack.name in SEEN
)
# Short, to stop endless loops soon. Honest notebooks need less, also beside other work.
SHORT = {"cell_seconds: 5": "cell_seconds: 0.6", "request_seconds: 4": "request_seconds: 0.2"}
SHORT |= {"notebook_seconds: 60": "notebook_seconds: 10"}


@dataclass
class Canary:
    """A port, and a local socket named after it, that only attacks reach; what reached them."""

    port: int
    connections: list[str]
    spoken: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening() -> Iterator[Canary]:
    """Listen on a port, by TCP and UDP, and on a local socket, until the context ends."""
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local,
    ):
        udp.bind(tcp.getsockname())
        canary = Canary(tcp.getsockname()[1], [])
        path = Path(f"/tmp/autograder-canary-{canary.port}")
        local.bind(str(path))
        path.chmod(0o777)
        for listener, kind in ((tcp, "tcp"), (udp, "udp"), (local, "local")):
            listener.settimeout(None)
            threading.Thread(target=_listen, args=(listener, kind, canary), daemon=True).start()
        yield canary
        path.unlink()


def _listen(listener: socket.socket, kind: str, canary: Canary) -> None:
    while True:
        try:
            if kind != "tcp":
                listener.recvfrom(100)
            else:
                listener.accept()[0].close()
        except OSError:
            return
        canary.connections.append(kind)
        canary.spoken.set()


@dataclass
class Class:
    """A separate course folder, and the command that grades in it."""

    folder: Path
    command: list[str]

    @property
    def course(self) -> Path:
        return self.folder / "course"

    def submit(self, number: int, answer: Answer | Rendered, port: int) -> None:
        """Submit an answer; `number` sets its position in the class."""
        fill = {"{secrets}": str(self.course), "{port}": str(port)}
        fill["{suite}"] = str(ROOT / "autograder" / "suites" / NAME)
        cells = answer.cells()
        for mark, value in fill.items():
            cells = [cell.replace(mark, value) for cell in cells]
        folder = self.course / "submitted" / f"{number:03}-{answer.name}" / NAME
        write_notebook(folder / f"{NAME}.ipynb", cells)

    def grade(
        self, name: str, jobs: int = 2, command: Command | None = None
    ) -> dict[str, dict[str, Any]]:
        """Grade the whole class; return the records by answer, without times.

        It is graded in a new process, with nothing but the environment of a user, or by `command`.
        """
        grade = ["grade", "--force", "--json", f"../{name}.jsonl"]
        if command is not None:
            command(self.course, *grade)
        else:
            self._grade_in_new_process([*grade, f"-j{jobs}"])
        records = {}
        for line in (self.folder / f"{name}.jsonl").read_text().splitlines():
            record = json.loads(line)
            del record["notebook"]
            record.update(TIMELESS)
            records[record.pop("student").partition("-")[2]] = record
        return records

    def _grade_in_new_process(self, grade: Sequence[str]) -> None:
        self.give_away()
        done = subprocess.run(
            [*self.command, *grade],
            cwd=self.course,
            env={
                "PATH": f"{Path(self.command[-3]).parent}:/usr/bin:/bin",
                "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder / "tmp"),
                "SECRET": "secret",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr[-3000:]  # 3: the tests check each record

    def give_away(self) -> None:
        """Make the ordinary user the owner of the folder, if the command runs as that user."""
        if "setpriv" in self.command:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def snapshot(self) -> dict[str, tuple[int, str]]:
        """Return mode and digest of every file that an attack could try to change."""
        paths = [*self.course.rglob("*"), *(self.folder / "home").rglob("*")]
        return {
            str(path): (path.stat().st_mode, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in paths
            if path.is_file() and path.suffix != ".db" and ".cache" not in path.parts
        }

    def processes(self) -> list[str]:
        """Return the processes left behind by the grader: their arguments name the folder."""
        return [
            str(process)
            for process in psutil.process_iter(["cmdline"])
            if str(self.folder) in " ".join(process.info["cmdline"] or [])
        ]


def ordinary_python(folder: Path) -> Path | None:
    """Return a Python with our libraries that an ordinary user can run, None if there is none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path("/usr/bin") / version
    if os.getuid() != 0 or not base.exists() or not shutil.which("setpriv"):
        return None
    subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True)
    libraries = next(p for p in sys.path if p.endswith("site-packages"))
    (folder / "lib" / version / "site-packages" / "ours.pth").write_text(f"{libraries}\n{ROOT}\n")
    alembic = folder / "bin" / "alembic"  # nbgrader calls it by name
    alembic.write_text(f"#!{folder}/bin/python\nfrom alembic.config import main\nmain()\n")
    alembic.chmod(0o755)
    python = folder / "bin" / "python"
    program = "import autograder.suites.linear_regression.lesson, nbgrader, torch"
    tried = subprocess.run([*AS_NOBODY, python, "-c", program], check=False, cwd="/")
    return python if tried.returncode == 0 else None


@contextmanager
def new_class(
    folder: Path, ordinary_user: bool = False, landlock: int | None = None
) -> Iterator[Class | None]:
    """Create a course in a folder; yield None if it cannot be graded as an ordinary user.

    `landlock` is the version to grade with, if not the kernel's.
    """
    command = [sys.executable, "-m", "autograder"]
    try:
        for name in ("home", "tmp", "course"):
            (folder / name).mkdir(parents=True)
        if ordinary_user:
            python = ordinary_python(folder / "python")
            if python is None:
                yield None
                return
            command = [*AS_NOBODY, str(python), "-m", "autograder"]
        if landlock is not None:
            command = [sys.executable, str(OLDER_LANDLOCK), str(landlock), *command]
        text = COURSE_OF_ONE
        for old, new in SHORT.items():
            assert old in text
            text = text.replace(old, new)
        write_registered_course(folder / "course")
        (folder / "course" / "course.yml").write_text(text)
        yield Class(folder, command)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Outcome:
    """The records of a class without and with attackers, and the traces that grading left."""

    course: Path
    alone: dict[str, dict[str, Any]]
    together: dict[str, dict[str, Any]]
    before: dict[str, tuple[int, str]]
    after: dict[str, tuple[int, str]]
    tmp: list[str]
    processes: list[str]
    canary: Canary


def graded_with_attackers(
    classroom: Class,
    canary: Canary,
    attacks: Sequence[Answer | Rendered] = ATTACKS,
    honest: Sequence[Answer] = HONEST,
    jobs: int = 2,
    command: Command | None = None,
) -> Outcome:
    """Grade the honest submissions alone, by `command`, and then with attackers among them."""
    every = len(attacks) // len(honest)
    for number, answer in enumerate(honest):
        classroom.submit(number * (every + 1), answer, canary.port)
    alone = classroom.grade("alone", 1, command)
    rest = [n for n in range(len(honest) + len(attacks) + 9) if n % (every + 1)]
    dishonest: tuple[Answer | Rendered, ...] = (WORTHLESS, HALF_WORTHLESS, *HALF, *attacks)
    for number, attack in zip([*rest, *range(900, 999)], dishonest, strict=False):
        classroom.submit(number, attack, canary.port)
    before = classroom.snapshot()
    together = classroom.grade("together", jobs)
    assert len(together) == len(honest) + len(dishonest)
    return Outcome(
        classroom.course,
        alone,
        together,
        before,
        classroom.snapshot(),
        os.listdir(classroom.folder / "tmp"),
        classroom.processes(),
        canary,
    )
