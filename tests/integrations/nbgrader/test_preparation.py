"""A student's folder before nbgrader works through it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.integrations.nbgrader.configuration import _hook
from autograder.integrations.nbgrader.preparation import (
    accept_renamed,
    prepare_submission,
    replace_links,
)
from autograder.integrations.nbgrader.registration import is_registered
from tests.conftest import ROOT, write_course

NAME = "linear_regression"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return ada's folder in a course, with her notebook."""
    write_course(tmp_path)
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    shutil.copytree(ROOT / "examples/submitted/amara", tmp_path / "submitted/ada")
    return tmp_path / "submitted" / "ada" / NAME


def test_links_and_pipes_become_notes(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    (folder / "data.csv").symlink_to("../../../gradebook.db")
    (folder / "sub").mkdir()
    (folder / "sub" / "all").symlink_to("/")
    os.mkfifo(folder / "pipe")
    (folder / "kept.txt").write_text("mine")
    replace_links(folder)
    assert (folder / "data.csv").read_text() == (
        "This was a link to ../../../gradebook.db. It was not followed.\n"
    )
    assert (folder / "sub" / "all").read_text().startswith("This was a link to /.")
    assert (folder / "pipe").read_text() == "This was not an ordinary file. It was not read.\n"
    assert (folder / "kept.txt").read_text() == "mine"
    assert secret.read_text() == "grades"


def test_a_link_is_no_time_and_no_folder_is_closed_to_us(folder: Path) -> None:
    (folder / "timestamp.txt").symlink_to("/etc/hosts")
    (folder / "sub").mkdir()
    (folder / "sub" / "solution").symlink_to("../../../../solutions")
    (folder / "sub").chmod(0o555)
    replace_links(folder)
    assert not (folder / "timestamp.txt").exists()
    assert "/etc/hosts" in (folder / "link.txt").read_text()
    assert not (folder / "sub" / "solution").is_symlink()


def test_a_hook_that_fails_leaves_nothing_to_grade(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(notebooks: list[str]) -> None:
        raise PermissionError(notebooks)

    monkeypatch.setattr("autograder.integrations.nbgrader.preparation.prepare_submission", broken)
    notebooks = [str(folder / f"{NAME}.ipynb")]
    _hook(None)(assignment=NAME, student="ada", notebooks=notebooks)
    assert notebooks == []


def test_the_folder_of_another_student_is_not_entered(folder: Path) -> None:
    other = folder.parent.parent / "bob"
    other.symlink_to("ada")
    notebooks = [str(other / NAME / f"{NAME}.ipynb")]
    before = sorted(path.name for path in folder.iterdir())
    prepare_submission(notebooks)
    assert notebooks == []
    assert "link to ada" in (other / NAME / "link.txt").read_text()
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_notebook_of_another_part_is_not_taken_for_a_renamed_one(folder: Path) -> None:
    essay = folder.parents[2] / "solutions" / NAME / "essay.ipynb"
    shutil.copy(folder.parents[2] / "solutions" / NAME / f"{NAME}.ipynb", essay)
    course = load_course(folder.parents[2] / "course.yml")
    (folder / f"{NAME}.ipynb").rename(folder / "essay.ipynb")
    notebooks = [str(folder / "essay.ipynb")]
    accept_renamed(folder, course.assignment(NAME), notebooks)
    assert notebooks == [str(folder / "essay.ipynb")]
    (folder / "mine.ipynb").write_text("{}")
    accept_renamed(folder, course.assignment(NAME), notebooks)
    assert [Path(path).name for path in notebooks] == ["essay.ipynb", f"{NAME}.ipynb"]


def test_an_unreadable_notebook_registers_no_assignment(folder: Path) -> None:
    path = folder / f"{NAME}.ipynb"
    path.write_text("{")
    prepare_submission([str(path)])
    course = load_course(folder.parents[2] / "course.yml")
    assert not is_registered(course, course.assignment(NAME))


def test_assignments_that_are_not_ours_are_left_alone(folder: Path) -> None:
    other = folder.with_name("ps2")
    other.mkdir()
    (other / "data").symlink_to("/etc/hosts")
    (other / "problem.ipynb").write_text("{}")
    prepare_submission([str(other / "problem.ipynb")])
    assert (other / "data").is_symlink()
