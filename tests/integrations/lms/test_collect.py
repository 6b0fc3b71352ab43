"""From a download to submitted/: students, notebooks, times, and what cannot be collected."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.grading.batch import grade_batch
from autograder.integrations.lms import collection as command
from autograder.integrations.lms.collection import collect as collect_files
from autograder.integrations.lms.downloaded_submissions import Collection
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import find_submissions, read_collected, timestamp
from tests.conftest import context_of, notebook
from tests.integrations.lms.downloads import (
    CANVAS,
    MOODLE,
    NAME,
    NOTEBOOK,
    code,
    course_in,
    notebooks,
    tree,
    zipped,
)

Collect = Callable[..., Collection]
ADA = "lovelaceada_101"
FILE = "assignsubmission_file_"


@pytest.fixture
def here(tmp_path: Path, course: Course) -> tuple[Course, Assignment]:
    return course_in(tmp_path, course)


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    return tmp_path / "submitted"


@pytest.fixture
def collect(
    tmp_path: Path, here: tuple[Course, Assignment], monkeypatch: pytest.MonkeyPatch
) -> Collect:
    """Return a function that collects downloads, each a dictionary of files, or a path."""
    monkeypatch.setattr(command, "_register", lambda course, placed: [])  # see test_command.py

    def collect(*downloads: dict[str, bytes] | Path, roster: str = "") -> Collection:
        paths = [
            d if isinstance(d, Path) else zipped(tmp_path / f"{i}.zip", d)
            for i, d in enumerate(downloads)
        ]
        file = tmp_path / "roster.csv"
        file.write_text(roster, encoding="utf-8")
        return collect_files(*here, paths, file if roster else None)

    return collect


def said(lines: list[str], *words: str) -> bool:
    return any(all(word in line for word in words) for line in lines)


def test_canvas_students_are_called_by_number_or_with_a_roster_by_login(
    collect: Collect, submitted: Path
) -> None:
    files = {f"{ADA}_2002_{NOTEBOOK}": code("ada"), f"boolbob_102_2003_{NOTEBOOK}": code("bob")}
    found = collect(files)
    assert notebooks(submitted) == {"101": "ada", "102": "bob"}
    assert (found.summary, found.problems) == ("2 collected: 2 new.", [])


def test_with_a_roster_canvas_students_get_their_login(collect: Collect, submitted: Path) -> None:
    files = {
        f"{ADA}_2002_{NOTEBOOK}": code("ada"),
        f"boolbob_102_2003_{NOTEBOOK}": code("bob"),
        f"čapekžofie_103_2004_{NOTEBOOK}": code("zofie"),
        f"groupa_104_2005_{NOTEBOOK}": code("group"),
        f"x_999_2006_{NOTEBOOK}": code("x"),
    }
    found = collect(files, roster=CANVAS)
    assert set(notebooks(submitted)) == {"ada", "bob@uni.example", "zofie", "104", "999"}
    assert said(found.notes, "104", "of a group, only one member is known")
    assert said(found.notes, "999", "not in the roster")


def test_an_existing_folder_with_another_identity_is_reused(
    collect: Collect, submitted: Path
) -> None:
    collect({f"{ADA}_2002_{NOTEBOOK}": code("first")})
    collect({f"{ADA}_2009_{NAME}-1.ipynb": code("second")}, roster=CANVAS)
    assert notebooks(submitted) == {"101": "second"}


def test_the_last_of_several_canvas_attempts_counts(collect: Collect, submitted: Path) -> None:
    found = collect(
        {
            f"{ADA}_2002_{NOTEBOOK}": code("first"),
            f"{ADA}_2040_{NAME}-2.ipynb": code("third"),
            f"{ADA}_2030_{NAME}-1.ipynb": code("second"),
        }
    )
    assert notebooks(submitted) == {"101": "third"}
    assert said(found.notes, "submitted again; earlier", f"{NAME}-1.ipynb")


def test_the_later_of_several_downloads_counts_in_any_order(
    collect: Collect, submitted: Path
) -> None:
    old = {f"{ADA}_2002_{NOTEBOOK}": code("old")}
    new = {f"{ADA}_2050_final.ipynb": code("new")}
    found = collect(new, old)
    assert notebooks(submitted) == {"101": "new"}
    assert said(found.notes, "submitted again; earlier")


def test_a_late_submission_without_a_time_is_not_silently_on_time(
    collect: Collect, submitted: Path, here: tuple[Course, Assignment]
) -> None:
    found = collect({f"lovelaceada_LATE_101_2002_{NOTEBOOK}": code("ada")})
    assert said(found.notes, "101", "marked late", "timestamp.txt")
    ((submission,), _) = find_submissions([submitted], here[1])
    assert "submitted late" in submission.review_reason
    (submitted / "101" / NAME / "timestamp.txt").write_text("2026-12-16 10:00:00 UTC")
    ((submission,), _) = find_submissions([submitted], here[1])
    assert submission.review_reason == ""
    collect({f"lovelaceada_LATE_101_2002_{NOTEBOOK}": code("ada")})
    assert timestamp(submitted / "101" / NAME) == datetime(2026, 12, 16, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "form", ["{}_{}_" + FILE + "/", "{}_{}_" + FILE[:-1] + "/", "{}_{}_" + FILE]
)
def test_moodle_in_folders_and_side_by_side(collect: Collect, submitted: Path, form: str) -> None:
    ada, bob = form.format("Ada Lovelace", 11), form.format("Bob Bool", 12)
    found = collect({f"{ada}{NOTEBOOK}": code("ada"), f"{bob}my work.ipynb": code("bob")})
    assert notebooks(submitted) == {"Participant 11": "ada", "Participant 12": "bob"}
    assert said(found.notes, "no known time", "--roster")


def test_moodles_worksheet_gives_addresses_and_times(collect: Collect, submitted: Path) -> None:
    files = {
        f"Ada Lovelace_11_{FILE}/{NOTEBOOK}": code("ada"),
        f"Bob Bool_12_{FILE}/{NOTEBOOK}": code("bob"),
    }
    found = collect(files, roster=MOODLE)
    assert set(notebooks(submitted)) == {"ada@uni.example", "bob@uni.example"}
    when = timestamp(submitted / "ada@uni.example" / NAME)
    assert when == datetime(2026, 12, 14, 22, 58, tzinfo=UTC)
    assert said(found.notes, "read as UTC+01:00")


def test_times_that_become_known_later_are_added(collect: Collect, submitted: Path) -> None:
    files = {f"Ada Lovelace_11_{FILE}/{NOTEBOOK}": code("ada")}
    collect(files)
    found = collect(files, roster=MOODLE)
    assert found.summary == "1 collected: 1 unchanged."
    assert timestamp(submitted / "Participant 11" / NAME) is not None


def test_a_moodle_group_is_not_mistaken_for_a_participant(
    collect: Collect, submitted: Path
) -> None:
    files = {f"Group A_11_{FILE}/{NOTEBOOK}": code("group")}
    found = collect(files, roster=MOODLE)
    assert said(found.problems, "Group A", "may be a group")
    roster = MOODLE.replace("Feedback comments", "Group").replace('PM",\n', 'PM",Group A\n')
    roster = roster.replace('AM",\n', 'AM",Group A\n')
    collect(files, roster=roster)
    assert set(notebooks(submitted)) == {"ada@uni.example", "bob@uni.example"}


METADATA = b"""\
submission_1:
  :submitters:
  - {':name': Ada Lovelace, ':sid': '101', ':email': ada@uni.example}
  - {':name': Bob Bool, ':sid': '102'}
  :created_at: 2026-12-14 14:59:00.123456000 -08:00
