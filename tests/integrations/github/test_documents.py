"""The commands in docs/ci work as they are written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.record_json import read_records
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, write_course, write_notebook
from tests.corpus.wrong import WRONG
from tests.integrations.github.runner import commit, copy_kit
from tests.integrations.test_formats import RUNNER, schema

pytestmark = pytest.mark.slow  # the runner of workflows

NO_BIAS = next(answer for answer in WRONG if answer.name == "no_bias").cells()
NAME = "linear_regression"


def blocks(document: str, kind: str = "bash") -> list[str]:
    """Return the blocks of code in a document."""
    text = (ROOT / document).read_text()
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == kind]


def bash(script: str, folder: Path, *first: Path, **environment: str) -> str:
    path = ":".join(map(str, [*first, Path(sys.executable).parent, "/usr/bin", "/bin"]))
    person = {
        f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), **person, **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_newcomer_needs_less_than_a_minute(tmp_path: Path) -> None:
    """From the template to a graded push: the commands of docs/ci/index.md, with no GitHub to push to."""
    copy_kit(tmp_path)
    start, grade = blocks("docs/ci/index.md")[:2]
    script = re.sub(r"^gh .*$", "", start, flags=re.MULTILINE).replace("OWNER/REPO", "prof/kit")
    began = time.monotonic()
    printed = bash(script + grade, tmp_path)
    assert time.monotonic() - began < 60
    assert "you: 0 of 100 points" in printed
    assert re.search(r"^::error file=\S+/linear_regression\.ipynb,line=\d+", printed, re.MULTILINE)
    assert "is not filled in yet" in printed


def test_classroom_50_runs_the_autograder_of_the_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jsonschema

    (program,) = blocks("docs/ci/classroom50.md", "python")
    install = re.compile(r"^subprocess\.run\(.*\"pip\", \"install\".*\n", re.MULTILINE)
    assert len(install.findall(program)) == 1
    bundle, checkout = tmp_path / "bundle", tmp_path / "checkout"
    bundle.mkdir()
    (bundle / "autograder.py").write_text(install.sub("", program))
    write_course(bundle)
    shutil.copytree(ROOT / "solutions", bundle / "solutions")
    write_notebook(checkout / f"{NAME}.ipynb", NO_BIAS)
    monkeypatch.setenv("AUTOGRADER_RECORDS", str(tmp_path / "records"))
    subprocess.run(
        [sys.executable, str(bundle / "autograder.py")],
        cwd=checkout, env=os.environ | RUNNER, check=True,
    )  # fmt: skip
    result = json.loads((checkout / "result.json").read_text())
    jsonschema.validate(result, schema("classroom50"))
    assert (result["score"], result["max-score"], result["owner"]) == (90, 100, "ada")


GH = """#!/bin/bash
case "$*" in
  "repo list"*) printf 'homework-ada\\nhomework-bob\\nsomething-else\\n' ;;
  *homework-ada*) echo 2026-12-01T10:00:00Z ;;
  *homework-bob*) echo 2026-12-16T10:00:00Z ;;
esac
"""


def test_a_class_is_graded_where_students_have_no_say(tmp_path: Path) -> None:
    """The loop of the documents, with a `gh` that knows two students, and their repositories."""
    (script,) = (b for b in blocks("docs/ci/hidden-suites.md") if b.startswith("for repository"))
    github, course, tools = tmp_path / "github", tmp_path / "course", tmp_path / "tools"
    for name, cells in (("ada", ACCEPTED[0].cells()), ("bob", NO_BIAS)):
        commit(
            write_notebook(
                github / "ORGANISATION" / f"homework-{name}" / f"{NAME}.ipynb", cells
            ).parent
        )
    for folder in (course, tools):
        folder.mkdir()
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(0o755)
    write_course(course)
    shutil.copytree(ROOT / "solutions", course / "solutions")
    subprocess.run(
        ["git", "config", "--file", course / ".gitconfig",
         f"url.{github}/.insteadOf", "https://github.com/"], check=True,
    )  # fmt: skip
    bash(script + "autograder grade --json records.jsonl", course, tools)
    found = {record.student: record for record in read_records(course / "records.jsonl")}
    assert {name: (r.score, r.late.days) for name, r in found.items()} == {
        "ada": (100, 0), "bob": (90, 2),
    }  # fmt: skip
    assert (course / "feedback" / "bob" / f"{NAME}.html").exists()
