"""The repository that students start from: complete, nothing hidden, nothing overwritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from autograder.course import Assignment, Course, load_course
from autograder.errors import UsageError
from autograder.integrations.github.repository import student_repository, write_files
from autograder.integrations.requirements import pinned
from tests.authoring.student_kit.statistics_course import write_course
from tests.conftest import COURSE_OF_ONE, ROOT
from tests.tiny import MINIMAL, make_course


def test_it_has_the_release_and_what_it_needs(course: Course, assignment: Assignment) -> None:
    files = student_repository(course, assignment, "owner/kit@v1", None)
    assert set(files) == {
        "linear_regression.ipynb", "README.md", "requirements.txt", ".gitignore",
        ".github/workflows/grade.yml",
    }  # fmt: skip
    release = ROOT / "assignments/linear_regression/linear_regression.ipynb"
    assert files["linear_regression.ipynb"] == release.read_bytes()
    assert b"SOLUTION" not in files["linear_regression.ipynb"]
    lines = files["requirements.txt"].decode().splitlines()
    versions = (ROOT / "constraints.txt").read_text().splitlines()
    assert lines[0].startswith("--extra-index-url")
    assert {line.split("==")[0] for line in lines[1:]} == {
        "ipython",
        "matplotlib",
        "scikit-learn",
        "torch",
    }
    assert set(lines[1:]) <= set(versions)
    assert b"{{" not in files["README.md"]
    workflow = files[".github/workflows/grade.yml"].decode()
    assert "uses: owner/kit/.github/workflows/grade.yml@v1" in workflow
    assert "course" not in workflow


def test_a_course_without_torch_installs_none(tmp_path: Path) -> None:
    course = load_course(write_course(tmp_path))
    files = student_repository(course, course.assignment(None), "owner/kit@v1", None)
    assert files["requirements.txt"].decode().startswith("numpy==")
    assert not [name for name, content in files.items() if b"torch" in content]


def test_a_private_course_is_named_with_its_key(course: Course, assignment: Assignment) -> None:
    files = student_repository(course, assignment, "owner/kit", "owner/course")
    workflow = files[".github/workflows/grade.yml"].decode()
    assert "grade.yml@main" in workflow
    assert "course: owner/course\n" in workflow
    assert "course-key: ${{ secrets.COURSE_KEY }}\n" in workflow


def test_files_of_the_assignment_come_with_the_notebook(tmp_path: Path) -> None:
    make_course(tmp_path)
    (tmp_path / "course.yml").write_text(MINIMAL + "    files: ['*.csv']\n", encoding="utf-8")
    (tmp_path / "solutions/double/houses.csv").write_text("1,2\n", encoding="utf-8")
    shutil.copytree(tmp_path / "solutions", tmp_path / "assignments")
    chosen = load_course(tmp_path / "course.yml")
    files = student_repository(chosen, chosen.assignment(None), "owner/kit", None)
    assert files["houses.csv"] == b"1,2\n"
    assert "double.ipynb" in files


def test_names_are_quoted_for_yaml(tmp_path: Path) -> None:
    text = COURSE_OF_ONE
    text = text.replace("  linear_regression:\n", '  "1.0":\n')
    text = text.replace("notebook: linear_regression", 'notebook: "Ada\'s work, (1)"')
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    release = ROOT / "assignments/linear_regression/linear_regression.ipynb"
    (tmp_path / "assignments/1.0").mkdir(parents=True)
    shutil.copy(release, tmp_path / "assignments/1.0/Ada's work, (1).ipynb")
    chosen = load_course(tmp_path / "course.yml")
    files = student_repository(chosen, chosen.assignment(None), "owner/kit@1.0", None)
    workflow = yaml.safe_load(files[".github/workflows/grade.yml"])
    assert workflow["jobs"]["grade"]["with"] == {
        "grader": "owner/kit",
        "grader-ref": "1.0",
        "assignment": "1.0",
        "notebook": "Ada's work, (1).ipynb",
    }
    readme = files["README.md"].decode()
    assert "[Ada's work, (1).ipynb](<Ada's work, (1).ipynb>)" in readme
    assert '\njupyter lab "Ada\'s work, (1).ipynb"\n' in readme


@pytest.mark.parametrize(
    ("grader", "private", "words"),
    [
        ("kit", None, "is not a repository"),
        ("owner/kit@", None, ""),
        ("owner/kit@a b", None, "is not a branch"),
        ("owner/kit@v1\n  x: y", None, "is not a branch"),
        ("o/k", "https://github.com/o/c", "is not a repository"),
    ],
)
def test_names_are_checked(
    course: Course, assignment: Assignment, grader: str, private: str | None, words: str
) -> None:
    if not words:
        student_repository(course, assignment, grader, private)
        return
    with pytest.raises(UsageError, match=words):
        student_repository(course, assignment, grader, private)


def test_existing_files_are_not_changed(tmp_path: Path) -> None:
    files = {"a/b.txt": b"ours", "c.txt": b"ours"}
    write_files(tmp_path, files)
    write_files(tmp_path, files)  # writing the same files twice is fine
    (tmp_path / "c.txt").write_text("mine")
    (tmp_path / "a" / "b.txt").unlink()
    with pytest.raises(UsageError, match=r"already contains c\.txt"):
        write_files(tmp_path, files)
    assert (tmp_path / "c.txt").read_text() == "mine"
    assert not (tmp_path / "a" / "b.txt").exists()


def test_libraries_are_those_that_cells_import() -> None:
    cells = [
        "import os, torch.nn as nn",
        "from sklearn.datasets import x",
        "%matplotlib inline",
        "from . import y",
        "import nowhere_at_all",
    ]
    assert [line.split("==")[0] for line in pinned(cells)] == ["scikit-learn", "torch"]
