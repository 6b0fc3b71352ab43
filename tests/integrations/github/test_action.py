"""A push is graded as GitHub would: every step of the workflow is run, on a repository that
`autograder template github` wrote, for right, wrong, late, hostile and unreadable notebooks.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import jsonschema
import pytest

from autograder.record_json import SCHEMA
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import COURSE_OF_ONE, ROOT, write_notebook
from tests.corpus.wrong import WRONG
from tests.integrations.github.runner import Job, Runner, commit

pytestmark = pytest.mark.slow  # the runner of workflows

NAME = "linear_regression"
NOTEBOOK = f"{NAME}.ipynb"
GOOD = ACCEPTED[0].cells()
NO_BIAS = next(answer for answer in WRONG if answer.name == "no_bias").cells()
IN_TIME, LATE = 1796000000, 1797500000  # before 14 December 2026, 23:59, and three days after it
KEY, SEED = "a deploy key nobody may see", "a seed nobody may see"

Push = Callable[..., Job]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return what students start from: with the kit's own course, and with a private one."""
    written = {}
    for name, more in (("kit", []), ("private", ["--course-repository", "owner/course"])):
        written[name] = tmp_path_factory.mktemp("template") / "repository"
        command = ["template", "github", str(written[name]), "-a", "linear_regression"]
        command += ["--grader", "owner/kit@v1", *more]
        subprocess.run([sys.executable, "-m", "autograder", *command], cwd=ROOT, check=True)
    return written


