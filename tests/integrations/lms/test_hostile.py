"""Archives made to escape, to exhaust the machine, or to impersonate another student."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Course, load_course
from autograder.errors import AutograderError, UsageError
from autograder.integrations.lms import archive as source
from autograder.integrations.lms import collection as command
from autograder.integrations.lms.archive import UnreadableError, entry_path, open_inner, open_source
from autograder.integrations.lms.collection import collect
from autograder.integrations.lms.downloaded_submissions import Collection
from autograder.integrations.lms.people import Person, assign_folders, folded, safe_folder
from tests.conftest import COURSE_OF_ONE, ROOT
from tests.integrations.lms.downloads import (
    CANVAS,
    NAME,
    NOTEBOOK,
    code,
    course_in,
    notebooks,
    tree,
    zipped,
)

ADA = f"lovelaceada_101_2002_{NOTEBOOK}"


@pytest.fixture(autouse=True)
def _no_gradebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_register", lambda course, placed: [])


def refused(path: Path) -> dict[str, str]:
    with open_source(path) as found:
        return found.refused


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "C:/x", "C:x", "..\\x", "\\\\host\\x", "a\x01b", "a\x85b", "..", ""],
)  # fmt: skip
def test_a_path_that_leads_outside_is_refused(name: str) -> None:
    assert entry_path(name) is None


@pytest.mark.parametrize(("name", "path"), [("./a//b", "a/b"), ("a\\b", "a/b"), ("e\u0301", "é")])
def test_a_path_is_normalized(name: str, path: str) -> None:
    assert entry_path(name) == path


@pytest.mark.parametrize(
    ("mode", "reason"), [(stat.S_IFLNK, "is a link"), (stat.S_IFCHR, "is not a regular file")]
)
def test_links_and_devices_are_refused(tmp_path: Path, mode: int, reason: str) -> None:
    info = zipfile.ZipInfo(ADA)
    info.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert refused(tmp_path / "x.zip") == {ADA: reason}


def test_encrypted_and_unusually_compressed_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {ADA: b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path) == {ADA: "is encrypted"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(ADA, b"x")
    assert "unsupported compression" in refused(path)[ADA]


def test_a_zip_bomb_is_refused_whatever_size_it_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_SIZE", 1000)
    path = zipped(tmp_path / "x.zip", {ADA: b"\0" * 100_000})
    assert "is larger than" in refused(path)[ADA]
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with open_source(path) as found:
        assert found.refused == {}
        with pytest.raises(UnreadableError):
            found.read(ADA)


def test_the_total_size_read_from_a_download_is_limited(tmp_path: Path) -> None:
    with open_source(zipped(tmp_path / "x.zip", {"a": b"12345", "b": b"1"})) as found:
        found.left = 5
        assert found.read("a") == found.read("a")  # it counts once
        with pytest.raises(UnreadableError, match="too large"):
            found.read("b")


def test_students_zips_are_not_kept_in_memory(tmp_path: Path, course: Course) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(NOTEBOOK, code("x"))
        archive.writestr("data.bin", os.urandom(1 << 20))
    files = {f"x_{number}_9_homework.zip": packed.getvalue() for number in range(20)}
    download = zipped(tmp_path / "submissions.zip", files)
    tracemalloc.start()
    try:
        assert collect(*course_in(tmp_path, course), [download]).summary == "20 collected: 20 new."
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_archive_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "x.zip", {str(i): b"" for i in range(20)})
    monkeypatch.setattr(source, "MAX_ENTRIES", 10)
    monkeypatch.setattr(source, "MAX_INNER", 10)
    with pytest.raises(UsageError, match="more than 10 files"), open_source(path):
        pass
    with pytest.raises(UnreadableError, match="more than 10 files"):
        open_inner(path.read_bytes(), "x")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_different_files_with_the_same_name_are_both_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in (("a", b"1"), ("a", b"2"), ("b", b"1"), ("./b", b"1")):
            archive.writestr(name, content)
    with open_source(tmp_path / "x.zip") as found:
        assert list(found.readers) == ["b"]
        assert found.refused == {"a": "appears twice, with different contents"}


def test_a_damaged_file_is_reported_and_the_others_are_collected(
    tmp_path: Path, course: Course
) -> None:
    path = zipped(tmp_path / "x.zip", {ADA: code("a" * 500), f"bob_102_3_{NOTEBOOK}": code("bob")})
    content = bytearray(path.read_bytes())
    content[len(ADA) + 60] ^= 0xFF
    path.write_bytes(content)
    found = collect(*course_in(tmp_path, course), [path])
    assert "101 (lovelaceada): the submitted file is damaged" in found.problems[0]
    assert notebooks(tmp_path / "submitted") == {"102": "bob"}


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "-x", "a/b", "a\\b", "a\0b", "a*", "a[b]", "{x}", "a,b", "a\nb/", "a.",
     "x" * 200, "a:b", "<b>", "%2e", "~"],
)  # fmt: skip
def test_a_name_that_cannot_be_a_folder_is_refused(name: str) -> None:
    assert safe_folder(name) is None


@pytest.mark.parametrize(
    "name", ["ada", "101", "Participant 11", "ada+ml@uni.example", "o'neil@uni.example", "Žofie"]
)
def test_names_of_people_can_be_folders(name: str) -> None:
    assert safe_folder(name) == name


@given(st.lists(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3), max_size=6))
def test_no_two_people_ever_share_a_folder(identities: list[list[str]]) -> None:
    people = [Person(str(i), tuple(names)) for i, names in enumerate(identities)]
    found = assign_folders(people, [], {"ss": "ß", "a": "A"})
    names = [folded(name) for name in found.values()]
    assert len(names) == len(set(names))


PARTS = st.sampled_from(
    ["..", ".", "", "/", "C:", "lovelaceada_101_2002_", "_1_2_", "../../x", "A B_11_assignsubmission_file_",
     "_assignsubmission_file_", "submission_metadata.yml", NOTEBOOK, "x.ipynb", "\\", "\x00", "LATE_",
     "submission_1", ".replaced", ".collecting", "x.zip", "é", "e\u0301"]
)  # fmt: skip
NAMES = st.lists(PARTS | st.text(max_size=6), min_size=1, max_size=5).flatmap(
    lambda parts: st.sampled_from(["/", "", "_"]).map(lambda sign: sign.join(parts))
)
METADATA = b"""\
submission_1:
  :submitters:
  - {':name': A, ':sid': '../../up', ':email': '/tmp/x'}
  - {':name': B, ':sid': '.hidden', ':email': 'b@uni.example'}