submission_2:
  :submitters:
  - {':name': Ada Lovelace, ':email': ada@uni.example}
  :created_at: 2026-12-15 14:59:00.000000000 Z
"""


def test_gradescope_groups_times_and_later_submissions(collect: Collect, submitted: Path) -> None:
    files = {
        "assignment_7_export/submission_metadata.yml": METADATA,
        f"assignment_7_export/submission_2/{NOTEBOOK}": code("ada, later"),
        f"assignment_7_export/submission_1/deep/{NOTEBOOK}": code("both"),
    }
    assert collect(files).problems == []
    assert notebooks(submitted) == {"102": "both", "ada@uni.example": "ada, later"}
    written = (submitted / "102" / NAME / "timestamp.txt").read_text()
    assert written == "2026-12-14 22:59:00.123456 UTC"
    assert collect(files, roster=CANVAS).summary == "2 collected: 2 unchanged."


def test_collecting_the_same_again_changes_nothing(collect: Collect, submitted: Path) -> None:
    files = {f"{ADA}_2002_{NOTEBOOK}": code("ada"), f"x_LATE_5_6_{NOTEBOOK}": code("x")}
    collect(files)
    before = tree(submitted)
    stamps = {path: path.stat().st_mtime_ns for path in submitted.rglob("*")}
    assert collect(files).summary == "2 collected: 2 unchanged."
    assert tree(submitted) == before
    assert {path: path.stat().st_mtime_ns for path in submitted.rglob("*")} == stamps


def test_an_older_submission_is_replaced_and_a_newer_one_is_kept(
    collect: Collect, submitted: Path
) -> None:
    old = {f"{ADA}_2002_{NOTEBOOK}": code("old")}
    new = {f"{ADA}_2010_{NAME}-1.ipynb": code("new")}
    collect(old)
    assert collect(new).summary == "1 collected: 1 replaced."
    assert notebooks(submitted) == {"101": "new"}
    kept = submitted / "101/.replaced/linear_regression-1" / NOTEBOOK
    assert kept.read_bytes() == code("old")
    found = collect(old)
    assert found.summary == "1 collected: 1 older than the existing one."
    assert notebooks(submitted) == {"101": "new"}


def test_a_submission_from_elsewhere_is_not_replaced_by_one_without_a_time(
    collect: Collect, submitted: Path
) -> None:
    folder = submitted / "101" / NAME
    folder.mkdir(parents=True)
    (folder / "renamed.ipynb").write_bytes(code("by the exchange"))
    found = collect({f"{ADA}_2002_{NOTEBOOK}": code("canvas")})
    assert said(found.problems, "101", "unclear which is later")
    assert tree(submitted) == {f"101/{NAME}/renamed.ipynb": code("by the exchange")}


def test_links_in_submitted_are_not_followed(
    collect: Collect, submitted: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (outside / NAME).mkdir(parents=True)
    (submitted / "102").mkdir(parents=True)
    (submitted / "101").symlink_to(outside)
    (submitted / "102" / NAME).symlink_to(outside)
    found = collect({f"{ADA}_1_{NOTEBOOK}": code("a"), f"b_102_2_{NOTEBOOK}": code("b")})
    assert len(found.problems) == 2
    assert said(found.problems, "101", "is a link")
    assert tree(outside) == {}


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"a.pdf": b"%PDF", "b.tar.gz": b""}, "submitted no notebook: a.pdf, b.tar.gz"),
        ({"one.ipynb": b"", "two.ipynb": b""}, "submitted several notebooks"),
        ({"a.zip": b"no zip"}, "is not a readable zip file"),
        ({"a.zip": b"x", "b.zip": b"y"}, "submitted no notebook: a.zip, b.zip"),
    ],
)
def test_a_student_without_a_clear_notebook_is_reported(
    collect: Collect, submitted: Path, files: dict[str, bytes], problem: str
) -> None:
    found = collect({f"Ada_11_{FILE}/{name}": content for name, content in files.items()})
    assert said(found.problems, "Participant 11 (Ada)", problem)
    assert notebooks(submitted) == {}


def test_the_notebook_with_the_right_name_is_collected_and_the_rest_reported(
    collect: Collect, submitted: Path
) -> None:
    names = (NOTEBOOK, "notes.ipynb", "plot.png", "__MACOSX/._x.ipynb", ".DS_Store")
    found = collect({f"Ada_11_{FILE}/{name}": code(name) for name in names})
    assert notebooks(submitted) == {"Participant 11": NOTEBOOK}
    assert said(found.notes, "also submitted, not collected: notes.ipynb, plot.png.")


STUB = json.dumps(notebook(["def step(X, y, model, lr=0.1):\n    raise NotImplementedError()"]))
ANSWERS = [json.dumps(notebook([f"def step(X, y, model):\n    return {n}"])) for n in (1, 2)]


def test_collecting_and_grading_choose_the_same_notebook(
    collect: Collect, submitted: Path, here: tuple[Course, Assignment]
) -> None:
    names = (f"{NAME}-Copy1.ipynb", f"Copy of {NAME}.ipynb.txt", "final.ipynb")
    files = {
        f"{who}_{number}_{FILE}/{name}": text.encode()
        for number, (who, name) in enumerate(zip(("Ada", "Bob", "Cy"), names, strict=True), 11)
        for name, text in ((name, ANSWERS[0]), (NOTEBOOK, STUB), ("Untitled.ipynb", "{}"))
    }
    found = collect(files)
    assert set(notebooks(submitted).values()) == {"def step(X, y, model):\n    return 1"}
    assert found.problems == []
    assert said(found.notes, "Participant 11 (Ada)", "not collected", NOTEBOOK)
    submissions, _ = find_submissions([submitted], here[1])
    assert [submission.review_reason for submission in submissions] == ["", "", ""]


def test_of_several_answers_all_are_collected_and_a_person_asked(
    collect: Collect, submitted: Path, here: tuple[Course, Assignment]
) -> None:
    names = (NOTEBOOK, f"{NAME}-Copy1.ipynb")
    files = zip(names, ANSWERS, strict=True)
    download = {f"Ada_11_{FILE}/{name}": text.encode() for name, text in files}
    collect(download)
    ((submission,), _) = find_submissions([submitted], here[1])
    assert f"{NOTEBOOK} was graded, not {NAME}-Copy1.ipynb" in submission.review_reason
    assert collect(download).summary == "1 collected: 1 unchanged."


def test_an_answer_counts_though_the_stub_was_submitted_later(
    collect: Collect, submitted: Path
) -> None:
    collect({f"{ADA}_1_{NOTEBOOK}": ANSWERS[0].encode(), f"{ADA}_2_{NOTEBOOK}": STUB.encode()})
    assert notebooks(submitted) == {"101": "def step(X, y, model):\n    return 1"}


def test_files_that_may_be_handed_in_are_collected(
    tmp_path: Path,
    submitted: Path,
    here: tuple[Course, Assignment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "_register", lambda course, placed: [])
    taking = here[1].model_copy(update={"takes": ("*.py", "*.txt")})
    names = (NOTEBOOK, "helpers.py", "more/data.txt", "timestamp.txt", "a.pdf")
    download = {f"Ada_11_{FILE}/{name}": code(name) for name in names}
    zipped(tmp_path / "download.zip", download)
    collect_files(here[0], taking, [tmp_path / "download.zip"])
    found = {path.split("/", 2)[2] for path in tree(submitted)}
    assert found == {NOTEBOOK, "helpers.py", "more/data.txt", "collected.json"}


def test_a_notebook_in_a_students_own_zip_is_collected(collect: Collect, submitted: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"homework/{NOTEBOOK}", code("inside"))
        archive.writestr("__MACOSX/homework/._" + NOTEBOOK, b"x")
        archive.writestr("../../out.ipynb", code("out"))
    collect({f"Ada_11_{FILE}/homework.zip": inner.getvalue()})
    assert notebooks(submitted) == {"Participant 11": "inside"}


def test_two_students_never_share_a_folder(collect: Collect, submitted: Path) -> None:
    roster = CANVAS.replace("S2,bob@uni.example", "S2,ADA").replace("S1,ada", "ada,ada")
    files = {f"{ADA}_1_{NOTEBOOK}": code("ada"), f"boolbob_102_2_{NOTEBOOK}": code("bob")}
    collect(files, roster=roster)
    assert notebooks(submitted) == {"101": "ada", "S2": "bob"}


def test_the_next_identity_is_used_if_one_cannot_be_a_folder_name(
    collect: Collect, submitted: Path
) -> None:
    roster = CANVAS.replace("S1,ada", "S1,../../ada").replace("bob@uni.example", "*")
    files = {f"{ADA}_1_{NOTEBOOK}": code("ada"), f"boolbob_102_2_{NOTEBOOK}": code("bob")}
    collect(files, roster=roster)
    assert set(notebooks(submitted)) == {"S1", "S2"}


def test_a_number_with_two_names_is_not_collected(collect: Collect, submitted: Path) -> None:
    """In Canvas students can choose a name that looks like another student's number."""
    files = {f"{ADA}_2002_{NOTEBOOK}": code("ada"), f"eve_101_666_2003_{NOTEBOOK}": code("eve")}
    found = collect(files)
    assert said(found.problems, "101", "has several names (eve, lovelaceada)")
    assert notebooks(submitted) == {}


