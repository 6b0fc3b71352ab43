"""A student's own check needs nothing that only Linux and macOS have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

WITHOUT = """\
import asyncio, os, signal, subprocess, sys, tempfile
import IPython, matplotlib.pyplot, torch  # what they need of the system is their own business

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ("resource", "fcntl", "pwd", "grp", "termios"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Missing())
for owner, names in (
    (os, "fork setsid killpg wait4 sched_getaffinity O_NOFOLLOW O_NONBLOCK O_CLOEXEC"),
    (signal, "SIGKILL SIGXCPU SIGXFSZ SIGSYS"),
):
    for name in names.split():
        if hasattr(owner, name):
            delattr(owner, name)

from autograder.cli import main
main(["check", sys.argv[1]])
"""


def test_a_notebook_is_checked_without_what_windows_lacks(tmp_path: Path) -> None:
    solution = ROOT / "solutions/linear_regression/linear_regression.ipynb"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(solution)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "? passed  At a = 5" in done.stdout
    assert "13 of 13 checks pass." in done.stdout