"""


def test_names_that_differ_only_in_spaces_are_not_used() -> None:
    people = [Person("a", ("ada  l", "1")), Person("b", ("Ada l\r", "2"))]
    assert assign_folders(people, [], {}) == {"a": "1", "b": "2"}


EXPORT = """\
submission_1:
  :submitters: [{':name': Ada Lovelace, ':sid': 'S1', ':email': ada@uni.example}]
  :created_at: 2026-12-01 10:00:00 Z
submission_2:
  :submitters: [{':name': Mallory, ':sid': 'SID', ':email': mallory@x.example}]
  :created_at: 2026-12-02 10:00:00 Z
"""


def mallory_hands_in(tmp_path: Path, course: Course, sid: str, *, ada: bool) -> Collection:
    files: dict[str, bytes | str] = {"e/submission_metadata.yml": EXPORT.replace("SID", sid)}
    files[f"e/submission_2/{NOTEBOOK}"] = code("mallory")
    if ada:
        files[f"e/submission_1/{NOTEBOOK}"] = code("ada")
    (tmp_path / "roster.csv").write_text(CANVAS, encoding="utf-8")
    download = zipped(tmp_path / "export.zip", files)
    return collect(*course_in(tmp_path, course), [download], tmp_path / "roster.csv")


def test_another_students_address_as_a_number_does_not_give_access_to_the_folder(
    tmp_path: Path, course: Course
) -> None:
    (tmp_path / "submitted" / "bob@uni.example" / "another").mkdir(parents=True)
    mallory_hands_in(tmp_path, course, "bob@uni.example", ada=False)
    assert notebooks(tmp_path / "submitted") == {"mallory@x.example": "mallory"}


def test_two_accounts_with_the_same_number_are_reported(tmp_path: Path, course: Course) -> None:
    found = mallory_hands_in(tmp_path, course, "S1", ada=True)
    assert notebooks(tmp_path / "submitted") == {}
    (problem,) = found.problems
    assert "ada@uni.example, mallory@x.example" in problem


def test_a_student_found_by_number_with_another_name_is_reported(
    tmp_path: Path, course: Course
) -> None:
    found = mallory_hands_in(tmp_path, course, "S1", ada=False)
    assert any("'Mallory'" in note and "'S1'" in note for note in found.notes)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, max_size=6))
def test_only_students_folders_are_written_whatever_the_names(names: list[str]) -> None:
    course = load_course(ROOT / "course.yml")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "deep", "course")
        folder.mkdir(parents=True)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in names:
                content = METADATA if name.endswith(".yml") else code("x")
                archive.writestr(zipfile.ZipInfo(name or "x"), content)
        path = Path(scratch, "download.zip")
        path.write_bytes(stream.getvalue())
        try:
            collect(*course_in(folder, course), [path])
        except AutograderError:
            pass
        for file in tree(Path(scratch)):
            if file != "download.zip":
                *above, student, assignment, name = Path(file).parts
                assert above == ["deep", "course", "submitted"]
                assert safe_folder(student) == student
                assert (assignment, name) in {(NAME, NOTEBOOK), (NAME, "collected.json")}


KILLED = """
import os, sys
from pathlib import Path
from autograder.integrations.lms import collection as command
from autograder.integrations.lms import submitted_folder
from autograder.course import load_course

