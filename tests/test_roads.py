"""Each road to a grade keeps the promises that docs/operations/security.md makes for `grade`.

Here the commands run in this process; the tests of each road start them as its service does.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading import cluster_worker
from autograder.grading.batch import prepare
from autograder.grading.cluster import payloads
from autograder.grading.cluster_worker import grade_payload
from autograder.grading.fingerprint import environment
from autograder.integrations.gradescope import container
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import find_submissions
from tests.conftest import COURSE_OF_ONE, Command, SharedWarmProcess
from tests.corpus import roads
from tests.corpus.hostile import zipped
from tests.corpus.roads import FILE, NAME

CONTROL = r"##\[|[\x00-\x08\x0b-\x1f\x7f]"
ACTIVE = re.compile(rf"^\s*::|{CONTROL}", re.MULTILINE)
SECRET = "a secret that nobody may see"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return roads.course_in(tmp_path / "course")


def check(home: Path, told: str) -> None:
    """Check that nothing was read or written in the course's folder, and no order given."""
    assert "seen: 0 []" in told
    assert SECRET not in told
    assert (home / "secret").read_text() == SECRET
    assert (home / "course.yml").read_bytes() == COURSE_OF_ONE.encode()
    named = (name for _, folders, files in os.walk(home.parent) for name in (*folders, *files))
    assert "owned" not in named


def records(file: Path) -> dict[str, dict[str, Any]]:
    return {record["student"]: record for record in map(json.loads, file.read_text().splitlines())}


@pytest.mark.slow
def test_a_download_of_an_lms(home: Path, command: Command) -> None:
    """From Canvas's zip, with zips that students submitted, to a file for Canvas."""
    given = roads.submissions(home)
    with zipfile.ZipFile(home / "canvas.zip", "w") as archive:
        for number, (name, (files, _)) in enumerate(given.items(), 101):
            for file, content in files.items():
                archive.writestr(f"{name}_{number}_{number}_{file}", content)
        archive.writestr("x_201_1_../../owned", b"owned")
        archive.writestr("x_202_1_a\n::error::owned.ipynb", b"owned")
        archive.writestr(f"x_203_1_{NAME}.zip", unreachable())
        archive.writestr(f"x_204_1_{NAME}.zip", zipped("../../owned.ipynb"))
    output = command(home, "collect", "canvas.zip", status=1)
    assert "6 collected: 6 new." in output
    assert "203 (x): the submitted file is damaged (OverflowError)" in output
    assert "\n: :error" not in output  # a name begins no line
    assert not ACTIVE.search(output)
    output = command(home, "grade", "--json", "records.jsonl", "-v")
    assert not ACTIVE.search(output)
    found = records(home / "records.jsonl")
    scores = {name: found[str(number)]["score"] for number, name in enumerate(given, 101)}
    assert scores == {name: score for name, (_, score) in given.items()}
    (home / "roster.csv").write_text(
        "Student,ID,A (1)\nPoints Possible,,100\n"
        + "".join(f"=cmd|' C calc',{number},\n" for number in range(101, 107))
    )
    options = ("--format", "canvas", "--into", "roster.csv", "--column", "A")
    output = command(home, "export", *options, "--output", "filled.csv")
    assert "6 of 6 students filled in" in output
    check(home, json.dumps(found))


def unreachable() -> bytes:
    """Return a zip with a notebook at an offset that no file has."""
    content = bytearray(zipped(FILE))
    entry, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    content[entry + 42 : entry + 46] = b"\xff" * 4  # the offset is in the extra field
    extra = b"\x01\x00\x08\x00" + (1 << 63).to_bytes(8, "little")
    content[entry + 30 : entry + 32] = len(extra).to_bytes(2, "little")
    size = (end - entry + len(extra)).to_bytes(4, "little")
    content[end + 12 : end + 16] = size
    return bytes(content[:end] + extra + content[end:])


