"""`autograder new` writes an assignment that can be released, validated and graded at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from autograder.authoring.new_assignment import write_assignment
from autograder.course import load_course
from autograder.errors import UsageError
from tests.conftest import Command
from tests.tiny import make_course

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


def submit(folder: Path, name: str, student: str, *, filled_in: bool) -> None:
    """Submit the release version, with the solution filled in or as it is."""
    path = Path(name, f"{name}.ipynb")
    released = json.loads((folder / "assignments" / path).read_text())
    source = json.loads((folder / "solutions" / path).read_text())
    answers = {c["id"]: c["source"] for c in source["cells"]}
    for cell in released["cells"]:
        if filled_in and cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answers[cell["id"]]
    target = folder / "submitted" / student / path
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(released))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["numpy", "torch", "sklearn"])
def test_from_an_empty_folder_to_the_first_grades(
    tmp_path: Path, command: Command, kind: str
) -> None:
    folder = tmp_path / "My course"
    folder.mkdir()
    said = command(folder, "new", "iris", f"--{kind}")
    assert "release    up to date" in said
    assert "source 100, release 0 of 100" in said
    assert [line[:2] for line in said.splitlines()[-3:]] == ["1.", "2.", "3."]
    submit(folder, "iris", "ada", filled_in=True)
    submit(folder, "iris", "bob", filled_in=False)
    command(folder, "grade", "--json", "grades.jsonl")
    records = map(json.loads, (folder / "grades.jsonl").read_text().splitlines())
    assert {record["student"]: record["score"] for record in records} == {"ada": 100, "bob": 0}


def test_what_fails_after_the_files_are_written_says_how_to_go_on(
    tmp_path: Path, command: Command
) -> None:
    (tmp_path / "gradebook.db").write_text("no database")
    on = "go on with `autograder release iris` and `autograder validate iris`"
    said = command(tmp_path, "new", "iris", status=2)
    assert said.index(on) < said.index("file is not a database")
    assert on in command(tmp_path, "new", "iris", status=2)


def test_a_new_course_has_a_secret_of_its_own_and_keeps_grades_out_of_git(tmp_path: Path) -> None:
    seeds = []
    for number in (1, 2):
        folder = tmp_path / f"ML {number}"
        folder.mkdir()
        made = write_assignment("iris", "sklearn", None, folder)
        assert {path.relative_to(folder).as_posix() for path in made.written} == {
            "course.yml", "nbgrader_config.py", ".gitignore", "iris/test_iris.py",
            "solutions/iris/iris.ipynb",
        }  # fmt: skip
        assert made.course.course == f"ML_{number}"
        seeds.append(made.course.seed)
    assert len(set(map(str, seeds))) == 2
    assert all(len(str(seed)) == 32 for seed in seeds)
    ignored = (folder / ".gitignore").read_text().splitlines()
    assert {"/submitted/", "/gradebook.db*", "/results*", "/.autograder/"} <= set(ignored)
    assert "configure(get_config(), __file__)" in (folder / "nbgrader_config.py").read_text()


def test_the_entry_has_only_what_differs_from_the_defaults(tmp_path: Path) -> None:
    made = write_assignment("linear_model", "numpy", None, tmp_path)
    said = yaml.safe_load((tmp_path / "course.yml").read_text())["assignments"]["linear_model"]
    assert set(said) == {"title", "due", "preload"}
    assert said["preload"] == ["numpy"]
    assert made.assignment.due is not None
    assert [(task.name, task.points) for task in made.assignment.tasks] == [("linear_model", 100)]


def test_an_assignment_is_added_to_a_course_with_comments(tmp_path: Path) -> None:
    make_course(tmp_path)
    before = "# ours\n" + (tmp_path / "course.yml").read_text()
    (tmp_path / "course.yml").write_text(before)
    (tmp_path / "solutions" / "double").mkdir(exist_ok=True)
    write_assignment("iris", "torch", None, tmp_path / "solutions" / "double")
    after = (tmp_path / "course.yml").read_text()
    assert after.startswith(before)
    assert list(load_course(tmp_path / "course.yml").assignments) == ["double", "iris"]
    assert not (tmp_path / ".gitignore").exists()


@pytest.mark.parametrize(
    "name", ["solutions/iris/iris.ipynb", "iris/test_iris.py", "nbgrader_config.py"]
)
def test_no_file_is_overwritten_and_none_written_if_one_exists(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=rf"{name} exists already\. Nothing was written"):
        write_assignment("iris", "numpy", None, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_gitignore_stays_and_what_it_needs_is_said(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert "/submitted/" in write_assignment("iris", "numpy", None, tmp_path).to_ignore
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


@pytest.mark.parametrize("name", ["", "a b", "1a", "a/b", "..", "-a", "é", "solutions", "double"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    make_course(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="name"):
        write_assignment(name, "numpy", None, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
