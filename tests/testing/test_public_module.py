"""`autograder.testing`: the one module of ours that a suite's tests import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import autograder.testing
from tests.conftest import ROOT

SUITE = ROOT / "autograder/suites/linear_regression"
FILES = [p for p in SUITE.glob("*.py") if p.name not in ("accepted.py", "answers.py")]


def test_everything_it_names_is_there() -> None:
    assert all(hasattr(autograder.testing, name) for name in autograder.testing.__all__)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_shipped_suite_imports_nothing_else_of_ours(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level}
    ours = {m for m in imported if m and m.startswith("autograder")}
    offered = {"autograder.testing", "autograder.testing.torch", "autograder.testing.pictures"}
    assert ours <= offered


def test_it_loads_nothing_of_the_grader() -> None:
    code = "import autograder.testing.torch, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"torch", "pandas", "scipy", "IPython", "autograder.grading"}
    assert not heavy & set(loaded.stdout.split())
