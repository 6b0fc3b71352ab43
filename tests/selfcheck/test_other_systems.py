"""A student's own check needs nothing that only Linux and macOS have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.authoring.student_kit.kit import run
from tests.conftest import ROOT, StudentsKit

pytestmark = pytest.mark.slow  # builds and installs the students' kit

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

from autograder.__main__ import main
main(["check", *sys.argv[1:]])
"""
SOLUTION = ROOT / "solutions/linear_regression/linear_regression.ipynb"
MISTAKEN = ROOT / "examples/submitted/elif/linear_regression/linear_regression.ipynb"


@pytest.fixture(params=["the whole kit", "the students' kit"])
def python(request: pytest.FixtureRequest, students_kit: StudentsKit) -> str:
    return sys.executable if request.param == "the whole kit" else str(students_kit.python)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Return where a student on Windows might keep a notebook."""
    path = tmp_path / "Meine Übungen (neu)" / "Lösung für Jürgen 1.ipynb"
    path.parent.mkdir()
    return path


def test_a_notebook_is_checked_without_what_windows_lacks(
    python: str, notebook: Path, tmp_path: Path
) -> None:
    lines = SOLUTION.read_bytes().splitlines()
    notebook.write_bytes(b"\r\n".join(lines).replace(rb"\n", rb"\r\n"))
    arguments = ("-a", "linear_regression", str(notebook))
    done = run(python, "-c", WITHOUT, *arguments, cwd=tmp_path, PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr
    assert "? passed  At a = 5" in done.stdout
    assert "13 of 13 checks pass." in done.stdout


def test_mistakes_are_named_without_what_windows_lacks(python: str, tmp_path: Path) -> None:
    cwd = ROOT if python == sys.executable else tmp_path  # where the source notebook is
    done = run(python, "-c", WITHOUT, str(MISTAKEN), cwd=cwd, PYTHONIOENCODING="cp1252")
    assert done.returncode == 1, done.stderr
    assert "The bias is missing" in done.stdout
    assert "4 of 13 checks pass." in done.stdout


def test_a_name_that_the_terminal_cannot_show_is_no_crash(python: str, tmp_path: Path) -> None:
    done = run(python, "-c", WITHOUT, "Ж点.ipynb", cwd=tmp_path, PYTHONIOENCODING="cp1252")
    assert done.returncode == 2
    assert "ipynb" in done.stderr
    assert "Traceback" not in done.stderr
