"""Repairs the cells of submitted notebooks, and inserts their results."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.course import Feedback
from autograder.integrations.nbgrader.sanitizing import sanitize_markdown
from autograder.notebook import grade_id
from autograder.record import TaskScore
from autograder.reports.charts.chart import Picture
from autograder.reports.html import render
from autograder.reports.presentation import OURS, TaskPresentation, present_task
from autograder.reports.text import BADGES, plain, points
from autograder.sandbox.student_process import CellResult

Cell = dict[str, Any]


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
        fields = {k: v for k, v in asdict(self).items() if k != "source" and v is not None}
        return {"schema_version": 3} | fields


def repair(cells: list[Cell], sources: Sequence[SourceCell]) -> list[Cell]:
    """Return a submission's cells with the metadata, tests and points of the source notebook.

    Drops forged, repeated and unknown metadata, restores the source of locked cells, and inserts
    deleted graded cells after the cell that they followed.
    """
    by_id = {source.grade_id: source for source in sources}
    last = {grade_id(cell): index for index, cell in enumerate(cells)}
    repaired: list[Cell] = []
    for index, cell in enumerate(cells):
        source = by_id.get(grade_id(cell))
        if source is not None and last[source.grade_id] == index:
            repaired.append(_restored(cell, source))
        else:
            metadata = {k: v for k, v in cell.get("metadata", {}).items() if k != "nbgrader"}
            repaired.append({**cell, "metadata": metadata})
    return _with_missing(repaired, sources)


def _restored(cell: Cell, source: SourceCell) -> Cell:
    cell = {**cell, "metadata": {**cell.get("metadata", {}), "nbgrader": source.metadata}}
    untouched = source.cell_type == "markdown" and cell["source"] == sanitize_markdown(
        source.source
    )
    if source.locked or untouched:
        cell["source"] = source.source
    if cell.get("cell_type") != source.cell_type:
        own = {"id": cell.get("id", source.grade_id), "source": cell["source"]}
        cell = new_cell(source) | own
    return cell


def new_cell(source: SourceCell) -> Cell:
    """Return a new cell with the content of the source cell."""
    cell: Cell = {
        "cell_type": source.cell_type,
        "metadata": {"nbgrader": source.metadata},
        "source": source.source,
    }
    if source.cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _with_missing(cells: list[Cell], sources: Sequence[SourceCell]) -> list[Cell]:
    present = {grade_id(cell) for cell in cells}
    position = 0
    for source in sources:
        if source.grade_id in present:
            position = 1 + next(i for i, c in enumerate(cells) if grade_id(c) == source.grade_id)
        elif source.grade or source.task:
            cells.insert(position, {**new_cell(source), "id": f"restored-{source.grade_id}"[:64]})
            position += 1
    return cells


def notebook_outputs(run: CellResult) -> list[dict[str, Any]]:
    """Return a cell's outputs in nbformat, without control sequences in texts."""
    outputs = [_notebook_output(output) for output in run.outputs]
    if run.failure is not None:
        text = f"[{run.failure} Grading continued without this cell.]\n"
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
    return _output(kind, data)


def _output(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    output = {"output_type": kind, "data": data, "metadata": {}}
    return output | ({"execution_count": None} if kind == "execute_result" else {})


def result_outputs(task: TaskScore, feedback: Feedback) -> list[dict[str, Any]]:
    """Return the outputs of a task's test cell: its results, then its points.

    nbgrader reads the points from the second output, a plain number.
    """
    shown = present_task(task, feedback)
    title = _title(task)
    html = render("integrations/nbgrader/task_result", title=title, shown=shown)
    outputs = [_display(html, _text(title, shown))]
    if task.outcome != "error":
        number = repr(min(max(float(task.score), 0.0), float(task.max_score)))
        outputs.append(_output("execute_result", {"text/plain": number}))
    return outputs


def picture_outputs(pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """Return pictures as outputs, each with title and description."""
    return [
        _display(
            render(
                "integrations/nbgrader/picture",
                picture=picture,
                data=base64.b64encode(picture.svg.encode()).decode(),
            ),
            f"{picture.title}: {picture.description}",
        )
        for picture in pictures
    ]


def _display(html: str, text: str) -> dict[str, Any]:
    return _output("display_data", {"text/html": html, "text/plain": text})


def _title(task: TaskScore) -> str:
    if task.outcome == "error":
        return f"{task.name}: {OURS}"
    return f"{task.name}: {points(task.score)} of {points(task.max_score)} points"


def _text(title: str, shown: TaskPresentation) -> str:
    lines = [title]
    for advice in shown.advice:
        first, *rest = advice.lines
        lines += [f"  {first}", *(f"    {line}" for line in rest)]
    for row in shown.tests:
        test = row.test
        earned = f"{points(test.points)}/{points(test.max_points)}"
        lines.append(f"  {BADGES[test.outcome].mark} {test.title} ({earned})")
        lines += [f"      {line}" for line in row.advice.lines] if row.advice else []
    return "\n".join(lines)


def fill_in(
    cells: Iterable[Cell],
    positions: Sequence[int | None],
    runs: Mapping[int, CellResult],
    results: Mapping[str, TaskScore],
    feedback: Feedback,
    pictures: Sequence[Picture] = (),
) -> None:
    """Set the outputs of cells: results for test cells, the output of the code for others.

    Pictures appear once, below the last test cell.

    Args:
        cells: the cells of the repaired notebook.
        positions: the index of each cell in the submission, None for an inserted cell.
        runs: the results of executed cells, by index in the submission.
        results: the results of tasks, by the grade_id of their test cells.
        feedback: how much students may read.
        pictures: the pictures of the submission.
    """
    cells = list(cells)
    graded = [cell for cell in cells if grade_id(cell) in results]
    for cell, position in zip(cells, positions, strict=True):
        if cell["cell_type"] != "code":
            continue
        run = None if position is None else runs.get(position)
        task = results.get(grade_id(cell))
        if task is not None:
            cell["outputs"] = result_outputs(task, feedback)
        else:
            cell["outputs"] = notebook_outputs(run) if run is not None else []
        cell["execution_count"] = None
    if graded:
        graded[-1]["outputs"] += picture_outputs(pictures)
