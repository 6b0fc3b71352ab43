"""A whole term with the real nbgrader: from the source notebook to grades in a spreadsheet.

Two notebooks in one assignment: ours, with a question in words added, and an essay that nbgrader
grades without the kit.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from tests.conftest import COURSE_OF_ONE, ROOT, notebook
from tests.integrations.nbgrader.commands import NAME, grades, run

ESSAY = "essay"
STUDENTS = ("amara", "bruno", "chloe", "elif", "mateo")
DUE = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
ANSWER = "The noise in the data hides it."

pytestmark = [
    pytest.mark.slow,  # the whole term of nbgrader
    pytest.mark.filterwarnings("ignore"),  # nbgrader and SQLAlchemy warn of each other
]


def graded(source: str, grade_id: str, kind: str, points: int, solution: bool) -> dict[str, Any]:
    """Return a cell with points: words of a student, or a test."""
    grading = {"grade": True, "solution": solution, "locked": not solution, "schema_version": 3}
    metadata = {"nbgrader": grading | {"grade_id": grade_id, "points": points}}
    cell = {"cell_type": kind, "id": grade_id, "source": source, "metadata": metadata}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


class Term:
    """The instructor's course, the exchange, and the students' folders."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.course, self.exchange = folder, folder / "course", folder / "exchange"
        self.first: dict[str, Any] = {}  # the grades of the first grading
        self.exchange.mkdir(mode=0o777)
        self.exchange.chmod(0o777)
        self.course.mkdir()
        text = COURSE_OF_ONE
        text, changed = re.subn(r"due: .*", f"due: {DUE:%Y-%m-%d %H:%M:%S}+00:00", text)
        assert changed == 1
        (self.course / "course.yml").write_text(text)
        lines = (ROOT / "nbgrader_config.py").read_text()
        own = f'c = get_config()\nc.Exchange.root = "{self.exchange}"\n'
        (self.course / "nbgrader_config.py").write_text(own + lines)
        shutil.copytree(ROOT / "solutions", self.course / "solutions")
        path = self.course / "solutions" / NAME / f"{NAME}.ipynb"
        document = json.loads(path.read_text())
        words = graded("Why not 0.48? YOUR ANSWER HERE", "why", "markdown", 10, solution=True)
        path.write_text(json.dumps(document | {"cells": [*document["cells"], words]}))
        cells: list[str | dict[str, Any]] = [
            "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
            graded("assert x == 1", "test_x", "code", 2, solution=False),
            graded("YOUR ANSWER HERE", "opinion", "markdown", 3, solution=True),
        ]
        essay = notebook(cells)
        essay["cells"][0]["metadata"]["nbgrader"] = {
            "grade": False, "solution": True, "locked": False, "schema_version": 3, "grade_id": "x",
        }  # fmt: skip
        path.with_name(f"{ESSAY}.ipynb").write_text(json.dumps(essay))

    def instructor(self, *command: str, status: int = 0) -> str:
        return run(self.course, *command, status=status)

    def student(self, name: str, command: str, *options: str) -> Path:
        """Run a student's nbgrader command, in the student's own folder, without the kit."""
        folder = self.folder / "homes" / name
        folder.mkdir(parents=True, exist_ok=True)
        settings = [
            "--course=ml_course", f"--student={name}", f"--Exchange.root={self.exchange}",
            f"--Exchange.cache={folder}/.cache",
        ]  # fmt: skip
        run(folder, "nbgrader", command, NAME, *settings, *options)
        return folder / NAME

    def work(self, name: str, like: str) -> None:
        """Fetch the assignment if it is new, write in it what somebody of the class wrote."""
        folder = self.folder / "homes" / name / NAME
        if not folder.exists():
            self.student(name, "fetch_assignment")
        path = ROOT / "examples/submitted" / like / NAME / f"{NAME}.ipynb"
        theirs = {cell["id"]: cell["source"] for cell in json.loads(path.read_text())["cells"]}
        path = folder / f"{NAME}.ipynb"
        document = json.loads(path.read_text())
        for cell in document["cells"]:
            grading = cell["metadata"].get("nbgrader", {})
            if grading.get("solution") and (cell["id"] in theirs or name != "elif"):
                cell["source"] = theirs.get(cell["id"], ANSWER)
        path.write_text(json.dumps(document))
        essay = folder / f"{ESSAY}.ipynb"
        essay.write_text(essay.read_text().replace("raise NotImplementedError()", "x = 1"))

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.course}/gradebook.db", "ml_course")

    def grades(self) -> dict[str, Any]:
        return grades(self.course)


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """A term up to the first grading.

    Bruno submits twice, mateo a damaged notebook, chloe two days late; elif writes no words.
    """
    term = Term(tmp_path_factory.mktemp("term"))
    term.instructor("nbgrader", "generate_assignment", NAME)
    term.instructor("autograder", "validate")
    term.instructor("nbgrader", "release_assignment", NAME)
    for name in STUDENTS:
        term.work(name, "farid" if name == "bruno" else name)
        if name == "mateo":
            (term.folder / "homes" / name / NAME / f"{NAME}.ipynb").write_text("{ damaged")
        term.student(name, "submit")
    term.instructor("nbgrader", "collect", NAME)
    term.work("bruno", "bruno")
    term.student("bruno", "submit")
    term.instructor("nbgrader", "collect", NAME, "--update")
    # nbgrader stamps what is submitted now; chloe's stamp is put two days behind the due date.
    late = DUE + timedelta(days=1, hours=5)
    stamp = term.course / "submitted" / "chloe" / NAME / "timestamp.txt"
    stamp.write_text(late.strftime("%Y-%m-%d %H:%M:%S.%f UTC"))
    output = term.instructor("nbgrader", "autograde", NAME, status=1)
    term.first = term.grades()
    assert "error processing assignment 'linear_regression' for student 'mateo'" in output
    return term


