"""Every format is valid, whatever was submitted: the sample class, every attack, every odd file.

Each record is rendered in each format, at each level of feedback, and read the way its reader
reads it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt

from autograder.course import Assignment, Course, Feedback
from autograder.integrations.formats import FORMATS, Source
from autograder.integrations.github.classroom50 import whole
from autograder.integrations.github.job import show_on_github
from autograder.record import Record
from autograder.record_json import SCHEMA, read_records
from tests.conftest import ROOT, Command, hand_in, write_registered_course
from tests.corpus.attacked import Outcome
from tests.corpus.hostile import NAME
from tests.formats import check_formats, check_lms
from tests.integrations.github.runner import parsed

LEVELS: tuple[Feedback, ...] = get_args(Feedback)
RUNNER = {
    "CLASSROOM": "ml", "ASSIGNMENT": "regression", "USERNAME": "ada", "REVIEW_URL": "",
    "SUBMISSION_TAG": "submit/2026-12-01T10-00-00Z-abcdef0",
    "COMMIT_URL": "https://host.example/ml/commit/1", "RELEASE_URL": "https://host.example/ml/r/1",
}  # fmt: skip
COMMAND = re.compile(
    r"::(?P<kind>error|warning|notice) (?P<properties>[^:]*)::(?P<message>[^\r\n]*)"
)
HTML = re.compile(r"</?(code|details|summary)>|<br>")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """Grade some of the sample class."""
    folder = tmp_path_factory.mktemp("sample")
    write_registered_course(folder)
    hand_in(folder / "class", "amara", "elif", "greta")
    command(folder, "grade", str(folder / "class"), "--json", "records.jsonl")
    return folder


@pytest.fixture(scope="module")
def files(sample: Path, attacked: Outcome, hostile: Path) -> list[Path]:
    """Return the files with the records of all that is graded."""
    return [
        sample / "records.jsonl",
        attacked.course.parent / "together.jsonl",
        hostile / "records.jsonl",
    ]


@pytest.fixture(scope="module")
def records(files: list[Path]) -> list[Record]:
    return [record for file in files for record in read_records(file)]


def schema(name: str) -> Any:
    places = (SCHEMA.parent, ROOT / "autograder" / "integrations" / "github")
    files = (place / f"{name}.schema.json" for place in places)
    return json.loads(next(file for file in files if file.exists()).read_text())


@pytest.fixture
def source(course: Course, assignment: Assignment, records: list[Record]) -> Source:
    return Source(course, assignment, records)


def test_records_come_back_as_they_were_written(files: list[Path], source: Source) -> None:
    lines = [line for file in files for line in file.read_text().splitlines()]
    for line, record in zip(lines, source.records, strict=True):
        found = json.loads(line)
        jsonschema.validate(found, schema("record"))
        assert record.as_json() == found
    assert FORMATS["json"](source).content.decode().splitlines() == lines


def test_every_format_of_a_record_is_what_its_schema_says(
    records: list[Record], assignment: Assignment
) -> None:
    for record in records:
        check_formats(record, assignment)


def test_canvas_and_moodle_get_their_own_files_back(
    records: list[Record], assignment: Assignment, tmp_path: Path
) -> None:
    # Names that differ only in a control character are one name in a table.
    check_lms([r for r in records if not r.student.startswith("name ")], assignment, tmp_path)


def test_junit_is_xml(source: Source) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](source).content)
    assert len(root.findall("testsuite")) == len(source.records)


@pytest.mark.parametrize("level", LEVELS)
def test_classroom_50_gets_a_result_it_accepts(
    source: Source, level: Feedback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own schema, and what its collector demands beyond it."""
    for name, text in RUNNER.items():
        monkeypatch.setenv(name, text)
    described = schema("classroom50")
    assignment = source.assignment.model_copy(update={"feedback": level})
    for record in source.records:
        one = Source(source.course, assignment, [record])
        found = json.loads(FORMATS["classroom50"](one).content)
        jsonschema.validate(found, described)
        assert (found["owner"], found["review"]) == ("ada", found["commit"])
        assert found["score"] == whole(record.score or 0)
        for part in (found, *found["tests"]):
            assert part["score"] <= part["max-score"]
        for key in ("score", "max-score"):
            assert found[key] == sum(test[key] for test in found["tests"])


