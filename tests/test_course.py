"""course.yml: what is wrong with it is said with file, line and key."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from autograder.course import Course, find_course, hidden_seed, load_course, schema, seed_warning
from autograder.errors import CourseError, UsageError
from tests.conftest import COURSE_OF_ONE, ROOT, write_notebook
from tests.tiny import COURSE, MINIMAL, SOURCE, make_course

GOOD = COURSE_OF_ONE


def load(folder: Path, text: str) -> Course:
    (folder / "course.yml").write_text(text)
    return load_course(folder / "course.yml")


def test_the_course_of_the_repository_contains_what_the_design_says(course: Course) -> None:
    assignment = course.assignment(None)
    assert [(task.name, task.points) for task in assignment.tasks] == [
        ("gradients", 20), ("forward", 25), ("step", 35), ("convergence", 20),
    ]  # fmt: skip
    assert assignment.max_score == 100
    assert assignment.due is not None
    assert assignment.due.tzinfo is not None
    assert assignment.late.grace.total_seconds() == 15 * 60
    assert course.gradebook_url == f"sqlite:///{ROOT}/gradebook.db"


def test_models_are_frozen(course: Course) -> None:
    with pytest.raises(ValidationError):
        course.course = "other"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("seed: 2026 ", "sead: 2026 ", 3, "sead: this key is not known"),
        (
            "points: 20, solution: gradients",
            "points: many, solution: gradients",
            20,
            "tasks.0.points",
        ),
        (
            "points: 20, solution: gradients",
            "points: -1, solution: gradients",
            20,
            "tasks.0.points",
        ),
        ("course: ml_course\n", "", 2, "course: this key is missing"),
        ("isolation: required", "isolation: none", 4, "isolation"),
        ("due: 2026-12-14 23:59:00+01:00", "due: 2026-12-14 23:59:00", 12, "due"),
        ("cpu_seconds: 120", "cpu_seconds: 120\n      cpu_minutes: 2", 31, "limits.cpu_minutes"),
        ("feedback: full", "feedback: hints\n    feedback: full", 18, "given twice"),
        ("suite: linear_regression ", "suite: no_such_suite ", 11, "suite"),
        ("penalty_per_day: 0.1", "penalty_per_day: 10", 15, "late.penalty_per_day"),
    ],
)
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    with pytest.raises(CourseError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1)).assignment(None)
    message = str(caught.value)
    assert f"course.yml, line {line}: " in message
    assert words in message


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("seed: 2026", "sead: 2026").replace("cpu_seconds: 120", "cpu_seconds: x")
    with pytest.raises(CourseError) as caught:
        load(tmp_path, text)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["", "a: [1", "- 1\n", "\tx: 1", "a: b: c"])
def test_what_is_not_a_course_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(CourseError, match=r"course\.yml"):
        load(tmp_path, text)


def test_a_course_that_is_not_there_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"no course\.yml"):
        find_course(tmp_path)
    with pytest.raises(CourseError, match="cannot be read"):
        load_course(tmp_path / "course.yml")


def test_the_nearest_course_above_is_found() -> None:
    assert find_course(ROOT / "tests" / "corpus") == ROOT / "course.yml"


def test_an_unknown_assignment_lists_the_known_ones(course: Course) -> None:
    with pytest.raises(UsageError, match="it has linear_regression"):
        course.assignment("nonsense")


def test_the_environment_replaces_the_seed(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hidden_seed(course) == "2026"
    monkeypatch.setenv("AUTOGRADER_SEED", "secret")
    assert hidden_seed(course) == "secret"


def test_a_published_seed_is_no_secret(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = seed_warning(course).splitlines()
    assert line.startswith("WARNING: the seed 2026 is published")
    assert "the seed 0 is published" in seed_warning(load(tmp_path, GOOD.replace("seed: 2026", "")))
    assert seed_warning(load(tmp_path, GOOD.replace("seed: 2026", "seed: of my own"))) == ""
    monkeypatch.setenv("AUTOGRADER_SEED", "secret")
    assert seed_warning(course) == ""


def test_the_committed_schema_is_current_and_accepts_the_course() -> None:
    committed = (ROOT / "autograder" / "course.schema.json").read_text()
    assert committed == schema(), "run `make schema` and commit the result"
    data = json.loads(json.dumps(yaml.safe_load(GOOD), default=str))
    jsonschema.validate(data, json.loads(committed))
    data["sead"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json.loads(committed))


def test_notebook_and_tasks_are_those_of_the_defaults(tmp_path: Path) -> None:
    make_course(tmp_path)
    minimal, full = (load(tmp_path, text).assignment(None) for text in (MINIMAL, COURSE))
    assert (minimal.notebook, minimal.tasks) == (full.notebook, full.tasks)
    assert minimal.tasks_file == tmp_path / "solutions/double/double.ipynb"
    assert full.tasks_file is None


def test_a_course_without_source_notebooks_takes_tasks_from_the_release(tmp_path: Path) -> None:
    make_course(tmp_path)
    (tmp_path / "solutions").rename(tmp_path / "assignments")
    assert load(tmp_path, MINIMAL).assignment(None).max_score == 10


def test_points_are_read_again_when_the_notebook_changes(tmp_path: Path) -> None:
    make_course(tmp_path)
    assert load(tmp_path, MINIMAL).assignment(None).max_score == 10
    (*others, tests) = SOURCE
    grading = tests["metadata"]["nbgrader"] | {"points": 25}
    cells = [*others, tests | {"metadata": {"nbgrader": grading}}]
    write_notebook(tmp_path / "solutions/double/double.ipynb", cells)
    assert load(tmp_path, MINIMAL).assignment(None).max_score == 25


TWO = MINIMAL + "  later:\n    title: Later\n"


@pytest.mark.parametrize("text", [TWO, TWO + "    tasks: [{name: a, points: 1, tests: a}]\n"])
def test_an_assignment_that_is_not_ready_keeps_no_other_from_being_used(
    tmp_path: Path, text: str
) -> None:
    make_course(tmp_path)
    course = load(tmp_path, text)
    assert course.assignment("double").max_score == 10
    assert [one.name for one in course.ready_assignments] == ["double"]
    with pytest.raises(CourseError) as caught:
        course.assignment("later")
    first, *more = str(caught.value).splitlines()
    assert "line 7: assignments.later.suite: there are no test_*.py files in" in first
    assert len(more) == (text == TWO)
    assert all("line 7: assignments.later" in line for line in more)
    assert all("later.ipynb cannot be read: No such file" in line for line in more)


def test_a_folder_named_like_the_assignment_is_no_suite_without_tests(tmp_path: Path) -> None:
    (tmp_path / "linear_regression").mkdir()
    (tmp_path / "linear_regression" / "houses.csv").touch()
    chosen = load(tmp_path, GOOD).assignment(None)
    assert chosen.suite_folder == ROOT / "autograder/suites/linear_regression"


def test_a_cell_that_cannot_make_a_task_is_named(tmp_path: Path) -> None:
    make_course(tmp_path)
    (*others, tests) = SOURCE
    grading = tests["metadata"]["nbgrader"] | {"grade_id": "test a"}
    cells = [*others, tests | {"metadata": {"nbgrader": grading}}]
    write_notebook(tmp_path / "solutions/double/double.ipynb", cells)
    with pytest.raises(CourseError, match=r"double\.ipynb: the cell 'test a': name: "):
        load(tmp_path, MINIMAL).assignment(None)
