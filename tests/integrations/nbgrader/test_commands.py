"""Real nbgrader commands: our engine inside, the same grades by either way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from tests.conftest import COURSE_OF_ONE, ROOT, Command, hand_in, write_notebook
from tests.corpus.wrong import WRONG
from tests.integrations.nbgrader.commands import BIN, NAME, grades

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run nbgrader with a PATH on which neither it nor alembic is."""
    return subprocess.run(
        [str(BIN / "nbgrader"), *arguments], cwd=course, env=os.environ | {"PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def autograder(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments], cwd=course, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def make_course(folder: Path) -> Path:
    """Make a course with some of the sample class, and some who are worse than that."""
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    more_time = "    extensions: [{student: greta, due: 2026-12-16 23:59:00+01:00}]\n    late:"
    (folder / "course.yml").write_text(COURSE_OF_ONE.replace("    late:", more_time))
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    hand_in(folder / "submitted", "amara", "chloe", "elif", "farid", "greta", "kenji")
    amara = json.loads((folder / f"submitted/amara/{NAME}/{NAME}.ipynb").read_text())
    forged = json.loads(json.dumps(amara))
    for cell in forged["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("grade"):
            metadata["points"] = 1000
            cell["source"] = "1000.0"
    forged["cells"] += forged["cells"]  # every grade_id twice
    old = json.loads(json.dumps(amara))
    for cell in old["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] = {"grade": True, "grade_id": 7}
    windows = json.loads(json.dumps(amara))
    for cell in windows["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    worse = {"forged": forged, "old": old, "linked": windows, "untouched": None}
    for student, document in worse.items():
        path = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document))
    shutil.copy(ROOT / f"assignments/{NAME}/{NAME}.ipynb", folder / f"submitted/untouched/{NAME}")
    (folder / f"submitted/linked/{NAME}/torch.py").write_text("raise SystemExit")
    (folder / f"submitted/linked/{NAME}/data.csv").symlink_to("../../../course.yml")
    times = (
        ("amara", "2026-12-01 10:00:00 UTC"),
        ("chloe", "2026-12-17 23:00 CET"),
        ("greta", "2026-12-17 23:00 CET"),
    )
    for student, when in times:
        (folder / "submitted" / student / NAME / "timestamp.txt").write_text(when)
    return folder


@dataclass(frozen=True)
class Both:
    """Two courses alike, graded by nbgrader and by us."""

    nbgrader: Path
    ours: Path
    output: str

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        """What we wrote of each student."""
        lines = (self.ours / "records.jsonl").read_text().splitlines()
        return {record["student"]: record for record in map(json.loads, lines)}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Both:
    folder = tmp_path_factory.mktemp("courses")
    first, second = make_course(folder / "first"), make_course(folder / "second")
    command(first, "release")
    done = nbgrader(first, "autograde", NAME)
    assert "10 grades written" in command(second, "grade", "--json", "records.jsonl")
    return Both(first, second, done.stdout + done.stderr)


def test_both_ways_give_the_same_grades(both: Both) -> None:
    first, second = grades(both.nbgrader), grades(both.ours)
    assert first == second
    assert len(first) == 10
    assert all(entry["max"] == 100 for entry in first.values())
    perfect = ("amara", "forged", "linked", "old")
    assert all(first[student]["score"] == 100 for student in perfect)


def test_the_gradebook_agrees_with_our_records(both: Both) -> None:
    known = {
        student: (entry["score"], entry["max"], entry["penalty"])
        for student, entry in grades(both.nbgrader).items()
    }
    assert known == {
        student: (record["score"], record["max_score"], record["late_penalty"])
        for student, record in both.records.items()
    }
    assert known["chloe"] == (80, 100, 24)  # three days begun, a tenth of 80 points each
    assert known["greta"] == (95, 100, 9.5)  # one day begun after her own due date


def test_both_ways_tell_nbgrader_who_has_more_time(both: Both) -> None:
    for course in (both.nbgrader, both.ours):
        with Gradebook(f"sqlite:///{course}/gradebook.db", "ml_course") as gradebook:
            assert gradebook.find_submission(NAME, "greta").extension == timedelta(days=2)
            assert gradebook.find_submission(NAME, "chloe").extension is None


def test_what_needs_review_is_marked_with_the_reason(both: Both) -> None:
    entry = grades(both.nbgrader)["elif"]
    assert entry["cells"]["test_gradients"] == (0, None, True)
    assert entry["comments"]["gradients"].startswith("Needs review: gradients: Known answers")
    assert entry["cells"]["test_forward"] == (15, None, False)
    asked = {
        student: [task["name"] for task in record["tasks"] if task["review"]]
        for student, record in both.records.items()
    }
    assert {student: tasks for student, tasks in asked.items() if tasks} == {"elif": ["gradients"]}


def test_who_changed_nothing_gave_no_response(both: Both) -> None:
    entry = grades(both.nbgrader)["untouched"]
    assert entry["score"] == 0
    assert entry["comments"] == dict.fromkeys(("gradients", "forward", "step"), "No response.")


def test_a_link_in_a_submission_is_not_followed(both: Both) -> None:
    copied = both.nbgrader / "autograded" / "linked" / NAME / "data.csv"
    assert copied.read_text() == "This was a link to ../../../course.yml. It was not followed.\n"
    assert not (both.ours / "autograded" / "linked" / NAME / "data.csv").exists()


def test_only_the_unreadable_notebook_fails(both: Both) -> None:
    failed = [line for line in both.output.splitlines() if "error processing assignment '" in line]
    assert len(failed) == 1
    assert "'kenji'" in failed[0]


@pytest.mark.parametrize("which", ["nbgrader", "ours"])
def test_the_unreadable_notebook_waits_for_manual_grading(both: Both, which: str) -> None:
    entry = grades(getattr(both, which))["kenji"]
    assert set(entry["cells"].values()) == {(None, None, True)}
    assert "is damaged" in entry["comments"]["step"]


@pytest.mark.parametrize("which", ["nbgrader", "ours"])
def test_the_autograded_notebook_shows_outputs_and_results(both: Both, which: str) -> None:
    course: Path = getattr(both, which)
    path = course / "autograded" / "elif" / NAME / f"{NAME}.ipynb"
    cells = {cell["id"]: cell for cell in json.loads(path.read_text())["cells"]}
    table, points = cells["test-forward"]["outputs"]
    assert points["data"]["text/plain"] in ("15.0", ["15.0"])
    html = "".join(table["data"]["text/html"])
    assert "forward: 15 of 25 points" in html
    assert "The bias is added once to every row." in html
    assert cells["plot-points"]["outputs"][0]["data"]["image/png"]
    assert "".join(cells["autograd-example"]["outputs"][0]["text"]).startswith("dz/du")
    assert all("autograder_cell" not in cell["metadata"] for cell in cells.values())


@pytest.mark.parametrize("which", ["nbgrader", "ours"])
def test_forged_and_repeated_cells_are_put_right(both: Both, which: str) -> None:
    course: Path = getattr(both, which)
    path = course / "autograded" / "forged" / NAME / f"{NAME}.ipynb"
    metadata = [c["metadata"].get("nbgrader", {}) for c in json.loads(path.read_text())["cells"]]
    ids = [entry["grade_id"] for entry in metadata if "grade_id" in entry]
    assert len(ids) == len(set(ids)) == 7
    assert sum(entry.get("points", 0) for entry in metadata) == 100


@pytest.mark.parametrize("which", ["nbgrader", pytest.param("ours", marks=pytest.mark.slow)])
def test_feedback_is_made_from_it(both: Both, which: str) -> None:
    course: Path = getattr(both, which)
    done = nbgrader(course, "generate_feedback", NAME)
    assert done.returncode == 0, done.stderr
    page = (course / "feedback" / "elif" / NAME / f"{NAME}.html").read_text()
    assert "forward: 15 of 25 points" in page
    assert "The bias is missing: forward computes the product of x and W only." in page
    best = (course / "feedback" / "amara" / NAME / f"{NAME}.html").read_text()
    assert best.count("data:image/svg+xml;base64,") == 3
    assert (course / "feedback" / "amara" / f"{NAME}.html").exists()


def test_a_regrade_keeps_what_a_person_wrote(both: Both, command: Command) -> None:
    url = f"sqlite:///{both.ours}/gradebook.db"
    with Gradebook(url, "ml_course") as gradebook:
        grade = gradebook.find_grade("test_step", NAME, NAME, "farid")
        grade.manual_score = 12
        gradebook.find_comment("step", NAME, NAME, "farid").manual_comment = "Nearly."
        gradebook.db.commit()
    command(both.ours, "grade", "--force", f"submitted/farid/{NAME}")
    with Gradebook(url, "ml_course") as gradebook:
        grade = gradebook.find_grade("test_step", NAME, NAME, "farid")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (0, 12, True)
        assert gradebook.find_comment("step", NAME, NAME, "farid").comment == "Nearly."
        assert gradebook.find_submission(NAME, "farid").score == 57


def test_a_course_that_cannot_be_read_grades_nothing(both: Both, tmp_path: Path) -> None:
    course = tmp_path / "course"
    ignored = shutil.ignore_patterns("autograded", "feedback", "[b-z]*")
    shutil.copytree(both.nbgrader / "submitted", course / "submitted", ignore=ignored)
    for name in ("course.yml", "nbgrader_config.py", "gradebook.db"):
        shutil.copy(both.nbgrader / name, course)
    text = (course / "course.yml").read_text()
    (course / "course.yml").write_text(text.replace("points: 20", "pionts: 20"))
    done = nbgrader(course, "autograde", NAME)
    assert done.returncode == 1
    assert "pionts: this key is not known" in done.stderr
    assert "Nothing will be graded until this is fixed." in done.stderr
    assert not (course / "autograded" / "amara" / NAME / f"{NAME}.ipynb").exists()


def test_a_submission_outside_submitted_is_not_written_to_the_gradebook(
    both: Both, tmp_path: Path, command: Command
) -> None:
    path = write_notebook(tmp_path / "visitor.ipynb", WRONG[0].cells())
    command(both.ours, "grade", str(path))
    assert "visitor" not in grades(both.ours)


@pytest.mark.slow
def test_a_stale_release_is_found(both: Both, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(both.nbgrader, course, ignore=shutil.ignore_patterns("*ted", "feedback"))
    path = course / "assignments" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("Thirty steps", "Forty steps"))
    done = autograder(course, "validate")
    assert done.returncode == 2
    assert "run `autograder release linear_regression`" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "words"), [("solutions", "Success"), ("assignments", "NotImplementedError")]
)
def test_nbgrader_validate_works_on_both_notebooks(folder: str, words: str) -> None:
    done = nbgrader(ROOT, "validate", f"{folder}/{NAME}/{NAME}.ipynb")
    assert words in done.stdout + done.stderr
    failed = (done.stdout + done.stderr).count("The following cell failed")
    assert failed == (0 if folder == "solutions" else 4)
