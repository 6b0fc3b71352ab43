"""Canvas's and Moodle's own files, filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.integrations.lms.canvas import fill_canvas
from autograder.integrations.lms.gradebook_file import Filled
from autograder.integrations.lms.moodle import fill_moodle
from autograder.integrations.platform_data import Grade
from autograder.reports.table import read_table

TITLE = "Autograd and linear regression"
CANVAS = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,Quiz (4),{TITLE} (812),Current Score,Final Score
    Points Possible,,,,,10.0,100.0,(read only),(read only)
"Lovelace, Ada",101,S1,ada,ML,3,,30,30
"Bool, Bob",102,S2,bob@uni.example,ML,,12,,
"Student, Test",103,,test,ML,,,,
"""
MOODLE = """\
\N{BYTE ORDER MARK}Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 11,Ada Lovelace,ada@uni.example,Submitted for grading,,"100,00",Yes,-,-,
Participant 12,Bob Bool,bob@uni.example,Submitted for grading,,"100,00",Yes,-,-,Hm
"""


def grade(student: str, points: float = 80.0, late: float = 0.0, *names: str) -> Grade:
    return Grade(student, points, late, 100.0, names=names)


def canvas(tmp_path: Path, text: str, *grades: Grade, title: str = TITLE) -> Filled:
    path = tmp_path / "canvas.csv"
    path.write_text(text, encoding="utf-8")
    return fill_canvas(path, grades, title)


def moodle(tmp_path: Path, text: str, *grades: Grade) -> Filled:
    path = tmp_path / "moodle.csv"
    path.write_text(text, encoding="utf-8")
    return fill_moodle(path, grades)


def test_only_the_assignments_column_changes_in_canvas(tmp_path: Path) -> None:
    filled = canvas(tmp_path, CANVAS, grade("ada"), grade("bob", 91.5, 9.15, "bob@uni.example"))
    expected = CANVAS.replace("ML,3,,30", "ML,3,80,30").replace(",12,,", ",82.35,,")
    assert filled.table.to_bytes().decode().replace("\r\n", "\n") == expected
    assert (filled.count, filled.problems) == (2, ())


def test_only_the_grades_change_in_moodle(tmp_path: Path) -> None:
    filled = moodle(tmp_path, MOODLE, grade("ada@uni.example"), grade("b", 70, 0, "Bob Bool"))
    expected = MOODLE.replace('grading,,"', 'grading,80,"', 1).replace('grading,,"', 'grading,70,"')
    assert filled.table.to_bytes().decode().replace("\r\n", "\n") == expected


def test_semicolons_and_lower_case_headings_are_read_too(tmp_path: Path) -> None:
    text = "identifier;email address;grade\nParticipant 1;ada@uni.example;\n"
    filled = moodle(tmp_path, text, grade("ada@uni.example"))
    assert filled.table.to_bytes().decode().endswith("Participant 1;ada@uni.example;80\r\n")


def test_students_who_are_not_in_the_file_are_reported(tmp_path: Path) -> None:
    filled = canvas(tmp_path, CANVAS, grade("ada"), grade("eve"))
    assert filled.problems == ("eve: no row in the file; not filled in",)


def test_ambiguous_rows_and_students_are_not_guessed(tmp_path: Path) -> None:
    twins = grade("ada"), grade("lovelace", 1, 0, "Lovelace, Ada")
    filled = canvas(tmp_path, CANVAS, *twins)
    assert filled.count == 0
    assert "Lovelace, Ada" in filled.table.rows[1][0]
    assert "could be ada, lovelace; not filled in" in filled.problems[0]
    double = CANVAS.replace("bob@uni.example", "ada")
    filled = canvas(tmp_path, double, grade("ada"))
    assert filled.problems == ("ada: several rows in the file; not filled in",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CANVAS.replace(TITLE, "Homework"), "no column for an assignment called"),
        (CANVAS.replace("Quiz (4)", f"{TITLE} (9)"), "several columns"),
        (CANVAS.replace("100.0", "50"), "worth 50 points in this file and 100 in the course"),
        (CANVAS.replace("Student,", "Pupil,", 1), "no column 'Student'"),
        ("", "is empty"),
    ],
)
def test_a_file_that_does_not_match_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        canvas(tmp_path, text, grade("ada"))


def test_moodle_with_other_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="worth 50 points"):
        moodle(tmp_path, MOODLE.replace("100,00", "50,00"), grade("ada"))


def test_an_excel_file_is_recognized(tmp_path: Path) -> None:
    path = tmp_path / "grades.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(UsageError, match="Export it as CSV"):
        read_table(path)


@pytest.mark.parametrize(
    ("points", "late", "total"),
    [(80, 0, "80"), (0.125, 0, "0.13"), (2.675, 0, "2.68"), (70, 7.0, "63"), (5, 9, "0")],
)
def test_totals_are_rounded_half_up(points: float, late: float, total: str) -> None:
    assert grade("a", points, late).total == total


def test_namesakes_are_distinguished_by_their_unique_identities(tmp_path: Path) -> None:
    text = MOODLE.replace("Bob Bool", "Ada Lovelace").replace("bob@", "ada2@")
    one = grade("ada@uni.example", 80, 0, "Ada Lovelace")
    two = grade("ada2@uni.example", 70, 0, "Ada Lovelace")
    assert moodle(tmp_path, text, one, two).count == 2
    filled = moodle(tmp_path, text, one)  # the other has submitted nothing
    assert (filled.count, filled.problems) == (1, ())
    filled = moodle(tmp_path, text, grade("ada", 80, 0, "Ada Lovelace"))
    assert filled.problems == ("ada: several rows in the file; not filled in",)


def test_a_participant_is_the_same_in_any_language(tmp_path: Path) -> None:
    text = MOODLE.replace("Participant 11", "Teilnehmer/in11")
    assert moodle(tmp_path, text, grade("Participant 11")).count == 1
