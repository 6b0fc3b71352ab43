"""Gradescope's folders in a scratch root: what it unpacks, what it adds, what it starts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DUE = "2026-12-14T23:59:00+01:00"  # as in course.yml


@dataclass(frozen=True)
class Container:
    """What Gradescope calls /autograder."""

    root: Path

    def grade(
        self, *, timeout: float = 600, group: Path | None = None, **metadata: Any
    ) -> tuple[dict[str, Any], str]:
        """Run the autograder; return the results and what it printed, as instructors see it.

        With `group`, a control group of the kernel, it may use no more than that has.
        """
        if metadata:
            text = json.dumps(submission_metadata(**metadata))
            (self.root / "submission_metadata.json").write_text(text, encoding="utf-8")
        join = f"echo $$ > {group}/cgroup.procs && " if group is not None else ""
        done = subprocess.run(
            ["bash", "-c", f"{join}exec ./run_autograder"], cwd=self.root, timeout=timeout,
            capture_output=True, text=True, check=False,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return self.results(), done.stdout + done.stderr

    def results(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "results/results.json").read_bytes())
        return found

    def submit(self, notebook: Path, name: str = "linear_regression.ipynb") -> None:
        """Put a notebook into the folder of the submission, alone."""
        shutil.rmtree(self.root / "submission", ignore_errors=True)
        target = self.root / "submission" / name
        target.parent.mkdir(parents=True)
        shutil.copy(notebook, target)


@contextmanager
def control_group(megabytes: int) -> Iterator[Path | None]:
    """Make a control group with so much memory, None where this user cannot."""
    for folder, limit in (("memory", "memory.limit_in_bytes"), ("", "memory.max")):
        group = Path("/sys/fs/cgroup", folder, f"autograder-test-{os.getpid()}")
        try:
            group.mkdir()
            (group / limit).write_text(str(megabytes << 20), encoding="ascii")
        except OSError:
            with suppress(OSError):
                group.rmdir()
            continue
        try:
            yield group
        finally:
            group.rmdir()
        return
    yield None


def container(root: Path, package: bytes) -> Container:
    """Unpack a package as Gradescope does, with an environment that has this one's libraries.

    `setup.sh` would install the same versions from the network, which takes minutes.
    """
    source, environment = root / "source", root / "environment"
    archive = root.parent / "package.zip"
    archive.write_bytes(package)
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            opened.extract(entry, source)
            (source / entry.filename).chmod(entry.external_attr >> 16)
    shutil.copy(source / "run_autograder", root)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(environment)], check=True
    )
    (site,) = environment.glob("lib/*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "paths.pth").write_text(f"{source / 'kit'}\n{ours}\n", encoding="utf-8")
    return Container(root)


def submission_metadata(
    created: str = "2026-12-10T12:00:00.000000+01:00",
    due: str | None = DUE,
    own: str | None = None,
    users: tuple[str, ...] = ("ada@uni.example",),
    previous: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """Return what Gradescope writes into submission_metadata.json."""
    dates = {"release_date": None, "due_date": own or due, "late_due_date": None}
    return {
        "id": 123456,
        "created_at": created,
        "assignment": {
            "due_date": due, "group_size": 2, "group_submission": True, "id": 25828,
            "course_id": 1234, "late_due_date": None, "release_date": None,
            "title": "Programming Assignment 1", "total_points": "100.0",
        },
        "submission_method": "upload",
        "users": [
            {"email": email, "id": 1, "name": email.split("@")[0], "assignment": dates}
            for email in users
        ],
        "previous_submissions": list(previous),
    }  # fmt: skip
