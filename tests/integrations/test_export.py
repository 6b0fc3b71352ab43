"""`autograder export`, on a class that was really graded."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from autograder.record_json import SCHEMA
from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, Command, write_course, write_notebook, write_registered_course
from tests.corpus.wrong import WRONG
from tests.formats import SCHEMAS, validator
from tests.integrations.nbgrader.commands import NAME

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn of each other

BAD = next(answer for answer in WRONG if answer.name == "no_bias")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """Return a course that has been graded: ada is late, somebody looks like a formula."""
    folder = tmp_path_factory.mktemp("export") / "course"
    folder.mkdir()
    write_registered_course(folder)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for student, answer in (("ada", ACCEPTED[0]), ("bob", BAD), ("=1+1", BAD)):
        path = folder / "submitted" / student / NAME
        path.mkdir(parents=True)
        write_notebook(path / f"{NAME}.ipynb", answer.cells())
    (folder / "submitted/ada" / NAME / "timestamp.txt").write_text("2026-12-15 10:00:00 UTC")
    command(folder, "grade")
    return folder


def rows(text: str) -> dict[str, dict[str, str]]:
    lines = [line for line in text.splitlines() if "," in line]
    return {row["student"]: row for row in csv.DictReader(lines)}


def test_a_table_has_totals_with_lateness_taken_off_and_no_formulas(
    graded: Path, command: Command
) -> None:
    command(graded, "export", "-o", "grades.csv")
    found = rows((graded / "grades.csv").read_text())
    assert {name: row["total"] for name, row in found.items()} == {
        "ada": "90", "bob": "90", "'=1+1": "90",
    }  # fmt: skip
    assert (found["ada"]["points"], found["ada"]["late_penalty"]) == ("100", "10")


def test_points_given_by_hand_count(graded: Path, tmp_path: Path, command: Command) -> None:
    copy = shutil.copytree(graded, tmp_path / "course")
    with sqlite3.connect(copy / "gradebook.db") as database:
        database.execute(
            "UPDATE grade SET manual_score = 25, needs_manual_grade = 1 WHERE auto_score = 15"
        )
    output = command(copy, "export")
    assert rows(output)["bob"]["total"] == "100"
    assert "bob: not final: needs manual grading" in output


@pytest.mark.slow
def test_without_a_gradebook_the_cached_records_count(
    graded: Path, tmp_path: Path, command: Command
) -> None:
    copy = shutil.copytree(graded, tmp_path / "course")
    (copy / "gradebook.db").unlink()
    command(copy, "grade")
    (copy / "gradebook.db").unlink()
    assert rows(command(copy, "export"))["ada"]["total"] == "90"


def test_records_leave_as_they_are(graded: Path, command: Command) -> None:
    command(graded, "export", "--format", "json", "-o", "records.jsonl")
    records = [json.loads(line) for line in (graded / "records.jsonl").read_text().splitlines()]
    for record in records:
        jsonschema.validate(record, json.loads(SCHEMA.read_text()))
    assert {record["student"]: record["score"] for record in records}["bob"] == 90
    command(graded, "export", "--format", "junit", "-o", "records.xml")
    assert len(ElementTree.parse(graded / "records.xml").getroot().findall("testsuite")) == 3


def test_gradescope_gets_results_for_each_student(graded: Path, command: Command) -> None:
    output = command(graded, "export", "--format", "gradescope", "-o", "results.zip")
    assert "Manual points are not included" in output
    with zipfile.ZipFile(graded / "results.zip") as archive:
        found = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    for document in found.values():
        validator(SCHEMAS / "gradescope.schema.json").validate(document)
    assert {name: document["score"] for name, document in found.items()} == {
        "ada/results.json": 90, "bob/results.json": 90, "=1+1/results.json": 90,
    }  # fmt: skip


def test_canvas_gets_its_own_file_back(graded: Path, command: Command) -> None:
    (graded / "canvas.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Autograd and linear regression (5)\n"
        "    Points Possible,,,,,100\nAda,1,,ada,A,\nBob,2,,bob,A,\n"
    )
    output = command(graded, "export", "--format", "canvas", "--into", "canvas.csv", "-o", "in.csv"
    )  # fmt: skip
    assert (graded / "in.csv").read_text().splitlines()[2:] == [
        "Ada,1,,ada,A,90",
        "Bob,2,,bob,A,90",
    ]
    assert "=1+1: no row in the file; not filled in" in output
    assert "2 of 3 students filled in." in output
    assert "rounded half up" in output


def test_canvas_and_moodle_ask_for_their_file(graded: Path, command: Command) -> None:
    output = command(graded, "export", "--format", "moodle", status=2)
    assert "name it with --into" in output


def test_before_anybody_is_graded_there_is_nothing_to_export(
    tmp_path: Path, command: Command
) -> None:
    write_course(tmp_path)
    for style in ("csv", "json"):
        output = command(tmp_path, "export", "--format", style, status=2)
        assert "autograder grade" in output
