"""`autograder collect`, and the export of grades back to Canvas and Moodle."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course import Assignment, Course
from autograder.integrations.lms.canvas import fill_canvas
from autograder.integrations.lms.moodle import fill_moodle
from autograder.integrations.nbgrader.database import open_gradebook
from autograder.integrations.nbgrader.gradebook_queries import STUDENTS, _query
from autograder.integrations.platform_data import Grade
from autograder.submission import find_submissions
from tests.conftest import Command, write_course
from tests.integrations.lms.downloads import CANVAS, MOODLE, NOTEBOOK, code, zipped

QUICK = (("canvas", True, False), ("moodle", False, True))

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_course(tmp_path)
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    (tmp_path / "moodle.csv").write_text(MOODLE, encoding="utf-8")
    zipped(
        tmp_path / "canvas.zip",
        {
            f"lovelaceada_101_2002_{NOTEBOOK}": code("ada"),
            f"boolbob_LATE_102_2003_{NOTEBOOK}": code("bob"),
            f"čapekžofie_103_2004_{NOTEBOOK}": code("zofie"),
        },
    )
    zipped(
        tmp_path / "moodle.zip",
        {
            f"Ada Lovelace_11_assignsubmission_file_/{NOTEBOOK}": code("ada"),
            f"Bob Bool_12_assignsubmission_file_/{NOTEBOOK}": code("bob"),
            f"Ada Lovelace_13_assignsubmission_file_/{NOTEBOOK}": code("ada 2"),
        },
    )
    return tmp_path


def grades(folder: Path, assignment: Assignment, course: Course) -> list[Grade]:
    """Return a grade for everybody in submitted/, with the names that the gradebook has."""
    copy = course.model_copy()
    copy._file = folder / "course.yml"
    names = {
        student: tuple(filter(None, (email, lms, *([f"{first} {last}", f"{last}, {first}"] if first else []))))
        for student, first, last, email, lms in _query(copy, STUDENTS, {})
    }  # fmt: skip
    found, _ = find_submissions([folder / "submitted"], assignment)
    return [Grade(s.student, 80, 0, 100, names=names.get(s.student, ())) for s in found]


@pytest.mark.parametrize(
    ("platform", "with_gradebook", "roster"),
    [
        case if case in QUICK else pytest.param(*case, marks=pytest.mark.slow)
        for case in product(("canvas", "moodle"), (True, False), (True, False))
    ],
)
def test_every_collected_student_is_found_when_grades_are_exported(
    folder: Path, course: Course, assignment: Assignment, platform: str, roster: bool,
    with_gradebook: bool, command: Command,
) -> None:  # fmt: skip
    options = ["--roster", f"{platform}.csv"] if roster else []
    output = command(folder, "collect", f"{platform}.zip", *options)
    assert "3 collected: 3 new." in output
    if not with_gradebook:
        (folder / "gradebook.db").unlink(missing_ok=True)
    found = grades(folder, assignment, course)
    path = folder / f"{platform}.csv"
    if platform == "canvas":
        filled = fill_canvas(path, found, assignment.title)
    else:
        filled = fill_moodle(path, found)
    assert (filled.count, filled.problems) == (3, ())


def test_names_are_added_to_the_gradebook_and_existing_ones_kept(
    folder: Path, command: Command
) -> None:
    gradebook = open_gradebook(f"sqlite:///{folder}/gradebook.db")
    gradebook.add_student("ada", first_name="Countess")
    gradebook.close()
    command(folder, "collect", "canvas.zip", "--roster", "canvas.csv")
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "ml_course") as gradebook:
        found = {
            s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in gradebook.students
        }
    assert found == {
        "ada": ("Countess", "Lovelace", None, "101"),
        "bob@uni.example": ("Bob", "Bool", "bob@uni.example", "102"),
        "zofie": ("Žofie", "Čapek", None, "103"),
    }


def test_what_cannot_be_collected_is_reported_with_an_exit_status(
    folder: Path, command: Command
) -> None:
    zipped(folder / "more.zip", {"eve_104_9_essay.pdf": b"%PDF\x1b[2J", "eve_105_text.html": b""})
    output = command(folder, "collect", "more.zip", "canvas.zip", status=1)
    assert "3 collected: 3 new. 2 could not be collected or read:" in output
    assert "  104 (eve): submitted no notebook: essay.pdf." in output
    assert "typed into Canvas" in output
    assert "102 (boolbob): marked late" in output


def test_bad_input_is_reported_in_a_sentence(folder: Path, command: Command) -> None:
    assert "cannot be read" in command(folder, "collect", "no.zip", status=2)
    assert "is not a zip" in command(folder, "collect", "course.yml", status=2)
    command(folder, "collect", status=2)
    (folder / "submitted").write_text("")
    assert "cannot be written" in command(folder, "collect", "canvas.zip", status=2)
