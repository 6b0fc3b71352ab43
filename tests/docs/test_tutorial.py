"""Whoever follows docs/author/tutorial.md from top to bottom sees what it shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.notebook_script import notebook_from
from autograder.diagnosis.misconception import load_library, singles
from autograder.diagnosis.solution_code import solution_code
from tests.conftest import ROOT
from tests.docs.pages import FENCE, blocks, check_block, read
from tests.integrations.nbgrader.commands import ENVIRONMENT

PAGE = "docs/author/tutorial.md"
FINISHED = ROOT / "docs/author/tutorial/ridge.ipynb"
CELLS = {
    r"\*\*Text\*\*": "[markdown]",
    r"\*\*Code\*\*": "",
    r"\*\*Autograded answer\*\*, ID `(\w+)`": r"solution \1",
    r"\*\*Autograded tests\*\*, ID `(\w+)`, (\d+) points": r"tests \1 \2",
}
"""How the page announces a cell, and how a script for `notebook_from` does."""
VARIES = r"(?<=seed: )\w+|(?<=due: )[\d: +-]+"


def announced() -> Iterator[tuple[str, str, str]]:
    """Yield the blocks of the page: the paragraph before each, its kind and its text."""
    page, end = read(PAGE), 0
    for match in FENCE.finditer(page):
        paragraph = page[end : match.start()].strip().rpartition("\n\n")[2]
        yield " ".join(paragraph.split()), match[2], match[3]
        end = match.end()


def cell(paragraph: str, kind: str, text: str) -> str:
    """Return a cell as a part of a script, "" if the paragraph announces something else."""
    for pattern, mark in CELLS.items():
        if match := re.fullmatch(pattern, paragraph):
            body = re.sub("(?m)^", "# ", text) if kind == "markdown" else text
            return f"# %% {match.expand(mark)}\n{body}\n"
    return ""


def code_cells(notebook: Any) -> dict[str, Any]:
    """Return the cells with code by their ID, or by their text if they have none."""
    return {
        c["metadata"].get("nbgrader", {}).get("grade_id", "".join(c["source"])): c
        for c in notebook["cells"]
        if c["cell_type"] == "code"
    }


def printed(folder: Path, script: str) -> str:
    """Run a script as in a terminal; return what it leaves there, without progress."""
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=folder, env={**ENVIRONMENT, "COLUMNS": "120", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    shown = "\n".join(line for line in lines if not re.match(r"\[\d+/\d+\] ", line))
    return re.sub(r"\n{3,}", "\n\n", shown).strip("\n") + "\n"


@pytest.mark.slow
def test_the_tutorial_shows_what_happens(tmp_path: Path) -> None:
    folder, output, number = tmp_path, "", 0
    for paragraph, kind, text in announced():
        if kind == "bash":
            output = printed(folder, text)
            folder = tmp_path / "ml-course"  # the first script makes it and enters it
        elif kind == "text":
            if re.sub(VARIES, "…", text) != re.sub(VARIES, "…", output):
                check_block(PAGE, number, output)
            number += 1
        elif cell(paragraph, kind, text):
            (folder / "solutions/ridge/ridge.ipynb").write_bytes(FINISHED.read_bytes())
        elif match := re.search(r"`(submitted/\S+)` and change the cell `(\w+)`", paragraph):
            notebook = json.loads((folder / match[1]).read_text(encoding="utf-8"))
            code_cells(notebook)[match[2]]["source"] = text
            (folder / match[1]).write_text(json.dumps(notebook), encoding="utf-8")
        else:
            (name,) = re.findall(r"`(ridge/\w+\.py)`", paragraph)
            (folder / name).write_text(text, encoding="utf-8")
    page = unescape((folder / "feedback/ben/ridge.html").read_text(encoding="utf-8"))
    (finding,) = re.findall(r"^  standardize: (New.*?)\n\n", read(PAGE), re.DOTALL | re.MULTILINE)
    assert [line for line in finding.splitlines() if line.strip() not in page] == []


def test_the_finished_notebook_has_the_cells_of_the_page() -> None:
    content = notebook_from("\n".join(cell(*block) for block in announced()))
    if os.environ.get("UPDATE_DOCS"):
        FINISHED.write_bytes(content)
    assert FINISHED.read_bytes() == content


def test_the_known_mistakes_are_changes_to_the_finished_notebook(tmp_path: Path) -> None:
    (library,) = (b.text for b in blocks("python", PAGE) if "MISCONCEPTIONS" in b.text)
    (tmp_path / "misconceptions.py").write_text(library, encoding="utf-8")
    code = code_cells(json.loads(FINISHED.read_bytes()))
    texts = ["".join(c["source"]) for c in code.values()]
    answers = [at for at, text in enumerate(texts) if "BEGIN SOLUTION" in text]
    solution, known = load_library(tmp_path, solution_code(texts, answers))
    assert len(singles(solution, known)) == 5
