"""Hostile notebooks and names: each gets a record with one sentence, and nothing active gets out.

The real commands grade one class of them, make feedback, and print in the manner of CI.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograder.suites.linear_regression.accepted import ACCEPTED
from tests.conftest import ROOT, notebook, write_notebook

NAME = "linear_regression"
GOOD = ACCEPTED[0].cells()
BIN = Path(sys.executable).parent

NAMES = (
    "=cmd|' C calc'!A0", "@SUM(1+1)", "<img src=x onerror=alert(1)>", "with space", "ünï-çødé-学生",
    "x" * 200, "::error::owned", "-rf", "$(touch owned)", "'; DROP TABLE student; --", "..hidden",
    "a\tb", "a\nb", "\x1b[31mred", "%s%n", "null", "..", "{{7*7}}",
)  # fmt: skip

SCRIPT = "<script>alert('owned')</script>"
EVIL_LINES = (
    SCRIPT,
    "<img src=x onerror=alert(1)> <svg onload=alert(1)> <iframe src='javascript:alert(1)'>",
    "[a](javascript:alert(1)) [b](JaVaScRiPt\\:alert(1)) [c](&#106;avascript&colon;alert(1))",
    "[d]( \tjavascript:alert(1)) [e](<javascript:alert(1)>) <javascript:alert(1)>",
    "[f](data:text/html;base64,PHNjcmlwdD4=) [g](vbscript:x) ![h](data:image/svg+xml,<svg>)",
    "[i][evil] and [good](https://example.org) and $a<b$ and `x<y`",
    "[evil]: javascript:alert(1)",
    "| a |\n|---|\n| <script>alert(2)</script> |",
    "```html\n<b>shown</b>\n```",
    "<style>body{display:none}</style><base href='//evil'><form action='//evil'>",
    "&lt;script&gt;alert(3)&lt;/script&gt; <!-- --><script>x</script>",
)
EVIL_MARKDOWN = "\n\n".join(EVIL_LINES)


def markdown(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source} | more


EVIL = notebook(
    [
        markdown(EVIL_MARKDOWN),
        markdown("![x](attachment:x.svg)", attachments={"x.svg": {"image/svg+xml": "<svg onload=x>"}}),
        {"cell_type": "raw", "id": "r1", "metadata": {}, "source": SCRIPT},
        {"cell_type": "raw", "id": "r2", "metadata": {"raw_mimetype": "text/html"}, "source": SCRIPT},
        {"cell_type": SCRIPT, "id": "r3", "metadata": {}, "source": SCRIPT},
        *GOOD,
        "print('''" + SCRIPT + "''')",
        "from IPython.display import HTML, Javascript, SVG, Latex, Markdown, display\n"
        f"display(HTML({SCRIPT!r}), Javascript('alert(1)'), Latex({SCRIPT!r}), Markdown({SCRIPT!r}))",
        f"class R:\n    def _repr_html_(self): return {SCRIPT!r}\n"
        f"    def __repr__(self): return {SCRIPT!r}\nR()",
        f"raise ValueError({SCRIPT!r})",
        "print('\\x1b]8;;javascript:alert(1)\\x07click\\x1b]8;;\\x07 \\x1b[31mred')",
        {"cell_type": "code", "id": '"><script>', "metadata": {"tags": ['"><script>']},
         "source": "1", "execution_count": "<script>",
         "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}]},
    ],
    metadata={
        "title": SCRIPT,
        "language_info": {"name": "python", "pygments_lexer": SCRIPT},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"x": SCRIPT}},
    },
)  # fmt: skip


def forged() -> dict[str, Any]:
    """Return a stub whose cells claim points, repeat ids and replace the tests."""
    stub = json.loads((ROOT / "assignments" / NAME / f"{NAME}.ipynb").read_text())
    for cell in stub["cells"]:
        grading = cell["metadata"].get("nbgrader")
        if grading and grading["grade"]:
            grading["points"] = 1e9
            cell["source"] = "100.0"
            cell["outputs"] = [
                {"output_type": "execute_result", "data": {"text/plain": "100.0"},
                 "metadata": {}, "execution_count": 1}
            ]  # fmt: skip
    stub["cells"] += [json.loads(json.dumps(stub["cells"][-1])) for _ in range(3)]
    return dict(stub)


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "owned")
    return buffer.getvalue()


def tarred(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n ", "is empty"),
    "truncated": (json.dumps(notebook(GOOD)).encode()[:-40], "not valid JSON"),
    "binary": (bytes(range(256)) * 40, "not valid JSON"),
    "utf16": (json.dumps(notebook(GOOD)).encode("utf-16"), "not valid JSON"),
    "latin1": (json.dumps(notebook(["'é'"]), ensure_ascii=False).encode("latin-1"), "not valid JSON"),
    "python": (b"print('hello')\n", "not valid JSON"),
    "html": (b"<!doctype html><title>Log in</title>", "not valid JSON"),
    "list": (b"[1, 2]", "not a notebook"),
    "number": (b"100", "not a notebook"),
    "format3": (json.dumps({"nbformat": 3, "worksheets": []}).encode(), "format 3"),
    "format_true": (json.dumps({"nbformat": True, "cells": []}).encode(), "format True"),
    "no_cells": (json.dumps({"nbformat": 4}).encode(), "has no cells"),
    "cells_text": (json.dumps({"nbformat": 4, "cells": "x"}).encode(), "has no cells"),
    "julia": (json.dumps(notebook([], metadata={"language_info": {"name": "julia"}})).encode(), "julia"),
    "deep": (b"[" * 200_000, "not valid JSON"),
    "deep_metadata": (b'{"nbformat": 4, "metadata": ' + b'{"a":' * 99_000, "not valid JSON"),
    "long_number": (b'{"nbformat": 4, "cells": ' + b"9" * 10_000 + b"}", "not valid JSON"),
    "infinity": (b'{"nbformat": Infinity}', "not a notebook"),
    "zip": (zipped("../../owned"), "is an archive"),
    "tar": (tarred("../../owned"), "is an archive"),
}  # fmt: skip
WRONG_SOURCES: tuple[Any, ...] = (5, None, {}, [1, "a=1\n", None])
GRADED: dict[str, dict[str, Any]] = {
    "cells_of_wrong_types": notebook([]) | {"cells": [1, None, "x", [], {}, {"cell_type": 5}]},
    "sources_of_wrong_types": notebook([])
    | {"cells": [{"cell_type": "code", "source": s} for s in WRONG_SOURCES]},
    "lone_surrogates": notebook(["'\ud800'", "x = '\\ud800'\nprint(x)", "# \ud800" + "x" * 999]),
    "null_characters": notebook(["a = 1\x00", "\x00" * 500]),
    "endless_line": notebook(["x = '" + "a" * 3_000_000 + "'"]),
    "ten_thousand_cells": notebook(["" for _ in range(10_000)]),
    "ten_thousand_texts": notebook([markdown("[a](b)" * 99) for _ in range(10_000)]),
    "wild_metadata": notebook([])
    | {"metadata": [], "cells": [{"cell_type": "code", "metadata": 7}]},
    "forged": forged(),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of hostile submissions, and make feedback."""
    course = tmp_path_factory.mktemp("hostile") / "course"
    shutil.copytree(ROOT / "solutions", course / "solutions")
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, course)

    def place(student: str) -> Path:
        folder = course / "submitted" / student / NAME
        folder.mkdir(parents=True)
        return folder / f"{NAME}.ipynb"

    for name in NAMES:
        if name != "..":
            write_notebook(place(f"name {name}"), GOOD)
    for name, (content, _) in CONTENTS.items():
        place(name).write_bytes(content)
    for name, document in GRADED.items():
        place(name).write_text(json.dumps(document))
    place("evil").write_text(json.dumps(EVIL))
    honest = write_notebook(place("honest"), GOOD)
    for module in ("torch", "conftest", "sitecustomize", "pytest", "numpy"):
        (honest.parent / f"{module}.py").write_text("raise SystemExit('owned')\n")
    (honest.parent / "timestamp.txt").write_text("2026-11-01 10:00:00 UTC")
    place("link").symlink_to(honest)
    (course / "submitted" / "linked folder").mkdir()
    (course / "submitted" / "linked folder" / NAME).symlink_to(honest.parent)
    (course / "submitted" / "linked student").symlink_to(course / "submitted" / "honest")
    place("folder").mkdir()
    os.mkfifo(place("pipe"))
    os.mkfifo(write_notebook(place("pipe as a date"), GOOD).with_name("timestamp.txt"))
    with place("gigabytes").open("wb") as sparse:
        sparse.truncate(5 << 30)
    place("missing")
    run(course, "autograder", "grade", "-v", "--json", "records.jsonl", "--junit", "junit.xml")
    return course


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [BIN / arguments[0], *arguments[1:]],
        cwd=course,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(course), "GITHUB_ACTIONS": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    (course / f"{arguments[0]}.out").write_text(done.stdout + done.stderr)
    return done