@pytest.fixture(scope="module")
def push(template: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Push:
    """Return a function that pushes a notebook and runs the job; the first one installs the kit."""
    installed: list[Path] = []

    def push(
        cells: Sequence[str] | bytes | None,
        change: Callable[[Path], object] | None = None,
        at: int = IN_TIME,
        course: Path | None = None,
        key: str = KEY,
        **inputs: str,
    ) -> Job:
        folder = tmp_path_factory.mktemp("runner")
        pushed = shutil.copytree(
            template["kit" if course is None else "private"], folder / "pushed"
        )
        if isinstance(cells, bytes):
            (pushed / NOTEBOOK).write_bytes(cells)
        elif cells is not None:
            write_notebook(pushed / NOTEBOOK, cells)
        if inputs:
            workflow = pushed / ".github/workflows/grade.yml"
            lines = "".join(f"      {name}: {text}\n" for name, text in inputs.items())
            workflow.write_text(workflow.read_text().replace("    with:\n", f"    with:\n{lines}"))
        if change is not None:
            change(pushed)
        commit(pushed)
        owner = {"login": "ada", "type": "User"}
        runner = Runner(
            folder / "machine",
            pushed,
            {"repository": {"pushed_at": at, "owner": owner}},
            {"AUTOGRADER_SEED": SEED, "COURSE_KEY": key},
            course,
            KEY,
            next(iter(installed), None),
        )
        job = runner.run_workflow()
        installed.append((runner.temp / "autograder").resolve())
        return job

    return push


def private_course(folder: Path, **changes: str) -> Path:
    """Return a course of its own, with a suite that is nowhere else."""
    text = COURSE_OF_ONE.replace("suite: linear_regression ", "suite: hidden ")
    for old, new in changes.items():
        text = re.sub(rf"{old}: \w+", f"{old}: {new}", text)
    folder.mkdir()
    (folder / "course.yml").write_text(text)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    suite = ROOT / "autograder" / "suites" / NAME
    shutil.copytree(suite, folder / "hidden", ignore=shutil.ignore_patterns("__pycache__"))
    for module in (folder / "hidden").rglob("*.py"):
        text = module.read_text().replace("autograder.suites.linear_regression", "hidden")
        module.write_text(text)
    (folder / "hidden" / "secret.txt").write_text("the hidden suite")
    return folder


def test_a_correct_answer_gets_full_points_and_passes(push: Push) -> None:
    job = push(GOOD)
    assert job.succeeded, job.log
    assert job.outputs["score"] == "100"
    assert job.outputs["status"] == "graded"
    assert "::notice file=linear_regression.ipynb,line=1,title=100 of 100 points::" in job.log
    assert "::error" not in job.log
    assert "Everything right" in job.summary
    assert job.files("feedback") == [f"ada/{NAME}.html"]
    assert job.files("feedback-data") == ["junit.xml", "records.jsonl"]
    record = json.loads((job.artifacts["feedback-data"] / "records.jsonl").read_text())
    jsonschema.validate(record, json.loads(SCHEMA.read_text()))
    assert record["student"] == "ada"


def test_a_mistake_is_annotated_at_its_line(push: Push) -> None:
    job = push(NO_BIAS, **{"fail-under": "95"})
    assert not job.succeeded
    assert "Fewer than 95 points." in job.log
    assert job.outputs["score"] == "90"
    (command,) = re.findall(r"::error file=linear_regression.ipynb,line=1,title=forward.*", job.log)
    assert "The bias is missing" in command
    assert "%0A" in command
    assert "The bias is missing" in job.summary
    assert set(job.artifacts) == {"feedback", "feedback-data"}  # also when the job fails


def test_a_late_push_is_late_whatever_the_commit_date(push: Push) -> None:
    job = push(GOOD, at=LATE)
    assert "3 days late: 30 points off, 70 remain." in job.summary
    assert job.outputs["score"] == "100"


@pytest.mark.parametrize(
    ("cells", "words"),
    [(b"{", "The notebook is damaged"), (b"", "The notebook is empty"), (b"\xff" * 99, "damaged")],
)
def test_an_unreadable_notebook_fails_with_a_reason(push: Push, cells: bytes, words: str) -> None:
    job = push(cells)
    assert not job.succeeded
    assert (job.outputs["score"], job.outputs["status"]) == ("0", "failed")
    assert words in job.summary
    assert re.search(
        rf"::error file=linear_regression.ipynb,line=1,title=0 of 100.*{words}", job.log
    )
    assert job.outputs["max-score"] == "100"


def test_a_renamed_notebook_is_graded_and_annotated_under_its_own_name(push: Push) -> None:
    job = push(NO_BIAS, lambda pushed: (pushed / NOTEBOOK).rename(pushed / "mine, final.ipynb"))
    assert job.outputs["score"] == "90"
    assert "file=mine%2C final.ipynb,line=" in job.log


def test_a_missing_notebook_is_reported(push: Push) -> None:
    job = push(GOOD, lambda pushed: (pushed / NOTEBOOK).unlink())
    assert not job.succeeded
    assert "missing" in job.summary


def test_printed_commands_are_not_run(push: Push) -> None:
    orders = "::error::owned\\n::set-output name=score::100\\n##[error]owned\\nscore=100\\n"
    orders += "</details></table><img src=x>@everyone [a](https://evil.example) ```"
    cell = f"def polynomial_gradients(a, b):\n    raise ValueError('''{orders}''')"
    job = push([*GOOD, cell, f"print('''{orders}''')"])
    assert job.outputs["score"] == "80"
    assert "owned" in job.log
    starts = [line for line in job.log.splitlines() if re.match(r"\s*(::|##\[)", line)]
    kinds = {re.match(r"\s*::(\w+)", line)[1] for line in starts}  # type: ignore[index]
    assert kinds - {"error", "notice", "stop"} == {starts[1].strip(":")}  # the token
    assert not any("title=owned" in line or line.startswith("::error::") for line in starts)
    assert "<img" not in job.summary
    assert "](http" not in job.summary
    assert "@everyone" not in job.summary


def test_a_students_files_are_neither_run_nor_read(push: Push) -> None:
    """Modules that shadow ours, a course of their own, and links to what is beside it."""

    def owned(pushed: Path) -> None:
        for name in ("pip", "venv", "site", "sitecustomize", "json", "autograder", "conftest"):
            (pushed / f"{name}.py").write_text("print('owned'); raise SystemExit(0)\n")
        (pushed / "course.yml").write_text("course: owned\n")
        (pushed / "pip.conf").write_text("[global]\nindex-url = https://evil.example\n")

    job = push(NO_BIAS, owned)
    assert job.outputs["score"] == "90"
    assert "owned" not in job.log


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_to_the_solution_is_not_followed(push: Push, kind: str) -> None:
    def link(pushed: Path) -> None:
        solution = f"../grader/solutions/{NAME}"
        if kind == "file":
            (pushed / NOTEBOOK).unlink()
            (pushed / NOTEBOOK).symlink_to(f"{solution}/{NOTEBOOK}")
        else:
            (pushed / "homework").symlink_to(solution)
            workflow = pushed / ".github/workflows/grade.yml"
            text = workflow.read_text().replace("notebook: '", "notebook: 'homework/")
            workflow.write_text(text)

    job = push(GOOD, link)
    assert not job.succeeded
    assert job.outputs["score"] == "0"
    assert "is a link to another file" in job.summary


SPY = """
import glob, os, pathlib
seen = [str(dict(os.environ))]
for path in ("/proc/self/environ", "/proc/1/environ", f"/proc/{os.getppid()}/environ",
             *glob.glob("{work}/**/*", recursive=True), "{work}/course/hidden/secret.txt",
             "{work}/course/course.yml", "{work}/course/hidden/test_step.py"):
    try:
        seen.append(pathlib.Path(path).read_text())
    except Exception as error:
        seen.append(type(error).__name__)
def polynomial_gradients(a, b):
    raise ValueError(str(seen))
"""


def test_a_hidden_suite_grades_and_is_never_seen(
    push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = private_course(tmp_path / "course")
    work: list[Path] = []

    def spy(pushed: Path) -> None:
        work.append(pushed.parent / "machine" / "work")
        cell = SPY.replace("{work}", str(work[0]))
        write_notebook(pushed / NOTEBOOK, [*GOOD, cell])

    job = push(GOOD, spy, course=course)
    assert job.outputs["score"] == "80", job.log
    assert (work[0] / "course/hidden/secret.txt").exists()
    told = (
        job.log
        + job.summary
        + "".join(
            path.read_text() for folder in job.artifacts.values() for path in folder.rglob("*.*")
        )
    )
    assert "PermissionError" in told  # the spy was there
    for secret in (KEY, SEED, "the hidden suite", "isolation: required"):
        assert secret not in told
    assert [e for e in job.environments if KEY in e.values()] == []
    assert len([e for e in job.environments if SEED in e.values()]) == 1


def test_without_the_key_nothing_is_graded(push: Push, tmp_path: Path) -> None:
    job = push(GOOD, course=private_course(tmp_path / "course"), key="")
    assert not job.succeeded
    assert "::error::The secret with the deploy key of the course is missing." in job.log
    assert job.outputs["score"] == ""


@pytest.mark.parametrize("level", ["hints", "score"])
def test_students_see_what_the_course_lets_them(push: Push, tmp_path: Path, level: str) -> None:
    course = private_course(tmp_path / "course", feedback=level)
    job = push(NO_BIAS, course=course)
    assert job.outputs["score"] == "90"
    assert set(job.artifacts) == {"feedback"}
    told = job.log + job.summary
    assert ("The bias is missing" in told) == (level == "hints")
    assert "tests passed" not in told
    assert "fresh" not in told
    assert all(name in job.summary for name in ("gradients", "forward", "step", "convergence"))


def test_a_mistake_in_the_course_shows_its_first_line_only(push: Push, tmp_path: Path) -> None:
    course = private_course(tmp_path / "course")
    with (course / "hidden" / "test_step.py").open("a") as suite:
        suite.write("\nassert 'a hidden line' == 1\n")
    job = push(GOOD, course=course)
    assert not job.succeeded
    assert "the suite cannot be run" in job.log
    assert "a hidden line" not in job.log


def test_the_action_installs_what_the_readme_says(template: dict[str, Path]) -> None:
    text = (ROOT / "action.yml").read_text()
    assert "https://download.pytorch.org/whl/cpu" in text
    assert (
        '--constraint "$GITHUB_ACTION_PATH/constraints.txt" "$GITHUB_ACTION_PATH[pandas]"' in text
    )
    assert os.path.exists(ROOT / "constraints.txt")
