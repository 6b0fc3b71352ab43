"""Pure functions on the notebooks that nbgrader works with: repair them, fill in results."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from autograder.report.summary import points
from autograder.report.text import plain
from autograder.sandbox.run import CellRun
from autograder.scorecard import TaskScore, TestResult

Cell = dict[str, Any]
Feedback = Literal["points", "tests", "findings"]

MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", "error": "!"}
COLOURS = {"passed": "#2e7d32", "failed": "#c62828", "skipped": "#757575", "error": "#e65100"}


@dataclass(frozen=True)
class SourceCell:
    """A cell of the source notebook as nbgrader's gradebook knows it."""

    grade_id: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None

    @property
    def metadata(self) -> dict[str, Any]:
        """What nbgrader expects in the cell's metadata."""
        metadata = {
            "schema_version": 3,
            "grade_id": self.grade_id,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            "locked": self.locked,
            "grade": self.grade,
            "solution": self.solution,
            "task": self.task,
        }
        if self.points is not None:
            metadata["points"] = self.points
        return metadata


def repair(cells: list[Cell], sources: Sequence[SourceCell]) -> list[Cell]:
    """Return a submission's cells with the metadata, tests and points of the source notebook.

    Forged, repeated and unknown metadata goes; locked cells get their source back; graded
    cells that were deleted come back after the cell they followed.
    """
    by_id = {source.grade_id: source for source in sources}
    last = {_grade_id(cell): index for index, cell in enumerate(cells)}
    repaired: list[Cell] = []
    for index, cell in enumerate(cells):
        source = by_id.get(_grade_id(cell) or "")
        if source is not None and last[source.grade_id] == index:
            repaired.append(_restored(cell, source))
        else:
            metadata = {k: v for k, v in cell.get("metadata", {}).items() if k != "nbgrader"}
            repaired.append({**cell, "metadata": metadata})
    return _with_missing(repaired, sources)


def _grade_id(cell: Cell) -> str | None:
    metadata = cell.get("metadata", {}).get("nbgrader")
    grade_id = metadata.get("grade_id") if isinstance(metadata, Mapping) else None
    return grade_id if isinstance(grade_id, str) else None


def _restored(cell: Cell, source: SourceCell) -> Cell:
    cell = {**cell, "metadata": {**cell.get("metadata", {}), "nbgrader": source.metadata}}
    if source.locked:
        cell["source"] = source.source
    if cell.get("cell_type") != source.cell_type:
        fresh = _fresh(source)
        cell = {**fresh, "id": cell.get("id", source.grade_id), "source": cell["source"]}
    return cell


def _fresh(source: SourceCell) -> Cell:
    cell: Cell = {
        "cell_type": source.cell_type,
        "metadata": {"nbgrader": source.metadata},
        "source": source.source,
    }
    if source.cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _with_missing(cells: list[Cell], sources: Sequence[SourceCell]) -> list[Cell]:
    present = {_grade_id(cell) for cell in cells}
    position = 0
    for source in sources:
        if source.grade_id in present:
            position = 1 + next(i for i, c in enumerate(cells) if _grade_id(c) == source.grade_id)
        elif source.grade or source.task:
            cells.insert(position, {**_fresh(source), "id": f"restored-{source.grade_id}"[:64]})
            position += 1
    return cells


def notebook_outputs(run: CellRun) -> list[dict[str, Any]]:
    """Return what a cell showed as nbformat outputs: text without control sequences, pictures."""
    outputs = [_notebook_output(output) for output in run.outputs]
    if run.fault is not None:
        text = f"[{run.fault} The cell was left out.]\n"
        outputs.append({"output_type": "stream", "name": "stdout", "text": text})
    return outputs