def records(course: Path) -> dict[str, dict[str, Any]]:
    lines = (course / "records.jsonl").read_text().splitlines()
    return {record["student"]: record for record in map(json.loads, lines)}


def test_every_submission_has_a_record(graded: Path) -> None:
    students = {path.name for path in (graded / "submitted").iterdir()}
    assert set(records(graded)) == students


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_costs_nothing(graded: Path, name: str) -> None:
    if name != "..":
        assert records(graded)[f"name {name}"]["score"] == 100


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_notebook_gets_one_sentence(graded: Path, name: str) -> None:
    record = records(graded)[name]
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
def test_what_is_no_file_gets_one_sentence(graded: Path, name: str, words: str) -> None:
    record = records(graded)[name]
    assert record["status"] == "failed"
    assert words in record["error"]


@pytest.mark.parametrize("name", GRADED)
def test_a_strange_notebook_is_graded_for_what_is_in_it(graded: Path, name: str) -> None:
    record = records(graded)[name]
    assert (record["status"], record["score"], record["error"]) == ("graded", 0, None)


@pytest.mark.parametrize("name", ["honest", "evil", "pipe as a date"])
def test_right_answers_keep_their_points(graded: Path, name: str) -> None:
    assert records(graded)[name]["score"] == 100


def test_nothing_is_owned(graded: Path) -> None:
    assert list(graded.parent.rglob("owned")) == []


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


