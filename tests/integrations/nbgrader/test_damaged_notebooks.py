"""Notebooks that nbformat rejects: `nbgrader autograde` and `autograder grade` read them alike."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, with_few_pictures, write_course
from tests.integrations.nbgrader.commands import BIN, ENVIRONMENT, NAME, grades, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # nbgrader and SQLAlchemy warn of each other
]

Document = dict[str, Any]
Change = Callable[[Document], "bytes | None"]
HARMLESS: dict[str, Change] = {}
DAMAGED: dict[str, Change] = {}


def add(to: dict[str, Change]) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        to[change.__name__.replace("_", "-")] = change
        return change

    return register


def encoded(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def code_cells(document: Document) -> list[Document]:
    return [cell for cell in document["cells"] if cell["cell_type"] == "code"]


def cell(document: Document, grade_id: str) -> Document:
    found: list[Document] = [
        one
        for one in document["cells"]
        if one["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found[0]


@add(HARMLESS)
def bom(document: Document) -> bytes:
    return b"\xef\xbb\xbf" + encoded(document)


@add(HARMLESS)
def utf_16(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-16")


@add(HARMLESS)
def windows_lines(document: Document) -> bytes:
    for one in document["cells"]:
        one["source"] = "".join(one["source"]).replace("\n", "\r\n")
    return json.dumps(document, indent=1).replace("\n", "\r\n").encode()


@add(HARMLESS)
def outputs_null(document: Document) -> None:
    for one in code_cells(document):
        one["outputs"], one["execution_count"] = None, "3"


@add(HARMLESS)
def outputs_missing(document: Document) -> None:
    for one in code_cells(document):
        one.pop("outputs")
        one.pop("execution_count")


@add(HARMLESS)
def outputs_unknown(document: Document) -> None:
    for one in code_cells(document):
        one["outputs"] = [{"output_type": "hologram"}, None, 7, {"output_type": "stream"}]


@add(HARMLESS)
def no_metadata(document: Document) -> None:
    document.pop("metadata")
    for one in document["cells"]:
        if "nbgrader" not in one["metadata"]:
            one.pop("metadata")


@add(HARMLESS)
def metadata_null(document: Document) -> None:
    document["metadata"] = None
    for one in document["cells"]:
        one["metadata"] = one["metadata"] if "nbgrader" in one["metadata"] else None


@add(HARMLESS)
def all_metadata_null(document: Document) -> None:
    for one in document["cells"]:
        one["metadata"] = None


@add(HARMLESS)
def metadata_of_other_kinds(document: Document) -> None:
    document["metadata"] = {
        "kernelspec": None,
        "language_info": [],
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": 3}},
        "celltoolbar": 7,
    }
    for one in document["cells"]:
        one["metadata"] |= {"tags": "plot", "collapsed": "yes", "scrolled": 3, "name": []}


@add(HARMLESS)
def no_ids(document: Document) -> None:
    for one in document["cells"]:
        one.pop("id")


@add(HARMLESS)
def same_ids(document: Document) -> None:
    for one in document["cells"]:
        one["id"] = "the same for all, and not valid"


@add(HARMLESS)
def minor_version_0(document: Document) -> None:
    document["nbformat_minor"] = 0


@add(HARMLESS)
def minor_version_null(document: Document) -> None:
    document["nbformat_minor"] = None


@add(HARMLESS)
def minor_version_of_the_future(document: Document) -> None:
    document["nbformat_minor"] = 99


@add(HARMLESS)
def sources_missing(document: Document) -> None:
    for one in document["cells"]:
        if one["cell_type"] == "markdown":
            one.pop("source")
    document["cells"] += [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": None},
        {"cell_type": "code", "metadata": {}, "outputs": []},
    ]


@add(HARMLESS)
def attachments_null(document: Document) -> None:
    for one in document["cells"]:
        one["attachments"] = None


@add(HARMLESS)
def cells_of_other_kinds(document: Document) -> None:
    document["cells"] += [None, 7, "text", [], {}, {"cell_type": "heading", "level": 1}]


@add(HARMLESS)
def unknown_keys(document: Document) -> None:
    document["orig_nbformat"] = "four"
    document["signature"] = {}
    for one in document["cells"]:
        one["input"], one["prompt_number"] = "", 3


@add(HARMLESS)
def half_a_character(document: Document) -> bytes:
    document["cells"][0]["source"] = "\ud83d"
    code_cells(document)[0]["source"] = ["# \ud83d\n", *code_cells(document)[0]["source"]]
    return json.dumps(document).encode()


@add(HARMLESS)
def answer_turned_raw(document: Document) -> None:
    one = cell(document, "step")
    one["cell_type"] = "raw"
    one.pop("outputs")
    one.pop("execution_count")


@add(HARMLESS)
def answer_turned_markdown(document: Document) -> None:
    cell(document, "forward")["cell_type"] = "markdown"


@add(HARMLESS)
def stub_set_aside(document: Document) -> None:
    """The answer is in a new cell; the released one, below it, has become text."""
    one = cell(document, "step")
    document["cells"].insert(document["cells"].index(one), {**one, "id": "new", "metadata": {}})
    one |= {"cell_type": "raw", "source": "def step(X, y, model, lr=0.1):\n    return 7"}


@add(DAMAGED)
def trailing_garbage(document: Document) -> bytes:
    return encoded(document) + b"}\n<<<<<<< HEAD\n"


@add(DAMAGED)
def cells_null(document: Document) -> None:
    document["cells"] = None


@add(DAMAGED)
def format_3(document: Document) -> None:
    document["nbformat"] = 3


@add(DAMAGED)
def not_text(document: Document) -> bytes:
    return b"\x00\xff\xfe" + encoded(document)


@add(HARMLESS)
def other_ending(document: Document) -> None:
    """nbgrader sees no notebook in the folder."""


@add(DAMAGED)
def no_notebook(document: Document) -> bytes:
    return b"def step(X, y, model): ..."


FILES = {"other-ending": f"{NAME}.IPYNB", "no-notebook": f"{NAME}.py"}


@dataclass(frozen=True)
class Roads:
    """The grades by either way, what nbgrader printed, and the course that it graded."""

    nbgrader: dict[str, dict[str, Any]]
    ours: dict[str, dict[str, Any]]
    printed: str
    course: Path


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Roads:
    course = tmp_path_factory.mktemp("damaged")
    write_course(course)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions", course / "solutions")
    amara = ROOT / f"examples/submitted/amara/{NAME}/{NAME}.ipynb"
    right = with_few_pictures(json.loads(amara.read_text()))
    for student, change in (HARMLESS | DAMAGED).items():
        document = deepcopy(right)
        path = course / "submitted" / student / NAME / FILES.get(student, f"{NAME}.ipynb")
        path.parent.mkdir(parents=True)
        path.write_bytes(change(document) or encoded(document))
    run(course, "autograder", "release")
    done = subprocess.run(
        [str(BIN / "nbgrader"), "autograde", NAME, "--no-execute", "--Execute.timeout=3"],
        cwd=course, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    by_nbgrader = grades(course)
    (course / "gradebook.db").unlink()
    run(course, "autograder", "grade", "--force")
    return Roads(by_nbgrader, grades(course), done.stdout + done.stderr, course)


@pytest.mark.parametrize("student", HARMLESS)
def test_a_right_answer_in_an_odd_file_gets_full_points(roads: Roads, student: str) -> None:
    assert roads.nbgrader[student] == roads.ours[student]
    assert roads.ours[student]["score"] == 100
    assert not roads.ours[student]["waits"]


@pytest.mark.parametrize("student", DAMAGED)
def test_a_damaged_file_waits_for_a_person(roads: Roads, student: str) -> None:
    assert roads.nbgrader[student] == roads.ours[student]
    assert roads.ours[student]["waits"]
    assert roads.ours[student]["comments"]["step"].startswith("Needs manual grading: ")


def test_no_traceback_is_shown(roads: Roads) -> None:
    assert "Traceback" not in roads.printed
    assert "not valid JSON" in roads.printed


def test_settings_without_effect_are_named(roads: Roads) -> None:
    assert "--no-execute has no effect on" in roads.printed
    assert "Execute.timeout has no effect on" in roads.printed


@pytest.mark.parametrize(
    ("student", "answer"), [("answer-turned-raw", "step"), ("answer-turned-markdown", "forward")]
)
def test_an_answer_that_became_text_is_shown_as_the_code_that_ran(
    roads: Roads, student: str, answer: str
) -> None:
    path = roads.course / f"autograded/{student}/{NAME}/{NAME}.ipynb"
    assert cell(json.loads(path.read_text()), answer)["cell_type"] == "code"
