"""The zip file for Gradescope: complete, pinned, the same each time."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from autograder.course import Assignment, Course, load_course
from autograder.integrations.gradescope.autograder_zip import package, pinned
from tests.conftest import COURSE_OF_ONE, ROOT
from tests.tiny import MINIMAL, make_course


@pytest.fixture(scope="module")
def content(course: Course, assignment: Assignment) -> bytes:
    return package(course, assignment)


@pytest.fixture(scope="module")
def unpacked(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def test_scripts_are_at_the_root_and_can_be_run(content: bytes) -> None:
    modes = {e.filename: e.external_attr >> 16 for e in zipfile.ZipFile(io.BytesIO(content)).infolist()}  # fmt: skip
    assert [modes[name] & 0o777 for name in ("setup.sh", "run_autograder")] == [0o755, 0o755]
    assert not any("__pycache__" in name for name in modes)


def test_scripts_are_sound_bash(unpacked: Path) -> None:
    for name in ("setup.sh", "run_autograder"):
        assert subprocess.run(["bash", "-n", str(unpacked / name)], check=False).returncode == 0


def test_the_course_is_cut_down_to_the_assignment_and_keeps_its_seed(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch, course: Course, assignment: Assignment
) -> None:
    there = load_course(unpacked / "course/course.yml")
    assert list(there.assignments) == ["linear_regression"]
    cut = there.assignment(None)
    assert (cut.tasks, cut.due, cut.late, cut.limits) == (
        assignment.tasks, assignment.due, assignment.late, assignment.limits,
    )  # fmt: skip
    assert there.seed == str(course.seed)
    assert (unpacked / "course/solutions/linear_regression/linear_regression.ipynb").exists()
    monkeypatch.setenv("AUTOGRADER_SEED", "of my own")
    text = zipfile.ZipFile(io.BytesIO(package(course, assignment))).read("course/course.yml")
    assert yaml.safe_load(text)["seed"] == "of my own"


def test_the_courses_own_suite_is_included(tmp_path: Path) -> None:
    text = COURSE_OF_ONE
    text = text.replace("suite: linear_regression ", "suite: tests/of/mine ")
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "autograder/suites/linear_regression", tmp_path / "tests/of/mine")
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    course = load_course(tmp_path / "course.yml")
    target = tmp_path / "unpacked"
    zipfile.ZipFile(io.BytesIO(package(course, course.assignment(None)))).extractall(target)
    there = load_course(target / "course/course.yml").assignment(None)
    assert there.suite_folder == target / "course/suites/mine"
    assert (there.suite_folder / "support/model.py").exists()


def test_tasks_of_the_notebook_and_its_files_are_included(tmp_path: Path) -> None:
    make_course(tmp_path)
    text = f"{MINIMAL}    files: [houses.csv, helpers.py]\n    preload: [json]\n"
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    home = tmp_path / "solutions/double"
    (home / "houses.csv").write_text("1,2\n", encoding="utf-8")
    (home / "helpers.py").write_text("import tornado\n", encoding="utf-8")
    course = load_course(tmp_path / "course.yml")
    target = tmp_path / "unpacked"
    zipfile.ZipFile(io.BytesIO(package(course, course.assignment(None)))).extractall(target)
    there = load_course(target / "course/course.yml").assignment(None)
    assert there.tasks == course.assignment(None).tasks
    assert there.tasks_file is None
    assert there.given_files == {"houses.csv": b"1,2\n", "helpers.py": b"import tornado\n"}
    assert "\ntornado==" in (target / "requirements.txt").read_text(encoding="utf-8")


def test_libraries_of_the_suite_and_the_notebook_are_pinned_too(tmp_path: Path) -> None:
    text = COURSE_OF_ONE
    text = text.replace("suite: linear_regression ", "suite: mine ")
    text = text.replace("preload: [torch,", "preload: [tornado.web, torch,")
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "autograder/suites/linear_regression", tmp_path / "mine")
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    with (tmp_path / "mine/test_step.py").open("a", encoding="utf-8") as file:
        file.write("\n\nimport hypothesis\nimport autograder\n")
    course = load_course(tmp_path / "course.yml")
    archive = zipfile.ZipFile(io.BytesIO(package(course, course.assignment(None))))
    pins = archive.read("requirements.txt").decode().splitlines()
    names = [pin.split("==")[0] for pin in pins]
    assert set(names) - set(pinned("ml-autograder")) == {"hypothesis", "tornado", *pinned("hypothesis")}  # fmt: skip
    assert not [pin for pin in pins if pin.endswith("==")]


def test_every_version_is_pinned_and_the_same_as_here(unpacked: Path) -> None:
    lines = (unpacked / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines)
    assert {"torch", "numpy", "pytest", "ipython", "pydantic-core", "scipy"} <= set(pins)
    assert "nbgrader" not in pins
    assert not any("+" in version for version in pins.values())
    assert pins == pinned("ml-autograder")


def test_the_same_course_gives_the_same_file(
    content: bytes, course: Course, assignment: Assignment
) -> None:
    assert package(course, assignment) == content


@pytest.mark.skipif(
    os.environ.get("GRADESCOPE") != "required",
    reason="`make test-gradescope` installs everything anew, which takes minutes",
)
def test_setup_builds_an_environment_that_grades(unpacked: Path) -> None:
    root = unpacked.parent / "autograder"
    shutil.copytree(unpacked, root / "source")
    subprocess.run(["bash", str(root / "source/setup.sh")], check=True)
    shutil.copy(root / "source/run_autograder", root)
    shutil.copytree(ROOT / "examples/submitted/amara/linear_regression", root / "submission")
    subprocess.run(["bash", str(root / "run_autograder")], check=True)
    assert '"score": 100' in (root / "results/results.json").read_text(encoding="utf-8")