def test_nothing_active_reaches_the_autograded_notebook(graded: Path) -> None:
    path = graded / "autograded" / "evil" / NAME / f"{NAME}.ipynb"
    document = json.loads(path.read_text())
    assert set(document["metadata"]) == {"kernelspec", "language_info"}
    for cell in document["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "raw_mimetype"}
        for output in cell.get("outputs", []):
            ours = "nbgrader" in cell["metadata"]
            assert ours or set(output.get("data", {})) <= {"text/plain", "text/latex", "image/png"}


def test_nothing_active_reaches_the_feedback(graded: Path) -> None:
    pages = {}
    for student in ("honest", "evil"):
        done = run(graded, "nbgrader", "generate_feedback", NAME, "--student", student)
        assert done.returncode == 0, done.stderr
        pages[student] = (graded / "feedback" / student / NAME / f"{NAME}.html").read_text()
    assert active(pages["evil"]) == active(pages["honest"])
    assert pages["evil"].count("<script") == pages["honest"].count("<script")
    assert 'href="https://example.org"' in pages["evil"]  # what is harmless still works
    assert "shown" in pages["evil"]


def test_logs_hold_no_commands_and_no_control_sequences(graded: Path) -> None:
    text = (graded / "autograder.out").read_text()
    assert "owned" in text  # the name is there
    assert "::error" not in text
    assert "##[" not in text
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", text) == []


def test_junit_is_xml(graded: Path) -> None:
    from xml.etree import ElementTree

    root = ElementTree.parse(graded / "junit.xml").getroot()
    assert len(root.findall("testsuite")) == len(records(graded))


def test_a_path_with_dots_names_the_folder_it_leads_to(graded: Path) -> None:
    path = f"submitted/evil/../honest/{NAME}"
    run(graded, "autograder", "grade", path, "--json", "dots.jsonl")
    assert json.loads((graded / "dots.jsonl").read_text())["student"] == "honest"


def test_nbgraders_own_command_goes_the_same_way(graded: Path) -> None:
    """The honest notebook is graded among files that shadow modules, the evil one is inert."""
    for student in ("honest", "evil"):
        done = run(graded, "nbgrader", "autograde", NAME, "--student", student, "--force")
        assert done.returncode == 0, done.stderr
        path = graded / "autograded" / student / NAME / f"{NAME}.ipynb"
        cells = json.loads(path.read_text())["cells"]
        tests = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]
        numbers = [float("".join(c["outputs"][1]["data"]["text/plain"])) for c in tests]
        assert sum(numbers) == 100
    assert any("\N{WORD JOINER}script" in "".join(cell["source"]) for cell in cells)