@pytest.fixture(scope="module")
def finished(term: Term) -> Term:
    """The term after a person has graded words, granted chloe a day, and released feedback."""
    with term.gradebook() as book:
        for name in ("amara", "chloe"):
            for part, cell, points in ((NAME, "why", 7), (ESSAY, "opinion", 3)):
                grade = book.find_grade(cell, part, NAME, name)
                grade.manual_score, grade.needs_manual_grade = points, False
            book.find_comment("why", NAME, NAME, name).manual_comment = "Nicely put."
        book.grant_extension(NAME, "chloe", days=1)
        book.db.commit()
    term.instructor("nbgrader", "autograde", NAME, "--force", status=1)
    term.instructor("nbgrader", "generate_feedback", NAME, "--force")
    term.instructor("nbgrader", "release_feedback", NAME)
    term.instructor("nbgrader", "export", "--to=grades.csv")
    return term


def test_students_get_no_solution(term: Term) -> None:
    released = (term.exchange / "ml_course" / "outbound" / NAME / f"{NAME}.ipynb").read_text()
    assert "NotImplementedError" in released
    assert "BEGIN SOLUTION" not in released


def test_each_part_is_graded_by_whom_it_belongs_to(term: Term) -> None:
    amara = term.first["amara"]
    assert amara["cells"] == {
        "test_gradients": (20, None, False),
        "test_forward": (25, None, False),
        "test_step": (35, None, False),
        "test_convergence": (20, None, False),
        "why": (None, None, True),
        "test_x": (2, None, False),
        "opinion": (0, None, False),  # unchanged
    }
    assert amara["comments"]["opinion"] == "No response."
    assert (amara["score"], amara["max"]) == (102, 115)


def test_the_second_submission_counts(term: Term) -> None:
    assert term.first["bruno"]["score"] == 102


def test_lateness_costs_part_of_the_points_in_both_notebooks(term: Term) -> None:
    chloe = term.first["chloe"]
    assert chloe["score"] == 82
    assert chloe["penalty"] == pytest.approx(16.4)  # two days: a fifth of 80, and of 2
    with term.gradebook() as book:
        assert book.find_assignment(NAME).duedate == DUE.replace(tzinfo=None)


