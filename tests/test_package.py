"""The wheel contains what it needs, and the command works outside this repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.authoring.student_kit.kit import install, run
from tests.conftest import ROOT, write_course, write_notebook

pytestmark = pytest.mark.slow  # builds and installs the kit


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), "."],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_contains_suites_schemas_and_support_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    suite = "autograder/suites/linear_regression"
    assert {
        "autograder/authoring/templates/numpy/notebook.py.j2",
        "autograder/course.schema.json",
        "autograder/integrations/github/template/grade.yml",
        "autograder/record.schema.json",
        f"{suite}/test_step.py",
        f"{suite}/lesson.npz",
        f"{suite}/support/model.py",
        f"{suite}/support/training.py",
        "autograder/selfcheck/students.md",
        "autograder/testing/support/models.py",
    } <= names
    assert not any(name.startswith(("tests/", "solutions/", "examples/")) for name in names)


def test_an_installed_kit_grades_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    python, course = install(wheel, tmp_path / "installed"), tmp_path / "course"
    course.mkdir()
    write_course(course)
    shutil.copytree(ROOT / "solutions", course / "solutions")
    write_notebook(course / "class" / "ada.ipynb", ACCEPTED[0].cells())
    done = run(python, "-m", "autograder", "grade", "class", cwd=course)
    assert done.returncode == 0, done.stderr
    assert "everything right" in done.stdout
    where = run(python, "-c", "import autograder; print(autograder.__file__)", cwd=course).stdout
    assert where.startswith(str(tmp_path / "installed"))
