"""`### AUTOTEST` lines are completed by nbgrader, and graded as it grades them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.grading.batch import prepare
from autograder.grading.completed_tests import (
    completed_tests,
    keep_tests,
    kept_tests,
    needs_completion,
    with_tests,
)
from autograder.grading.fingerprint import fingerprint_of_course
from tests.conftest import write_notebook
from tests.corpus.cell_courses.several import answer
from tests.corpus.cell_courses.templates import COURSE, TEMPLATES
from tests.integrations.nbgrader.commands import grades, run

NAME = COURSE.name
POINTS = {student: points for student, (_, points) in COURSE.answers.items()}

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an adopted course with such lines, and submissions."""
    monkeypatch.setenv("AUTOGRADER_RECORDS", str(tmp_path / "records"))
    (tmp_path / "course.yml").write_text(
        f"course: c\nseed: 3\nfolders: {{source: source, release: release}}\n"
        f"assignments:\n  {NAME}: {{preload: []}}\n"
    )
    write_notebook(tmp_path / "source" / NAME / f"{NAME}.ipynb", list(COURSE.cells))
    (tmp_path / "autotests.yml").write_text(TEMPLATES)
    for student in COURSE.answers:
        answer(tmp_path / "submitted" / student / NAME / f"{NAME}.ipynb", COURSE, student)
    return tmp_path


def test_completed_cells_are_kept_as_long_as_nothing_changes(root: Path) -> None:
    course = load_course(root / "course.yml")
    assignment = course.assignment(None)
    assert needs_completion(course, assignment)
    with pytest.raises(CourseError, match=r"`### AUTOTEST` lines, which nbgrader turns into tests"):
        prepare(course, assignment)
    before = fingerprint_of_course(course, assignment).notebook
    keep_tests(course, assignment, {"test_squares": "assert squares(1) == [1]"})
    assert completed_tests(course, assignment) == {"test_squares": "assert squares(1) == [1]"}
    context = prepare(course, assignment)
    assert context.source_cells is not None
    assert context.source_cells.tests["test_squares"].source == "assert squares(1) == [1]"
    assert "AUTOTEST" in context.source_cells.tests["test_mean"].source
    assert fingerprint_of_course(course, assignment).notebook != before
    (root / "autotests.yml").write_text(f"{TEMPLATES}\n# changed")
    assert kept_tests(course, assignment) is None


def test_a_source_notebook_can_be_written_with_its_tests(root: Path) -> None:
    source = root / "source" / NAME / f"{NAME}.ipynb"
    document = json.loads(with_tests(source, {"test_squares": "pass"}))
    assert [cell["source"] for cell in document["cells"]][1] == "pass"
    assert document["cells"][0] == json.loads(source.read_text())["cells"][0]


@pytest.mark.slow
def test_every_road_gives_the_points_of_stock_nbgrader(root: Path) -> None:
    config = root / "nbgrader_config.py"
    config.write_text('c = get_config()\nc.CourseDirectory.course_id = "c"\n')
    run(root, "nbgrader", "generate_assignment", NAME)
    run(root, "nbgrader", "autograde", NAME)
    stock = {student: one["score"] for student, one in grades(root, NAME, "c").items()}
    assert stock == POINTS
    (root / "gradebook.db").unlink()
    assert "judged     squares: outside" in run(root, "autograder", "validate")
    run(root, "autograder", "grade", "--json", "records.jsonl")
    ours = {student: one["score"] for student, one in grades(root, NAME, "c").items()}
    assert ours == POINTS
    records = [json.loads(line) for line in (root / "records.jsonl").read_text().splitlines()]
    messages = {
        (one["student"], test["name"]): test["message"]
        for one in records
        for task in one["tasks"]
        for test in task["tests"]
    }
    assert "the value of squares(3) is not right" in messages["from_zero", "test_squares"]
    assert messages["sum", "test_mean"] == "A hidden test fails."
    lines = "from autograder.nbgrader import configure\nconfigure(get_config(), __file__)\n"
    config.write_text(config.read_text() + lines)
    run(root, "nbgrader", "autograde", NAME, "--force")
    assert {s: one["score"] for s, one in grades(root, NAME, "c").items()} == POINTS


@pytest.mark.slow
def test_what_nbgrader_cannot_complete_is_told(root: Path) -> None:
    (root / "autotests.yml").unlink()
    assert "nbgrader generate_assignment failed" in run(root, "autograder", "validate", status=2)
