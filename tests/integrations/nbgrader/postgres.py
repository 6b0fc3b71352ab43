"""A PostgreSQL server of the tests' own: started, killed and ended by them."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import psycopg

from autograder.sandbox.worker.confine import PR_SET_PDEATHSIG

USER, PASSWORD = "grader", "s3cret/p@ss:word"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, of the newest there is."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(found, key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    known = [*([Path(on_path).resolve()] if on_path else []), *newest]
    return known[-1].parent if known else None


def end_with_us() -> None:
    """Let this process end when the one that started it does, however that comes."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)


class Server:
    """A server on a socket in a folder of its own; every connection needs the password."""

    def __init__(self, programs: Path) -> None:
        self.programs, self.folder = programs, Path(tempfile.mkdtemp(prefix="pg"))
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            names = {entry.pw_name: entry for entry in pwd.getpwall()}
            entry = names.get("postgres") or names["nobody"]
            self._as = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)

    def __enter__(self) -> Server:
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            [
                self.programs / "initdb", "--pgdata", self.folder / "data", "--username", USER,
                "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--no-locale",
                "--encoding=UTF8",
            ],
            cwd=self.folder, check=True, capture_output=True, **self._as,
        )  # fmt: skip
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder,
                    "-c", "listen_addresses=", "-F",
                ],
                cwd=self.folder, stdout=log, stderr=log, preexec_fn=end_with_us, **self._as,  # noqa: PLW1509
            )  # fmt: skip
        for _ in range(300):
            with suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def kill(self) -> None:
        """End the server at once: what was not committed is lost."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Execute a statement; return the rows it found."""
        with psycopg.connect(
            host=str(self.folder), user=USER, password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def create(self, database: str) -> str:
        """Create a database; return its URL."""
        self.execute(f"CREATE DATABASE {database}")
        return self.url(database)

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{quote(password, safe='')}@/{database}?host={self.folder}"
