"""Runs a workflow as a runner of GitHub would: shells, environment files, conditions, outputs.

`run` steps are run as they are. GitHub's own actions have stand-ins that do on this machine what
they do there: check out, give a Python, keep artifacts. Everything else is an error.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.integrations.github.expressions import filled, holds

SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    None: ["bash", "-e"],  # what a workflow's step has if it names none
}
PIP = {  # what is needed is on this machine: pip builds the kit with it and asks nobody
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
}


@dataclass
class Job:
    """The results of a job: log, summary, outputs, artifacts."""

    succeeded: bool = True
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Path] = field(default_factory=dict)
    environments: list[dict[str, str]] = field(default_factory=list)

    def files(self, artifact: str) -> list[str]:
        folder = self.artifacts[artifact]
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@dataclass
class Runner:
    """A machine of GitHub's, in a folder.

    `pushed` is the student's repository; `course` what the deploy key opens; `installed` an
    environment that an earlier job installed, to save the time.
    """

    folder: Path
    pushed: Path
    event: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)
    course: Path | None = None
    key: str = ""
    installed: Path | None = None
    job: Job = field(default_factory=Job)

    def __post_init__(self) -> None:
        self.workspace, self.temp = self.folder / "work", self.folder / "temp"
        for folder in (self.workspace, self.temp, self.folder / "home"):
            folder.mkdir(parents=True)
        (self.folder / "event.json").write_text(json.dumps(self.event))
        self.github = {
            "workspace": str(self.workspace),
            "actor": "someone",
            "event_path": str(self.folder / "event.json"),
            "step_summary": str(self.folder / "summary.md"),
            "output": "",
            "action_path": "",
        }

    def run_workflow(self, name: str = ".github/workflows/grade.yml") -> Job:
        """Run the only job of a workflow in the student's repository, which calls one of ours."""
        caller = yaml.safe_load((self.pushed / name).read_text())
        (call,) = caller["jobs"].values()
        contexts = {"secrets": self.secrets}
        given = {key: filled(str(text), contexts) for key, text in call["with"].items()}
        secrets = {key: filled(text, contexts) for key, text in call["secrets"].items()}
        repository, path, _ = re.fullmatch(r"([^/]+/[^/]+)/(.+)@(.+)", call["uses"]).groups()  # type: ignore[union-attr]
        assert repository == given["grader"]
        called = yaml.safe_load((ROOT / path).read_text())
        declared = called[True]["workflow_call"]  # YAML 1.1 reads `on` as true
        assert set(secrets) <= set(declared["secrets"])
        (job,) = called["jobs"].values()
        steps = self._steps(
            job["steps"], {"inputs": _inputs(declared["inputs"], given), "secrets": secrets}
        )
        self.job.outputs = {k: filled(v, {"steps": steps}) for k, v in job["outputs"].items()}
        summary = Path(self.github["step_summary"])
        self.job.summary = summary.read_text() if summary.exists() else ""
        return self.job

    def _steps(self, steps: list[dict[str, Any]], contexts: Mapping[str, Any]) -> dict[str, Any]:
        """Run steps in their order, until one fails; return what they gave out."""
        done: dict[str, Any] = {}
        contexts = {
            **contexts,
            "steps": done,
            "runner": {"temp": str(self.temp), "os": "Linux", "arch": "X64"},
            "github": self.github,
        }
        for step in steps:
            if not self.job.succeeded or not holds(step.get("if", "'yes'"), contexts):
                continue
            given = {k: filled(str(v), contexts) for k, v in step.get("with", {}).items()}
            if "run" in step:
                outputs = self._run(step, contexts)
            elif step["uses"].startswith("./"):
                outputs = self._action(self.workspace / step["uses"], given)
            else:
                action, _, version = step["uses"].partition("@")
                assert re.fullmatch(r"v\d+", version)
                outputs = getattr(self, "_" + action.split("/")[1].replace("-", "_"))(given)
            if "id" in step:
                done[step["id"]] = {"outputs": outputs}
        return done

    def _action(self, folder: Path, given: dict[str, str]) -> dict[str, str]:
        """Run a composite action."""
        declared = yaml.safe_load((folder / "action.yml").read_text())
        outside = self.github["action_path"]
        self.github["action_path"] = str(folder.resolve())
        steps = self._steps(
            declared["runs"]["steps"], {"inputs": _inputs(declared["inputs"], given)}
        )
        self.github["action_path"] = outside
        return {k: filled(o["value"], {"steps": steps}) for k, o in declared["outputs"].items()}

    def _run(self, step: dict[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
        """Run a script in the shell it asks for; return what it wrote to GITHUB_OUTPUT."""
        assert "${{" not in step["run"], "an expression in a script is an injection"
        if step.get("name") == "Install the grader" and self.installed is not None:
            (self.temp / "autograder").symlink_to(self.installed)
            return {}
        script, output = self.temp / "step.sh", self.temp / "output"
        script.write_text(step["run"])
        output.write_text("")
        environment = {k: filled(str(v), contexts) for k, v in step.get("env", {}).items()}
        self.job.environments.append(environment)
        done = subprocess.run(
            [*SHELLS[step.get("shell")], str(script)],
            cwd=self.workspace,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.folder / "home"),
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTOR": self.github["actor"],
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_ACTION_PATH": self.github["action_path"],
                "GITHUB_EVENT_PATH": self.github["event_path"],
                "GITHUB_STEP_SUMMARY": self.github["step_summary"],
                "GITHUB_OUTPUT": str(output),
                "RUNNER_TEMP": str(self.temp),
                **PIP,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        self.job.log += done.stdout
        self.job.succeeded = done.returncode == 0
        return parsed(output.read_text())

    def _checkout(self, given: dict[str, str]) -> dict[str, str]:
        """Stand in for actions/checkout: the student's repository, ours, or the private one."""
        assert given["persist-credentials"] == "False"
        target = self.workspace / given["path"]
        match given.get("repository", ""):
            case "":
                subprocess.run(["git", "clone", "-q", self.pushed, target], check=True)
            case "owner/kit":
                copy_kit(target)
            case "owner/course":
                assert self.course is not None
                assert given["ssh-key"] == self.key != ""
                shutil.copytree(self.course, target)
        return {}

    def _setup_python(self, given: dict[str, str]) -> dict[str, str]:
        """Stand in for actions/setup-python: ours, whose new environments see what we installed."""
        ours = next(path for path in sys.path if path.endswith("site-packages"))
        python = self.temp / "python"
        python.write_text(
            f'#!/bin/bash\nset -e\n{sys.executable} "$@"\n'
            'for site in "$RUNNER_TEMP"/autograder/lib/*/site-packages; do\n'
            f'  echo "{ours}" > "$site/ours.pth"\ndone\n'
        )
        python.chmod(0o755)
        return {"python-path": str(python), "python-version": given["python-version"]}

    def _cache(self, given: dict[str, str]) -> dict[str, str]:
        """Stand in for actions/cache: nothing is cached."""
        assert given["key"].count("-") >= 4
        return {}

    def _upload_artifact(self, given: dict[str, str]) -> dict[str, str]:
        """Stand in for actions/upload-artifact: keeps what is there."""
        target = self.folder / "artifacts" / given["name"]
        target.mkdir(parents=True)
        for line in given["path"].split():
            path = Path(line)
            if path.is_dir():
                shutil.copytree(path, target, dirs_exist_ok=True)
            else:
                shutil.copy(path, target)
        assert any(target.rglob("*")), "if-no-files-found: error"
        self.job.artifacts[given["name"]] = target
        return {}


def parsed(text: str) -> dict[str, str]:
    """Return the outputs in a file, as the runner reads them: one on a line, or between delimiters."""
    found, lines = {}, iter(text.split("\n"))
    for line in filter(None, lines):
        name, many, delimiter = line.partition("<<")
        if many and "=" not in name:
            block: list[str] = []
            while (inside := next(lines)) != delimiter:
                block.append(inside)
            found[name] = "\n".join(block)
        else:
            name, sign, text = line.partition("=")
            assert sign, f"not an output: {line}"
            found[name] = text
    return found


def copy_kit(target: Path) -> None:
    """Copy this repository as it would be pushed."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT
    )
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith(
            ("tests/", "docs/", "bench/", "examples/")
        ):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def _inputs(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs of a workflow or an action, with defaults."""
    assert set(given) <= set(declared), "an input that is not declared"
    missing = [k for k, v in declared.items() if v.get("required") and not given.get(k)]
    assert missing == []
    return {name: given.get(name, str(v.get("default", ""))) for name, v in declared.items()}


def commit(folder: Path) -> None:
    """Commit everything in a folder, as a student who forges the date."""
    environment = os.environ | {
        **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "Homework"]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)
