"""The README shows what `make grade` prints about the first assignment."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from autograder.course import load_course
from tests.conftest import ROOT
from tests.docs.pages import check_block
from tests.integrations.nbgrader.commands import BIN, NAME


@pytest.mark.slow
def test_make_grade(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^grade:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    script = recipe[1].replace("$(BIN)", str(BIN)).replace("@", "")
    for output in ("results.jsonl", "feedback"):
        script = script.replace(f" {output}", f" {tmp_path / output}")
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=ROOT, env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
    parts = dict[str, list[str]]()
    for part in re.split(r"^(?=\w+: \d+ (?:tasks|submissions)\b)", printed, flags=re.MULTILINE)[1:]:
        parts.setdefault(part.partition(":")[0], []).append(part.strip("\n"))
    assert [*parts] == [*load_course(ROOT / "course.yml").assignments]
    assert all("release    up to date" in validated for validated, *_ in parts.values())
    check_block("README.md", 0, "\n\n".join(parts[NAME]) + "\n")
