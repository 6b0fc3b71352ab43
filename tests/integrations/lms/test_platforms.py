"""The names in downloads of Canvas, Moodle and Gradescope, and Moodle's times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from autograder.errors import UsageError
from autograder.integrations.gradescope.bulk_export import Export, read_metadata
from autograder.integrations.lms import canvas, moodle
from autograder.integrations.lms.archive import Source
from autograder.integrations.lms.moodle import read_time
from autograder.integrations.lms.platforms import platform_of
from autograder.integrations.platform_data import SubmittedFile


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("lovelaceada_101_2002_hw.ipynb", SubmittedFile("101", "hw.ipynb", "lovelaceada", 2002)),
        ("lovelaceada_LATE_101_2002_hw-1.ipynb", SubmittedFile("101", "hw-1.ipynb", "lovelaceada", 2002, late=True)),
        ("lovelaceada_late_101_2002_hw.ipynb", SubmittedFile("101", "hw.ipynb", "lovelaceada", 2002, late=True)),
        ("čapekžofie_103_2004_hw_2 (1).ipynb", SubmittedFile("103", "hw_2 (1).ipynb", "čapekžofie", 2004)),
        ("unpacked/bool-bob_102_7_12_x.ipynb", SubmittedFile("102", "12_x.ipynb", "bool-bob", 7)),
        ("anon_aB3dE_2002_hw.ipynb", SubmittedFile("anon_aB3dE", "hw.ipynb", "", 2002)),
        ("LATE_anon_aB3dE_2002_hw.ipynb", SubmittedFile("anon_aB3dE", "hw.ipynb", "", 2002, late=True)),
    ],
)  # fmt: skip
def test_a_canvas_name_has_student_file_and_lateness(path: str, expected: SubmittedFile) -> None:
    assert canvas.parse(path) == [expected]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("lovelaceada_101_text.html", "typed into Canvas"),
        ("lovelaceada_LATE_101_link.html", "is a link, submitted in Canvas"),
        ("notes.ipynb", "not named as Canvas names files"),
        (f"a_{'9' * 5000}_1_x.ipynb", "not named as Canvas names files"),
    ],
)
def test_canvas_names_that_are_not_files_are_explained(path: str, reason: str) -> None:
    assert reason in canvas.parse(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Ada Lovelace_11_assignsubmission_file_/hw.ipynb", SubmittedFile("11", "hw.ipynb", "Ada Lovelace")),
        ("Ada Lovelace_11_assignsubmission_file/a/hw.ipynb", SubmittedFile("11", "a/hw.ipynb", "Ada Lovelace")),
        ("Ada Lovelace_11_assignsubmission_file_hw_2.ipynb", SubmittedFile("11", "hw_2.ipynb", "Ada Lovelace")),
        ("Žofie Čapek_13_assignsubmission_file_/hw.ipynb", SubmittedFile("13", "hw.ipynb", "Žofie Čapek")),
        ("Toni_Marie_Noel_13_assignsubmission_file_/x.ipynb", SubmittedFile("13", "x.ipynb", "Toni_Marie_Noel")),
        ("Participant_12_assignsubmission_file_/hw.ipynb", SubmittedFile("12", "hw.ipynb", "Participant")),
        ("Default group_assignsubmission_file_/hw.ipynb", SubmittedFile("", "hw.ipynb", "Default group")),
        ("course/A_11_assignsubmission_file_/b_99_assignsubmission_file_/x", SubmittedFile("11", "b_99_assignsubmission_file_/x", "A")),
    ],
)  # fmt: skip
def test_a_moodle_path_has_student_and_file_in_both_layouts(
    path: str, expected: SubmittedFile
) -> None:
    assert moodle.parse(path) == [expected]


def test_text_typed_into_moodle_is_not_a_file() -> None:
    said = moodle.parse("Ada_11_assignsubmission_onlinetext_/onlinetext.html")
    assert "typed into Moodle" in said


METADATA = b"""\
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '101'
    :email: ada@uni.example
  - :name: Bob Bool
    :sid: 102
  :created_at: 2026-12-14 14:59:00.123456000 -08:00
  :score: 3.0
submission_2:
  :submitters:
  - :name: Eve
    :email: eve@uni.example
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2026-12-14 22:59:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: *1
submission_3:
  :submitters:
  - :name: Nobody
"""


def test_gradescope_metadata_have_submitters_and_times() -> None:
    export = Export("e/", read_metadata(METADATA))
    when = datetime(2026, 12, 14, 22, 59, 0, 123456, UTC)
    assert export.parse("e/submission_1/a/hw.ipynb") == [
        SubmittedFile("ada@uni.example", "a/hw.ipynb", "Ada Lovelace", when=when, also=("101",)),
        SubmittedFile("102", "a/hw.ipynb", "Bob Bool", when=when),
    ]
    when = datetime(2026, 12, 14, 22, 59, tzinfo=UTC)
    assert export.parse("e/submission_2/hw.ipynb") == [
        SubmittedFile("eve@uni.example", "hw.ipynb", "Eve", when=when)
    ]
    assert "neither e-mail nor sid" in export.parse("e/submission_3/hw.ipynb")
    assert "not in a folder" in export.parse("e/submission_4/hw.ipynb")


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b"!!python/object/apply:os.system ['id']", b"- 1", b"a: [", b"\xff\xfe\x00"],
)
def test_invalid_metadata_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_metadata(content)


def platform_named(*paths: str) -> str:
    source = Source("download.zip", {path: lambda: METADATA for path in paths})
    return platform_of(source).name


def test_the_platform_is_recognized_by_what_comes_first_in_a_path() -> None:
    """Students choose what comes after it."""
    assert platform_named("a_1_2_x_11_assignsubmission_file_y.ipynb") == "Canvas"
    assert platform_named("A B_11_assignsubmission_file_1_2_x.ipynb") == "Moodle"
    assert platform_named("A_11_assignsubmission_file_/a_1_2_x.ipynb") == "Moodle"
    assert platform_named("e/submission_metadata.yml", "e/submission_1/x.ipynb") == "Gradescope"


def test_a_students_own_metadata_file_does_not_make_a_gradescope_export() -> None:
    folder = "A_11_assignsubmission_file_"
    assert platform_named(f"{folder}/submission_metadata.yml") == "Moodle"
    assert (
        platform_named(f"{folder}/x/submission_metadata.yml", "B_12_assignsubmission_file_/y")
        == "Moodle"
    )


def test_an_unknown_platform_is_refused() -> None:
    with pytest.raises(UsageError, match="not named as the downloads of Canvas"):
        platform_named("hw.ipynb", "readme.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Monday, 14 December 2026, 11:59 PM", "2026-12-14 23:59"),
        ("Tuesday, 5 May 2026, 12:05 AM", "2026-05-05 00:05"),
        ("Montag, 14. Dezember 2026, 23:59", "2026-12-14 23:59"),
        ("jeudi 5 mars 2026, 09:05", "2026-03-05 09:05"),
        ("-", None),
        ("5/12/2026, 09:05", None),
        ("Monday, 31 June 2026, 11:59 PM", None),
    ],
)
def test_moodles_times_are_read_if_the_month_is_named(text: str, expected: str | None) -> None:
    found = read_time(text, timezone(timedelta(hours=1)))
    assert found == (expected and datetime.fromisoformat(f"{expected}+01:00"))