def test_an_unpacked_folder_is_collected_too(
    collect: Collect, submitted: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / f"{ADA}_2002_{NOTEBOOK}").write_bytes(code("ada"))
    (folder / f"eve_103_2003_{NOTEBOOK}").symlink_to("/etc/passwd")
    found = collect(folder)
    assert notebooks(submitted) == {"101": "ada"}
    assert said(found.problems, "103", "is a link")


def test_names_with_the_wrong_encoding_flag_are_read(
    collect: Collect, submitted: Path, tmp_path: Path
) -> None:
    """Ruby writes UTF-8 without the flag for it."""
    path = zipped(tmp_path / "c.zip", {f"čapek_103_2004_{NOTEBOOK}": code("z")})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        content[content.index(mark) + at] &= ~0x08
    path.write_bytes(content)
    assert "103 (čapek)" in " ".join(collect(path, roster=CANVAS.replace("103,", "9,")).notes)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"text"])
def test_a_file_that_is_not_a_zip_is_refused(
    collect: Collect, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.zip is not a zip file"):
        collect(path)


def test_a_file_that_is_not_a_roster_is_refused(collect: Collect) -> None:
    with pytest.raises(UsageError, match="is not a roster"):
        collect({f"{ADA}_1_{NOTEBOOK}": code("a")}, roster="name,points\na,1\n")


def test_two_processes_do_not_collect_at_once(collect: Collect, submitted: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    submitted.mkdir()
    lock = os.open(submitted, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with pytest.raises(UsageError, match="another `autograder collect` is running"):
            collect({f"{ADA}_1_{NOTEBOOK}": code("a")})
    finally:
        os.close(lock)


def test_the_origin_of_a_submission_is_noted(collect: Collect, submitted: Path) -> None:
    collect({f"lovelaceada_LATE_101_2002_{NAME}-3.ipynb": code("ada")})
    about = read_collected(submitted / "101" / NAME)
    assert about is not None
    assert (about.source, about.name, about.order, about.late) == (
        "Canvas",
        f"{NAME}-3.ipynb",
        2002,
        True,
    )


def test_a_late_submission_without_a_time_is_graded_and_marked_for_review(
    collect: Collect,
    submitted: Path,
    here: tuple[Course, Assignment],
    course: Course,
    assignment: Assignment,
    warm: WarmProcess,
) -> None:
    collect({f"x_LATE_1_2_{NOTEBOOK}": code("1"), f"y_3_4_{NOTEBOOK}": code("1")})
    submissions, _ = find_submissions([submitted], here[1])
    late, other = grade_batch(submissions, context_of(course, assignment, "test"), warm)
    assert "submitted late, and the time is not known" in late.record.tasks[0].review
    assert [task.review for task in late.record.tasks[1:]] == ["", "", ""]
    assert other.record.tasks[0].review == ""