calls = 0
def dying(function):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == int(sys.argv[3]):
            os.kill(os.getpid(), 9)
        return function(*arguments, **options)
    return call

for name in ("mkdir", "rename", "replace", "chmod", "rmdir"):
    setattr(os, name, dying(getattr(os, name)))
submitted_folder._exchange = dying(submitted_folder._exchange)
command._register = lambda course, placed: []
course = load_course(Path(sys.argv[1]) / "course.yml")
command.collect(course, course.assignment(None), [Path(sys.argv[2])])
"""


@pytest.mark.parametrize("steps", [*range(1, 14, 2)])
def test_a_killed_process_leaves_no_incomplete_submission(tmp_path: Path, steps: int) -> None:
    (tmp_path / "course.yml").write_bytes(COURSE_OF_ONE.encode())
    course = load_course(tmp_path / "course.yml")
    assignment = course.assignment(NAME)
    old = zipped(tmp_path / "old.zip", {ADA: code("old"), f"bob_102_3_{NOTEBOOK}": code("bob")})
    new = zipped(
        tmp_path / "new.zip", {f"lovelaceada_101_2009_{NOTEBOOK}": code("new"), f"eve_103_4_{NOTEBOOK}": code("eve")}
    )  # fmt: skip
    collect(course, assignment, [old])
    script = [sys.executable, "-c", KILLED, str(tmp_path), str(new), str(steps)]
    done = subprocess.run(script, check=False, capture_output=True, env=os.environ)
    submitted = tmp_path / "submitted"
    assert done.returncode == -9, done.stderr.decode()
    there = notebooks(submitted)
    assert there["101"] in ("old", "new")
    assert there["102"] == "bob"
    assert there.get("103", "eve") == "eve"
    for folder in submitted.glob(f"*/{NAME}"):
        assert {file.name for file in folder.iterdir()} == {NOTEBOOK, "collected.json"}
    assert collect(course, assignment, [new]).problems == []
    assert notebooks(submitted) == {"101": "new", "102": "bob", "103": "eve"}
    assert code("old") in tree(submitted / "101" / ".replaced").values()
    assert not (submitted / ".collecting").exists()