@pytest.mark.parametrize("level", LEVELS)
def test_a_job_on_github_shows_text_and_runs_no_commands(
    records: list[Record],
    course: Course,
    assignment: Assignment,
    level: Feedback,
    tmp_path: Path,
) -> None:
    allowed = assignment.model_copy(update={"feedback": level})
    allowed._name = assignment.name
    for number, record in enumerate(records):
        files = {name: str(tmp_path / f"{number}{name}") for name in ("SUMMARY", "OUTPUT")}
        environment = {"GITHUB_STEP_SUMMARY": files["SUMMARY"], "GITHUB_OUTPUT": files["OUTPUT"]}
        printed = show_on_github([record], course, allowed, environment, "a/b.ipynb", "feedback")
        renamed = Path(record.notebook).name != f"{NAME}.ipynb"
        check_log(printed, "" if renamed else "a/b.ipynb")
        check_summary(Path(files["SUMMARY"]).read_text())
        outputs = parsed(Path(files["OUTPUT"]).read_text())
        assert outputs["score"] == f"{record.score:g}"
        assert set(outputs) == {"score", "max-score", "late-penalty", "status", "feedback"}


def check_log(printed: str, file: str) -> None:
    """Check that all commands are ours, and that they name a file, if one is given."""
    start, _, rest = printed.partition("\n")
    token = start.removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    said, _, commands = rest.partition(f"\n::{token}::\n")
    assert "::" not in said
    assert "##[" not in said
    kinds = []
    for line in commands.split("\n")[:-1]:
        found = COMMAND.fullmatch(line)
        assert found, line
        kinds.append(found["kind"])
        names = dict(pair.split("=", 1) for pair in found["properties"].split(","))
        assert list(names) == ["file", "line", "title"]
        assert not file or names["file"] == file
        assert int(names["line"]) >= 1
        assert "::" not in found["message"]
    assert all(kinds.count(kind) <= 10 for kind in kinds)


def check_summary(text: str) -> None:
    """Check that the summary has no link, picture, HTML or mention from a submission."""
    assert len(text.encode()) < 1 << 20
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inside = [child for token in tokens for child in token.children or ()]
    for token in [*tokens, *inside]:
        assert token.type not in ("link_open", "image", "fence", "code_block", "hr"), token
        if token.type in ("html_block", "html_inline"):
            assert re.sub(r"[^<>]", "", HTML.sub("", token.content)) == "", token.content
    pairs = itertools.pairwise(tokens)
    headings = [after.content for token, after in pairs if token.type == "heading_open"]
    assert set(headings[1:]) <= {"gradients", "forward", "step", "convergence"}
    assert not re.search(r"[@#]\w|https?://|www\.", re.sub(r"&#\d+;", "", text))
    assert not re.search(r"&#(64|35);\w", text)


def test_a_class_fits_into_one_summary(
    records: list[Record],
    course: Course,
    assignment: Assignment,
    tmp_path: Path,
) -> None:
    summary = tmp_path / "summary.md"
    many = [record for record in records if record.student == "elif"] * 800
    printed = show_on_github(many, course, assignment, {"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.stat().st_size < 1 << 20
    assert re.search(r"\d+ more submissions did not fit here", summary.read_text())
    assert printed.count("\n::error ") <= 10
    assert "See the job summary for" in printed


def test_the_command_writes_what_is_asked_for(sample: Path) -> None:
    def report(*options: str, status: int = 0) -> str:
        command = [sys.executable, "-m", "autograder", "report", *options]
        environment = {key: text for key, text in os.environ.items() if key not in RUNNER}
        done = subprocess.run(
            command, cwd=sample, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    lines = (sample / "records.jsonl").read_text().splitlines()
    (sample / "greta.jsonl").write_text(next(line for line in lines if '"greta"' in line))
    assert "step returns None" in report("greta.jsonl")
    report("greta.jsonl", "--format", "junit", "-o", "greta.xml")
    assert ElementTree.parse(sample / "greta.xml").getroot().get("failures") == "2"
    assert "CLASSROOM" in report("greta.jsonl", "--format", "classroom50", status=2)
    assert "exactly one submission" in report("records.jsonl", "--format", "classroom50", status=2)
    (sample / "odd.jsonl").write_text('{"student": 1}\n')
    assert "odd.jsonl, line 1: not a record" in report("odd.jsonl", status=2)
    assert "cannot be read" in report("nowhere.jsonl", status=2)
