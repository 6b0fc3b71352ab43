"""An assignment may have several notebooks: each is graded, and their points are added up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from autograder.authoring.adoption import adopt
from autograder.course import load_course
from autograder.errors import CourseError, UsageError
from autograder.grading.batch import prepare
from tests.conftest import Command
from tests.corpus.cell_courses.several import NAME, POINTS, TESTED, answer, submit, write_sources
from tests.integrations.nbgrader.commands import grades, run

BOTH = ["week 1.globals", "week 1.sequences"]

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an nbgrader course with an assignment of several notebooks, which was adopted."""
    config = 'c = get_config()\nc.CourseDirectory.course_id = "c"\n'
    (tmp_path / "nbgrader_config.py").write_text(config)
    write_sources(tmp_path / "source")
    monkeypatch.chdir(tmp_path)
    adopt(NAME, None, None)
    return tmp_path


def test_all_notebooks_with_tests_are_adopted(root: Path) -> None:
    entry = yaml.safe_load((root / "course.yml").read_text())["assignments"][NAME]
    assert entry == {"notebooks": ["globals", "sequences"], "preload": ["numpy"]}
    course = load_course(root / "course.yml")
    assert [one.name for one in course.ready_assignments] == BOTH
    one = course.assignment("week 1.globals")
    assert (one.folder, one.notebook, one.max_score) == (NAME, "globals", 3)
    assert one.neighbours == {"sequences", "notes"}
    assert one.left_to_nbgrader == {"notes"}


def test_a_single_notebook_can_be_adopted(root: Path) -> None:
    (root / "course.yml").unlink()
    adopt(NAME, "sequences", None)
    assert load_course(root / "course.yml").assignment(NAME).notebook == "sequences"


def test_a_suite_is_about_one_notebook(root: Path) -> None:
    (root / "course.yml").unlink()
    with pytest.raises(UsageError, match=r"choose the one that suites/week tests"):
        adopt(NAME, None, "suites/week")


def test_a_name_may_mean_all_notebooks_or_one(root: Path) -> None:
    course = load_course(root / "course.yml")
    assert [one.name for one in course.parts(NAME)] == BOTH
    assert [one.name for one in course.parts(None)] == BOTH
    assert [one.name for one in course.parts(BOTH[1])] == BOTH[1:]
    with pytest.raises(UsageError, match=r"several notebooks: choose one of week 1\.globals, week"):
        course.assignment(NAME)
    with pytest.raises(UsageError, match="no assignment 'week 2'"):
        course.parts("week 2")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("notebook: globals", "`notebook` is about one notebook"),
        ("suite: suite", "`suite` is about one notebook"),
        ("notebooks: [sequences, sequences]", "has a notebook twice"),
    ],
)
def test_course_yml_cannot_contradict_itself(root: Path, changed: str, message: str) -> None:
    file = root / "course.yml"
    entry = "{notebooks: [globals, sequences], preload: [numpy]}"
    kept = f"notebooks: [globals, sequences], {changed}" if "twice" not in message else changed
    file.write_text(f"course: c\nassignments:\n  week 1: {{{kept}}}\n")
    with pytest.raises(CourseError, match=message):
        load_course(file)
    file.write_text(f"course: c\nassignments:\n  week 1: {entry}\n  week 1.globals: {entry}\n")
    load_course(file)
    file.write_text(f"course: c\nassignments:\n  week 1: {entry}\n  week 1.globals: {{}}\n")
    with pytest.raises(CourseError, match="two assignments have the same name"):
        load_course(file)


def test_a_task_of_any_notebook_can_be_set(root: Path) -> None:
    file = root / "course.yml"
    text = file.read_text()
    judged = "    judged: {sum_uses_cubes: inside, total: outside}\n"
    file.write_text(f"{text}{judged}    visibility: {{scale: hidden, cubes_are_right: hidden}}\n")
    course = load_course(file)
    for part in course.parts(NAME):
        prepare(course, part)
    file.write_text(f"{text}    judged: {{nothing: inside}}\n")
    changed = load_course(file)
    with pytest.raises(CourseError, match=r"judged\.nothing: there is no such task"):
        prepare(changed, changed.assignment(BOTH[0]))


