"""The real `run_autograder` in Gradescope's folders."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.integrations.gradescope.autograder_zip import package
from autograder.integrations.gradescope.container import NOT_FINISHED, find_submission
from autograder.integrations.gradescope.metadata import Metadata
from autograder.reports.presentation import OURS
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, write_notebook
from tests.corpus.attacked import QUICK
from tests.corpus.attacks import WORTHLESS
from tests.formats import SCHEMAS, validator
from tests.integrations.gradescope.container import Container, container, control_group

pytestmark = pytest.mark.slow  # Gradescope's container

CHLOE = ROOT / "examples/submitted/chloe/linear_regression/linear_regression.ipynb"
RIGHT = ROOT / "examples/submitted/amara/linear_regression/linear_regression.ipynb"
EARLIER = {"submission_time": "2026-12-01T10:00:00+01:00", "score": 45.0,
           "results": {"score": 45.0, "output": "then", "tests": []}}  # fmt: skip


@pytest.fixture(scope="module")
def package_(course: Course, assignment: Assignment) -> bytes:
    return package(course, assignment)


@pytest.fixture(scope="module")
def graded(package_: bytes, tmp_path_factory: pytest.TempPathFactory) -> Container:
    return container(tmp_path_factory.mktemp("gradescope") / "autograder", package_)


@pytest.fixture
def gradescope(graded: Container) -> Iterator[Container]:
    """Return a container without a submission, whose course is put back afterwards."""
    course = graded.root / "source/course/course.yml"
    before = course.read_bytes()
    shutil.rmtree(graded.root / "results", ignore_errors=True)
    (graded.root / "submission_metadata.json").unlink(missing_ok=True)
    yield graded
    course.write_bytes(before)


def valid(results: dict[str, Any]) -> dict[str, Any]:
    validator(SCHEMAS / "gradescope.schema.json").validate(results)
    return results


def test_points_findings_lateness_and_the_submission_before(gradescope: Container) -> None:
    gradescope.submit(CHLOE)
    found, printed = gradescope.grade(created="2026-12-16T12:00:00+01:00", previous=(EARLIER,))
    valid(found)
    assert found["score"] == 64
    said = found["output"].split("\n\n")
    assert said[:2] == [
        "2 days late: 16 points off, 64 remain.",
        "Your previous submission had 45 points; this one has 64.",
    ]
    assert found["tests"][-4]["name"] == "convergence: 6 of 20 points"
    assert any("broadcasts to n × n" in test.get("output", "") for test in found["tests"])
    assert "ada@uni.example: 80/100" in printed
    assert "isolation: " in printed


def test_a_renamed_notebook_in_a_folder_is_found(gradescope: Container) -> None:
    gradescope.submit(RIGHT, "homework/My solution.ipynb")
    found, _ = gradescope.grade(created="2026-12-10T12:00:00+01:00")
    assert valid(found)["score"] == 100
    assert found["output"].startswith("Renamed: My solution.ipynb\n\nEverything right.")


def test_no_metadata_costs_nothing(gradescope: Container) -> None:
    gradescope.submit(RIGHT)
    (gradescope.root / "submission_metadata.json").write_bytes(b"\xff{")
    found, _ = gradescope.grade()
    assert valid(found)["score"] == 100


def test_a_missing_or_damaged_notebook_has_no_points_and_a_message(
    gradescope: Container, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.ipynb"
    damaged.write_text("{", encoding="utf-8")
    gradescope.submit(damaged)
    found, _ = gradescope.grade()
    assert valid(found)["score"] == 0
    assert "The notebook is damaged" in found["output"]
    gradescope.submit(damaged, "readme.txt")
    found, _ = gradescope.grade()
    assert valid(found)["score"] == 0
    assert "The notebook is missing" in found["output"]


def test_a_grader_error_keeps_the_previous_result_or_has_no_score(gradescope: Container) -> None:
    gradescope.submit(RIGHT)
    (gradescope.root / "source/course/course.yml").write_text("course: [", encoding="utf-8")
    found, printed = gradescope.grade(created="2026-12-10T12:00:00+01:00")
    assert valid(found)["output"] == OURS
    assert "score" not in found
    assert "course.yml, line " in printed
    found, _ = gradescope.grade(previous=(EARLIER,))
    assert valid(found)["score"] == 45
    assert found["output"].startswith(OURS)


def test_results_are_there_even_without_python(gradescope: Container) -> None:
    gradescope.submit(RIGHT)
    environment = gradescope.root / "environment"
    environment.rename(gradescope.root / "gone")
    try:
        found, printed = gradescope.grade()
    finally:
        (gradescope.root / "gone").rename(environment)
    assert valid(found)["tests"] == []
    assert "could not be started" in found["output"]
    assert "stopped early" in printed


def test_results_so_far_remain_when_the_grader_is_killed(
    gradescope: Container, tmp_path: Path
) -> None:
    """The last task hangs, and Gradescope's time limit ends everything meanwhile."""
    cells = [*ACCEPTED[0].cells(), "def step(X, y, model, lr=0.1):\n    while True: pass"]
    gradescope.submit(write_notebook(tmp_path / "slow.ipynb", cells))
    process = subprocess.Popen(
        [str(gradescope.root / "run_autograder")], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(600):
            time.sleep(0.1)
            file = gradescope.root / "results/results.json"
            if file.exists() and any(t["number"] == "2.2" for t in gradescope.results()["tests"]):
                break
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    found = valid(gradescope.results())
    assert found["output"] == NOT_FINISHED
    reached = {test["number"]: test["name"] for test in found["tests"] if len(test["number"]) == 1}
    assert reached["2"].startswith("forward: ")
    assert "3" not in reached
    assert found["score"] >= 15


HOG = """
import numpy
kept = []
while True:
    kept.append(numpy.ones(1 << 20))
"""


def test_the_smallest_container_has_enough_memory_for_a_greedy_submission(
    gradescope: Container, tmp_path: Path
) -> None:
    gradescope.submit(write_notebook(tmp_path / "hog.ipynb", [*ACCEPTED[0].cells(), HOG]))
    with control_group(768) as group:
        if group is None:
            pytest.skip("this user cannot make a control group with a limit on memory")
        found, printed = gradescope.grade(group=group, created="2026-12-10T12:00:00+01:00")
    assert valid(found)["score"] == 100, printed


SPY = """
import os, pathlib
told = []
root = pathlib.Path({root!r})
for path in [root / "source/course/course.yml", *(root / "source/kit/autograder/suites").rglob("*.py"),
             root / "submission_metadata.json", root / "results/results.json"]:
    try:
        told.append(path.read_text()[:20])
    except OSError:
        pass
for path in (root / "results/results.json", root / "results/other.json", root / "run_autograder"):
    try:
        path.write_text('{{"score": 1000}}')
        told.append(str(path))
    except OSError:
        pass
raise RuntimeError(f"told {{len(told)}} things: {{told}}")
"""


def test_a_submission_reads_no_suite_and_writes_no_results(
    gradescope: Container, tmp_path: Path
) -> None:
    root = str(gradescope.root)
    spying = f"def polynomial_gradients(a, b):\n    exec({SPY.format(root=root)!r})"
    gradescope.submit(write_notebook(tmp_path / "spy.ipynb", [*ACCEPTED[0].cells(), spying]))
    found, _ = gradescope.grade(created="2026-12-10T12:00:00+01:00")
    assert valid(found)["score"] == 80
    assert any("told 0 things: []" in test.get("output", "") for test in found["tests"])


def test_attacks_gain_nothing(gradescope: Container, tmp_path: Path) -> None:
    """Some of the corpus, which tests/test_attacks.py tries as a whole."""
    gradescope.submit(write_notebook(tmp_path / "honest.ipynb", WORTHLESS.cells()))
    most = valid(gradescope.grade()[0])["score"]
    for attack in QUICK[:: len(QUICK) // 3]:
        gradescope.submit(write_notebook(tmp_path / "attack.ipynb", attack.cells()))
        found, _ = gradescope.grade()
        assert valid(found)["score"] <= most, attack.name


def test_links_are_not_followed(assignment: Assignment, tmp_path: Path) -> None:
    (tmp_path / "linear_regression.ipynb").symlink_to(RIGHT)
    (tmp_path / "folder").symlink_to(RIGHT.parent)
    assert find_submission(tmp_path, assignment, Metadata()).note == ""
    assert find_submission(tmp_path / "folder", assignment, Metadata()).path.parent.name == "folder"


def test_of_several_notebooks_with_the_right_name_one_is_noted(
    assignment: Assignment, tmp_path: Path
) -> None:
    for folder in ("new", "backup"):
        (tmp_path / folder).mkdir()
        shutil.copy(RIGHT, tmp_path / folder / "linear_regression.ipynb")
    found = find_submission(tmp_path, assignment, Metadata())
    assert found.path.parent.name == "backup"
    assert found.note == "of 2 notebooks, this one counts: backup/linear_regression.ipynb"
    shutil.copy(RIGHT, tmp_path / "linear_regression.ipynb")
    assert find_submission(tmp_path, assignment, Metadata()).path.parent == tmp_path


def test_several_notebooks_are_not_guessed(assignment: Assignment, tmp_path: Path) -> None:
    for name in ("a.ipynb", "b.ipynb", ".ipynb_checkpoints/c.ipynb", "__MACOSX/._d.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(RIGHT, tmp_path / name)
    assert find_submission(tmp_path, assignment, Metadata()).path.name == "linear_regression.ipynb"
    (tmp_path / "b.ipynb").unlink()
    assert find_submission(tmp_path, assignment, Metadata()).note == "renamed: a.ipynb"
    shutil.copy(RIGHT, tmp_path / "linear_regression (1).ipynb")
    found = find_submission(tmp_path, assignment, Metadata())
    assert found.note == "renamed: linear_regression (1).ipynb"
