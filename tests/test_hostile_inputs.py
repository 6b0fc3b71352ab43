"""Hostile notebooks and names: each gets a record with one sentence, and nothing active gets out.

The real commands grade one class of them, make feedback, and print in the manner of CI.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.corpus.hostile import (
    CONTENTS,
    GRADED,
    HUGE,
    NAME,
    NAMES,
    SCRIPT,
    new_course,
    new_submission,
    records,
    run,
)


def test_every_submission_has_a_record(hostile: Path) -> None:
    students = {path.name for path in (hostile / "submitted").iterdir()}
    assert set(records(hostile)) == students


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_costs_nothing(hostile: Path, name: str) -> None:
    if name != "..":
        assert records(hostile)[f"name {name}"]["score"] == 20


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_notebook_gets_one_sentence(hostile: Path, name: str) -> None:
    record = records(hostile)[name]
    assert (record["status"], record["score"]) == ("failed", 0)
    assert CONTENTS[name][1] in record["error"]
    assert "\n" not in record["error"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("link", "is a link"),
        ("linked folder", "is a link"),
        ("linked student", "is a link"),
        ("folder", "not a file"),
        ("pipe", "not a file"),
        ("missing", "missing"),
        ("gigabytes", "larger than 64 MB"),
    ],
)
def test_what_is_no_file_gets_one_sentence(hostile: Path, name: str, words: str) -> None:
    record = records(hostile)[name]
    assert record["status"] == "failed"
    assert words in record["error"]


@pytest.mark.slow
def test_a_huge_notebook_is_graded_for_what_is_in_it(tmp_path: Path) -> None:
    new_course(tmp_path)
    for name, document in HUGE.items():
        new_submission(tmp_path, name).write_text(json.dumps(document))
    run(tmp_path, "autograder", "grade", "--json", "records.jsonl")
    found = records(tmp_path)
    assert set(found) == set(HUGE)
    for record in found.values():
        assert (record["status"], record["score"], record["error"]) == ("graded", 0, None)


@pytest.mark.parametrize("name", GRADED)
def test_a_strange_notebook_is_graded_for_what_is_in_it(hostile: Path, name: str) -> None:
    record = records(hostile)[name]
    assert (record["status"], record["score"], record["error"]) == ("graded", 0, None)


@pytest.mark.parametrize("name", ["honest", "evil", "pipe as a date"])
def test_right_answers_keep_their_points(hostile: Path, name: str) -> None:
    assert records(hostile)[name]["score"] == 100


def test_nothing_is_owned(hostile: Path) -> None:
    assert list(hostile.parent.rglob("owned")) == []


class Active(HTMLParser):
    """Collects what a browser would run or load, or let a click run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("iframe", "object", "embed", "base", "form", "svg"):
            self.found.append(tag)
        for name, value in attrs:
            address = re.sub(r"\s", "", value or "").lower()
            if name.startswith("on") or address.startswith(("javascript:", "vbscript:", "data:t")):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and "alert" in data:
            self.found.append(data)


def active(html: str) -> list[str]:
    parser = Active()
    parser.feed(html)
    return parser.found


def test_active_content_would_be_found() -> None:
    assert len(active(f"{SCRIPT}<p onclick=x><a href=' JavaScript:x'><svg>")) == 4


def test_nothing_active_reaches_the_autograded_notebook(hostile: Path) -> None:
    path = hostile / "autograded" / "evil" / NAME / f"{NAME}.ipynb"
    document = json.loads(path.read_text())
    assert set(document["metadata"]) == {"kernelspec", "language_info"}
    for cell in document["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "raw_mimetype"}
        for output in cell.get("outputs", []):
            ours = "nbgrader" in cell["metadata"]
            assert ours or set(output.get("data", {})) <= {"text/plain", "text/latex", "image/png"}


def test_nothing_active_reaches_the_feedback(hostile: Path) -> None:
    pages = {}
    for student in ("honest", "evil"):
        done = run(hostile, "nbgrader", "generate_feedback", NAME, "--student", student)
        assert done.returncode == 0, done.stderr
        pages[student] = (hostile / "feedback" / student / NAME / f"{NAME}.html").read_text()
    assert active(pages["evil"]) == active(pages["honest"])
    assert pages["evil"].count("<script") == pages["honest"].count("<script")
    assert 'href="https://example.org"' in pages["evil"]  # what is harmless still works
    assert "shown" in pages["evil"]


def test_logs_contain_no_commands_and_no_control_sequences(hostile: Path) -> None:
    text = (hostile / "autograder.out").read_text()
    assert "owned" in text  # the name is there
    assert "::error" not in text
    assert "##[" not in text
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", text) == []


def test_junit_is_xml(hostile: Path) -> None:
    from xml.etree import ElementTree

    root = ElementTree.parse(hostile / "junit.xml").getroot()
    assert len(root.findall("testsuite")) == len(records(hostile))


def test_a_path_with_dots_names_the_folder_it_leads_to(hostile: Path) -> None:
    path = f"submitted/evil/../honest/{NAME}"
    run(hostile, "autograder", "grade", path, "--json", "dots.jsonl")
    assert json.loads((hostile / "dots.jsonl").read_text())["student"] == "honest"


@pytest.mark.slow
def test_nbgraders_own_command_goes_the_same_way(hostile: Path) -> None:
    """The honest notebook is graded among files that shadow modules; the evil one is sanitized."""
    for student in ("honest", "evil"):
        done = run(hostile, "nbgrader", "autograde", NAME, "--student", student, "--force")
        assert done.returncode == 0, done.stderr
        path = hostile / "autograded" / student / NAME / f"{NAME}.ipynb"
        cells = json.loads(path.read_text())["cells"]
        tests = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]
        numbers = [float("".join(c["outputs"][1]["data"]["text/plain"])) for c in tests]
        assert sum(numbers) == 100
    assert any("\N{WORD JOINER}script" in "".join(cell["source"]) for cell in cells)