def test_grade_adds_up_the_points_of_all_notebooks(root: Path, command: Command) -> None:
    submit(root / "handed")
    out = command(root, "grade", "handed", "--json", "r.jsonl", "--fail-under", "6")
    records = [json.loads(line) for line in (root / "r.jsonl").read_text().splitlines()]
    found = {(one["student"], one["assignment"]): one["score"] for one in records}
    assert {
        student: sum(score for (who, _), score in found.items() if who == student)
        for student in POINTS
    } == pytest.approx(POINTS)
    _, _, totals = out.partition("week 1: all notebooks")
    rows = {words[0]: words[1:] for line in totals.splitlines() if (words := line.split())}
    assert rows["ada"] == ["3", "7", "10"]
    assert rows["cyd"] == ["0", "6.33", "6.33"]
    (root / "handed/cyd" / NAME / "globals.ipynb").write_text(
        (root / "source" / NAME / "globals.ipynb").read_text()
    )
    command(root, "grade", "handed", "--fail-under", "6")
    command(root, "grade", "handed", "--fail-under", "6.5", status=1)


def test_a_notebook_without_its_name_is_told_by_its_cells(root: Path, command: Command) -> None:
    answer(root / "handed/dan" / NAME / "Final (2).ipynb", TESTED["sequences"], "formula")
    out = command(root, "grade", "handed", "--json", "r.jsonl")
    records = [json.loads(line) for line in (root / "r.jsonl").read_text().splitlines()]
    assert {one["assignment"]: one["score"] for one in records} == {BOTH[0]: 0, BOTH[1]: 6.5}
    assert "renamed: Final (2).ipynb" in out
    assert "The folder has another notebook, Final (2).ipynb." in out


def test_loose_notebooks_go_to_the_assignment_of_their_cells(root: Path, command: Command) -> None:
    answer(root / "loose/eva.ipynb", TESTED["globals"], "loop")
    answer(root / "loose/fay.ipynb", TESTED["sequences"], "loops")
    command(root, "grade", "loose", "--json", "r.jsonl")
    records = [json.loads(line) for line in (root / "r.jsonl").read_text().splitlines()]
    assert {(one["student"], one["score"]) for one in records} == {("eva", 3), ("fay", 7)}


@pytest.mark.slow
def test_every_road_gives_the_sums_of_stock_nbgrader(root: Path) -> None:
    run(root, "nbgrader", "generate_assignment", NAME)
    submit(root / "submitted")
    run(root, "nbgrader", "autograde", NAME)
    stock = {student: one["score"] for student, one in grades(root, NAME, "c").items()}
    assert stock == pytest.approx(POINTS)
    assert {one["max"] for one in grades(root, NAME, "c").values()} == {10}

    (root / "gradebook.db").unlink()
    run(root, "autograder", "release")
    run(root, "autograder", "validate")
    run(root, "autograder", "grade")
    ours = grades(root, NAME, "c")
    assert {student: one["score"] for student, one in ours.items()} == pytest.approx(POINTS)
    exported = run(root, "autograder", "export", NAME)
    assert "bob,6,6,0,10" in exported

    (root / "gradebook.db").unlink()
    config = root / "nbgrader_config.py"
    lines = "from autograder.nbgrader import configure\nconfigure(get_config(), __file__)\n"
    config.write_text(config.read_text() + lines)
    run(root, "nbgrader", "generate_assignment", NAME, "--force")
    run(root, "nbgrader", "autograde", NAME, "--force")
    again = grades(root, NAME, "c")
    assert {s: one["cells"] for s, one in again.items()} == {
        s: one["cells"] for s, one in ours.items()
    }