@pytest.mark.slow
def test_a_push_to_github(
    home: Path, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As action.yml does it: receive, grade, report."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    (tmp_path / "elsewhere").symlink_to(home)
    told = ""
    for name, (files, score) in roads.submissions(home).items():
        pushed = roads.write(tmp_path / "pushed" / name, files)
        (pushed / "linked").symlink_to(home)
        options = ("--course", str(home / "course.yml"))
        into = str(tmp_path / "results" / name)
        folder = command(pushed, "receive", FILE, into, "--student", name, *options).strip()
        status = 0 if score else 2
        command(
            pushed, "grade", folder, *options, "--force", "--json", f"{into}/records.jsonl",
            "--junit", f"{into}/junit.xml", "--feedback", f"{into}/feedback", status=status,
        )  # fmt: skip
        (tmp_path / "output").write_text("")
        log = command(pushed, "report", f"{into}/records.jsonl", "--format", "github", *options)
        told += log
        start, end = re.findall(r"^::(?:stop-commands::)?([0-9a-f]{32})", log, re.MULTILINE)
        assert start == end
        outside = log.partition(f"\n::{end}::\n")[2].splitlines()
        assert all(
            re.match(r"::(notice|error) file=[^,\x00-\x1f]*,line=", line) for line in outside
        )
        assert not re.search(CONTROL, log)
        assert (tmp_path / "output").read_text().split("\n")[1] == str(score)
        assert [path.name for path in Path(into, "feedback").rglob("*.html")] == [f"{NAME}.html"]
    summary = (tmp_path / "summary").read_text()
    assert not re.search(r"<(?!/?(details|summary|br|code)>)|\]\(", summary)
    assert "owned" in summary  # the text is there
    check(home, told + summary)


@pytest.mark.slow
def test_an_upload_to_gradescope(
    home: Path, warm: WarmProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shared = type("Shared", (SharedWarmProcess,), {"shared": warm})
    monkeypatch.setattr(container, "WarmProcess", shared)
    root = tmp_path / "autograder"
    (root / "source").mkdir(parents=True)
    (root / "results").mkdir()
    home.rename(root / "source" / "course")
    metadata = {"users": [{"email": "a\n::error::\x1b[31m@x"}], "created_at": "-1"}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    told = ""
    for files, score in roads.submissions(root / "source/course").values():
        shutil.rmtree(root / "submission", ignore_errors=True)
        folder = roads.write(root / "submission", files)
        (folder / "results").symlink_to(root / "results")
        roads.deepen(folder)
        container.run(root)
        found = json.loads((root / "results/results.json").read_bytes())
        assert found["score"] == score
        told += json.dumps(found)
        assert not ACTIVE.search(capsys.readouterr().out)
    assert sorted(path.name for path in (root / "results").iterdir()) == ["results.json"]
    check(root / "source/course", told)


@pytest.mark.slow
def test_a_payload_for_a_worker_of_dask(
    home: Path, warm: WarmProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As a worker is given it: bytes in, bytes out."""
    course = load_course(home / "course.yml")
    assignment = course.assignment(None)
    given = roads.submissions(home)
    for name, (files, _) in given.items():
        roads.write(home / "submitted" / name / NAME, files)
    roads.deepen(home / "submitted" / "beside" / NAME)
    submissions, problems = find_submissions([home / "submitted"], assignment)
    assert problems == []
    monkeypatch.setattr(cluster_worker, "_warm", (tuple(assignment.preload), warm))
    monkeypatch.setattr(
        "distributed.get_worker", lambda: SimpleNamespace(local_directory=str(tmp_path))
    )
    suite = cluster_worker.kit_suite(assignment.suite_folder)
    context = pickle.dumps(cluster_worker.pack_context(prepare(course, assignment)))
    (payload,) = payloads([submissions])
    packed = grade_payload(pickle.dumps(payload), context, suite, environment(suite))
    found = [result.record for result in pickle.loads(packed)]
    assert {r.student: r.score for r in found} == {
        name: score for name, (_, score) in given.items()
    }
    check(home, json.dumps([record.as_json() for record in found]))
