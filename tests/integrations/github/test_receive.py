"""A pushed notebook is copied for the grader; students' links and dates are not trusted."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.errors import SubmissionError, UsageError
from autograder.integrations.github.pushed_notebook import (
    pushed_at,
    read_event,
    receive,
    student_of,
)
from autograder.notebook import read_notebook
from autograder.submission import in_students_folder
from tests.conftest import write_notebook

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
NOTEBOOK = Path("linear_regression.ipynb")


@pytest.fixture
def into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repository").mkdir()
    monkeypatch.chdir(tmp_path / "repository")
    return tmp_path / "received"


def test_a_notebook_is_copied_into_nbgraders_layout(into: Path, assignment: Assignment) -> None:
    write_notebook(NOTEBOOK, ["x = 1"])
    folder = receive(NOTEBOOK, into, assignment, "ada", NOW)
    assert folder == into / "ada" / "linear_regression"
    found = in_students_folder(folder, assignment)
    assert (found.student, found.submitted) == ("ada", NOW)
    assert read_notebook(found.path).cells == ("x = 1",)


def test_a_second_push_replaces_the_first(into: Path, assignment: Assignment) -> None:
    for source in ("x = 1", "x = 2"):
        write_notebook(NOTEBOOK, [source])
        folder = receive(NOTEBOOK, into, assignment, "ada", NOW)
    assert read_notebook(folder / NOTEBOOK.name).cells == ("x = 2",)


def test_only_what_is_in_the_repository_now_is_graded(into: Path, assignment: Assignment) -> None:
    for name in (NOTEBOOK, Path("final.ipynb"), Path("really final.ipynb")):
        write_notebook(name, [name.stem])
        folder = receive(NOTEBOOK, into, assignment, "ada", NOW)
        assert read_notebook(in_students_folder(folder, assignment).path).cells == (name.stem,)
        name.unlink()
    NOTEBOOK.mkdir()
    for _ in range(2):
        receive(NOTEBOOK, into, assignment, "ada", NOW)
    NOTEBOOK.rmdir()
    write_notebook(NOTEBOOK, ["x = 1"])
    receive(NOTEBOOK, into, assignment, "ada", NOW)
    assert sorted(os.listdir(folder)) == [NOTEBOOK.name, "timestamp.txt"]


def test_a_renamed_notebook_is_copied_and_nothing_else(into: Path, assignment: Assignment) -> None:
    write_notebook(Path("mine.ipynb"), ["x = 1"])
    Path("torch.py").write_text("owned")
    Path("timestamp.txt").write_text("2020-01-01")
    folder = receive(NOTEBOOK, into, assignment, "ada", NOW)
    assert sorted(os.listdir(folder)) == ["mine.ipynb", "timestamp.txt"]
    found = in_students_folder(folder, assignment)
    assert (found.note, found.submitted) == ("renamed: mine.ipynb", NOW)


def test_links_are_never_followed(into: Path, assignment: Assignment, tmp_path: Path) -> None:
    write_notebook(tmp_path / "solutions" / NOTEBOOK.name, ["secret = 1"])
    NOTEBOOK.symlink_to(tmp_path / "solutions" / NOTEBOOK.name)
    Path("folder").symlink_to(tmp_path / "solutions")
    for path in (NOTEBOOK, "folder" / NOTEBOOK):
        folder = receive(path, into, assignment, "ada", NOW)
        with pytest.raises(SubmissionError, match="is a link to another file"):
            read_notebook(folder / NOTEBOOK.name)
    NOTEBOOK.unlink()
    Path("other.ipynb").symlink_to(tmp_path / "solutions" / NOTEBOOK.name)
    folder = receive(NOTEBOOK, into, assignment, "bob", NOW)
    assert os.listdir(folder) == ["timestamp.txt"]


def test_folders_and_large_files_get_the_graders_message(
    into: Path, assignment: Assignment
) -> None:
    NOTEBOOK.mkdir()
    folder = receive(NOTEBOOK, into, assignment, "ada", NOW)
    with pytest.raises(SubmissionError, match="not a file"):
        read_notebook(folder / NOTEBOOK.name)
    NOTEBOOK.rmdir()
    with NOTEBOOK.open("wb") as sparse:
        sparse.truncate(1 << 30)
    folder = receive(NOTEBOOK, into, assignment, "bob", NOW)
    with pytest.raises(SubmissionError, match="larger than 64 MB"):
        read_notebook(folder / NOTEBOOK.name)


@pytest.mark.parametrize("path", ["../x.ipynb", "/etc/x.ipynb", "a/../../x.ipynb"])
def test_a_path_stays_in_the_repository(into: Path, assignment: Assignment, path: str) -> None:
    with pytest.raises(UsageError, match="relative to the repository"):
        receive(Path(path), into, assignment, "ada", NOW)


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "-rf", "a\nb"])
def test_a_student_name_must_be_a_folder_name(
    into: Path, assignment: Assignment, name: str
) -> None:
    with pytest.raises(UsageError, match="cannot be a student"):
        receive(NOTEBOOK, into, assignment, name, NOW)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (1796000000, datetime(2026, 11, 30, 0, 53, 20, tzinfo=UTC)),
        ("2026-11-30T10:00:00Z", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        (None, NOW), (True, NOW), ("yesterday", NOW), ([], NOW),
    ],
)  # fmt: skip
def test_the_time_of_a_push_is_githubs(found: Any, expected: datetime) -> None:
    event = {"repository": {"pushed_at": found}, "head_commit": {"timestamp": "2020-01-01T00:00Z"}}
    assert pushed_at(event, NOW) == expected
    assert pushed_at({}, NOW) == NOW


def test_the_student_is_the_owner_or_the_pusher() -> None:
    actor = {"GITHUB_ACTOR": "bob"}
    assert student_of({"repository": {"owner": {"login": "ada", "type": "User"}}}, actor) == "ada"
    organisation = {"repository": {"owner": {"login": "uni", "type": "Organization"}}}
    assert student_of(organisation, actor) == "bob"
    assert student_of({}, {}) == "student"


def test_without_an_event_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text("[1]")
    assert read_event({}) == {}
    assert read_event({"GITHUB_EVENT_PATH": str(tmp_path / "nowhere")}) == {}
    assert read_event({"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}) == {}


def test_files_that_course_yml_takes_are_copied(into: Path, assignment: Assignment) -> None:
    write_notebook(NOTEBOOK, ["x = 1"])
    for name in ("helpers.py", "torch.py", "notes.txt"):
        Path(name).write_text(name)
    taking = assignment.model_copy(update={"takes": ("*.py",)})
    folder = receive(NOTEBOOK, into, taking, "ada", NOW)
    assert sorted(os.listdir(folder)) == ["helpers.py", NOTEBOOK.name, "timestamp.txt"]
    Path("helpers.py").unlink()
    receive(NOTEBOOK, into, taking, "ada", NOW)
    assert sorted(os.listdir(folder)) == [NOTEBOOK.name, "timestamp.txt"]