def _notebook_output(output: Mapping[str, Any]) -> dict[str, Any]:
    kind = output["output_type"]
    if kind == "stream":
        return {"output_type": "stream", "name": output["name"], "text": plain(output["text"])}
    if kind == "error":
        return {
            "output_type": "error",
            "ename": plain(output["ename"]),
            "evalue": plain(output["evalue"]),
            "traceback": [plain(line) for line in output["traceback"]],
        }
    data = {
        mime: base64.b64encode(content).decode("ascii")
        if isinstance(content, bytes)
        else plain(content)
        for mime, content in output["data"].items()
    }
    shown = {"output_type": kind, "data": data, "metadata": {}}
    return shown | ({"execution_count": None} if kind == "execute_result" else {})


def result_outputs(task: TaskScore, feedback: Feedback) -> list[dict[str, Any]]:
    """Return the outputs of a task's test cell: a table of results, and its points.

    nbgrader reads the points from the second one, a plain number.
    """
    outputs: list[dict[str, Any]] = [
        {
            "output_type": "display_data",
            "data": {
                "text/html": _html(task, feedback),
                "text/plain": _text(task, feedback),
            },
            "metadata": {},
        }
    ]
    if task.outcome != "error":
        number = repr(min(max(float(task.score), 0.0), float(task.max_score)))
        outputs.append(
            {
                "output_type": "execute_result",
                "data": {"text/plain": number},
                "metadata": {},
                "execution_count": None,
            }
        )
    return outputs


def _title(task: TaskScore) -> str:
    if task.outcome == "error":
        return f"{task.name}: a fault of the grader, not yours; it will be graded again"
    return f"{task.name}: {points(task.score)} of {points(task.max_score)} points"


def _text(task: TaskScore, feedback: Feedback) -> str:
    lines = [_title(task)]
    for test in _shown(task, feedback):
        lines.append(f"  {MARKS[test.outcome]} {test.title} ({_earned(test)})")
        if feedback == "findings" and test.outcome != "passed":
            lines += [f"      {line.strip()}" for line in plain(test.message).splitlines()]
    return "\n".join(lines)


def _html(task: TaskScore, feedback: Feedback) -> str:
    rows = "".join(_row(test, feedback) for test in _shown(task, feedback))
    table = f'<table style="margin:0.3em 0;text-align:left">{rows}</table>' if rows else ""
    return f"<div><strong>{escape(_title(task))}</strong>{table}</div>"


def _row(test: TestResult, feedback: Feedback) -> str:
    message = ""
    if feedback == "findings" and test.outcome != "passed" and test.message:
        text = escape(plain(test.message)).replace("\n", "<br>")
        message = f'<br><span style="color:#555">{text}</span>'
    left = 'style="text-align:left;vertical-align:top;padding:0.1em 0.5em"'
    return (
        f'<tr><td {left}><span style="color:{COLOURS[test.outcome]}">{MARKS[test.outcome]}</span>'
        f"</td><td {left}>{escape(test.title)}{message}</td>"
        f'<td style="text-align:right;vertical-align:top;white-space:nowrap">{_earned(test)}</td>'
        "</tr>"
    )


def _shown(task: TaskScore, feedback: Feedback) -> Iterable[TestResult]:
    return () if feedback == "points" else task.tests


def _earned(test: TestResult) -> str:
    return f"{points(test.points)}/{points(test.max_points)}"


def fill_in(
    cells: Iterable[Cell],
    places: Sequence[int | None],
    runs: Mapping[int, CellRun],
    results: Mapping[str, TaskScore],
    feedback: Feedback,
) -> None:
    """Put outputs into cells: results under test cells, elsewhere what the student's code showed.

    Args:
        cells: the cells of the repaired notebook.
        places: for each, the index it had in the submission, None for one that was added.
        runs: what ran, by index in the submission.
        results: the tasks, by the grade_id of their test cells.
        feedback: how much students read.
    """
    for cell, place in zip(cells, places, strict=True):
        if cell["cell_type"] != "code":
            continue
        run = None if place is None else runs.get(place)
        task = results.get(_grade_id(cell) or "")
        if task is not None:
            cell["outputs"] = result_outputs(task, feedback)
        else:
            cell["outputs"] = notebook_outputs(run) if run is not None else []
        cell["execution_count"] = None
