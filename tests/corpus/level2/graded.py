"""Grades the answers to an assignment as its course would."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from autograder.course import load_course
from autograder.diagnosis.matching import Lookup
from autograder.grading.batch import grade_batch, prepare
from autograder.integrations.nbgrader.warm_grading import forget_suite
from autograder.record import Record
from autograder.sandbox.warm_process import WarmProcess
from autograder.submission import Submission
from tests.conftest import ROOT
from tests.corpus.level2 import Answer

SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL | re.MULTILINE)
STUB = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"


def graded(name: str, folder: Path, chosen: Sequence[Answer]) -> dict[str, Record]:
    """Return the records of answers to an assignment by their names."""
    records, _ = _graded(name, folder, chosen, [])
    return records


def unnamed_again(
    name: str, folder: Path, chosen: Sequence[Answer], again: Sequence[Answer]
) -> tuple[dict[str, Record], dict[str, Record]]:
    """Return what `graded` does, and some of a second run, without names of mistakes."""
    with patch.object(Lookup, "explain", lambda self, tasks, traces: tasks):
        return _graded(name, folder, chosen, again)


def _graded(
    name: str, folder: Path, chosen: Sequence[Answer], again: Sequence[Answer]
) -> tuple[dict[str, Record], dict[str, Record]]:
    source = source_notebook(name)
    make_course(folder, name, source)
    course = load_course(folder / "course.yml")
    context = prepare(course, course.assignment(name))
    submissions = {
        one.name: Submission(
            one.name, write(folder / "submitted" / f"{one.name}.ipynb", source, one)
        )
        for one in chosen
    }
    with WarmProcess(context.assignment.preload) as warm:
        runs = [
            grade_batch([submissions[one.name] for one in some], context, warm)
            for some in (chosen, again)
        ]
    forget_suite(folder)
    first, second = ({one.record.student: one.record for one in run} for run in runs)
    return first, second


def source_notebook(name: str) -> dict[str, Any]:
    """Return the source notebook of an assignment."""
    text = (ROOT / "solutions" / name / f"{name}.ipynb").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def release_version(name: str) -> Answer:
    """Return what students begin with."""
    cells = to_fill_in(source_notebook(name))
    parts = {cell["metadata"]["nbgrader"]["grade_id"]: stub(cell) for cell in cells}
    return Answer("release", parts)


def make_course(folder: Path, name: str, source: dict[str, Any]) -> None:
    """Write the kit's course with this assignment alone."""
    folder.mkdir(parents=True)
    course = yaml.safe_load((ROOT / "course.yml").read_text("utf-8"))
    course["assignments"] = {name: course["assignments"][name]}
    (folder / "course.yml").write_text(yaml.safe_dump(course), "utf-8")
    write(folder / "solutions" / name / f"{name}.ipynb", source, Answer("solution", {}))


def to_fill_in(source: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells that students fill in."""
    cells = source["cells"]
    return [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]


def stub(cell: dict[str, Any]) -> str:
    """Return what students find in a cell."""
    return SOLUTION.sub(STUB, "".join(cell["source"]))


def write(path: Path, source: dict[str, Any], answer: Answer) -> Path:
    """Write the source notebook with an answer in its cells, without what only shows something."""
    document = json.loads(json.dumps(source))
    document["cells"] = [cell for cell in document["cells"] if is_needed(cell)]
    for cell in to_fill_in(document):
        grade_id = cell["metadata"]["nbgrader"]["grade_id"]
        if grade_id in answer.parts:
            cell["source"] = answer.parts[grade_id]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def is_needed(cell: dict[str, Any]) -> bool:
    """Tell whether a cell is one of imports or data, to fill in, or a check."""
    return cell["id"] in ("imports", "make-data") or "nbgrader" in cell["metadata"]