def test_a_damaged_notebook_affects_no_other_and_waits_for_manual_grading(term: Term) -> None:
    mateo = term.first["mateo"]
    assert "not valid JSON" in mateo["comments"]["step"]
    ours = ("test_gradients", "test_forward", "test_step", "test_convergence", "why")
    assert {mateo["cells"][name] for name in ours} == {(None, None, True)}
    assert {name: entry["score"] for name, entry in term.first.items()} == {
        "amara": 102, "bruno": 102, "chloe": 82, "elif": 43, "mateo": 2
    }  # fmt: skip


def test_words_that_were_not_written_are_worth_nothing(term: Term) -> None:
    elif_ = term.first["elif"]
    assert elif_["cells"]["why"] == (0, None, False)
    assert elif_["comments"]["why"] == "No response."


def test_a_regrade_keeps_what_a_person_did(finished: Term) -> None:
    after = finished.grades()
    assert after["amara"]["cells"]["why"] == (None, 7, True)
    assert after["amara"]["comments"]["why"] == "Nicely put."
    assert after["amara"]["score"] == 112


def test_time_that_nbgrader_grants_counts(finished: Term) -> None:
    chloe = finished.grades()["chloe"]
    assert chloe["penalty"] == pytest.approx(0.1 * 87 + 0.1 * 5)  # one day, now with the words


def test_students_fetch_feedback_that_says_what_was_wrong(finished: Term) -> None:
    folder = finished.student("chloe", "fetch_feedback") / "feedback"
    (page,) = folder.rglob(f"{NAME}.html")
    text = page.read_text()
    assert "Nicely put." in text
    assert "Late submission penalty" in text
    assert "step: 29 of 35 points" in text
    assert text.count("data:image/svg+xml;base64,") == 3
    hidden = ROOT / "autograder" / "suites" / NAME
    lines = {line.strip() for path in hidden.glob("test_*.py") for line in path.open()}
    assert [line for line in lines if len(line) > 30 and escape(line) in text] == []


def test_the_export_has_scores_and_penalties(finished: Term) -> None:
    with (finished.course / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    exported = {
        name: [float(row[key]) for key in ("raw_score", "late_submission_penalty", "score")]
        for name, row in rows.items()
    }
    assert exported["amara"] == [112, 0, 112]
    assert exported["chloe"] == pytest.approx([92, 9.2, 82.8])
    assert {row["max_score"] for row in rows.values()} == {"115.0"}


def test_our_own_command_leaves_the_same_gradebook(finished: Term) -> None:
    before = finished.grades()
    output = finished.instructor("autograder", "grade", "--json", "records.jsonl")
    assert finished.grades() == before
    assert "grade it with `nbgrader autograde linear_regression --notebook=essay`." in output
    lines = (finished.course / "records.jsonl").read_text().splitlines()
    records = {record["student"]: record for record in map(json.loads, lines)}
    assert (records["chloe"]["score"], records["chloe"]["late_penalty"]) == (80, 8)
    assert records["chloe"]["days_late"] == 1


def test_our_own_command_does_it_from_the_beginning_too(finished: Term) -> None:
    first = finished.course / "first"
    (finished.course / "autograded").rename(first)
    (finished.course / "gradebook.db").unlink()
    finished.instructor("autograder", "grade")
    for name in ("timestamp.txt", "submission_secret.txt"):  # feedback is released under them
        submitted = finished.course / "submitted" / "bruno" / NAME / name
        autograded = finished.course / "autograded" / "bruno" / NAME / name
        assert autograded.read_text() == submitted.read_text()
    finished.instructor("nbgrader", "autograde", NAME, f"--notebook={ESSAY}")
    assert finished.grades() == finished.first
    for name in ("amara", "chloe"):
        mine, theirs = (
            json.loads((folder / name / NAME / f"{NAME}.ipynb").read_text())["cells"]
            for folder in (finished.course / "autograded", first)
        )
        assert [cell["source"] for cell in mine] == ["".join(cell["source"]) for cell in theirs]
