"""A course that was there before the kit adopts it, by the steps of docs/instructor/adopt.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from tests.conftest import ROOT, notebook, write_course
from tests.integrations.nbgrader.commands import BIN, ENVIRONMENT, grades, run

DOCUMENT = (ROOT / "docs/instructor/adopt.md").read_text(encoding="utf-8")
(SUITE,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
(LINES,) = re.findall(r"```text\n(.*?)```", DOCUMENT, re.DOTALL)

RIGHT = """
def mean_squared_error(prediction, target):
    ### BEGIN SOLUTION
    return sum((p - t) ** 2 for p, t in zip(prediction, target)) / len(target)
    ### END SOLUTION
"""
WRONG = RIGHT.replace(" / len(target)", "")
CHECK = "assert mean_squared_error([1, 2], [1, 4]) == 2"
OWN_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "ml-2026"
c.CourseDirectory.source_directory = "instructor"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # yours"}
c.Execute.timeout = 60
c.Autograde.sanitize_preprocessors.append("nbgrader.preprocessors.ClearMarkScheme")


def hook(assignment, student, notebooks):
    with open("hook.txt", "a") as file:
        file.write("called\\n")


c.Autograde.pre_convert_hook = hook
"""

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


def cell(source: str, kind: str = "code", **grading: Any) -> dict[str, Any]:
    metadata = {"grade": False, "solution": False, "locked": False, "schema_version": 3, **grading}
    whole: dict[str, Any] = {"cell_type": kind, "id": grading["grade_id"], "source": source}
    whole["metadata"] = {"nbgrader": metadata}
    return whole | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def write(path: Path, solution: str, words: str = "YOUR ANSWER HERE") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [
        cell(solution, grade_id="error", solution=True),
        cell(CHECK, grade_id="test_error", grade=True, locked=True, points=10),
        cell(words, "markdown", grade_id="why", grade=True, solution=True, points=5),
    ]
    path.write_text(json.dumps(notebook(cells)), encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course of two assignments that has lived without the kit, and then adopted it."""
    folder = tmp_path_factory.mktemp("old") / "ML course"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(OWN_CONFIG)
    for assignment in ("ps1", "ps2"):
        write(folder / "instructor" / assignment / "Problem 1.ipynb", RIGHT)
        for student, solution in (("ada", RIGHT), ("bob", WRONG)):
            path = folder / "submitted" / student / assignment / "Problem 1.ipynb"
            write(path, solution, "Because.")
        run(folder, "nbgrader", "generate_assignment", assignment)
    run(folder, "nbgrader", "autograde", "ps2")

    (folder / "suites/ps1").mkdir(parents=True)
    (folder / "suites/ps1/__init__.py").touch()
    (folder / "suites/ps1/test_error.py").write_text(SUITE, encoding="utf-8")
    assert LINES in run(folder, "autograder", "adopt", "ps1")
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(LINES)
    return folder


def scores(course: Path, assignment: str) -> dict[str, Any]:
    return {
        student: (entry["score"], entry["waits"])
        for student, entry in grades(course, assignment, "ml-2026").items()
    }


def test_course_yml_says_what_nbgrader_knew(course: Path) -> None:
    said = yaml.safe_load((course / "course.yml").read_text())
    assert said["course"] == "ml-2026"
    assert said["folders"] == {"source": "instructor", "release": "release"}
    assert len(said["seed"]) == 32
    assert said["assignments"]["ps1"]["tasks"] == [
        {"name": "error", "points": 10, "solution": "error", "tests": "test_error"}
    ]
    assert "up to date" in run(course, "autograder", "validate")


def test_nbgrader_grades_with_the_suite_and_the_rest_as_before(course: Path) -> None:
    run(course, "nbgrader", "autograde", "ps1")
    run(course, "nbgrader", "autograde", "ps2", "--force")
    assert scores(course, "ps1") == {"ada": (10, True), "bob": (4, True)}
    assert scores(course, "ps2") == {"ada": (10, True), "bob": (0, True)}
    shown = (course / "autograded/bob/ps1/Problem 1.ipynb").read_text()
    assert "error: 4 of 10 points" in shown
    kernel = (course / "autograded/bob/ps2/Problem 1.ipynb").read_text()
    assert "AssertionError" in kernel


def test_what_the_course_had_configured_still_counts(course: Path) -> None:
    released = (course / "release/ps1/Problem 1.ipynb").read_text()
    assert "raise NotImplementedError  # yours" in released
    (course / "hook.txt").unlink()
    run(course, "nbgrader", "autograde", "ps1", "--student=ada", "--force")
    assert (course / "hook.txt").read_text() == "called\n"


def test_autograder_grade_gives_the_same_grades(course: Path) -> None:
    before = scores(course, "ps1")
    run(course, "autograder", "grade")
    assert scores(course, "ps1") == before == {"ada": (10, True), "bob": (4, True)}


def test_nothing_is_graded_when_the_two_files_disagree(course: Path) -> None:
    other = course.parent / "other"
    shutil.copytree(course, other, ignore=shutil.ignore_patterns("autograded"))
    text = (course / "nbgrader_config.py").read_text()
    (other / "nbgrader_config.py").write_text(text.replace('"instructor"', '"elsewhere"'))
    done = subprocess.run(
        [str(BIN / "nbgrader"), "autograde", "ps1"], cwd=other, env=ENVIRONMENT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "source_directory is 'elsewhere'" in done.stderr
    assert "Nothing will be graded until this is fixed." in done.stderr


@pytest.mark.parametrize(
    ("above", "refused"),
    [
        ("", ""),
        ("c.CourseDirectory.root = '.'", ""),
        ("c.CourseDirectory.source_directory = 'solutions/'", ""),
        ("c.CourseDirectory.db_url = 'sqlite:///./gradebook.db'", ""),
        ("c.Autograde.autograde_preprocessors.append('nbgrader.preprocessors.ClearOutput')", ""),
        ("c.CourseDirectory.db_url = 'sqlite:////tmp/other.db'", "db_url is"),
        ("c.CourseDirectory.course_id = 'other'", "course_id is 'other'"),
        ("c.CourseDirectory.directory_structure = '{student_id}'", "directory_structure is"),
        ("c.Autograde.autograde_preprocessors = []", "lacks Execute and SaveAutoGrades"),
        ("c.Autograde.autograde_preprocessors = None", "TypeError"),
    ],
)
def test_configured_values_are_kept_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], above: str, refused: str
) -> None:
    write_course(tmp_path)
    file = tmp_path / "nbgrader_config.py"
    file.write_text(f"c = get_config()\n{above}\n{LINES}")
    config = PyFileConfigLoader(file.name, path=str(tmp_path)).load_config()
    names = [str(name).rpartition(".")[2] for name in config.Autograde.autograde_preprocessors]
    said = capsys.readouterr().err
    assert refused in said
    assert (said == "") == (refused == "")
    assert names == ["Refuse"] if refused else names[0] == "Grade"


def test_the_configuration_file_may_be_outside_the_course(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "course").mkdir()
    write_course(tmp_path / "course")
    file = tmp_path / "nbgrader_config.py"
    file.write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(tmp_path / 'course')!r}\n{LINES}"
    )
    config = PyFileConfigLoader(file.name, path=str(tmp_path)).load_config()
    assert capsys.readouterr().err == ""
    assert config.CourseDirectory.course_id == "ml_course"


def test_folders_named_as_the_kit_names_them_are_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.source_directory = 'solutions'\n"
        "c.CourseDirectory.release_directory = 'assignments'\n"
    )
    write(tmp_path / "solutions/ps1/Problem 1.ipynb", RIGHT)
    run(tmp_path, "autograder", "adopt", "ps1")
    said = yaml.safe_load((tmp_path / "course.yml").read_text())
    assert list(said) == ["course", "seed", "gradebook", "assignments"]
    assert list(said["assignments"]) == ["ps1"]


def test_an_assignment_is_not_adopted_twice(course: Path) -> None:
    done = subprocess.run(
        [str(BIN / "autograder"), "adopt", "ps2"], cwd=course, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "exists already. Add this below its `assignments:`" in done.stderr
    assert "ps2:\n    notebook: Problem 1" in done.stderr
